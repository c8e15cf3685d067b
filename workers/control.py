"""``help+desk@``: commands for many tickets in one mail, with a transcript by return."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from daemon.desk.people import fold
from daemon.desk.ticket import Ticket, TicketNumber
from daemon.desk.update import Change
from daemon.desk.verbs import block
from daemon.desk.verbs.deed import Deed
from daemon.desk.verbs.grammar import Orders
from daemon.desk.verbs.report import Report
from daemon.desk.verbs.speaker import Role, Speaker
from daemon.desk.verbs.verb import Command
from daemon.errors import TicketError
from daemon.mail.address import extension_of
from daemon.store.inbox import Settled
from workers import confirming, gate, informing, speaking, splitting, telling
from workers.around import StoreAround
from workers.case import Case
from workers.wording import why

EXTENSION: Final = "desk"
_LINE: Final = re.compile(r"((?:#?[1-9]\d{0,17}[\s,]+)*)(/.*)")
_TICKETS: Final = 50
_LINES: Final = 100


def commanded(case: Case) -> Settled | None:
    """What a mail to the control address did; None for every other mail, and for a stranger's."""
    if not any(_is_control(case, address) for address in case.mail.envelope.recipients):
        return None
    if agent := case.directory.agent_at(case.sender):
        case = confirming.known(case, agent)
    writer = gate.writer(case)
    if writer is None:
        return gate.unproven(case)
    speaker, proof = writer.speaker, writer.proof
    case.writes.flush()
    batch = _Batch(case, speaker)
    batch.read()
    if settled := gate.held(case, speaker, batch.orders, proof, count=len(batch.numbers)):
        return settled
    batch.obey()
    if not batch.has_failed:
        batch.keep()
    batch.tell()
    return case.settled("command", None, authority=speaker.role.value)


def _is_control(case: Case, address: str) -> bool:
    return extension_of(case.desk.ctx.settings.addresses, fold(address)) == EXTENSION


def asked(case: Case, speaker: Speaker, orders: Orders) -> Settled:
    """Commands that are about no ticket: answered, and nothing is opened."""
    blank = _blank(case, speaker)
    spoken = speaking.obey(case, Change(blank), speaker, orders, is_public=False)
    speaking.keep_wishes(case, spoken.deed)
    reports = tuple(
        Report(title=one.line, lines=(why(case.desk, speaker.language, one.error),))
        for one in spoken.mistakes
    )
    spoken.deed.wishes.reports.extend(reports)
    lines = tuple(command.line for command in spoken.commands)
    informing.inform(case, speaker, spoken.deed.wishes, None, lines)
    return case.settled("command", None, authority=speaker.role.value)


def _blank(case: Case, speaker: Speaker) -> Ticket:
    """No ticket: what free commands stand on."""
    return Ticket(
        number=TicketNumber(0), requester=speaker.person, created_at=case.now, updated_at=case.now
    )


def _or_none(ticket: Ticket) -> Ticket | None:
    return ticket if ticket.number else None


@dataclass(frozen=True, slots=True)
class _Line:
    """One line: its tickets, if any, and the command or what is wrong with it."""

    text: str
    numbers: tuple[int, ...]
    command: Command | None
    error: str = ""


@dataclass(slots=True)
class _Batch:
    """All lines of one mail: done together or not at all."""

    case: Case
    speaker: Speaker
    lines: list[_Line] = field(default_factory=list)
    deeds: dict[int, Deed] = field(default_factory=dict)
    #: What has become of every ticket by the lines so far, whichever of them changed it.
    changes: dict[int, Change] = field(default_factory=dict)
    transcript: list[str] = field(default_factory=list)
    has_failed: bool = False

    @property
    def orders(self) -> Orders:
        """The commands, for whoever must weigh them."""
        commands = tuple(line.command for line in self.lines if line.command)
        return Orders(commands=commands, lines=tuple(line.text for line in self.lines))

    @property
    def numbers(self) -> set[int]:
        """Every ticket that is named."""
        return {number for line in self.lines for number in line.numbers}

    def read(self) -> None:
        """The first block, line by line; a line that is no command ends it."""
        message = self.case.message
        if not block.starts_with_own(block.Writing(whole=message.text, own=message.reply)):
            return
        for text in block.lines_of(message.reply)[:_LINES]:
            found = _LINE.fullmatch(text)
            if found:
                numbers = tuple(int(one.strip("#,")) for one in found[1].split() if one.strip("#,"))
                self.lines.append(self._read_line(text, numbers, found[2]))
            elif text:
                return

    def _read_line(self, text: str, numbers: tuple[int, ...], said: str) -> _Line:
        try:
            command = speaking.reader(self.case, self.speaker).line(said)
        except TicketError as err:
            return _Line(text, numbers, None, self._why(err))
        if command.verb.is_free and not numbers:
            return _Line(text, (), command)
        if self.speaker.role is not Role.AGENT:
            return _Line(
                text, numbers, None, self._words("only agents do; answer a mail of your ticket")
            )
        if not numbers:
            return _Line(
                text, numbers, None, self._words("which ticket? Write #12 %(said)s", said=said)
            )
        if any(map(self._has_text, command.parts)):
            return _Line(
                text, numbers, None, self._words("it has a text: say it in an answer to the ticket")
            )
        return _Line(text, numbers, command)

    def _has_text(self, command: Command) -> bool:
        """Whether there would be a text to keep or to send, its own or a held one."""
        blank = _blank(self.case, self.speaker)
        return command.verb.keeps_words or command.verb.name == "ok" or bool(command.says(blank))

    def obey(self) -> None:
        """Carry all lines out on changes that nobody has written yet."""
        if len(self.numbers) > _TICKETS:
            self._say(
                "",
                self._words(
                    "at most %(most)s tickets in one mail; these are %(count)s",
                    most=_TICKETS,
                    count=len(self.numbers),
                ),
            )
            return
        for line in self.lines:
            if line.command is None:
                self._say(line.text, line.error)
                continue
            for number in line.numbers or (0,):
                self._obey_on(number, line.text, line.command)

    def _obey_on(self, number: int, text: str, command: Command) -> None:
        try:
            command.obey(self._deed(number))
        except TicketError as err:
            self._say(f"#{number} {command.line}" if number else text, self._why(err))
        else:
            self.transcript.append(f"✓ {f'#{number} ' if number else ''}{command.line}")

    def _deed(self, number: int) -> Deed:
        """The ticket's one deed in this mail; what one command did to another ticket is seen."""
        if number not in self.deeds:
            around = StoreAround(self.case)
            if number not in self.changes:
                ticket = around.ticket(number) if number else _blank(self.case, self.speaker)
                self.changes[number] = Change(ticket)
            self.deeds[number] = Deed(
                change=self.changes[number],
                at=self.case.now,
                speaker=self.speaker,
                around=around,
                is_public=False,
                known=self.changes,
            )
        return self.deeds[number]

    def _words(self, text: str, /, **values: object) -> str:
        return self.case.desk.renderer.say(self.speaker.language, text, **values)

    def _why(self, error: TicketError) -> str:
        return why(self.case.desk, self.speaker.language, error)

    def _say(self, line: str, error: str) -> None:
        self.has_failed = True
        self.transcript.append(f"✗ {line}: {error}" if line else f"✗ {error}")

    def keep(self) -> None:
        """Write every change; each ticket's people are told as if it had been commanded alone."""
        commanded = [deed for number, deed in self.deeds.items() if number]
        for deed in commanded:
            splitting.split(self.case, deed)
        speaking.keep_all(self.case, commanded)
        for number, deed in self.deeds.items():
            if number:
                telling.tell_all(self.case, deed)
            else:
                speaking.keep_wishes(self.case, deed)

    def tell(self) -> None:
        """The transcript, then what was asked for."""
        lines = tuple(self.transcript) or (self._words("There was no command in your mail."),)
        title = self._words("Nothing was changed") if self.has_failed else self._words("Transcript")
        reports = [Report(title=title, lines=(*lines, *self._states()))]
        for deed in self.deeds.values():
            reports += informing.reports_of(
                self.case, deed.wishes, self.speaker, _or_none(deed.ticket)
            )
        informing.answer(self.case, self.speaker, reports, None)

    def _states(self) -> Iterator[str]:
        if not self.has_failed:
            for number, deed in self.deeds.items():
                if number:
                    yield informing.state_of(deed.ticket)
