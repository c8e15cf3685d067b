"""About commands themselves: ``/undo``, ``/ok``, ``/help``. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Final

from daemon.desk.events import Event, EventKind
from daemon.desk.update import Change
from daemon.desk.verbs.deed import Deed
from daemon.desk.verbs.phrases import phrase
from daemon.desk.verbs.report import Report
from daemon.desk.verbs.speaker import EVERYBODY
from daemon.desk.verbs.verb import Area, Verb
from daemon.desk.verbs.words import Words
from daemon.errors import TicketError

_IN_TIME: Final = timedelta(hours=24)
#: What commands leave behind; the rest of a mail's events are its text and what followed from it.
_DONE_BY_COMMAND: Final = frozenset(
    {EventKind.CHANGED, EventKind.LINKED, EventKind.UNLINKED, EventKind.TASK, EventKind.WATCHED,
     EventKind.MERGED, EventKind.ESCALATED}
)  # fmt: skip
#: What the desk notes by itself is nobody's act.
_BY_ITSELF: Final = frozenset({EventKind.CLOCK, EventKind.NOTICE, EventKind.REFUSED})


def _nothing(words: Words) -> None:
    words.nothing()


def _undo(_: None, deed: Deed) -> None:
    """Take the last command mail back, on every ticket that it touched, or nothing of it."""
    here = deed.ticket.number
    mail_id = _last_command_mail(deed)
    undone = _take_back(deed, deed.change, mail_id)
    for number in _touched(deed, here, mail_id):
        _take_back(deed, deed.other(number), mail_id)
    deed.record(EventKind.UNDONE, events=[event.seq for event in undone])
    lines = [_line(event) for event in undone]
    language = deed.speaker.language
    lines.append(phrase("sent", language))
    deed.tell(Report(title=f"#{here}: {phrase('undone', language)}", lines=tuple(lines)))


def _touched(deed: Deed, here: int, mail_id: int) -> list[int]:
    """Every other ticket that the mail changed, by their records from one to the next.

    Of a merge the record is with the ticket that is gone: its thread ends here, where it goes on.
    """
    found: list[int] = []
    ahead = [here]
    while ahead:
        for number in _named(deed.around.history(ahead.pop()), mail_id):
            if number not in (here, *found):
                found.append(number)
                ahead.append(number)
    return found


def _named(history: Sequence[Event], mail_id: int) -> Iterator[int]:
    for event in history:
        if event.mail_id == mail_id and event.kind is EventKind.SPREAD:
            yield from event.data["tickets"]
        elif event.mail_id == mail_id and event.kind is EventKind.MERGED:
            yield event.data["ticket"]


def _last_command_mail(deed: Deed) -> int:
    for event in reversed(deed.around.history(deed.ticket.number)):
        if event.mail_id is None or not _is_command(event):
            continue
        if event.actor != deed.speaker.actor:
            raise TicketError(
                "the last command was %(actor)s's, who can take it back", actor=event.actor
            )
        if deed.at - event.at > _IN_TIME:
            raise TicketError("your last command here was more than 24 hours ago")
        return event.mail_id
    raise TicketError("there is no command of yours to take back here")


def _is_command(event: Event) -> bool:
    """A field that changed because of the text alone names no verb."""
    by_verb = str(event.data.get("why", "")).startswith("/")
    return event.kind in _DONE_BY_COMMAND and (event.kind is not EventKind.CHANGED or by_verb)


def _take_back(deed: Deed, change: Change, mail_id: int) -> list[Event]:
    history = deed.around.history(change.ticket.number)
    of_mail = [event for event in history if event.mail_id == mail_id]
    last = max((event.seq for event in of_mail), default=0)
    _check_nothing_after(history, last, mail_id)
    commands = [event for event in of_mail if _is_command(event)]
    for event in reversed(commands):
        _reverse(deed, change, event)
    return commands


def _check_nothing_after(history: Sequence[Event], last: int, mail_id: int) -> None:
    for event in history:
        if event.seq > last and event.mail_id != mail_id and event.kind not in _BY_ITSELF:
            raise TicketError(
                "something came after it on #%(ticket)s (%(kind)s by %(actor)s): "
                "undo it by a command of its own",
                ticket=event.ticket,
                kind=event.kind,
                actor=event.actor,
            )


def _reverse(deed: Deed, change: Change, event: Event) -> None:
    at, actor, data = deed.at, deed.speaker.actor, event.data
    if data.get("why") == "/split":
        raise TicketError(
            "#%(ticket)s, which it opened, stays: /cancel it there", ticket=data["ticket"]
        )
    if event.kind is EventKind.CHANGED:
        change.set(at, actor, data["was"], why="/undo")
    elif event.kind in {EventKind.LINKED, EventKind.UNLINKED}:
        kind = EventKind.UNLINKED if event.kind is EventKind.LINKED else EventKind.LINKED
        change.record(at, actor, kind, **{**data, "why": "/undo"})
    elif event.kind is EventKind.WATCHED:
        what = "removed" if data["what"] == "added" else "added"
        change.record(at, actor, EventKind.WATCHED, **{**data, "what": what, "why": "/undo"})
    elif event.kind is EventKind.TASK:
        what = "skipped" if data["what"] == "added" else "open"
        task = {"task": data["task"], "title": data["title"]}
        change.record(at, actor, EventKind.TASK, **task, what=what, why="/undo")


def _line(event: Event) -> str:
    return str(event.data.get("why") or event.kind.value)


def _ok(_: None, deed: Deed) -> None:
    """Do what was refused, as it was put right; the text that was held goes out with it."""
    history = deed.around.history(deed.ticket.number)
    released = {event.data.get("refused") for event in history if event.kind is EventKind.RELEASED}
    for event in reversed(history):
        is_mine = event.actor == deed.speaker.actor and event.kind is EventKind.REFUSED
        if is_mine and event.seq not in released:
            deed.wishes.release = event.seq
            return
    raise TicketError("nothing of yours is held on this ticket")


def _topic(words: Words) -> str:
    return words.text.strip().lstrip("/").casefold()


def _help(topic: str, deed: Deed) -> None:
    deed.wishes.help = topic


VERBS: Final = (
    Verb(name="undo", area=Area.META, usage="/undo", who=EVERYBODY,
         meaning="take your last commands here back: within 24 hours, if nothing came after",
         read=_nothing, effect=_undo),
    Verb(name="ok", area=Area.META, usage="/ok", who=EVERYBODY,
         meaning="do what was held: your mail as it was put right", read=_nothing, effect=_ok),
    Verb(name="help", area=Area.META, usage="/help [VERB|all]", who=EVERYBODY, is_free=True,
         meaning="this list, or one of its lines", read=_topic, effect=_help),
)  # fmt: skip
