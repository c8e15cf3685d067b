"""people.yaml: contacts behind several addresses, forms, mailing lists, extensions. Pure."""

from __future__ import annotations

from daemon.desk.people import Contact
from workers.rules import person, schema
from workers.rules.findings import Findings
from workers.rules.nodes import Entry
from workers.rules.person import Once

#: The keys of people.yaml that this module reads.
KEYS = ("people", "forms", "lists", "plus_addresses")
FIELDS = ("full_name", "addresses", "language", "organisation")
NEEDS = ("addresses",)


def read(
    parts: dict[str, Entry], once: Once, organisations: frozenset[str], found: Findings
) -> tuple[Contact, ...]:
    """People by their short names; ``once`` refuses an address that stands elsewhere, too."""
    names = Once("name", found)
    entries = schema.items(parts["people"].value, found) if "people" in parts else ()
    return tuple(
        _contact(entry, once, organisations, found)
        for entry in entries
        if names.takes(entry.key.text, entry.key)
    )


def _contact(entry: Entry, once: Once, organisations: frozenset[str], found: Findings) -> Contact:
    name = entry.key.text
    what = f"person {name!r}"
    fields = schema.keys(entry.value, found, of=what, known=FIELDS, needed=NEEDS)
    return Contact(
        name=name,
        full_name=person.full_name(fields, found),
        addresses=person.addresses(fields, once, found),
        language=person.language(fields, found),
        organisation=_organisation(fields, organisations, found),
    )


def _organisation(fields: dict[str, Entry], organisations: frozenset[str], found: Findings) -> str:
    if "organisation" not in fields:
        return ""
    node = fields["organisation"].value
    return schema.choice(node, found, what="organisation", known=sorted(organisations))


def senders(parts: dict[str, Entry], name: str, found: Findings) -> frozenset[str]:
    """Addresses, or ``@domain`` for everybody there."""
    nodes = schema.listed(parts[name].value, found) if name in parts else ()
    return frozenset(filter(None, (schema.place(node, found) for _, node in nodes)))


def domains(parts: dict[str, Entry], name: str, found: Findings) -> frozenset[str]:
    """Mail domains."""
    nodes = schema.listed(parts[name].value, found) if name in parts else ()
    return frozenset(filter(None, (schema.domain(node, found) for _, node in nodes)))
