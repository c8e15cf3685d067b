"""Agreements: how soon a ticket is answered and resolved, and who is told. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta

from workers.sla.calendar import ALWAYS, Calendar

#: What is measured: the first response, the resolution.
METRICS = ("respond", "resolve")


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A metric and how long it may take."""

    metric: str
    within: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """Targets by priority. Those of a ticket are frozen into its clocks when they start."""

    name: str
    #: ``escalation.yaml``'s line, for whoever asks why.
    line: int = 0
    targets: Mapping[str, tuple[Target, ...]]
    #: Percent of a target after which its handlers are warned.
    warn: int = 75
    #: ``owner``, ``team``, ``lead``, ``admins``, or the name of an agent or a team.
    warning_to: tuple[str, ...] = ("owner",)
    breach_to: tuple[str, ...] = ("owner", "lead")
    calendar: Calendar = ALWAYS


def choose(agreements: Iterable[Agreement], priority: str) -> Agreement | None:
    """The first agreement with targets for this priority."""
    return next((each for each in agreements if each.targets.get(priority)), None)
