"""What the names in a rule file may refer to, and where its mistakes go. Pure."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from datetime import UTC, tzinfo

from daemon.desk.people import Directory
from workers.rules.findings import Findings
from workers.rules.services import Services


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """What a condition or an action may name."""

    found: Findings
    directory: Directory = field(default_factory=Directory)
    services: Services = field(default_factory=Services)
    #: Where a date without an offset is.
    zone: tzinfo = UTC


def _teams(scope: Scope) -> Collection[str]:
    return [team.name for team in scope.directory.teams]


#: The fields whose words the rule files name; where these name none, any word will do.
NAMED: dict[str, Callable[[Scope], Collection[str]]] = {
    "organisation": lambda scope: [each.name for each in scope.directory.organisations],
    "team": _teams,
    "requester.team": _teams,
    "owner": lambda scope: [agent.name for agent in scope.directory.agents],
    "service": lambda scope: scope.services.names,
}
#: Of these a word that nobody named is always a mistake.
CLOSED = frozenset({"organisation", "team", "requester.team", "owner"})
