"""Whether a mail gets an automatic answer: what keeps two robots from talking for ever.

RFC 3834 says which mails are never answered. For robots that do not say that they are some, and for
senders whom anybody could have forged, answers are counted (security.md G14).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from daemon.arrival import Source
from daemon.desk.update import Change
from daemon.mail.message import Message
from daemon.mail.role import is_nobody
from daemon.settings import Limits
from daemon.store import answers, people
from workers.case import Case

#: The tag of a ticket whose mail was left unanswered by a brake, for agents to look at.
TAG: Final = "not-answered"
_RECEIVED: Final = 50
_MINUTE, _HOUR, _DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
_WEEK: Final = timedelta(days=7)
#: So many answers within this, and there is silence for a day.
_BURST, _BURST_TIME = 3, timedelta(minutes=10)
_ROBOT_HOUR, _ROBOT_WEEK = 1, 3
_ROBOT_DOMAIN_HOUR: Final = 3
#: How many of the tickets that were answered before are compared with the mail.
_COMPARED: Final = 5
_SHAPE: Final = 2000
_NUMBERS: Final = re.compile(r"[0-9]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sender:
    """Who would be answered."""

    #: A road that checks senders vouches for him.
    is_checked: bool
    #: He quotes us and yet opens something new, or says once more what he said before.
    is_robotic: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """The automatic mails before this one."""

    #: To this sender within a week, newest first.
    to_one: tuple[datetime, ...] = ()
    #: To robots of his domain within an hour.
    to_domain: int = 0
    #: To everybody within a minute.
    to_all: int = 0
    #: He is new, and so are too many others.
    is_of_a_flood: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Answering:
    """What was decided for a mail."""

    may_answer: bool
    #: Seen where the decision asked for it: never for a mail that is not answered anyway.
    is_robotic: bool = False


def decide(sender: Sender, past: Past, limits: Limits, now: datetime) -> str:
    """Why there is no answer; empty when there may be one. Pure."""
    in_hour = _since(past.to_one, now - _HOUR)
    in_day = _since(past.to_one, now - _DAY)
    most = limits.automatic_per_day_checked if sender.is_checked else limits.automatic_per_day
    brakes = (
        (sender.is_robotic and in_hour >= _ROBOT_HOUR, "a robot gets one answer in an hour"),
        (sender.is_robotic and len(past.to_one) >= _ROBOT_WEEK, "a robot gets three answers"),
        (
            sender.is_robotic and past.to_domain >= _ROBOT_DOMAIN_HOUR,
            "robots of one domain get three answers in an hour",
        ),
        (
            not sender.is_checked and _has_burst(past.to_one, now - _DAY),
            "three answers within ten minutes: silence for a day",
        ),
        (in_day >= most, f"{most} answers in a day"),
        (
            not sender.is_checked and past.to_all >= limits.automatic_per_minute,
            f"{limits.automatic_per_minute} answers in a minute to all",
        ),
        (
            not sender.is_checked and past.is_of_a_flood,
            f"{limits.new_people_per_hour} new people in an hour",
        ),
    )
    return next((why for is_on, why in brakes if is_on), "")


def _since(times: Sequence[datetime], since: datetime) -> int:
    return sum(at > since for at in times)


def _has_burst(times: Sequence[datetime], since: datetime) -> bool:
    recent = [at for at in times if at > since]
    return any(
        newest - oldest < _BURST_TIME
        for newest, oldest in zip(recent, recent[_BURST - 1 :], strict=False)
    )


def answering(case: Case, change: Change, *, is_echo: bool) -> Answering:
    """Decide it for a mail that opens a ticket; a brake leaves its reason and a tag on that.

    ``is_echo``: it speaks of a mail or ticket of ours, and does not belong to it.
    """
    if _must_not(case):
        return Answering(may_answer=False)
    limits = case.desk.ctx.settings.limits
    most = max(limits.automatic_per_day_checked, limits.automatic_per_day, _ROBOT_WEEK)
    before = case.known.answered(case.sender_key, case.now - _WEEK, most)
    is_robotic = is_echo or _repeats(case, change, [each.ticket for each in before])
    sender = Sender(is_checked=case.checked.is_checked, is_robotic=is_robotic)
    why = decide(sender, _past(case, sender, before), limits, case.now)
    if why:
        tags = list(dict.fromkeys((*change.ticket.tags, TAG)))
        change.set(case.now, "desk", {"tags": tags}, why=why)
        case.desk.ctx.log.info("answer_withheld", inbox_id=case.mail.id, why=why)
    return Answering(may_answer=not why, is_robotic=is_robotic)


def _must_not(case: Case) -> bool:
    """RFC 3834 §2: what is automatic, what asks for no answer, and what cannot be answered."""
    message, envelope = case.message, case.mail.envelope
    if case.checked.is_refuted:
        # Whoever reads at that address did not write (attack 9).
        return True
    has_no_return = not envelope.sender and case.mail.source in {Source.SMTP, Source.LMTP}
    if message.automatic or message.forbids_answer or has_no_return or not message.from_:
        return True
    # No list and no role of a host is acknowledged (mail.md, case 30).
    is_nobodys = is_nobody(case.sender) or case.directory.is_list(case.sender)
    return is_nobodys or not case.desk.identity.may_write_to(case.sender)


def _past(case: Case, sender: Sender, before: Sequence[answers.Answered]) -> Past:
    """What the sender's brakes ask for: some of them count the mails of everybody."""
    tx, now = case.tx, case.now
    if sender.is_robotic:
        case.writes.flush()
    return Past(
        to_one=tuple(each.at for each in before),
        to_domain=answers.count_to_robots(tx, case.sender_key, now - _HOUR)
        if sender.is_robotic
        else 0,
        to_all=0 if sender.is_checked else answers.count_to_all(tx, now - _MINUTE),
        is_of_a_flood=not sender.is_checked and not before and _is_flood(case),
    )


def _is_flood(case: Case) -> bool:
    """True when the desk has met more people within the hour than come by themselves."""
    most = case.desk.ctx.settings.limits.new_people_per_hour
    met = people.met_before(case.writes, most)
    return met is not None and case.now - met < _HOUR


def _repeats(case: Case, change: Change, numbers: Sequence[int | None]) -> bool:
    """True when he was answered before to the same words, whatever numbers stand in them."""
    known = [number for number in dict.fromkeys(numbers) if number is not None][:_COMPARED]
    if not known:
        return False
    own = _shape(change.ticket.subject), _shape(case.message.reply)
    return any(
        own == (_shape(subject), _shape(reply))
        for subject, reply in answers.openers(case.tx, known)
    )


def _shape(text: str) -> str:
    return _NUMBERS.sub("0", " ".join(text[:_SHAPE].casefold().split()))


def goes_in_circles(message: Message) -> bool:
    """True for a mail that so many servers have received that some must have done so twice."""
    return len(message.every("received")) > _RECEIVED
