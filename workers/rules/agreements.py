"""escalation.yaml's agreements: by when, for whom, and how it is measured. Pure."""

from __future__ import annotations

from collections.abc import Collection
from collections.abc import Mapping as Map
from dataclasses import dataclass, replace
from datetime import date, timedelta

from daemon.desk.people import Directory
from daemon.desk.ticket import Type
from workers.rules import duration, schema
from workers.rules.calendars import Calendars
from workers.rules.findings import Findings
from workers.rules.ladders import told
from workers.rules.nodes import Entry, Mapping, Node, Scalar, Sequence
from workers.rules.priority import PRIORITIES
from workers.rules.services import Services
from workers.sla.agreement import KINDS, MAJOR, METRICS, WAITS, Agreement, Scope, Target
from workers.sla.calendar import ALWAYS, Calendar
from workers.sla.ladder import BREACH, Ladder, Rung

KEYS = (
    "name",
    "kind",
    "scope",
    "calendar",
    "targets",
    "warn",
    "warning",
    "breach",
    "ladder",
    "pause",
    "reopen",
    "retarget",
    "respond_on",
    "objective",
    "valid_from",
    "valid_to",
    "owner",
    "parties",
    "exclusions",
    "review_every",
)
NEEDS = ("name", "targets")
SCOPE = ("organisation", "service", "type", "team")
#: What ``warning`` and ``breach`` say.
TOLD = ("to",)
#: The default first.
REOPENS = ("continue", "restart")
RETARGETS = ("carry", "from_change")
RESPONDS = ("answer", "assign")
_WARN = 75


@dataclass(frozen=True, slots=True, kw_only=True)
class Shelf:
    """What agreements may name."""

    directory: Directory
    services: Services
    calendars: Calendars
    ladders: Map[str, Ladder]


def read(nodes: tuple[Node, ...], shelf: Shelf, found: Findings) -> tuple[Agreement, ...]:
    """The agreements of the file; mistakes go into ``found``."""
    once = _Once(found)
    agreements = []
    for node in nodes:
        fields = schema.keys(node, found, of="an agreement", known=KEYS, needed=NEEDS)
        agreement = _agreement(_Reading(fields, shelf, found), node.mark.line)
        once.check(agreement, fields)
        agreements.append(agreement)
    return tuple(agreements)


class _Once:
    """Refuses what could never count."""

    def __init__(self, found: Findings) -> None:
        self._found = found
        self._names: dict[str, int] = {}
        self._targets: dict[object, int] = {}

    def check(self, agreement: Agreement, fields: dict[str, Entry]) -> None:
        """One name is one agreement; of two for the same tickets the second never counts."""
        first = self._names.setdefault(agreement.name, agreement.line)
        if agreement.name and first != agreement.line:
            place, hint = fields["name"].value.mark, f"first in line {first}"
            self._found.add(place, f"another agreement is named {agreement.name!r}", hint)
        node = fields["targets"].value if "targets" in fields else None
        for entry in node.entries if isinstance(node, Mapping) else ():
            days = agreement.valid_from, agreement.valid_to
            key = agreement.kind, agreement.scope, days, entry.key.text
            line = self._targets.setdefault(key, entry.key.mark.line)
            if line != entry.key.mark.line:
                what = f"another agreement has targets for {entry.key.text}"
                hint = f"first in line {line}; the first one counts"
                self._found.add(entry.key.mark, what, hint)


def _agreement(reading: _Reading, line: int) -> Agreement:
    begin, end = reading.validity()
    kind = reading.choice("kind", tuple(KINDS), "sla")
    return Agreement(
        name=reading.text("name"),
        kind=kind,
        line=line,
        scope=reading.scope(),
        calendar=reading.calendar(),
        targets=reading.targets(KINDS[kind]),
        pauses=reading.pauses(),
        restarts=reading.choice("reopen", REOPENS, "continue") == "restart",
        carries=reading.choice("retarget", RETARGETS, "carry") == "carry",
        responds_on_assign=reading.choice("respond_on", RESPONDS, "answer") == "assign",
        ladder=reading.ladder(),
        objective=reading.objective(),
        valid_from=begin,
        valid_to=end,
        owner=reading.text("owner"),
        parties=reading.text("parties"),
        exclusions=reading.text("exclusions"),
        review_every=reading.text("review_every"),
    )


@dataclass(frozen=True, slots=True)
class _Reading:
    """One agreement being read."""

    fields: dict[str, Entry]
    shelf: Shelf
    found: Findings

    def text(self, name: str) -> str:
        return schema.text(self.fields[name].value, self.found) if name in self.fields else ""

    def choice(self, name: str, known: Collection[str], otherwise: str) -> str:
        if name not in self.fields:
            return otherwise
        node = self.fields[name].value
        return schema.choice(node, self.found, what=name, known=known) or otherwise

    def calendar(self) -> Calendar:
        if "calendar" not in self.fields:
            return ALWAYS
        return self.shelf.calendars.named(self.fields["calendar"].value, self.found)

    def scope(self) -> Scope:
        if "scope" not in self.fields:
            return Scope()
        parts = schema.keys(self.fields["scope"].value, self.found, of="'scope'", known=SCOPE)
        directory, services = self.shelf.directory, self.shelf.services
        known = {
            "organisation": [each.name for each in directory.organisations],
            "team": [team.name for team in directory.teams],
            "service": list(services.names),
            "type": [kind.value for kind in Type],
        }
        return Scope(
            organisations=self._names(parts, "organisation", known),
            services=self._names(parts, "service", known),
            types=self._names(parts, "type", known),
            teams=self._names(parts, "team", known),
        )

    def _names(
        self, parts: dict[str, Entry], name: str, known: Map[str, list[str]]
    ) -> frozenset[str]:
        names = set()
        folded = {each.casefold() for each in known[name]}
        for text, node in schema.texts(parts[name].value, self.found) if name in parts else ():
            # Where services.yaml names no service, any name is one.
            if text.casefold() not in folded and (folded or name != "service"):
                self.found.unknown(node.mark, name, text, known[name])
            names.add(text.casefold())
        return frozenset(names)

    def targets(self, metrics: Collection[str]) -> dict[str, tuple[Target, ...]]:
        if "targets" not in self.fields:
            return {}
        node = self.fields["targets"].value
        known = (*PRIORITIES, MAJOR)
        entries = schema.keys(node, self.found, of="'targets'", known=known)
        return {
            priority: _target(entry, metrics, self.found) for priority, entry in entries.items()
        }

    def pauses(self) -> frozenset[str]:
        if "pause" not in self.fields:
            return Agreement(name="", targets={}).pauses
        nodes = schema.listed(self.fields["pause"].value, self.found)
        words = (schema.choice(node, self.found, what="wait", known=WAITS) for _, node in nodes)
        return frozenset(filter(None, words))

    def ladder(self) -> Ladder:
        """The rungs of ``warn``, ``warning`` and ``breach``, and before them the ladder's."""
        ladder = Ladder(rungs=())
        if "ladder" in self.fields:
            node = self.fields["ladder"].value
            name = schema.choice(node, self.found, what="ladder", known=tuple(self.shelf.ladders))
            ladder = self.shelf.ladders.get(name, ladder)
        warning = self._told("warning", (("owner", "team"),))
        rungs = {percent: Rung(rank=percent, to=warning) for percent in self._warn()}
        rungs[BREACH] = Rung(
            rank=BREACH, to=self._told("breach", (("owner",), ("lead",))), asks=True
        )
        rungs |= {rung.rank: rung for rung in ladder.rungs}
        return replace(ladder, rungs=tuple(rungs[rank] for rank in sorted(rungs)))

    def _warn(self) -> tuple[int, ...]:
        if "warn" not in self.fields:
            return () if "ladder" in self.fields else (_WARN,)
        node = self.fields["warn"].value
        nodes = node.items if isinstance(node, Sequence) else (node,)
        return tuple(schema.whole(each, self.found, least=1, most=BREACH - 1) for each in nodes)

    def _told(
        self, name: str, otherwise: tuple[tuple[str, ...], ...]
    ) -> tuple[tuple[str, ...], ...]:
        if name not in self.fields:
            return otherwise
        node = self.fields[name].value
        part = schema.keys(node, self.found, of=f"'{name}'", known=TOLD, needed=TOLD)
        return told(part["to"].value, self.shelf.directory, self.found) if "to" in part else ()

    def objective(self) -> int | None:
        if "objective" not in self.fields:
            return None
        node = self.fields["objective"].value
        if isinstance(node, Scalar):
            node = Scalar(mark=node.mark, text=node.text.removesuffix("%"))
        return schema.whole(node, self.found, least=1, most=100)

    def validity(self) -> tuple[date | None, date | None]:
        begin, end = self._date("valid_from"), self._date("valid_to")
        if begin and end and end < begin:
            place = self.fields["valid_to"].value.mark
            self.found.add(place, "the agreement ends before it begins", f"it begins on {begin}")
        return begin, end

    def _date(self, name: str) -> date | None:
        text = self.text(name)
        try:
            return date.fromisoformat(text) if text else None
        except ValueError:
            hint = "expected such as 2026-05-01"
            self.found.add(self.fields[name].value.mark, f"{text!r} is not a date", hint)
            return None


def _target(entry: Entry, metrics: Collection[str], found: Findings) -> tuple[Target, ...]:
    what = f"targets of {entry.key.text}"
    fields = schema.keys(entry.value, found, of=what, known=metrics)
    within = {
        metric: duration.read(fields[metric].value, found) for metric in METRICS if metric in fields
    }
    if within.get("resolve", timedelta.max) < within.get("respond", timedelta(0)):
        place = fields["resolve"].value.mark
        found.add(place, "resolved before the first response", "resolve takes at least as long")
    return tuple(Target(metric=metric, within=time) for metric, time in within.items())
