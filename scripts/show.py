"""Values for a terminal or a program: tables, and JSON, in which nothing can move the cursor."""

from __future__ import annotations

import csv
import io
import json
import sys
import unicodedata
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any, Final

import click

#: Controls, format characters (bidi among them), surrogates, line and paragraph separators:
#: what a hostile mail could use to rewrite the screen (security.md, attack 29).
_UNSAFE: Final = {"Cc", "Cf", "Cs", "Zl", "Zp"}
#: Joiners that emoji and Indic scripts need; they reorder nothing.
_JOINERS: Final = {"\u200c", "\u200d"}
_CELL: Final = 60
#: What begins a formula in some spreadsheet.
_FORMULA: Final = frozenset("=+-@\t\r\n\uff1d\uff0b\uff0d\uff20")


def safe(text: object, *, lines: bool = False) -> str:
    """The text with everything that a terminal would obey spelled out; line ends stay if asked."""
    return "".join(
        character
        if (lines and character == "\n") or character in _JOINERS or not _is_unsafe(character)
        else _escaped(character)
        for character in str(text)
    )


def _is_unsafe(character: str) -> bool:
    return unicodedata.category(character) in _UNSAFE


def _escaped(character: str) -> str:
    return character.encode("unicode_escape", "surrogatepass").decode("ascii")


def width(text: str) -> int:
    """The columns that a terminal gives the text: wide characters take two, marks none."""
    return sum(
        0
        if unicodedata.category(character) in {"Mn", "Me", "Cf"}
        else 2
        if unicodedata.east_asian_width(character) in {"W", "F"}
        else 1
        for character in text
    )


def table(
    headings: Sequence[str], rows: Iterable[Sequence[object]], *, columns: int = _CELL
) -> str:
    """An aligned table; a cell that takes more columns is cut."""
    cells = [[_cell(value, columns) for value in row] for row in ([*headings], *rows)]
    widths = [max(map(width, column)) for column in zip(*cells, strict=True)]
    return "\n".join(
        "  ".join(
            cell + " " * (most - width(cell)) for cell, most in zip(row, widths, strict=True)
        ).rstrip()
        for row in cells
    )


def pairs(values: Iterable[tuple[str, object]]) -> str:
    """Names and values below each other; one that is empty is left out."""
    rows = [(name, safe(value)) for name, value in values if value not in ("", None)]
    most = max((len(name) for name, _ in rows), default=0)
    return "\n".join(f"{name:<{most}}  {value}".rstrip() for name, value in rows)


def _cell(value: object, columns: int) -> str:
    text = safe("" if value is None else value)[: 4 * columns]
    if width(text) <= columns:
        return text
    while width(text) > columns - 1:
        text = text[:-1]
    return text + "…"


def when(instant: datetime | None) -> str:
    """An instant for a reader, to the second, in UTC."""
    return f"{instant.astimezone(UTC):%Y-%m-%d %H:%M:%SZ}" if instant else ""


def iso(instant: datetime | None) -> str | None:
    """An instant for a program."""
    return instant.astimezone(UTC).isoformat() if instant else None


def json_text(value: Any) -> str:
    """A JSON object on a line; ASCII only, so that no terminal and no pipe minds it."""
    return json.dumps(value)


def json_line(value: Any) -> None:
    """Print one JSON object on a line."""
    click.echo(json_text(value))


def csv_text(headings: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Rows for a spreadsheet, in which no cell is a formula (security.md, attack 30)."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(headings)
    writer.writerows([_inert(value) for value in row] for row in rows)
    return out.getvalue()


def _inert(value: object) -> object:
    """A text that a spreadsheet would calculate begins with an apostrophe, which it hides."""
    if not isinstance(value, str):
        return value
    text = safe(value)
    return f"'{text}" if value.lstrip(" ")[:1] in _FORMULA else text


def raw(mail: bytes) -> None:
    """Print the bytes of a mail: as they are into a file or pipe, made harmless on a terminal."""
    if sys.stdout.isatty():
        click.echo(safe(mail.decode("utf-8", "replace").replace("\r\n", "\n"), lines=True))
        return
    sys.stdout.buffer.write(mail)
    sys.stdout.buffer.flush()
