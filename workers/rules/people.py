"""people.yaml: agents, teams, organisations, and who else is known. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from daemon.desk.people import Agent, Contact, Directory, Organisation, Team
from workers.rules import contacts, person, schema
from workers.rules.calendars import zone_of
from workers.rules.findings import Findings
from workers.rules.nodes import Entry, Mapping, Node
from workers.rules.person import Once
from workers.rules.reference import RuleRef, refer

FILE = "people.yaml"
#: Words that stand for somebody in ``to:``; nobody else may have them as a name.
ROLES = ("owner", "team", "lead", "manager", "admins")

KEYS = ("agents", "teams", "organisations", "vips", "default_team", *contacts.KEYS)

#: What there is to say of an agent, of a team, and of an organisation.
AGENT = ("full_name", "addresses", "language", "receipts", "skills", "shift", "time_zone")
AGENT_NEEDS = ("full_name", "addresses")
TEAM = ("members", "lead", "manager")
ORGANISATION = ("domains", "language")
ORGANISATION_NEEDS = ("domains",)
#: When an agent is told what became of his commands, the default first.
RECEIPTS = ("errors", "always")
_NAME = re.compile(r"[^\W_][\w.-]{0,39}")


@dataclass(frozen=True, slots=True, kw_only=True)
class People:
    """The directory, and where it names the default team."""

    directory: Directory
    default_team: RuleRef


def read(root: Mapping, found: Findings, calendars: tuple[str, ...] = ("always",)) -> People:
    """Everybody that the file names; mistakes go into ``found``. Shifts are some calendars."""
    parts = schema.keys(root, found, of="people.yaml", known=KEYS)
    once = Once("address", found)
    agents = _agents(parts, once, calendars, found)
    teams = _teams(parts, agents, found)
    organisations = _organisations(parts, found)
    names = frozenset(organisation.name for organisation in organisations)
    known = contacts.read(parts, once, names, found)
    everybody: tuple[Agent | Contact, ...] = (*agents, *known)
    directory = Directory(
        agents=agents,
        teams=teams,
        organisations=organisations,
        contacts=known,
        vips=_vips(parts, found),
        default_team=_default_team(parts, teams, found),
        names=_names(everybody),
        forms=contacts.senders(parts, "forms", found),
        lists=contacts.senders(parts, "lists", found),
        plus_domains=contacts.domains(parts, "plus_addresses", found),
    )
    place = parts["default_team"].key.mark if "default_team" in parts else root.mark
    return People(directory=directory, default_team=refer("default_team", place))


def _names(known: Iterable[Agent | Contact]) -> dict[str, str]:
    return {address: one.full_name for one in known for address in one.addresses if one.full_name}


def _entries(parts: dict[str, Entry], name: str, found: Findings) -> tuple[Entry, ...]:
    return schema.items(parts[name].value, found) if name in parts else ()


def _agents(
    parts: dict[str, Entry], once: Once, calendars: tuple[str, ...], found: Findings
) -> tuple[Agent, ...]:
    names = Once("agent", found)
    return tuple(
        _agent(entry, once, calendars, found)
        for entry in _entries(parts, "agents", found)
        if _is_name(entry, found) and names.takes(entry.key.text, entry.key)
    )


def _agent(entry: Entry, once: Once, calendars: tuple[str, ...], found: Findings) -> Agent:
    name = entry.key.text
    fields = schema.keys(
        entry.value,
        found,
        of=f"agent {name!r}",
        known=AGENT,
        needed=AGENT_NEEDS,
    )
    return Agent(
        name=name,
        full_name=person.full_name(fields, found),
        addresses=person.addresses(fields, once, found),
        language=person.language(fields, found) or "en",
        receipts=_receipts(fields, found),
        skills=_skills(fields, found),
        shift=_shift(fields, calendars, found),
        timezone=zone_of(fields["time_zone"].value, found) if "time_zone" in fields else "",
    )


def _receipts(fields: dict[str, Entry], found: Findings) -> str:
    """Whether he is told of commands that were done, too."""
    if "receipts" not in fields:
        return RECEIPTS[0]
    return schema.choice(fields["receipts"].value, found, what="receipts", known=RECEIPTS)


def _shift(fields: dict[str, Entry], calendars: tuple[str, ...], found: Findings) -> str:
    if "shift" not in fields:
        return ""
    return schema.choice(fields["shift"].value, found, what="calendar", known=calendars)


def _skills(fields: dict[str, Entry], found: Findings) -> tuple[str, ...]:
    nodes = schema.texts(fields["skills"].value, found) if "skills" in fields else ()
    return tuple(dict.fromkeys(skill for skill, _ in nodes))


def _is_name(entry: Entry, found: Findings) -> bool:
    name, mark = entry.key.text, entry.key.mark
    if name.lower() in ROLES:
        hint = f"{', '.join(ROLES)} stand for others in 'to:'"
        found.add(mark, f"{name!r} cannot be a name", hint)
    elif not _NAME.fullmatch(name):
        found.add(mark, f"{name!r} cannot be a name", "expected letters, digits, '.', '-', '_'")
    else:
        return True
    return False


def _teams(parts: dict[str, Entry], agents: tuple[Agent, ...], found: Findings) -> tuple[Team, ...]:
    once = Once("team", found)
    names = {agent.name.lower(): agent.name for agent in agents}
    teams = []
    for entry in _entries(parts, "teams", found):
        if not _is_name(entry, found) or not once.takes(entry.key.text, entry.key):
            continue
        if entry.key.text.lower() in names:
            hint = "commands and 'to:' could not tell them apart"
            found.add(entry.key.mark, f"an agent is named {entry.key.text!r}, too", hint)
        teams.append(_team(entry, names, found))
    return tuple(teams)


def _team(entry: Entry, names: dict[str, str], found: Findings) -> Team:
    what = f"team {entry.key.text!r}"
    fields = schema.keys(entry.value, found, of=what, known=TEAM)
    nodes = schema.listed(fields["members"].value, found) if "members" in fields else ()
    members = [_known_agent(node, names, found) for _, node in nodes]
    heads = {
        head: _known_agent(fields[head].value, names, found)
        for head in ("lead", "manager")
        if head in fields
    }
    return Team(name=entry.key.text, members=tuple(dict.fromkeys(filter(None, members))), **heads)


def _known_agent(node: Node, names: dict[str, str], found: Findings) -> str:
    name = schema.text(node, found)
    if name and name.lower() not in names:
        found.unknown(node.mark, "agent", name, names.values())
    return names.get(name.lower(), "")


def _organisations(parts: dict[str, Entry], found: Findings) -> tuple[Organisation, ...]:
    names, domains = Once("organisation", found), Once("domain", found)
    return tuple(
        _organisation(entry, domains, found)
        for entry in _entries(parts, "organisations", found)
        if names.takes(entry.key.text, entry.key)
    )


def _organisation(entry: Entry, once: Once, found: Findings) -> Organisation:
    fields = schema.keys(
        entry.value,
        found,
        of=f"organisation {entry.key.text!r}",
        known=ORGANISATION,
        needed=ORGANISATION_NEEDS,
    )
    nodes = schema.texts(fields["domains"].value, found) if "domains" in fields else ()
    read_ = ((schema.domain(node, found), node) for _, node in nodes)
    return Organisation(
        name=entry.key.text,
        domains=tuple(domain for domain, node in read_ if domain and once.takes(domain, node)),
        language=person.language(fields, found),
    )


def _vips(parts: dict[str, Entry], found: Findings) -> frozenset[str]:
    nodes: Iterable[tuple[str, Node]] = ()
    if "vips" in parts:
        nodes = schema.listed(parts["vips"].value, found)
    return frozenset(filter(None, (schema.address(node, found) for _, node in nodes)))


def _default_team(parts: dict[str, Entry], teams: tuple[Team, ...], found: Findings) -> str:
    if "default_team" not in parts:
        return ""
    node = parts["default_team"].value
    return team_named(node, teams, found)


def team_named(node: Node, teams: tuple[Team, ...], found: Findings) -> str:
    """The name of a team that there is, as people.yaml writes it."""
    names = {team.name.lower(): team.name for team in teams}
    name = schema.text(node, found)
    if name and name.lower() not in names:
        found.unknown(node.mark, "team", name, names.values())
    return names.get(name.lower(), "")
