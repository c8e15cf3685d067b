"""When a rule is asked: what has happened to a ticket, or how much time has passed. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from workers.rules.span import Span


class Trigger(StrEnum):
    """What may happen, as ``on:`` writes it."""

    CREATED = "created"
    REQUESTER_REPLIED = "requester-replied"
    AGENT_REPLIED = "agent-replied"
    CHANGED = "changed"
    STATE = "state"
    AFTER = "after"
    RETURNED = "returned"


#: From when ``after:`` counts.
SINCE = ("created", "updated", "state", "requester-replied", "agent-replied")
_AT_ONCE = Span()


@dataclass(frozen=True, slots=True, kw_only=True)
class On:
    """One thing that a rule waits for."""

    trigger: Trigger
    #: Of ``changed`` the fields, of ``state`` the states; none: any.
    names: frozenset[str] = frozenset()
    #: Of ``after``.
    span: Span = _AT_ONCE
    since: str = "created"


@dataclass(frozen=True, slots=True, kw_only=True)
class Happening:
    """One thing that has happened."""

    trigger: Trigger
    #: Of ``changed`` the fields that did, of ``state`` the new one.
    names: frozenset[str] = frozenset()
    #: Of ``after`` the rule whose time has come, by its name.
    rule: str = ""

    def is_awaited(self, on: On) -> bool:
        """Whether this is what a rule waits for."""
        if on.trigger is not self.trigger:
            return False
        return not on.names or not on.names.isdisjoint(self.names)


CREATED = Happening(trigger=Trigger.CREATED)
