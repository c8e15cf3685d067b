"""THE TABLE OF SCHEMAS: for every rule file what an editor needs to complete and to check it. Pure.

They refuse what the loader refuses wherever a schema can say it; what only the files together
show (a team that there is not, a rule that none reaches) is for ``rules check``.
"""

from __future__ import annotations

from collections.abc import Callable

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
from workers.rules.editor import cases, names, promises, rules
from workers.rules.editor.shape import Schema

DIALECT = "https://json-schema.org/draft/2020-12/schema"
#: The folder beside the rule files in which their schemas are.
FOLDER = "schema"
#: What stands in the table for all files of cases.
CASES = "cases"

SCHEMAS: dict[str, Callable[[], Schema]] = {
    people.FILE: names.directory,
    services.FILE: names.catalogue,
    routing.FILE: rules.route,
    automation.FILE: rules.automate,
    priority.FILE: promises.ranks,
    calendars.FILE: names.working_time,
    escalation.FILE: promises.promises,
    notices.FILE: promises.told_of,
    macros.FILE: names.answers,
    CASES: cases.cases_of,
}


def schema_of(name: str) -> Schema:
    """The schema of a rule file, by its name; of files of cases by ``CASES``."""
    return {"$schema": DIALECT, "title": name, **SCHEMAS[name](), "type": "object"}


def file_of(name: str) -> str:
    """What the schema's own file is called: ``routing.json``."""
    return f"{name.removesuffix('.yaml')}.json"


def header_of(name: str) -> str:
    """The line by which an editor finds the schema of the file in which it stands."""
    return f"# yaml-language-server: $schema={FOLDER}/{file_of(name)}"
