"""One line of ``postdesk check``: what was looked at, how it stands, and what to do about it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    """How a thing stands."""

    OK = "ok"
    WARNING = "warning"
    PROBLEM = "problem"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was found; ``advice`` says what a person can do."""

    level: Level
    what: str
    message: str
    advice: str = ""


def ok(what: str, message: str) -> Verdict:
    """Nothing to do."""
    return Verdict(Level.OK, what, message)


def warning(what: str, message: str, advice: str = "") -> Verdict:
    """The desk runs, but somebody should know."""
    return Verdict(Level.WARNING, what, message, advice)


def problem(what: str, message: str, advice: str = "") -> Verdict:
    """The desk will not run, or not as it was meant."""
    return Verdict(Level.PROBLEM, what, message, advice)
