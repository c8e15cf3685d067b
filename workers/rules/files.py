"""THE TABLE OF RULE FILES: which there are, who reads each, and what holds without it. Pure.

A new kind of file is a reader and an entry here; a property of RuleSet gives it a short name.
"""

from __future__ import annotations

from typing import Any

from daemon.desk.people import Directory
from workers.rules import (
    automation,
    calendars,
    escalation,
    macros,
    notices,
    people,
    priority,
    routing,
    services,
)
from workers.rules.calendars import Calendars
from workers.rules.escalation import Escalation
from workers.rules.findings import Findings
from workers.rules.macros import Macros
from workers.rules.nodes import Mapping
from workers.rules.notices import Notices
from workers.rules.people import People
from workers.rules.priority import PriorityTable
from workers.rules.rule import RuleTable, table_of
from workers.rules.scope import Scope
from workers.rules.services import Services
from workers.rules.shelf import RuleFile, Shelf


def _people(root: Mapping, shelf: Shelf, found: Findings) -> People:
    return people.read(root, found, calendars=tuple(shelf.get(CALENDARS).by_name))


def _directory(shelf: Shelf) -> Directory:
    return shelf.get(PEOPLE).directory


def _services(root: Mapping, shelf: Shelf, found: Findings) -> Services:
    return services.read(root, _directory(shelf), found)


def _scope(shelf: Shelf, found: Findings) -> Scope:
    return Scope(found=found, directory=_directory(shelf), services=shelf.get(SERVICES))


def _routing(root: Mapping, shelf: Shelf, found: Findings) -> RuleTable:
    return routing.read(root, _scope(shelf, found))


def _automation(root: Mapping, shelf: Shelf, found: Findings) -> RuleTable:
    return automation.read(root, _scope(shelf, found))


def _priority(root: Mapping, _: Shelf, found: Findings) -> PriorityTable:
    return priority.read(root, found)


def _calendars(root: Mapping, shelf: Shelf, found: Findings) -> Calendars:
    return calendars.read(root, shelf.beside, found)


def _escalation(root: Mapping, shelf: Shelf, found: Findings) -> Escalation:
    services_, calendars_ = shelf.get(SERVICES), shelf.get(CALENDARS)
    return escalation.read(root, _directory(shelf), services_, calendars_, found)


def _notices(root: Mapping, shelf: Shelf, found: Findings) -> Notices:
    return notices.read(root, _directory(shelf), found)


def _macros(root: Mapping, shelf: Shelf, found: Findings) -> Macros:
    return macros.read(root, _directory(shelf), found)


_PEOPLE_FIRST = (people.FILE,)

PEOPLE: RuleFile[People] = RuleFile(name=people.FILE, read=_people, needs=(calendars.FILE,))

SERVICES: RuleFile[Services] = RuleFile(
    name=services.FILE, read=_services, default=Services(), needs=_PEOPLE_FIRST
)
_NAMES_FIRST = (people.FILE, services.FILE)
ROUTING: RuleFile[RuleTable] = RuleFile(name=routing.FILE, read=_routing, needs=_NAMES_FIRST)
AUTOMATION: RuleFile[RuleTable] = RuleFile(
    name=automation.FILE, read=_automation, default=table_of(()), needs=_NAMES_FIRST
)
PRIORITY: RuleFile[PriorityTable] = RuleFile(name=priority.FILE, read=_priority)
CALENDARS: RuleFile[Calendars] = RuleFile(name=calendars.FILE, read=_calendars, default=Calendars())
ESCALATION: RuleFile[Escalation] = RuleFile(
    name=escalation.FILE,
    read=_escalation,
    needs=(people.FILE, services.FILE, calendars.FILE),
)
NOTICES: RuleFile[Notices] = RuleFile(name=notices.FILE, read=_notices, needs=_PEOPLE_FIRST)
MACROS: RuleFile[Macros] = RuleFile(name=macros.FILE, read=_macros, default={}, needs=_PEOPLE_FIRST)

#: In the order in which they are read: whoever is named before those who name them.
FILES: tuple[RuleFile[Any], ...] = (
    CALENDARS, PEOPLE, SERVICES, ROUTING, PRIORITY, ESCALATION, NOTICES, AUTOMATION, MACROS,
)  # fmt: skip
NAMES = tuple(file.name for file in FILES)
