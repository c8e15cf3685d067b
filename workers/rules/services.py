"""services.yaml: what the desk serves, who answers for it, and how much hangs on it. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field

from daemon.desk.people import Directory
from workers.rules import schema
from workers.rules.findings import Findings
from workers.rules.nodes import Entry, Mapping, Node
from workers.rules.people import team_named
from workers.rules.reference import RuleRef, refer

FILE = "services.yaml"
#: How much hangs on a service: the failure of a ``high`` one counts one impact wider.
CRITICALITIES = ("low", "normal", "high")

#: The file's only key, and what there is to say of a service.
KEYS = ("services",)
SERVICE = ("owner", "team", "criticality")


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """Something that people use and that may fail."""

    name: str
    ref: RuleRef
    #: The agent who answers for it, or empty.
    owner: str = ""
    #: The team of its tickets, where no rule names another, or empty.
    team: str = ""
    criticality: str = "normal"


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """Every service that the admins named; none: any name will do."""

    #: By folded name, in the order written.
    by_name: dict[str, Service] = field(default_factory=dict)

    def named(self, name: str) -> Service | None:
        """The service of this name."""
        return self.by_name.get(name.casefold())

    @property
    def names(self) -> tuple[str, ...]:
        """As the file writes them."""
        return tuple(service.name for service in self.by_name.values())


def read(root: Mapping, directory: Directory, found: Findings) -> Services:
    """The services of the file; mistakes go into ``found``."""
    parts = schema.keys(root, found, of=FILE, known=KEYS, needed=KEYS)
    entries = schema.items(parts["services"].value, found) if "services" in parts else ()
    services: dict[str, Service] = {}
    for entry in entries:
        name = entry.key.text
        if first := services.get(name.casefold()):
            hint = f"first in line {first.ref.line}"
            found.add(entry.key.mark, f"the service {name!r} stands here a second time", hint)
            continue
        services[name.casefold()] = _service(entry, directory, found)
    return Services(by_name=services)


def _service(entry: Entry, directory: Directory, found: Findings) -> Service:
    name = entry.key.text
    fields = schema.keys(entry.value, found, of=f"service {name!r}", known=SERVICE)
    return Service(
        name=name,
        ref=refer(f"service {name}", entry.key.mark),
        owner=_agent(fields["owner"].value, directory, found) if "owner" in fields else "",
        team=team_named(fields["team"].value, directory.teams, found) if "team" in fields else "",
        criticality=_criticality(fields, found),
    )


def _agent(node: Node, directory: Directory, found: Findings) -> str:
    names = {agent.name.lower(): agent.name for agent in directory.agents}
    name = schema.text(node, found)
    if name and name.lower() not in names:
        found.unknown(node.mark, "agent", name, names.values())
    return names.get(name.lower(), "")


def _criticality(fields: dict[str, Entry], found: Findings) -> str:
    if "criticality" not in fields:
        return "normal"
    node = fields["criticality"].value
    return schema.choice(node, found, what="criticality", known=CRITICALITIES) or "normal"


def service_named(node: Node, services: Services, found: Findings) -> str:
    """A service that there is, as services.yaml writes it; any name where it names none."""
    name = schema.text(node, found)
    if not name or not services.by_name:
        return name
    service = services.named(name)
    if service is None:
        found.unknown(node.mark, "service", name, services.names)
    return service.name if service else ""
