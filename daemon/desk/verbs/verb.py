"""One verb: a name, what its words mean, and one line of help. Pure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from daemon.desk.people import Agent, Directory
from daemon.desk.update import Command


@dataclass(frozen=True, slots=True, kw_only=True)
class Speaker:
    """Who commands, and whom he may name."""

    agent: Agent
    directory: Directory


@dataclass(frozen=True, slots=True, kw_only=True)
class Verb:
    """``/name words``."""

    name: str
    #: From the words after the name to a command; raises TicketError with what was expected.
    read: Callable[[str, Speaker], Command]
    #: As it stands in the reference and in ``/help``.
    usage: str
    meaning: str
