"""escalation.yaml: agreements, ladders, and how long the desk waits for an answer. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from daemon.desk.people import Directory
from workers.rules import agreements, ladders, schema
from workers.rules.calendars import Calendars
from workers.rules.findings import Findings
from workers.rules.nodes import Entry, Mapping, Node, Scalar
from workers.rules.services import Services
from workers.sla.agreement import Agreement

FILE = "escalation.yaml"

KEYS = ("agreements", "ladders", "waiting", "close_after")
NEEDS = ("agreements",)
WAITING = ("remind", "resolve")
#: More business days than that are a mistake.
LONGEST = 365
NEVER = "never"


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """For how many business days the desk waits; None: for ever."""

    #: When a requester who is waited for is reminded.
    remind: tuple[int, ...] = (2, 5)
    #: When it is taken that what he was asked about is solved.
    resolve: int | None = 10
    #: After how long a resolved ticket is closed.
    close: int | None = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Escalation:
    """Everything that the file says."""

    agreements: tuple[Agreement, ...] = ()
    patience: Patience = Patience()


def read(
    root: Mapping,
    directory: Directory,
    services: Services,
    calendars: Calendars,
    found: Findings,
) -> Escalation:
    """What the file says; mistakes go into ``found``."""
    parts = schema.keys(root, found, of=FILE, known=KEYS, needed=NEEDS)
    known = {}
    if "ladders" in parts:
        known = ladders.read(parts["ladders"].value, directory, calendars, found)
    nodes = schema.elements(parts["agreements"].value, found) if "agreements" in parts else ()
    shelf = agreements.Shelf(
        directory=directory, services=services, calendars=calendars, ladders=known
    )
    return Escalation(
        agreements=agreements.read(nodes, shelf, found), patience=_patience(parts, found)
    )


def _patience(parts: dict[str, Entry], found: Findings) -> Patience:
    usual = Patience()
    remind, resolve, close = usual.remind, usual.resolve, usual.close
    if "waiting" in parts:
        node = parts["waiting"].value
        fields = schema.keys(node, found, of="'waiting'", known=WAITING)
        if "remind" in fields:
            each = schema.listed(fields["remind"].value, found)
            days = {schema.whole(place, found, least=1, most=LONGEST) for _, place in each}
            remind = tuple(sorted(days))
        if "resolve" in fields:
            resolve = _days(fields["resolve"].value, found)
    if "close_after" in parts:
        close = _days(parts["close_after"].value, found)
    return Patience(remind=remind, resolve=resolve, close=close)


def _days(node: Node, found: Findings) -> int | None:
    """A number of business days, or ``never``."""
    if isinstance(node, Scalar) and node.text == NEVER:
        return None
    return schema.whole(node, found, least=1, most=LONGEST)
