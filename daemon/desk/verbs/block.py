"""Where in a mail commands can stand at all (service-desk.md §3.2). Pure.

An agent's mail carries other people's words: quoted, forwarded, or put below his own without any
mark. One of these could be a planted command, to be run with his rights. So only the first lines of
the mail count, or the last ones of his own text where its end is certain.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from daemon.mail import closing, quotes
from daemon.mail.reply import MARKER

#: A line of dashes, underscores or stars: below it anything may be somebody else's.
_RULED: Final = re.compile(r"\s*[-_=*─━—]{4,}")
#: "Von: …", "Tárgy: …": a head of a quoted mail in whatever language.
_LABEL: Final = re.compile(r"[\s*>|│_]{0,6}[^\W\d_][^\n:：]{0,30}[:：](?:\s|$)")
_GUARD: Final = re.compile(r"\s*[│|>]")
_FENCE: Final = re.compile(r"\s*(?:`{3,}|~{3,})")
_INVISIBLE: Final = str.maketrans("", "", "\ufeff\u200b")


@dataclass(frozen=True, slots=True, kw_only=True)
class Writing:
    """A mail's text as the grammar needs it."""

    #: The whole text of the mail.
    whole: str
    #: What its sender newly wrote, by ``reply.newly_written``.
    own: str
    #: False when text of the mail came in parts of its own, whose joints do not show.
    is_one_part: bool = True


def lines_of(text: str) -> list[str]:
    """The text's lines without what nobody sees and what mail programs add at line ends."""
    visible = text.translate(_INVISIBLE).replace("\u00a0", " ")
    # Only what every program takes for a line's end ends one: a quotation is marked at these.
    lined = visible.replace("\r\n", "\n").replace("\r", "\n")
    return [line.rstrip() for line in lined.strip("\n").split("\n")]


def starts_with_own(writing: Writing) -> bool:
    """True when the mail's very first line is its sender's."""
    return _first(lines_of(writing.whole)) == _first(lines_of(writing.own))


def starts_with_anothers(writing: Writing) -> bool:
    """True when a quotation stands above the own text; an indent alone is none."""
    whole, own = lines_of(writing.whole), lines_of(writing.own)
    return _first(whole).strip() != _first(own).strip()


def _first(lines: list[str]) -> str:
    return next((line for line in lines if line), "")


def end_is_certain(writing: Writing) -> bool:
    """True when the last line of the own text cannot be somebody else's.

    Either our marker follows it, or the mail has nothing but this text and a signature.
    """
    found = MARKER.search(writing.whole)
    above = writing.whole[: found.start()].rpartition("\n")[0] if found else writing.whole
    region, own = lines_of(above), lines_of(writing.own)
    if not writing.is_one_part or any(map(_is_foreign, region)) or _has_head(own):
        return False
    if region[: len(own)] != own:
        return False
    rest = [line for line in region[len(own) :] if line]
    return bool(found) or not rest or bool(closing.SIGNATURE.match(rest[0]) and not _has_head(rest))


def _is_foreign(line: str) -> bool:
    return bool(quotes.QUOTED.match(line) or _GUARD.match(line))


def _has_head(lines: list[str]) -> bool:
    """Whether something here looks like the joint between one mail and another."""
    labels = 0
    for line in lines:
        if _RULED.match(line) or quotes.ORIGINAL.match(line) or quotes.FORWARD.match(line.strip()):
            return True
        if quotes.COLON.search(line) and quotes.ADDRESS.search(line):
            return True
        labels = labels + 1 if _LABEL.match(line) else 0
        if labels >= 2:
            return True
    return False


def is_fenced(lines: list[str], at: int) -> bool:
    """Whether the line stands inside a code fence."""
    return sum(1 for line in lines[:at] if _FENCE.match(line)) % 2 == 1
