"""``postdesk sla``: agreements and clocks, for a person who asks why."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import click

from daemon import configuration
from daemon.context import Context
from daemon.desk.events import Event
from daemon.errors import UnknownTicket
from daemon.store import clocks as rows
from daemon.store import tickets
from daemon.store.writes import Writes
from scripts import show
from scripts.boot import open_context
from scripts.desk import make_desk
from workers import clocks
from workers.calendars import Calendars
from workers.desk import Desk
from workers.reckon import reckon
from workers.rules.load import RuleSet, RulesInvalid, load
from workers.sla.agreement import Agreement
from workers.sla.document import as_html, as_text
from workers.sla.explain import Account, accounts, written

_JSON = click.option("--json", "as_json", is_flag=True, help="JSON, for programs.")
_NUMBER = click.argument("number", type=click.IntRange(min=1), metavar="TICKET")
#: So many tickets in one transaction, so that nobody waits for us.
_MOST = 100


@click.group("sla")
def command() -> None:
    """Agreements and clocks."""


@command.command()
@_NUMBER
@_JSON
@click.pass_obj
def explain(config: Path | None, number: int, as_json: bool) -> None:
    """Tell every start, pause, stop and change of target of a ticket's clocks, and why."""
    with open_context(config) as ctx:
        now = ctx.clock.now()
        found = accounts(_history(ctx, number), Calendars(ctx.store).of, now)
        if as_json:
            for account in found:
                show.json_line(_fields(account))
            return
        zone = ZoneInfo(ctx.settings.timezone)
        pages = ["\n".join(written(account, now, zone)) for account in found]
        click.echo(show.safe("\n\n".join(pages) or "no clocks", lines=True))


def _history(ctx: Context, number: int) -> tuple[Event, ...]:
    with ctx.store.read() as tx:
        history = tickets.history(tx, number)
    if not history:
        raise UnknownTicket(f"there is no ticket #{number}")
    return history


def _fields(account: Account) -> dict[str, Any]:
    clock = account.clock
    return {
        "metric": clock.metric,
        "subject": clock.subject or None,
        "agreement": clock.terms.agreement,
        "calendar": clock.terms.calendar.name,
        "calendar_version": clock.terms.calendar.version,
        "target_seconds": int(clock.terms.within.total_seconds()),
        "used_seconds": int(clock.consumed.total_seconds()),
        "state": clock.state.value,
        "due_at": show.iso(clock.due_at),
        "breached_at": show.iso(clock.breached_at),
        "retargeted": clock.is_retargeted,
        "after_reopen": clock.is_reopened and clock.breached_at is not None,
        "steps": [
            {"at": show.iso(line.at), "what": line.what, "why": line.why} for line in account.lines
        ],
    }


@command.command("print")
@click.option("--org", default="", help="Only what holds for this organisation.")
@click.option("--html", "wants_html", is_flag=True, help="A page for a browser.")
@click.option(
    "--rules",
    "--rules-dir",
    "rules_dir",
    type=click.Path(path_type=Path),
    help="Other rules than configured.",
)
@click.pass_obj
def print_(config: Path | None, org: str, wants_html: bool, rules_dir: Path | None) -> None:
    """Print the agreements as people read them."""
    try:
        rules = load(rules_dir or configuration.load(config).rules_dir)
    except RulesInvalid as err:
        click.echo(str(err), err=True)
        sys.exit(1)
    found = tuple(_for(rules, org))
    text = as_html(found) if wants_html else "\n".join(map(as_text, found))
    click.echo(show.safe(text, lines=True), nl=False)
    sys.exit(0 if found else 1)


def _for(rules: RuleSet, org: str) -> Iterator[Agreement]:
    for agreement in rules.agreements:
        names = agreement.scope.organisations
        if not org or not names or org.casefold() in names:
            yield agreement


@command.command()
@click.option("--open", "open_", is_flag=True, required=True, help="Every ticket that is open.")
@click.option("--dry-run", is_flag=True, help="Only tell what would change.")
@click.pass_obj
def rebase(config: Path | None, open_: bool, dry_run: bool) -> None:
    """Give the clocks of open tickets the targets of today's agreements, and record it."""
    with open_context(config) as ctx:
        desk = make_desk(ctx)
        desk.calendars.introduce(desk.rules.current().agreements)
        count = sum(
            _rebase(desk, numbers, is_real=not dry_run) for numbers in _batches(ctx, only_open=True)
        )
        click.echo(f"{count} clocks {'would change' if dry_run else 'changed'}")


def _rebase(desk: Desk, numbers: Sequence[int], *, is_real: bool) -> int:
    """Re-target the clocks of these tickets; returns how many were changed."""
    ctx, rules, count = desk.ctx, desk.rules.current(), 0
    with ctx.store.begin() as tx:
        attempt = tx.begin_nested()
        writes = Writes(tx)
        for number in numbers:
            way = clocks.rebase(writes, desk, rules, number, ctx.clock.now())
            count += len(way.steps)
            for step in way.steps:
                due = show.when(step.clock.due_at)
                click.echo(f"#{number} {step.clock.metric} {step.what} {due}".rstrip())
        writes.flush()
        if is_real:
            attempt.commit()
        else:
            attempt.rollback()
    return count


def _batches(ctx: Context, *, only_open: bool) -> Iterator[tuple[int, ...]]:
    after = 0
    while True:
        with ctx.store.read() as tx:
            numbers = rows.tickets_after(tx, after, most=_MOST, only_open=only_open)
        if not numbers:
            return
        yield numbers
        after = numbers[-1]


@command.command()
@click.option("--ticket", "number", type=click.IntRange(min=1), help="Only this one.")
@_JSON
@click.pass_obj
def check(config: Path | None, number: int | None, as_json: bool) -> None:
    """Compare the clocks that are kept with those that the history makes. Exit code 1: apart."""
    with open_context(config) as ctx:
        calendars, now, count, apart = Calendars(ctx.store), ctx.clock.now(), 0, 0
        for numbers in [(number,)] if number else _batches(ctx, only_open=False):
            with ctx.store.read() as tx:
                found = {each: reckon(tx, calendars, each, now) for each in numbers}
            count += len(found)
            for ticket, lines in found.items():
                apart += bool(lines)
                _report(ticket, lines, as_json=as_json)
        if not as_json:
            click.echo(f"{count} tickets, {apart} whose clocks are not as their history has it")
    sys.exit(1 if apart else 0)


def _report(ticket: int, lines: tuple[str, ...], *, as_json: bool) -> None:
    if as_json and lines:
        show.json_line({"ticket": ticket, "problems": list(lines)})
    elif not as_json:
        for line in lines:
            click.echo(show.safe(f"#{ticket} {line}"))
