"""The shapes that ``workers/rules/schema.py`` reads, as parts of a JSON Schema. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from workers.rules.schema import WORD

Schema = dict[str, Any]

#: One text that is not empty; a plain number or truth value counts as written.
TEXT: Schema = {"type": ["string", "number", "boolean"], "pattern": r"\S"}
#: Likewise, or nothing.
MAYBE: Schema = {"type": ["string", "number", "boolean", "null"]}
FLAG: Schema = {"type": "boolean"}
ADDRESS: Schema = {"type": "string", "pattern": f"^{WORD}@{WORD}$"}
#: Also everybody at a domain.
PLACE: Schema = {"type": "string", "pattern": f"^(?:{WORD})?@{WORD}$"}
DOMAIN: Schema = {"type": "string", "pattern": f"^{WORD}$"}


def mapping(known: Collection[str], needed: Collection[str], of: Mapping[str, Schema]) -> Schema:
    """Only these keys, and all that are needed; what ``of`` does not tell of a key is a text."""
    assert set(of) <= set(known), set(of) - set(known)
    return {
        "type": ["object", "null"],
        "properties": {name: of.get(name, TEXT) for name in known},
        "required": list(needed),
        "additionalProperties": False,
    }


def items(value: Schema) -> Schema:
    """Keys of the admin's choosing; nothing is an empty mapping."""
    return {"type": ["object", "null"], "additionalProperties": value}


def elements(value: Schema) -> Schema:
    """A list; nothing is an empty one."""
    return {"type": ["array", "null"], "items": value}


def several(value: Schema) -> Schema:
    """At least one."""
    return {"type": "array", "items": value, "minItems": 1}


def some(value: Schema) -> Schema:
    """One, or a list of at least one."""
    return either(value, several(value))


def either(*parts: Schema) -> Schema:
    """Any of these."""
    return {"anyOf": list(parts)}


def choice(known: Collection[str]) -> Schema:
    """One of these words."""
    return {"enum": list(known)}


def whole(least: int, most: int) -> Schema:
    """A whole number in a range."""
    return {"type": "integer", "minimum": least, "maximum": most}


def said(schema: Schema, text: str) -> Schema:
    """Likewise, with what an editor shows about it."""
    return {**schema, "description": text}


def defined(name: str) -> Schema:
    """What stands under this name in the schema's ``$defs``."""
    return {"$ref": f"#/$defs/{name}"}
