"""Text parts of a mail: our own sentences filled to a width, people's words as they are. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Final

#: What every mail program shows without breaking it, quoted once or twice.
WIDTH: Final = 72
#: Around what stands out in our own sentences; private characters, so that no text holds them.
STRONG, WEAK = "\ue000", "\ue001"
#: A command keeps its words with it, and never begins a line: quoted back, that would be one.
_COMMAND: Final = re.compile(r" (?=/)")
#: A blank that no line is broken at.
GLUE: Final = "\ue002"
#: What terminals show two columns wide: of Unicode's East Asian Width the ranges in use.
_WIDE: Final = re.compile(
    "[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\ua960-\ua97f\uac00-\ud7a3\uf900-\ufaff"
    "\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\U0001f300-\U0001faff\U00020000-\U0003fffd]"
)


def columns(text: str) -> int:
    """How wide a text is on a terminal."""
    return len(text) if text.isascii() else _wide_columns(text)


@lru_cache(maxsize=4096)  # our own words, in every mail
def _wide_columns(text: str) -> int:
    return len(text) + len(_WIDE.findall(text))


def is_marked(text: str) -> bool:
    """Whether there is any mark of ours in it."""
    return STRONG in text or WEAK in text or GLUE in text


def unmarked(text: str) -> str:
    """Without the marks of what stands out."""
    if STRONG in text or WEAK in text:
        return text.replace(STRONG, "").replace(WEAK, "")
    return text


def plain(text: str) -> str:
    """Without any mark of ours, where lines are not filled."""
    return unmarked(text).replace(GLUE, " ")


def whole(text: str) -> str:
    """A command that no line is broken within."""
    return text.replace(" ", GLUE)


def filled(text: str, indent: str = "") -> str:
    """Each line broken at blanks to the width; further lines begin with ``indent``."""
    if len(text) <= WIDTH and text.isascii():  # no mark is
        return str(text)
    rows = [
        row if columns(row) <= WIDTH else _broken(row, indent) for row in unmarked(text).split("\n")
    ]
    return "\n".join(rows).replace(GLUE, " ")


@lru_cache(maxsize=1024)
def _broken(line: str, indent: str) -> str:
    out: list[str] = []
    row, width = "", 0
    for word in _COMMAND.sub(GLUE, line).split(" "):
        further = columns(word)
        if row.strip() and width + 1 + further > WIDTH:
            out.append(row)
            row, width = indent + word, columns(indent) + further
        else:
            row, width = (f"{row} {word}", width + 1 + further) if row else (word, further)
    return "\n".join([*out, row])


def apart(parts: Iterable[str]) -> str:
    """The parts that are not empty, with one empty line between them."""
    return "\n\n".join([part.strip("\n") for part in parts if part.strip()])


def padded(text: str, width: int) -> str:
    """Text with blanks up to so many columns."""
    return text + " " * (width - columns(text))


def aligned(rows: Iterable[tuple[str, ...]]) -> str:
    """Rows as columns of text, the last column as long as it is."""
    cells = [[plain(cell) for cell in row] for row in rows]
    widths = [max(map(columns, column)) for column in zip(*cells, strict=True)][:-1]
    return "\n".join(
        ["  " + "  ".join([*map(padded, row, widths), *row[-1:]]).rstrip() for row in cells]
    )


def stacked(rows: Iterable[tuple[str, ...]]) -> str:
    """Rows as columns of text, the last cell below the others: however long, nothing is moved."""
    cells = [tuple(map(plain, row)) for row in rows]
    indent = " " * (4 + max((columns(row[0]) for row in cells), default=0))
    heads = aligned(row[:-1] for row in cells).split("\n") if cells else []
    return "\n".join(
        f"{head}\n{indent}{row[-1]}".rstrip() for head, row in zip(heads, cells, strict=True)
    )
