"""A mail within a mail: whose it was, and what its forwarder wrote above it. Pure, linear.

Gmail, Outlook, Apple Mail, Thunderbird, Yahoo and Notes write the header of what they forward into
the text; what they attach whole is a mail of its own.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from daemon.mail import heads, mailbox, quotes
from daemon.mail.message import Address, Attachment, Message
from daemon.mail.reply import newly_written
from daemon.mail.subject import bare, is_forward

_MOST_LINES: Final = 2000
_HEAD_LINES: Final = 12
_NEEDED: Final = 3
_QUOTE: Final = re.compile(r"\s{0,3}>\s?")
_MAILTO: Final = re.compile(r"\[mailto:([^\]\s]{3,320})\]|<mailto:([^>\s]{3,320})>", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Forwarded:
    """The mail that was forwarded, as far as it can be read."""

    author: Address
    #: Without ``Fwd:``; empty when it names none.
    subject: str
    text: str
    #: What the forwarder wrote above it.
    comment: str = ""


def attached(message: Message) -> Attachment | None:
    """The one mail that a mail carries whole, if it is one."""
    mails = [one for one in message.attachments if one.content_type == "message/rfc822"]
    return mails[0] if len(mails) == 1 else None


def of_attached(outer: Message, inner: Message) -> Forwarded | None:
    """An attached mail as forwarded; None where it names no author."""
    if inner.from_ is None or "@" not in inner.from_.address:
        return None
    return Forwarded(
        author=inner.from_,
        subject=bare(inner.subject),
        text=inner.text,
        comment=newly_written(outer.text),
    )


def written_in(message: Message) -> Forwarded | None:
    """What a forwarder's program wrote into the text; None for what is no forward."""
    lines = message.text.split("\n", _MOST_LINES)
    at = next((i for i in range(len(lines)) if _is_head(lines, i)), None)
    if at is None:
        return None
    above = _marker(lines, at)
    if above is None and not is_forward(message.subject):
        # An answer that quotes looks the same but for this.
        return None
    head, below = _head(lines, at)
    author = _author(head)
    if author is None:
        return None
    start = at if above is None else above
    return Forwarded(
        author=author,
        subject=bare(_value(head, "about")),
        text=_text(lines[below:], is_quoted=_is_quoted(lines[at])),
        comment=newly_written("\n".join(lines[:start])).strip(),
    )


def _is_head(lines: Sequence[str], at: int) -> bool:
    """True for the first of a few labelled lines, of which one says from whom."""
    if not heads.LABEL.match(lines[at]):
        return False
    head, _ = _head(lines, at)
    kinds = {kind for kind, _ in head}
    return len(kinds) >= _NEEDED and "from" in kinds


def _head(lines: Sequence[str], at: int) -> tuple[list[tuple[str, str]], int]:
    """(kind, value) of the labelled lines, and where the text below them starts."""
    head: list[tuple[str, str]] = []
    while at < len(lines) and len(head) < _HEAD_LINES:
        line = lines[at]
        if found := heads.LABEL.match(line):
            head.append((found.lastgroup or "", line[found.end() :].strip(" \t*")))
        elif head and line[:1] in " \t" and line.strip():
            kind, value = head[-1]
            head[-1] = (kind, f"{value} {line.strip()}")
        elif not (heads.ANY_LABEL.match(line) and _unquoted(line).strip()):
            break
        at += 1
    return head, at


def _marker(lines: Sequence[str], at: int) -> int | None:
    """The line above a head that says that what follows was forwarded."""
    above = next((i for i in range(at - 1, max(-1, at - 4), -1) if lines[i].strip()), None)
    if above is None:
        return None
    line = _unquoted(lines[above])
    is_marker = quotes.ORIGINAL.match(line) or quotes.FORWARD.search(line)
    return above if is_marker or heads.RULE.match(line) else None


def _author(head: Sequence[tuple[str, str]]) -> Address | None:
    value = _MAILTO.sub(lambda found: f"<{found[1] or found[2]}>", _value(head, "from"))
    found = mailbox.addresses(value.replace("><", "> <"))
    return next((one for one in found if "@" in one.address), None)


def _value(head: Sequence[tuple[str, str]], kind: str) -> str:
    return next((value for name, value in head if name == kind), "")


def _text(lines: Sequence[str], *, is_quoted: bool) -> str:
    """The forwarded text; one level of quotation is the forwarder's program's."""
    kept = [_unquoted(line) for line in lines] if is_quoted else lines
    return "\n".join(line.rstrip() for line in kept).strip("\n")


def _is_quoted(line: str) -> bool:
    return _QUOTE.match(line) is not None


def _unquoted(line: str) -> str:
    return _QUOTE.sub("", line, count=1)
