"""A proven person's commands: read from his mail, carried out on a change, and kept."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from daemon.desk.events import EventKind
from daemon.desk.people import Agent, fold
from daemon.desk.ticket import Ticket
from daemon.desk.update import Change
from daemon.desk.verbs.block import Writing
from daemon.desk.verbs.deed import Deed
from daemon.desk.verbs.grammar import Mistake, Orders, Reader
from daemon.desk.verbs.speaker import Speaker
from daemon.desk.verbs.verb import Command
from daemon.errors import TicketError
from daemon.store import preferences, tickets
from daemon.store.people import Person
from workers import clocks, ruling
from workers.around import StoreAround
from workers.case import Case
from workers.rules.trigger import Trigger

#: Parts of a mail whose text a reader could take for the mail's own.
_TEXTUAL = ("text/", "message/")


def as_agent(case: Case, agent: Agent) -> Speaker:
    """An agent, whose mail was proven to be his."""
    person = case.desk.staff.person(case.writes, agent.address, case.now)
    return Speaker(
        directory=case.directory,
        person=person,
        address=agent.address,
        language=agent.language,
        agent=agent,
        macros=case.rules.macros,
    )


def as_participant(case: Case, person: Person, ticket: Ticket | None) -> Speaker:
    """Somebody who does not work the ticket; without one he speaks for himself."""
    settings = case.desk.ctx.settings
    return Speaker(
        directory=case.directory,
        person=person.id,
        address=fold(case.sender),
        language=person.language or settings.language,
        is_requester=ticket is None or ticket.requester == person.id,
    )


def reader(case: Case, speaker: Speaker) -> Reader:
    """Reads his commands now, in the desk's time zone."""
    return Reader(speaker=speaker, now=case.now, zone=ZoneInfo(case.desk.ctx.settings.timezone))


def read(case: Case, speaker: Speaker) -> Orders:
    """The commands of the mail, and its text without them."""
    message = case.message
    is_one_part = not any(
        attachment.content_type.startswith(_TEXTUAL) for attachment in message.attachments
    )
    writing = Writing(whole=message.text, own=message.reply, is_one_part=is_one_part)
    return reader(case, speaker).read(writing)


@dataclass(frozen=True, slots=True)
class Spoken:
    """Commands carried out on a change; nothing is written yet."""

    deed: Deed
    #: The commands that the ticket did not allow.
    mistakes: tuple[Mistake, ...] = ()
    commands: tuple[Command, ...] = ()


def obey(
    case: Case,
    change: Change,
    speaker: Speaker,
    orders: Orders,
    *,
    is_public: bool,
    is_new: bool = False,
) -> Spoken:
    """Carry the commands out, one after the other, each on what the others left."""
    deed = Deed(
        change=change,
        at=case.now,
        speaker=speaker,
        around=StoreAround(case),
        text=orders.text,
        is_public=is_public,
        is_new=is_new,
    )
    mistakes: list[Mistake] = []
    done: list[Command] = []
    for command in orders.commands:
        deed.text = _whole_text(orders, deed.ticket)
        try:
            command.obey(deed)
        except TicketError as err:
            mistakes.append(Mistake(line=command.line, error=err))
        else:
            done.append(command)
    deed.text = _whole_text(orders, deed.ticket)
    return Spoken(deed, tuple(mistakes), tuple(done))


def _whole_text(orders: Orders, ticket: Ticket) -> str:
    """His words below those of his macros, in the language that the ticket has by now."""
    said = (command.says(ticket) for command in orders.commands)
    return "\n\n".join(filter(None, (*said, orders.text)))


def keep(case: Case, deed: Deed, *triggers: Trigger) -> None:
    """Write what the commands did, to the ticket and to others, and what rules make of it."""
    _write(case, (deed.change, *spread(deed)), *triggers)
    keep_wishes(case, deed)


def keep_beside(case: Case, deed: Deed, others: Sequence[Change]) -> None:
    """Write what commands did beside their own ticket, which somebody else writes."""
    _write(case, others)
    keep_wishes(case, deed)


def keep_all(case: Case, deeds: Iterable[Deed]) -> None:
    """The same for several deeds of one mail: a ticket that two of them changed is written once."""
    changes: dict[int, Change] = {}
    for deed in deeds:
        touched = (deed.change, *spread(deed))
        changes |= {change.ticket.number: change for change in touched}
        keep_wishes(case, deed)
    for change in changes.values():
        _write(case, (change,))


def spread(deed: Deed) -> tuple[Change, ...]:
    """Every other ticket that the deed changed; its own one's record names them."""
    others = [change for change in deed.others.values() if change.events]
    if others:
        numbers = sorted(change.ticket.number for change in others)
        deed.record(EventKind.SPREAD, tickets=numbers)
    return tuple(others)


def _write(case: Case, changes: Sequence[Change], *triggers: Trigger) -> None:
    """Ask the rules about each; ``triggers`` happened to the first."""
    scene, facts = ruling.scene_of(case), ruling.facts_in(case)
    for change in changes:
        happened = triggers if change is changes[0] else ()
        ruled = ruling.happened(scene, change, *happened, facts=facts)
        clocks.follow(case.writes, case.desk, case.rules, change, case.now)
        tickets.save(case.tx, change, case.mail.id)
        ruled.carry_out()


def keep_wishes(case: Case, deed: Deed) -> None:
    """What the speaker wants for himself."""
    if deed.wishes.own:
        case.writes.flush()
        preferences.prefer(case.tx, deed.speaker.person, deed.wishes.own)
