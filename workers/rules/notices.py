"""notices.yaml: which notices the desk writes, and to whom. Pure."""

from __future__ import annotations

from collections.abc import Mapping as Map
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

from daemon.desk.people import Agent, Directory
from daemon.desk.ticket import Ticket
from workers.notices.notice import Kind
from workers.rules import schema
from workers.rules.findings import Findings
from workers.rules.ladders import told
from workers.rules.nodes import Entry, Mapping, Node
from workers.rules.roles import ADMINS, stand_for

FILE = "notices.yaml"
REQUESTER, WATCHERS = "requester", "watchers"
OUTSIDE: Final = (REQUESTER, WATCHERS)
#: Who may be told of what. A notice that is none of these goes to whoever it is about.
OUTWARD: Final = (
    Kind.ACKNOWLEDGEMENT,
    Kind.PUBLIC_REPLY,
    Kind.RESOLUTION,
    Kind.WAITING_REMINDER,
    Kind.AUTO_RESOLVED,
    Kind.CLOSED,
    Kind.SURVEY,
    Kind.MERGED,
)
INWARD: Final = (
    Kind.NEW_TICKET,
    Kind.ASSIGNED,
    Kind.REQUESTER_REPLIED,
    Kind.UNVERIFIED,
    Kind.NOTE,
    Kind.LOW_RATING,
    Kind.UNDELIVERABLE,
)
#: The file's keys.
KEYS: Final = ("notices", "together_seconds", "survey_days")
NEEDS: Final = ("notices",)
#: The most that its numbers may be.
MOST: Final = {"together_seconds": 3600, "survey_days": 365}
CHOSEN: Final = (*OUTWARD, *INWARD)
#: Without these a desk is none.
NEEDED: Final = (Kind.PUBLIC_REPLY,)

#: Each entry is a recipient, or several of which the first that stands for somebody is meant.
Recipients = tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Notices:
    """What the file says."""

    to: Map[Kind, Recipients] = field(default_factory=dict)
    #: What one agent is told of one ticket within this time is one mail.
    together: timedelta = timedelta(0)
    #: How often one person is asked how content he is; None: never.
    survey_every: timedelta | None = None

    def is_on(self, kind: Kind) -> bool:
        """False for a notice that the file could name and does not."""
        return kind not in CHOSEN or kind in self.to

    def has(self, kind: Kind, role: str) -> bool:
        """Whether a requester or the watchers get it."""
        return any(role in names for names in self.to.get(kind, ()))

    def agents(self, kind: Kind, directory: Directory, ticket: Ticket) -> tuple[Agent, ...]:
        """Who is told of a ticket, each once."""
        return stand_for(self.to.get(kind, ()), directory, ticket)


def read(root: Mapping, directory: Directory, found: Findings) -> Notices:
    """What the file says; mistakes go into ``found``."""
    parts = schema.keys(root, found, of=FILE, known=KEYS, needed=NEEDS)
    entries: dict[str, Entry] = {}
    if "notices" in parts:
        names, needed = [str(kind) for kind in CHOSEN], [str(kind) for kind in NEEDED]
        node = parts["notices"].value
        entries = schema.keys(node, found, of="'notices'", known=names, needed=needed)
    return Notices(
        to={
            Kind(name): _recipients(Kind(name), entry.value, directory, found)
            for name, entry in entries.items()
        },
        together=timedelta(seconds=_whole(parts, "together_seconds", found)),
        survey_every=timedelta(days=days)
        if (days := _whole(parts, "survey_days", found))
        else None,
    )


def _whole(parts: dict[str, Entry], name: str, found: Findings) -> int:
    if name not in parts:
        return 0
    return schema.whole(parts[name].value, found, least=0, most=MOST[name])


def _recipients(kind: Kind, node: Node, directory: Directory, found: Findings) -> Recipients:
    if kind in OUTWARD:
        outside = (
            schema.choice(place, found, what=f"recipient of {kind.value}", known=OUTSIDE)
            for _, place in schema.texts(node, found)
        )
        return tuple((name,) for name in outside if name)
    names = told(node, directory, found)
    if any(ADMINS in each for each in names):
        found.add(node.mark, "admins get alarms only", "expected owner, team, lead or a name")
    return names
