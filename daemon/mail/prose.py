"""Delivery reports in prose: whom the system could not reach, read from its sentences. Pure.

Every address of the report is weighed by where it stands: an entry of the list, one with a label,
one in the dialogue with the next server or in a sentence, and any other. The best kind there is
counts, the others do not.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Final

from daemon.mail.message import FailedRecipient
from daemon.mail.mta import (
    ADDRESS,
    ADDRESSED,
    ANYWHERE,
    ASIDE,
    DELAYED,
    LABELLED,
    LEAD,
    LISTED,
    NOBODY,
    PHRASE,
    REPLY_CODE,
    RETURNED,
    STATUS,
    TOLD,
)

PROSE: Final = 20_000
_RECIPIENTS: Final = 50
#: How far below an address its reason may stand.
_REASON: Final = 600
_TO: Final = re.compile(
    r"^[ >\t]{0,4}(?:to:|收件人[:：]?|宛先[:：]?|받는 ?사람[:：]?) ?([^\n]{1,500})",
    re.IGNORECASE | re.MULTILINE,
)
_KIND: Final = re.compile(r"(?:smtp|rfc-?822)[=:]", re.IGNORECASE)
_DIALOGUE: Final = re.compile(rf"RCPT TO: ?<{ADDRESS}>|rcpt to: ?<{ADDRESS}>")
#: An address on a line of its own.
_ALONE: Final = re.compile(rf"[^\w\n]{{0,12}}{ADDRESS}[^\w\n]{{0,12}}")
_SENTENCE_END: Final = re.compile(r"(?<=[^\W\d_]{2}[.!]) (?=[^\W\d_a-z])")
_LETTERS: Final = re.compile(r"[^\W\d_]{2}")


def unreached(text: str, ours: frozenset[str]) -> list[FailedRecipient]:
    """Those whom a report in prose names; ``ours`` are never among them."""
    prose = text[:PROSE]
    cut = RETURNED.search(prose)
    report, returned = (prose[: cut.start()], prose[cut.start() :]) if cut else (prose, "")
    return (
        _named(report, ours)
        or _named(_below_lead(returned), ours)
        or _named("\n".join(f"to: {line}" for line in _TO.findall(returned)), ours)
    )


def is_unmistakable(text: str) -> bool:
    """True when the text opens as only a mail system's does, whoever its sender claims to be."""
    report = text[:PROSE]
    alone = any(_ALONE.fullmatch(line) for _, line in _lines(report))
    if not alone and ("CPT TO" not in report.upper() or not _DIALOGUE.search(report)):
        return False
    opening = [line for line in report.split("\n")[:60] if _LETTERS.search(line)][:4]
    said = "\n".join(opening)
    return bool(PHRASE.search(said) or _DIALOGUE.search(said))


def _below_lead(text: str) -> str:
    lead = LEAD.search(text)
    if not lead:
        return ""
    below = text[lead.end() :]
    cut = RETURNED.search(below)
    return below[: cut.start()] if cut else below


def _named(report: str, ours: frozenset[str]) -> list[FailedRecipient]:
    lead = LEAD.search(report)
    below = report[lead.start() :] if lead else ""
    for part in filter(None, (below, report)):
        for kind in (_listed, _labelled, _told, _addressed, _mentioned):
            if found := _weigh(part, kind, ours):
                return found
    return []


def _lines(report: str) -> Iterator[tuple[int, str]]:
    at = 0
    for line in report.split("\n"):
        if "@" in line:
            yield at, line
        at += len(line) + 1


def _listed(line: str) -> list[str]:
    found = LISTED.match(line)
    return [found[1]] if found else []


def _labelled(line: str) -> list[str]:
    return _all(LABELLED, line)


def _told(line: str) -> list[str]:
    return _all(TOLD, line)


def _all(pattern: re.Pattern[str], line: str) -> list[str]:
    return [next(filter(None, found.groups())) for found in pattern.finditer(line)]


def _addressed(line: str) -> list[str]:
    found = ADDRESSED.match(line)
    return [found[1]] if found else []


def _mentioned(line: str) -> list[str]:
    return ANYWHERE.findall(line)


def _weigh(
    report: str, kind: Callable[[str], list[str]], ours: frozenset[str]
) -> list[FailedRecipient]:
    delayed = bool(DELAYED.search(report))
    out: dict[str, FailedRecipient] = {}
    for at, line in _lines(report):
        for found in kind(_without_asides(line) if kind in (_told, _mentioned) else line):
            address = _KIND.sub("", found).strip(".'*|")
            key = address.lower()
            if key in ours or key in out or NOBODY.match(address):
                continue
            status = _status(report, at)
            temporary = delayed and not status.startswith("5")
            out[key] = FailedRecipient(address, status, "delayed" if temporary else "failed")
    return list(out.values())[:_RECIPIENTS]


def _without_asides(line: str) -> str:
    """The sentences of a line that are not about others than the recipient."""
    if not ASIDE.search(line):
        return line
    return " ".join(each for each in _SENTENCE_END.split(line) if not ASIDE.search(each))


def _status(report: str, at: int) -> str:
    """The enhanced code nearest below an entry, else the report's first, else the plain one."""
    near = report[at : at + _REASON]
    for said in (near, report):
        if found := STATUS.search(said):
            return found[1]
    code = REPLY_CODE.search(near) or REPLY_CODE.search(report)
    return f"{code[1]}.0.0" if code else ""
