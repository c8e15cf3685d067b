"""What a participant's own commands do: never more than his part, and never in his way."""

from __future__ import annotations

from dataclasses import dataclass

from daemon.desk.thanks import is_thanks
from daemon.desk.ticket import State, Ticket
from daemon.desk.update import Change, heard
from daemon.desk.verbs.deed import Deed
from daemon.desk.verbs.grammar import Mistake
from daemon.desk.verbs.report import Report
from daemon.store.people import Person
from workers import informing, speaking
from workers.case import Case
from workers.notices.notice import Kind
from workers.wording import why

#: A verdict from which somebody should learn.
_LOW = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What he wrote, and what his commands did to the change."""

    deed: Deed
    #: His words; a line that could not be done is among them.
    text: str
    #: The lines that were done.
    lines: tuple[str, ...]

    @property
    def is_silent(self) -> bool:
        """True when there is nothing to read: only commands."""
        return bool(self.lines) and not self.text

    @property
    def opens(self) -> bool:
        """True when his words ask for more work."""
        is_moved = self.deed.change.before.state is not self.deed.ticket.state
        return bool(self.text) and not self.deed.wishes.is_rating and not is_moved


def asked(case: Case, change: Change, person: Person) -> Asked:
    """Carry his commands out; one that the ticket does not allow stays text."""
    speaker = speaking.as_participant(case, person, change.ticket)
    orders = speaking.read(case, speaker)
    spoken = speaking.obey(case, change, speaker, orders, is_public=True)
    if spoken.mistakes and not orders.text:
        # Nothing but commands: what could not be done is answered, not taken for a message.
        language = speaker.language
        spoken.deed.wishes.reports += [_why(case, language, each) for each in spoken.mistakes]
        return Asked(deed=spoken.deed, text="", lines=orders.lines)
    failed = [mistake.line for mistake in spoken.mistakes]
    text = "\n".join(filter(None, (*failed, orders.text)))
    return Asked(
        deed=spoken.deed,
        text=text if orders.commands else case.message.reply,
        lines=tuple(command.line for command in spoken.commands),
    )


def _why(case: Case, language: str, mistake: Mistake) -> Report:
    return Report(title=mistake.line, lines=(why(case.desk, language, mistake.error),))


def only_thanks(case: Case, ticket: Ticket, asked: Asked) -> bool:
    """Whether he says nothing but thanks for what was done: recorded, and nobody is woken."""
    if ticket.state not in {State.RESOLVED, State.CLOSED} or case.message.attachments:
        return False
    names = [agent.full_name for agent in case.directory.agents]
    names += [case.sender_name, case.desk.ctx.settings.name]
    return is_thanks(asked.text, names)


def hear(case: Case, asked: Asked) -> None:
    """His words open what was resolved or waits, unless a command of his said what he wants."""
    if asked.opens:
        heard(asked.deed.change, case.now, asked.deed.speaker.actor)


def inform(case: Case, asked: Asked) -> None:
    """Answer what he asked; a low verdict goes to the lead."""
    deed = asked.deed
    informing.inform(case, deed.speaker, deed.wishes, deed.ticket)
    ticket = deed.ticket
    if deed.wishes.is_rating and ticket.csat is not None and ticket.csat <= _LOW:
        case.teller.to_handlers(
            ticket,
            Kind.LOW_RATING,
            unique=f"csat{case.mail.id}",
            author=case.sender_name or case.sender,
            author_address=case.sender,
            text=ticket.csat_comment,
            rating=ticket.csat,
        )
