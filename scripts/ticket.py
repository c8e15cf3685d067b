"""``postdesk ticket``: tickets, as rows and as one page each."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import click

from daemon.context import Context
from daemon.desk.events import Event, EventKind, seal_of
from daemon.desk.ticket import State
from daemon.errors import UnknownTicket
from daemon.store import listing, messages, tickets
from daemon.store import search as search_index
from daemon.store.engine import Tx
from daemon.store.listing import Listed
from daemon.store.messages import Entry
from scripts import search, show, ticket_json
from scripts.boot import open_context
from scripts.export import export
from workers.finding import condition_of, find
from workers.rules.load import load
from workers.rules.ruleset import RulesInvalid

#: sysexits.h: the input is wrong; trying again with the same is of no use.
_EX_DATAERR = 65
_JSON = click.option("--json", "as_json", is_flag=True, help="JSON, for programs.")
_HEADINGS = ("NUMBER", "STATE", "PRI", "TYPE", "TEAM", "OWNER", "REQUESTER", "DUE", "SUBJECT")
_COLUMNS = (
    *("number", "type", "state", "priority", "team", "owner", "requester", "subject"),
    *("service", "category", "tags", "via", "created_at", "updated_at"),
    *("respond_by", "resolve_by"),
)
_NUMBER = click.argument("number", type=click.IntRange(min=1), metavar="NUMBER")


@click.group("ticket")
def command() -> None:
    """Look at tickets."""


@command.command("list")
@click.option(
    "--state",
    "states",
    multiple=True,
    type=click.Choice([state.value for state in State]),
    help="Only tickets in this state; may be given again.",
)
@_JSON
@click.option("--csv", "as_csv", is_flag=True, help="CSV, for a spreadsheet.")
@click.argument("query", nargs=-1, metavar="[QUERY]...")
@click.pass_obj
def list_(
    config: Path | None,
    states: tuple[str, ...],
    as_json: bool,
    as_csv: bool,
    query: tuple[str, ...],
) -> None:
    """List tickets by number; with --json one object a line.

    QUERY asks for fields, such as: state:open team:network 'pri<=P2' 'age>2d' '"printer"'.
    Exit code 65 when it is not understood.
    """
    with open_context(config) as ctx:
        found = asked(ctx, " ".join(query)) if query else listing.ticket_list(ctx.store, states)
        if query and states:
            found = (listed for listed in found if listed.ticket.state in states)
        if as_json:
            for listed in found:
                show.json_line(ticket_json.fields(listed))
            return
        if as_csv:
            click.echo(show.csv_text(_COLUMNS, map(_cells, found)), nl=False)
            return
        click.echo(show.table(_HEADINGS, map(_row, found)))


def _cells(listed: Listed) -> tuple[object, ...]:
    """A ticket's fields for a spreadsheet, lists as words."""
    fields = ticket_json.fields(listed)
    fields |= {f"{metric}_by": at for metric, at in fields["due"].items()}
    values = (fields[name] for name in _COLUMNS)
    return tuple(" ".join(value) if isinstance(value, list) else value for value in values)


def asked(ctx: Context, text: str) -> Iterator[Listed]:
    """The tickets that a query asks for; its mistakes are told with their columns, and end it."""
    rules = load(ctx.settings.rules_dir)
    with ctx.store.read() as tx:
        try:
            condition = condition_of(text, rules, partial(search_index.every, tx))
        except RulesInvalid as err:
            click.echo(f"postdesk ticket list: {err}", err=True)
            sys.exit(_EX_DATAERR)
    return find(ctx.store, rules, condition, ctx.clock.now())


def _row(listed: Listed) -> tuple[object, ...]:
    ticket = listed.ticket
    due = "" if ticket.is_done else show.when(min(listed.due.values(), default=None))
    return (
        f"#{ticket.number}",
        ticket.state.value,
        ticket.priority,
        ticket.type.value,
        ticket.team,
        ticket.owner,
        listed.requester,
        due,
        ticket.subject,
    )


@command.command("show")
@_NUMBER
@_JSON
@click.pass_obj
def show_(config: Path | None, number: int, as_json: bool) -> None:
    """Show a ticket with its messages."""
    with open_context(config) as ctx, ctx.store.read() as tx:
        listed = _get(tx, number)
        thread = messages.of(tx, number)
        away = _away(tickets.history(tx, number))
    if as_json:
        messages_ = [ticket_json.message(entry) for entry in thread]
        show.json_line(ticket_json.fields(listed) | {"away": away, "messages": messages_})
        return
    click.echo(_page(listed))
    for address, until in away.items():
        click.echo(show.pairs([("Away", f"{address} until {until or 'nobody knows when'}")]))
    for entry in thread:
        click.echo(
            f"\n{_heading(entry)}\n\n{show.safe(ticket_json.text(entry), lines=True).rstrip()}"
        )


def _away(history: Iterable[Event]) -> dict[str, str | None]:
    """Who answered last that he is away, and the last day that he named."""
    told = (event.data for event in history if event.kind is EventKind.AWAY)
    return {data["address"]: data["until"] or None for data in told}


def _get(tx: Tx, number: int) -> Listed:
    listed = listing.ticket(tx, number)
    if listed is None:
        raise UnknownTicket(f"there is no ticket #{number}")
    return listed


def _page(listed: Listed) -> str:
    ticket = listed.ticket
    return show.pairs(
        [
            ("Ticket", f"#{ticket.number} {ticket.subject}"),
            ("State", ticket.state.value),
            ("Type", ticket.type.value),
            ("Priority", f"{ticket.priority} (impact {ticket.impact}, urgency {ticket.urgency})"),
            ("Service", "/".join(filter(None, (ticket.service, ticket.category)))),
            ("Team", ticket.team),
            ("Owner", ticket.owner),
            ("Requester", listed.requester),
            ("Watchers", ", ".join(listed.watchers)),
            ("Proposed", ", ".join(listed.proposed)),
            ("Tags", ", ".join(ticket.tags)),
            ("Created", show.when(ticket.created_at)),
            ("Respond by", show.when(listed.due.get("respond"))),
            ("Resolve by", show.when(listed.due.get("resolve"))),
        ]
    )


def _heading(entry: Entry) -> str:
    flags = [entry.visibility, *(["UNVERIFIED"] if entry.unverified else [])]
    if entry.automatic:
        flags.append(entry.automatic)
    author = entry.agent or entry.from_address
    names = ", ".join(map(_file, ticket_json.files(entry)))
    line = f"--- {show.when(entry.at)}  {author}  ({', '.join(flags)})"
    line += f"  files: {names}" if names else ""
    proven = f"{entry.authority}: {entry.proof}" if entry.proof else ""
    return f"{show.safe(line)}\n    {show.safe(proven)}".rstrip()


def _file(attachment: dict[str, Any]) -> str:
    danger = attachment.get("danger")
    name = str(attachment.get("filename") or "unnamed")
    return f"{name} (DANGEROUS: {danger})" if danger else name


@command.command("history")
@_NUMBER
@_JSON
@click.pass_obj
def history(config: Path | None, number: int, as_json: bool) -> None:
    """Everything that happened to a ticket, each with its reason; --json: one object a line."""
    with open_context(config) as ctx, ctx.store.read() as tx:
        _get(tx, number)
        events = tickets.history(tx, number)
    if as_json:
        for event in events:
            show.json_line(ticket_json.event(event))
        return
    rows = [(show.when(event.at), event.actor, event.kind.value, _told(event)) for event in events]
    click.echo(show.table(("AT", "BY", "WHAT", "DETAILS"), rows, columns=300))


@command.command("verify")
@click.argument("numbers", type=click.IntRange(min=1), nargs=-1, metavar="[NUMBER]...")
@click.pass_obj
def verify(config: Path | None, numbers: tuple[int, ...]) -> None:
    """Is each history what was written? Exit code 1 where an event was changed or taken away."""
    with open_context(config) as ctx, ctx.store.read() as tx:
        wanted = numbers or tuple(tickets.numbers(tx))
        broken = [one for one in wanted if not _is_whole(tx, one)]
    for number in broken:
        click.echo(f"#{number}: its history is not what the desk wrote")
    if broken:
        sys.exit(1)
    click.echo(f"tickets verified: {len(wanted)}")


def _is_whole(tx: Tx, number: int) -> bool:
    return seal_of(tickets.history(tx, number)) == tickets.get(tx, number).seal


def _told(event: Event) -> str:
    values = {**event.data.get("set", {}), **event.data}
    values.pop("set", None)
    return ", ".join(f"{name}={_word(value)}" for name, value in values.items() if value)


def _word(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


command.add_command(export)
command.add_command(search.command)
