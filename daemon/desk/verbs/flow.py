"""Whose it is and where in its life: ``/take`` to ``/reopen``, ``/major``. Pure."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple

from daemon.desk.people import Agent
from daemon.desk.states import check_move
from daemon.desk.ticket import DONE, State, Ticket
from daemon.desk.update import may_reopen
from daemon.desk.verbs.catalogue import value_of
from daemon.desk.verbs.deed import Deed
from daemon.desk.verbs.phrases import phrase
from daemon.desk.verbs.report import Report
from daemon.desk.verbs.speaker import BOTH_SIDES
from daemon.desk.verbs.verb import Area, Verb
from daemon.desk.verbs.words import Words
from daemon.errors import IllegalMove, TicketError

#: How a ticket can have ended, as ``/resolve`` knows it.
CODES: Final = ("fixed", "workaround", "answered", "done", "not-ours", "declined", "no-fault")
REASONS: Final = ("duplicate", "spam", "withdrawn")
WAITS: Final = ("customer", "vendor", "change")
_UNTIL: Final = re.compile(r"(?i)(?:^|\s)(?:until|bis|까지)\s+(.+)$")
_MORNING: Final = 9


def _nothing(words: Words) -> None:
    words.nothing()


def _own(deed: Deed, owner: str, team: str | None = None) -> None:
    """Who works on it: whoever gets a ticket that is done has it open again."""
    ticket = deed.ticket
    if ticket.is_done:
        check_move(ticket.type, ticket.state, State.OPEN)
    fields: dict[str, Any] = {"owner": owner}
    if team is not None:
        fields["team"] = team
    had = (ticket.owner, ticket.team)
    gets = (owner, ticket.team if team is None else team)
    if any(had) and gets != had:
        fields["reassign_count"] = ticket.reassign_count + 1
    if (ticket.state is State.NEW and owner) or ticket.is_done:
        deed.move(State.OPEN, **fields)
    else:
        deed.set(**fields)


def _take(_: None, deed: Deed) -> None:
    _own(deed, deed.speaker.login)


class _To(NamedTuple):
    """Where ``/assign`` leads; nobody at all when both are empty."""

    owner: str = ""
    team: str | None = None
    is_back: bool = False


def _read_assign(words: Words) -> _To:
    known = {"none": _To(), "back": _To(is_back=True)}
    if to := known.get(value_of(words.text)):
        return to
    found = words.holder()
    return _To(owner=found.name) if isinstance(found, Agent) else _To(team=found.name)


def _assign(to: _To, deed: Deed) -> None:
    if to.is_back:
        to = _before(deed)
    _own(deed, to.owner, to.team)
    deed.wishes.is_handed_over = bool(to.owner or to.team) and to.owner != deed.speaker.login
    _warn(deed, to.owner)


def _warn(deed: Deed, owner: str) -> None:
    """It is his all the same: whoever hands over may know better, and is told what he may not."""
    until = deed.around.away_until(owner) if owner else None
    if until:
        language = deed.speaker.language
        title = phrase("is away", language).format(owner=owner, back=f"{until:%Y-%m-%d %H:%M} UTC")
        line = phrase("his now", language).format(number=deed.ticket.number, owner=owner)
        deed.tell(Report(title=title, lines=(line,)))


def _before(deed: Deed) -> _To:
    """Who had it last before whoever has it now."""
    for event in reversed(deed.around.history(deed.ticket.number)):
        was = event.data.get("was", {})
        if was.get("owner") or was.get("team"):
            return _To(owner=was.get("owner", ""), team=was.get("team"))
    raise TicketError("nobody had it before; name whom it goes to: /assign NAME")


def _open(_: None, deed: Deed) -> None:
    if deed.ticket.is_done:
        _reopen(None, deed)
    else:
        deed.move(State.OPEN)


class _Wait(NamedTuple):
    reason: str
    until: datetime | None


def _read_wait(words: Words) -> _Wait:
    found = _UNTIL.search(words.text)
    reason = words.text[: found.start()].strip() if found else words.text
    until = words.instant(found[1], hour=_MORNING) if found else None
    if until and until <= words.now:
        raise TicketError('"%(what)s" has passed already', what=found[1] if found else "")
    return _Wait(words.choice(WAITS, reason) if reason else "customer", until)


def _wait(wait: _Wait, deed: Deed) -> None:
    if wait.reason == "customer" and not (deed.tells_requester or _spoke_last(deed)):
        raise TicketError(
            "the requester does not know that you wait for him: write below it what you need"
        )
    until = wait.until.isoformat() if wait.until else None
    if deed.ticket.state is State.WAITING:
        deed.set(wait_reason=wait.reason, wait_until=until)
        return
    check_move(deed.ticket.type, deed.ticket.state, State.WAITING)
    deed.set(state=State.WAITING.value, wait_reason=wait.reason, wait_until=until)


def _spoke_last(deed: Deed) -> bool:
    public = [one for one in deed.around.letters(deed.ticket.number) if not one.is_internal]
    return bool(public) and public[-1].is_ours


def _read_resolve(words: Words) -> str:
    return words.choice(CODES) if words.text else "fixed"


def _resolve(code: str, deed: Deed) -> None:
    deed.move(State.RESOLVED, resolution_code=code, resolution=_told(deed))
    number = deed.ticket.number
    for below in _hanging_on(deed, number):
        _resolve_with(deed, below, code)


def _told(deed: Deed) -> str:
    return deed.text if deed.tells_requester else ""


def _hanging_on(deed: Deed, number: int) -> list[int]:
    """Parts and duplicates of a ticket, and theirs: they end with it."""
    found: list[int] = []
    ahead = [number]
    while ahead:
        one = ahead.pop()
        duplicates = [
            link.a
            for link in deed.around.links(one)
            if link.relation.value == "duplicate-of" and link.b == one
        ]
        for below in (*deed.around.children(one), *duplicates):
            if below not in (number, *found):
                found.append(below)
                ahead.append(below)
    return found


def _resolve_with(deed: Deed, number: int, code: str) -> None:
    change = deed.other(number)
    if change.ticket.state in DONE:
        return
    fields = {
        "state": State.RESOLVED.value,
        "wait_reason": "",
        "wait_until": None,
        "resolved_at": deed.at.isoformat(),
        "resolution_code": code,
        "resolution": _told(deed) if _may_hear(change.ticket, deed.ticket) else "",
    }
    deed.set_other(number, f"/resolve of #{deed.ticket.number}", **fields)


def _may_hear(one: Ticket, other: Ticket) -> bool:
    """Whether what one's requester was told may go to the other's: of one house, or himself."""
    is_one_house = bool(one.organisation) and one.organisation == other.organisation
    return is_one_house or one.requester == other.requester


def _close(_: None, deed: Deed) -> None:
    """For an agent the end of what is resolved; for the requester both steps at once."""
    if deed.speaker.agent is None and deed.ticket.state is not State.RESOLVED:
        deed.move(State.RESOLVED, resolution_code="by-requester")
    else:
        deed.move(State.CLOSED)


def _cancel(reason: str, deed: Deed) -> None:
    code = reason if reason in REASONS else "cancelled"
    deed.move(State.CANCELLED, resolution_code=code, resolution=reason)


def _read_cancel(words: Words) -> str:
    reason = words.line("why: duplicate, spam, withdrawn, or in your words")
    return value_of(reason) if value_of(reason) in REASONS else reason


def _reopen(_: None, deed: Deed) -> None:
    ticket = deed.ticket
    if ticket.is_done and not may_reopen(ticket, deed.at, deed.around.reopen_window):
        raise _too_late(ticket, deed.around.reopen_window)
    deed.move(State.OPEN)


def _too_late(ticket: Ticket, window: timedelta) -> IllegalMove:
    if ticket.state in {State.CANCELLED, State.REJECTED}:
        return IllegalMove(
            "a ticket that is %(state)s stays so; a new mail opens a new one", state=ticket.state
        )
    return IllegalMove(
        "it ended more than %(days)s days ago; a new mail opens a new one, linked to it",
        days=window.days,
    )


def _read_major(words: Words) -> bool:
    return not words.text or words.choice(("end",)) != "end"


def _major(begins: bool, deed: Deed) -> None:
    number = deed.ticket.number
    if begins and deed.ticket.major:
        raise TicketError("#%(number)s is a major incident already", number=number)
    if not begins and not deed.ticket.major:
        raise TicketError("#%(number)s is no major incident", number=number)
    if begins:
        deed.set(major=True, priority="P1", priority_reason="major incident")
    else:
        deed.set(major=False, priority=deed.around.priority(deed.ticket), priority_reason="")


_NOT_ENDED: Final = frozenset(State) - {State.CANCELLED, State.REJECTED}

VERBS: Final = (
    Verb(name="take", area=Area.FLOW, usage="/take", meaning="the ticket is yours",
         read=_nothing, effect=_take, states=_NOT_ENDED),
    Verb(name="assign", area=Area.FLOW, usage="/assign NAME|none|back",
         meaning="hand over to an agent or a team, to nobody, or to whoever had it before",
         read=_read_assign, effect=_assign, states=_NOT_ENDED),
    Verb(name="open", area=Area.FLOW, usage="/open", meaning="work on it goes on",
         read=_nothing, effect=_open, to=State.OPEN),
    Verb(name="wait", area=Area.FLOW, usage="/wait [customer|vendor|change] [until fri 14:00]",
         meaning="it waits: for an answer to your text, or for others, at most until then",
         read=_read_wait, effect=_wait,
         states=frozenset({State.NEW, State.OPEN, State.WAITING})),
    Verb(name="resolve", area=Area.FLOW, usage="/resolve [CODE]",
         meaning=f"it is done; your text tells the requester what was. CODE: {', '.join(CODES)}",
         read=_read_resolve, effect=_resolve, to=State.RESOLVED),
    Verb(name="close", area=Area.FLOW, usage="/close", who=BOTH_SIDES,
         meaning="it is over for good; from the requester: it is solved, thanks",
         read=_nothing, effect=_close, states=_NOT_ENDED - {State.CLOSED}),
    Verb(name="cancel", area=Area.FLOW, usage="/cancel REASON",
         meaning="it is nothing to work on: duplicate, spam, withdrawn, or in your words",
         read=_read_cancel, effect=_cancel, to=State.CANCELLED),
    Verb(name="reopen", area=Area.FLOW, usage="/reopen", who=BOTH_SIDES,
         meaning="it is not solved after all", read=_nothing, effect=_reopen,
         states=frozenset({State.RESOLVED, State.CLOSED})),
    Verb(name="major", area=Area.FLOW, usage="/major [end]",
         meaning="it is a major incident and P1; or no longer",
         read=_read_major, effect=_major),
)  # fmt: skip
