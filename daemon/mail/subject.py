"""A subject without the decoration that mail programs and gateways put before it. Pure."""

from __future__ import annotations

import re
from typing import Final

from daemon.mail.limits import SUBJECT_CHARACTERS

_REPLIES: Final = (
    r"re|aw|antw|antwort|sv|vs|odp|ynt|cevap|res|rif|r|ref|bls|rép|resp|ha|atb|vá|"
    r"답장|회신|답변|回复|回覆|答复|返信|отв|на|απ"
)
_FORWARDS: Final = (
    r"fwd?|wg|tr|rv|enc|vb|vl|i|pd|ilt|doorst|trs|továbbítás|přeposl|"
    r"전달|전송|转发|轉寄|轉發|転送|пересл|προωθ"
)
#: ``Re[2]:`` and ``RE(3):`` count; a tag in brackets may stand between two prefixes.
_TAG: Final = (
    r"\s*(?:\[(?:#[0-9]{1,18}|e?xt(?:ern\w{0,4})?(?: [\w-]{1,20}){0,2}|spam\??|"
    r"외부\w{0,4}(?: ?메일)?|社外)\]|\*{2,5}\s?(?:spam|external)\s?\*{2,5}|external:)"
)
_DECORATION: Final = re.compile(
    rf"(?:\s*(?:{_REPLIES}|{_FORWARDS})\s?(?:[\[(][0-9]{{1,3}}[\])])?\s?[:：]|{_TAG})*\s*",
    re.IGNORECASE,
)
_FORWARD: Final = re.compile(
    rf"(?:{_TAG})*\s*(?:{_FORWARDS})\s?(?:[\[(][0-9]{{1,3}}[\])])?\s?[:：]", re.IGNORECASE
)
_NUMBER: Final = re.compile(r"\s*\[#[0-9]{1,18}\]")


def bare(subject: str) -> str:
    """What it says: without ``Re:``, ``AW:``, ``답장:``, ``[EXT]`` and ``[#12]``."""
    subject = subject[:SUBJECT_CHARACTERS]
    found = _DECORATION.match(subject)
    rest = subject[found.end() :] if found else subject
    return " ".join(_NUMBER.sub(" ", rest).split())


def is_forward(subject: str) -> bool:
    """True when a mail program put its word for a forwarded mail first."""
    return _FORWARD.match(subject[:SUBJECT_CHARACTERS]) is not None


def is_another(subject: str, of_thread: str) -> bool:
    """True when a mail in a thread is about something else, by its subject.

    Programs cut long ones and put words around them: the same is what holds the other.
    """
    new, old = bare(subject).casefold(), bare(of_thread).casefold()
    return bool(new and old) and new not in old and old not in new
