"""What the reader of a notice may do by one touch: prefilled answers as ``mailto:`` links. Pure.

A link is never followed by a scanner, works on a phone without a network, and its answer carries
the reader's own proof (service-desk.md §1.0).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Final, NamedTuple
from urllib.parse import quote

from daemon.desk.ticket import Ticket, Type
from daemon.desk.verbs import every
from workers.notices import wire
from workers.notices.compose import message_id_of
from workers.notices.identity import DeskIdentity
from workers.notices.notice import Act, Kind, Notice

_SUBJECT, _LABEL = 200, 60
#: What each byte is in a link (RFC 3986 §2.3).
_PERCENT: Final = [quote(bytes([byte]), safe="") for byte in range(256)]
_STARS: Final = ("1", "2", "3", "4", "5")
#: What an agent needs most, in the order of a day; the rest is in ``/help``.
_CARD: Final = (
    ("take", "/take", "/take\n"),
    ("resolve", "/resolve", "/resolve\n\n"),
    ("reopen", "/reopen", "/reopen\n\n"),
    ("wait", "/wait customer", "/wait customer\n\n"),
    ("assign", "/assign NAME", "/assign "),
    ("note", "/note", "/note\n\n"),
    ("pri", "/pri P2", "/pri "),
    ("help", "/help", "/help\n"),
)
_VERBS: Final = {verb.name: verb for verb in every.VERBS}
#: What a requester may call his matter.
_CHOICES: Final = (Type.INCIDENT, Type.REQUEST)
#: What some notices ask whoever gets them, by a button and the answer that it begins.
_ASKED: Final = {
    Kind.SLA_BREACH: ("say why", "/why "),
    Kind.ESCALATION: ("look after it", "/ack\n"),
    Kind.LOW_RATING: ("reopen", "/reopen\n\n"),
}
#: Notices that ask one question only, or tell of no ticket.
_NO_VERBS: Final = frozenset({Kind.CONFIRM, Kind.ALARM})
Word = Callable[[str, str], str]


class Offer(NamedTuple):
    """One thing to ask for."""

    label: str
    #: As it is written by hand; empty where nobody would.
    line: str
    #: What it does, in a few words.
    meaning: str
    #: A ``mailto:`` that asks for it.
    href: str


class Offers:
    """The links of one notice; all begin alike, so that the beginning is made once."""

    def __init__(self, notice: Notice, desk: DeskIdentity, reply_to: str, word: Word) -> None:
        self._notice, self._desk, self._to, self._word = notice, desk, reply_to, word
        self._known = ""

    @property
    def _start(self) -> str:
        """How the links begin; most notices to requesters have none."""
        if not self._known:
            self._known = start(self._notice, self._desk, self._to)
        return self._known

    def verbs(self) -> tuple[Offer, ...]:
        """What an agent may do with the ticket in its state."""
        ticket = self._notice.ticket
        if ticket is None or not self._notice.to.is_agent or self._notice.kind in _NO_VERBS:
            return ()
        return tuple(
            self._offer(self._word("button", name), line, body, self._word("verb", name))
            for name, line, body in _legal(ticket)
        )

    def corrections(self) -> tuple[Offer, ...]:
        """How the requester of a new ticket corrects how it was read."""
        ticket = self._notice.ticket
        if ticket is None or self._notice.kind is not Kind.ACKNOWLEDGEMENT:
            return ()
        found = [
            (f"is {other.value}", f"/type {other.value}")
            for other in _CHOICES
            if other is not ticket.type
        ]
        if ticket.urgency not in {"high", "critical"}:
            found.append(("is urgent", "/urgency high"))
        return tuple(
            self._offer(self._word("button", name), line, f"{line}\n") for name, line in found
        )

    def stars(self) -> tuple[Offer, ...]:
        """Five ratings, each with room for words."""
        if not self._notice.asks_rating or self._notice.ticket is None:
            return ()
        return tuple(
            self._offer(star, f"/rate {star}", f"/rate {star}\n\n", self._word("rating", star))
            for star in _STARS
        )

    def acts(self) -> tuple[Offer, ...]:
        """What this very notice asks to decide."""
        asked = _ASKED.get(self._notice.kind) if self._notice.ticket else None
        known = (Act(label=asked[0], body=asked[1]),) if asked else ()
        return tuple(
            Offer(
                label=self._label(act.label),
                line=_commands(act.body),
                meaning="",
                href=f"{self._of(act)}{_lined(act.body)}",
            )
            for act in (*self._notice.acts, *known)
        )

    def _of(self, act: Act) -> str:
        """How the link of an act begins: as the others, but for a subject of its own."""
        return f"{_mailto(self._to)}?{_titled(act.subject)}&body=" if act.subject else self._start

    def _label(self, label: str) -> str:
        """In the reader's language, where it is one of ours."""
        return wire.one_line(self._word("button", label), _LABEL)

    def _offer(self, label: str, line: str, body: str, meaning: str = "") -> Offer:
        return Offer(label, line, meaning, f"{self._start}{_own(body)}")


def start(notice: Notice, desk: DeskIdentity, reply_to: str) -> str:
    """A prefilled answer to the notice, up to its body."""
    query = _titled(_subject(notice))
    if not desk.plus_addresses:
        # RFC 6068 §4: without a signed address only our Message-ID leads to the ticket.
        query += f"&in-reply-to={_percent(f'<{message_id_of(notice, desk)}>')}"
    return f"{_mailto(reply_to)}?{query}&body="


def _percent(text: str) -> str:
    """As ``quote`` does, in a third of the time: there are several in each mail."""
    return "".join([_PERCENT[byte] for byte in text.encode()])


def _mailto(address: str) -> str:
    return f"mailto:{_percent(address).replace('%40', '@')}"


@lru_cache(maxsize=64)  # our own are few, and in nearly every mail
def _own(body: str) -> str:
    return _lined(body)


def _lined(body: str) -> str:
    return _percent(body.replace("\n", "\r\n"))


def _titled(subject: str) -> str:
    return f"subject={_percent(wire.one_line(subject, _SUBJECT))}"


def _subject(notice: Notice) -> str:
    if notice.ticket is None:
        return notice.title
    words = notice.ticket.subject if notice.may_quote else ""
    return f"[#{notice.ticket.number}] {words}"


def _commands(body: str) -> str:
    """The command lines of a prefilled answer, for who types them."""
    return ", ".join(line.strip() for line in body.splitlines() if line.startswith("/"))


def _legal(ticket: Ticket) -> Iterator[tuple[str, str, str]]:
    """Name, as it is written, as it is prefilled; of the card those that the ticket allows."""
    for name, line, body in _CARD:
        if _VERBS[name].is_legal(ticket):
            yield name, line, body
