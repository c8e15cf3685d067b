"""Who reads what: ``/note``, ``/public``, ``/cc``, ``/watch``, ``/mute``. Pure."""

from __future__ import annotations

from typing import Final, NamedTuple

from daemon.desk.events import EventKind
from daemon.desk.verbs.deed import Deed
from daemon.desk.verbs.speaker import EVERYBODY
from daemon.desk.verbs.verb import Area, Verb
from daemon.desk.verbs.words import Words
from daemon.errors import NotAllowed, TicketError


def _text(words: Words) -> str:
    return words.text


def _note(_: str, deed: Deed) -> None:
    deed.wishes.is_internal = True


def _public(_: str, deed: Deed) -> None:
    deed.wishes.is_internal = False


class _Copies(NamedTuple):
    more: tuple[str, ...]
    less: tuple[str, ...]


def _read_copies(words: Words) -> _Copies:
    tokens = [token.strip(",;") for token in words.tokens]
    if not any(tokens):
        raise TicketError("/cc needs addresses: /cc +ana@example.org -bob@example.org")
    less = [words.address(token[1:]) for token in tokens if token.startswith("-")]
    more = [words.address(token.lstrip("+")) for token in tokens if not token.startswith("-")]
    return _Copies(tuple(more), tuple(less))


def _copy(copies: _Copies, deed: Deed) -> None:
    for address in copies.more:
        _check_house(deed, address)
        _watch_at(deed, address, "added")
    for address in copies.less:
        _watch_at(deed, address, "removed")


def _check_house(deed: Deed, address: str) -> None:
    """A requester brings in his own house's people only (security.md, attack 8)."""
    if deed.speaker.agent:
        return
    directory = deed.speaker.directory
    house = directory.organisation_of(deed.speaker.address)
    if house is None or directory.organisation_of(address) != house:
        raise NotAllowed(
            "%(address)s is not of your organisation; an agent can add him", address=address
        )


def _watch_at(deed: Deed, address: str, what: str) -> None:
    person = deed.around.person(address)
    if person == deed.ticket.requester:
        raise TicketError("%(address)s is the requester: he is told anyway", address=address)
    if what == "added" and person in deed.around.watchers(deed.ticket.number):
        return  # nothing that /undo could take from him
    deed.record(EventKind.WATCHED, person=person, address=address, what=what, why=deed.verb)


def _nothing(words: Words) -> None:
    words.nothing()


def _watch(_: None, deed: Deed) -> None:
    _watch_at(deed, deed.speaker.address, "added")


def _mute(_: None, deed: Deed) -> None:
    if deed.speaker.person == deed.ticket.requester:
        raise TicketError("it is your ticket; to end it write /close")
    _watch_at(deed, deed.speaker.address, "removed")


VERBS: Final = (
    Verb(name="note", area=Area.TALK, usage="/note [TEXT]", meaning="your text is for agents only",
         read=_text, effect=_note, keeps_words=True),
    Verb(name="public", area=Area.TALK, usage="/public [TEXT]",
         meaning="your text goes to the requester, though you answer a note",
         read=_text, effect=_public, keeps_words=True),
    Verb(name="cc", area=Area.TALK, usage="/cc +A -B", who=EVERYBODY,
         meaning="who else is kept informed, by address; a requester names his own colleagues",
         read=_read_copies, effect=_copy),
    Verb(name="watch", area=Area.TALK, usage="/watch", meaning="keep me informed",
         read=_nothing, effect=_watch),
    Verb(name="mute", area=Area.TALK, usage="/mute", who=EVERYBODY,
         meaning="no more mails about it to me", read=_nothing, effect=_mute),
)  # fmt: skip
