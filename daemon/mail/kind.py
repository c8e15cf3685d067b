"""What sort of mail it is, with the sign that decided: the strongest comes first. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Final

from daemon.mail.bounce import bounce
from daemon.mail.complaint import complaint
from daemon.mail.meeting import meeting
from daemon.mail.message import Automatic, Bounce, Complaint, Kind, Meeting
from daemon.mail.origin import RECEIPT, Marks, Origin, origin, value_token
from daemon.mail.structure import Structure

#: What filters put into the header of the mail with which they ask.
_CHALLENGERS: Final = ("x-tmda-", "x-spamarrest-", "x-boxbe-", "x-ask-version", "x-cr-")
_ASKS: Final = re.compile(
    r"(?:please |action required\W{1,4})?(?:confirm|verify|validate|approve) (?:that )?"
    r"(?:your?|the)"
    r"(?: are| sent)?(?: human| e-?mail| message| mail| address| delivery| identity)|"
    r"sender (?:verification|confirmation|approval)|(?:message|e-?mail|mail) (?:is )?(?:held|"
    r"awaiting|pending|needs) (?:for )?(?:your )?(?:confirmation|approval|verification)|"
    r"challenge[- ]response|your (?:message|e-?mail) (?:to .{1,80} )?(?:is waiting|requires "
    r"(?:confirmation|verification))|"
    r"bestätig\w+ (?:sie )?(?:bitte )?ihre (?:e-?mail|nachricht)|confirmez votre (?:message|envoi)",
    re.IGNORECASE,
)
#: A list that nobody can write to, and what calls itself so.
_BULK: Final = frozenset({"list-unsubscribe", "Precedence: bulk", "Precedence: junk"})
_ANSWERS: Final = frozenset({"REPLY", "COUNTER", "DECLINECOUNTER"})
_INVITES: Final = frozenset({"REQUEST", "CANCEL", "ADD", "PUBLISH", "REFRESH"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Sorted:
    """What sort of mail it is, and what its reports say."""

    kind: Kind
    because: str
    origin: Origin
    bounce: Bounce | None
    complaint: Complaint | None
    meeting: Meeting | None


def sort(read: Structure, text: str, marks: Marks) -> Sorted:
    """Sort a mail; ``marks`` are those of its header."""
    header = read.parts[0].header
    report = bounce(read, header, text)
    complained = None if report else complaint(read, header)
    event = meeting(read)
    if report or complained:
        marks = replace(marks, is_bounce=report is not None, is_complaint=complained is not None)
    found = origin(marks)
    kind, because = _by_report(found, complained) or _by_content(marks, event) or _by_origin(found)
    return Sorted(
        kind=kind,
        because=because,
        origin=found,
        bounce=report,
        complaint=complained,
        meeting=event,
    )


def _by_report(found: Origin, complained: Complaint | None) -> tuple[Kind, str] | None:
    if found.automatic is Automatic.BOUNCE:
        return Kind.BOUNCE, found.because
    if complained is not None:
        return Kind.COMPLAINT, f"a feedback report: {complained.feedback}"[:100]
    if found.because == RECEIPT:
        return Kind.RECEIPT, found.because
    return None


def _by_content(marks: Marks, event: Meeting | None) -> tuple[Kind, str] | None:
    if event is not None and event.method in _ANSWERS | _INVITES:
        kind = Kind.INVITATION_ANSWER if event.method in _ANSWERS else Kind.INVITATION
        return kind, f"text/calendar, method {event.method}"
    because = _challenge(marks)
    return (Kind.CHALLENGE, because) if because else None


def _challenge(marks: Marks) -> str:
    """Why a mail is a filter's question to its sender, or the empty text."""
    named = next((name for name in marks.names if name.startswith(_CHALLENGERS)), "")
    if named:
        return named
    asks = _ASKS.search(marks.subject)
    # Words alone are a person's, too: it must answer something, or say that a program wrote it.
    answers = marks.field("in-reply-to") or marks.field("references")
    generated = any(value_token(word) not in ("", "no") for word in marks.every("auto-submitted"))
    return "its subject" if asks and (answers or generated) else ""


def _by_origin(found: Origin) -> tuple[Kind, str]:
    if found.automatic is None:
        return Kind.PERSON, ""
    kind = Kind.BULK if found.because in _BULK else Kind(found.automatic.value)
    return kind, found.because
