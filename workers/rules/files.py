"""THE TABLE OF RULE FILES: which there are, who reads each, and what holds without it. Pure.

A new kind of file is a reader and an entry here; a property of RuleSet gives it a short name.
"""

from __future__ import annotations

from typing import Any

from daemon.desk.people import Directory
from workers.rules import calendars, escalation, notices, people, priority, routing, services
from workers.rules.calendars import Calendars
from workers.rules.escalation import Escalation
from workers.rules.findings import Findings
from workers.rules.nodes import Mapping
from workers.rules.notices import Notices
from workers.rules.people import People
from workers.rules.priority import PriorityTable
from workers.rules.routing import RoutingTable
from workers.rules.services import Services
from workers.rules.shelf import RuleFile, Shelf

PEOPLE: RuleFile[People] = RuleFile(
    name=people.FILE, read=lambda root, _, found: people.read(root, found)
)


def _directory(shelf: Shelf) -> Directory:
    return shelf.get(PEOPLE).directory


def _services(root: Mapping, shelf: Shelf, found: Findings) -> Services:
    return services.read(root, _directory(shelf), found)


def _routing(root: Mapping, shelf: Shelf, found: Findings) -> RoutingTable:
    return routing.read(root, _directory(shelf), shelf.get(SERVICES), found)


def _priority(root: Mapping, _: Shelf, found: Findings) -> PriorityTable:
    return priority.read(root, found)


def _calendars(root: Mapping, shelf: Shelf, found: Findings) -> Calendars:
    return calendars.read(root, shelf.beside, found)


def _escalation(root: Mapping, shelf: Shelf, found: Findings) -> Escalation:
    services_, calendars_ = shelf.get(SERVICES), shelf.get(CALENDARS)
    return escalation.read(root, _directory(shelf), services_, calendars_, found)


def _notices(root: Mapping, shelf: Shelf, found: Findings) -> Notices:
    return notices.read(root, _directory(shelf), found)



_PEOPLE_FIRST = (people.FILE,)

SERVICES: RuleFile[Services] = RuleFile(
    name=services.FILE, read=_services, default=Services(), needs=_PEOPLE_FIRST
)
ROUTING: RuleFile[RoutingTable] = RuleFile(
    name=routing.FILE, read=_routing, needs=(people.FILE, services.FILE)
)
PRIORITY: RuleFile[PriorityTable] = RuleFile(name=priority.FILE, read=_priority)
CALENDARS: RuleFile[Calendars] = RuleFile(
    name=calendars.FILE, read=_calendars, default=Calendars()
)
ESCALATION: RuleFile[Escalation] = RuleFile(
    name=escalation.FILE,
    read=_escalation,
    needs=(people.FILE, services.FILE, calendars.FILE),
)
NOTICES: RuleFile[Notices] = RuleFile(name=notices.FILE, read=_notices, needs=_PEOPLE_FIRST)

#: In the order in which they are read: whoever is named before those who name him.
FILES: tuple[RuleFile[Any], ...] = (PEOPLE, SERVICES, ROUTING, PRIORITY, CALENDARS, ESCALATION, NOTICES)
NAMES = tuple(file.name for file in FILES)
