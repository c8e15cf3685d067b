"""What catalogues name by a key: every such term, so that a missing one is found. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from daemon.desk.ticket import State, Type
from workers.notices.notice import Kind

_METRICS: Final = ("respond", "next", "update", "resolve", "own", "approve", "task")
_VERBS: Final = ("take", "resolve", "reopen", "wait", "assign", "note", "pri", "help")
#: Kinds that may be told together with others.
NEWS: Final = (Kind.ASSIGNED, Kind.REQUESTER_REPLIED, Kind.NOTE)
#: The context of terms that have a plural.
COUNTS: Final = "count"
TERMS: Final[dict[str, tuple[str, ...]]] = {
    "date": ("this year", "other year", "brief"),
    "type": tuple(Type),
    "state": tuple(State),
    "fact": ("requester", "ticket", "about", "handler", "type", "priority", "missed", "VIP"),
    "metric": _METRICS,
    "target": _METRICS,
    "button": (
        *_VERBS,
        "is incident",
        "is request",
        "is urgent",
        "say why",
        "look after it",
        "yes",
    ),
    "verb": _VERBS,
    "rating": ("1", "2", "3", "4", "5"),
    "audience": ("public", "internal"),
    "digest": (
        "overdue",
        "due today",
        "waiting on you",
        "waking up",
        "unassigned",
        "created and resolved",
        "missed yesterday",
        "at risk",
        "unassigned for an hour",
        "open tickets by agent",
        "created",
        "resolved",
        "open",
    ),
    "stop": ("agent", "requester", "watcher", "admin", "asked", "rules", "digest"),
    "why": (*Kind, "watcher"),
    "news": NEWS,
    COUNTS: ("open ticket", "news", "alarm"),
}


def wanted() -> Iterator[tuple[str, str]]:
    """Each term as a catalogue must have it: context and key."""
    for context, keys in TERMS.items():
        yield from ((context, str(key)) for key in keys)
