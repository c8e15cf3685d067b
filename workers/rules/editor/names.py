"""people.yaml, services.yaml, macros.yaml and calendars.yaml for editors. Pure."""

from __future__ import annotations

from zoneinfo import available_timezones

from workers.rules import calendars, contacts, macros, people, person, services
from workers.rules.editor.shape import (
    ADDRESS,
    DOMAIN,
    PLACE,
    TEXT,
    Schema,
    choice,
    either,
    elements,
    items,
    mapping,
    said,
    some,
)
from workers.sla.week import DAYS

LANGUAGE: Schema = {"type": "string", "pattern": f"^{person.LANGUAGE.pattern}$"}


def directory() -> Schema:
    """people.yaml"""
    agent = {
        "addresses": said(some(ADDRESS), "the first is where notices go"),
        "language": LANGUAGE,
        "receipts": choice(people.RECEIPTS),
        "skills": some(TEXT),
        "shift": said(TEXT, "a calendar of calendars.yaml"),
        "time_zone": _zone(),
    }
    team = {"members": elements(TEXT)}
    organisation = {"domains": some(DOMAIN), "language": LANGUAGE}
    contact = {"addresses": some(ADDRESS), "language": LANGUAGE}
    of = {
        "agents": items(mapping(people.AGENT, people.AGENT_NEEDS, agent)),
        "teams": items(mapping(people.TEAM, (), team)),
        "organisations": items(
            mapping(people.ORGANISATION, people.ORGANISATION_NEEDS, organisation)
        ),
        "people": items(mapping(contacts.FIELDS, contacts.NEEDS, contact)),
        "vips": elements(ADDRESS),
        "forms": elements(PLACE),
        "lists": elements(PLACE),
        "plus_addresses": elements(DOMAIN),
    }
    return mapping(people.KEYS, (), of)


def catalogue() -> Schema:
    """services.yaml"""
    of = {"criticality": choice(services.CRITICALITIES)}
    return mapping(
        services.KEYS, services.KEYS, {"services": items(mapping(services.SERVICE, (), of))}
    )


def answers() -> Schema:
    """macros.yaml"""
    value: Schema = {"type": ["string", "number", "boolean", "null"]}
    of = {
        "text": either(TEXT, items(TEXT)),
        "commands": some(TEXT),
        "values": items(value),
    }
    does = either({"required": ["text"]}, {"required": ["commands"]})
    macro = {**mapping(macros.MACRO, (), of), **does, "type": "object"}
    return mapping(macros.KEYS, macros.KEYS, {"macros": items(macro)})


def working_time() -> Schema:
    """calendars.yaml"""
    span: Schema = {"type": "string", "pattern": rf"^{calendars.SPAN}$"}
    days = "|".join(DAYS)
    hours = {
        "type": "object",
        "patternProperties": {
            f"^(?:daily|(?:{days})(?: ?- ?(?:{days}))?)$": either(span, elements(span))
        },
        "additionalProperties": False,
    }
    date: Schema = {"type": "string", "pattern": r"^\d{4}-\d{2}-\d{2}$"}
    yearly: Schema = {"type": "string", "pattern": r"^(?:\d{4}-)?\d{2}-\d{2}$"}
    holidays = {
        "country": {"type": "string", "pattern": "^[A-Z]{2}$"},
        "dates": elements(yearly),
        "without": elements(date),
        "files": some(TEXT),
    }
    of = {
        "time_zone": _zone(),
        "hours": hours,
        "holidays": mapping(calendars.HOLIDAYS, (), holidays),
    }
    calendar = mapping(calendars.CALENDAR, calendars.CALENDAR_NEEDS, of)
    return mapping(calendars.KEYS, calendars.KEYS, {"calendars": items(calendar)})


def _zone() -> Schema:
    return choice(sorted(available_timezones()))
