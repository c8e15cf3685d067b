"""What the desk tells by return: reports, help, receipts and transcripts, all in one mail."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from daemon.desk.ticket import Ticket
from daemon.desk.verbs import card
from daemon.desk.verbs.deed import Wishes
from daemon.desk.verbs.report import Report
from daemon.desk.verbs.speaker import Speaker
from workers.case import Case
from workers.notices.notice import Act, Block, Kind, Notice, Recipient

#: Receipts that are always wanted (service-desk.md §3.4).
_ALWAYS = frozenset({"for", "via", "at", "merge", "split", "ok"})


def inform(
    case: Case,
    speaker: Speaker,
    wishes: Wishes,
    ticket: Ticket | None,
    lines: Sequence[str] = (),
) -> None:
    """Answer what was asked, and give a receipt where one is due; never to a machine."""
    say = partial(case.desk.renderer.say, speaker.language)
    reports = reports_of(case, wishes, speaker, ticket)
    if not reports and lines and _wants_receipt(speaker, lines):
        after = (state_of(ticket),) if ticket else ()
        reports.append(Report(title=say("Done"), lines=(*lines, *after)))
    if reports:
        answer(case, speaker, reports, ticket)


def reports_of(case: Case, wishes: Wishes, speaker: Speaker, ticket: Ticket | None) -> list[Report]:
    """Everything that commands asked to be told."""
    say = partial(case.desk.renderer.say, speaker.language)
    asked = [] if wishes.help is None else [card.explain(wishes.help, speaker, ticket, say)]
    return [*wishes.reports, *asked]


def _wants_receipt(speaker: Speaker, lines: Sequence[str]) -> bool:
    if speaker.agent is None:
        return False
    names = {line.removeprefix("/").split()[0].casefold() for line in lines if line.strip("/ ")}
    return speaker.agent.receipts == "always" or bool(names & _ALWAYS)


def state_of(ticket: Ticket) -> str:
    """Where a ticket is now, in a line."""
    held = ticket.owner or ticket.team
    return f"#{ticket.number}: {ticket.state}, {ticket.priority}{f', {held}' if held else ''}"


def answer(
    case: Case,
    speaker: Speaker,
    reports: Sequence[Report],
    ticket: Ticket | None,
    acts: tuple[Act, ...] = (),
) -> None:
    """Send reports to the speaker, unless his mail forbids an answer."""
    identity = case.desk.identity
    if case.message.forbids_answer or not identity.may_write_to(speaker.address):
        return
    parent = case.message.message_id
    case.teller.post(
        Notice(
            kind=Kind.ANSWER,
            to=Recipient(
                person=speaker.person,
                address=speaker.address,
                name=speaker.agent.full_name if speaker.agent else case.sender_name,
                language=speaker.language,
                is_agent=speaker.agent is not None,
            ),
            at=case.now,
            unique=f"ans{case.mail.id}",
            ticket=ticket,
            title=reports[0].title,
            blocks=tuple(_block(report) for report in reports),
            acts=acts,
            references=(*case.message.references, parent) if parent else (),
            in_reply_to=parent,
        )
    )


def _block(report: Report) -> Block:
    return Block(title=report.title, lines=report.lines, headings=report.headings, rows=report.rows)
