"""``when:`` for editors: every field, with the predicates that it takes. Pure."""

from __future__ import annotations

from workers.rules.editor.shape import (
    FLAG,
    PLACE,
    TEXT,
    Schema,
    choice,
    defined,
    either,
    said,
    several,
    some,
    whole,
)
from workers.rules.field import PREDICATES, Field, Kind
from workers.rules.fields import ANY_HEADER, FIELDS, HEADER
from workers.rules.when import GROUPS

#: The name under which a schema defines it: conditions stand in conditions.
NAME = "condition"
SPAN: Schema = {"type": "string", "pattern": r"^\d{1,7}(?:[mhdw]|b[mhd])$"}
INSTANT: Schema = {"type": "string", "pattern": r"^\d{4}-?\d{2}-?\d{2}(?:[T ].+)?$"}

_NUMBER: Schema = {"type": "integer", "minimum": 0}
_LIMITS: dict[Kind, Schema] = {
    Kind.COUNT: _NUMBER,
    Kind.SIZE: either(_NUMBER, {"type": "string", "pattern": r"^\d{1,9} ?(?:[KMGkmg]?[Bb])?$"}),
    Kind.PERCENT: either(_NUMBER, {"type": "string", "pattern": r"^\d{1,4}%?$"}),
    Kind.INSTANT: INSTANT,
    Kind.SPAN: SPAN,
}


def condition() -> Schema:
    """``always``, or a mapping of fields and groups."""
    fields = {name: _field(field) for name, field in FIELDS.items()}
    lists = several(defined(NAME))
    groups = {name: defined(NAME) if name == "not" else lists for name in GROUPS}
    asked: Schema = {
        "type": "object",
        "properties": {**fields, **groups},
        "patternProperties": {f"^{HEADER[:-1]}\\.[!-9;-~]+$": _field(ANY_HEADER)},
        "additionalProperties": False,
        "minProperties": 1,
    }
    return either({"const": "always"}, asked)


def _field(field: Field) -> Schema:
    asked: Schema = {
        "type": "object",
        "properties": {word: _asked(word, field) for word in PREDICATES[field.kind]},
        "additionalProperties": False,
        "minProperties": 1,
    }
    return said(asked, field.says)


def _asked(predicate: str, field: Field) -> Schema:
    match predicate:
        case "is":
            return _value(field)
        case "in":
            return several(_value(field))
        case "exists":
            return FLAG
        case "contains" | "matches":
            return some(TEXT)
        case _:
            return choice(field.words) if field.kind is Kind.RANK else _LIMITS[field.kind]


def _value(field: Field) -> Schema:
    if field.kind is Kind.ADDRESS:
        return PLACE
    if field.kind is Kind.FLAG:
        return FLAG
    if field.kind is Kind.COUNT:
        return whole(0, 10**9)
    return choice(field.words) if field.words else TEXT
