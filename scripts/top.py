"""``postdesk top``: the desk's pulse on a terminal, live."""

from __future__ import annotations

import time
from datetime import datetime, timedelta
from pathlib import Path

import click
from rich.console import Console, Group
from rich.live import Live
from rich.table import Table
from rich.text import Text

from daemon.store import agenda
from daemon.store.agenda import Item, Pulse
from scripts import show
from scripts.boot import open_context
from workers.notices.bars import bar

_WITHIN = timedelta(minutes=5)
_ROWS = 12


@click.command("top")
@click.option("--once", is_flag=True, help="Show it once and end.")
@click.option("--every", type=click.FloatRange(min=0.5), default=2.0, help="Seconds between looks.")
@click.pass_obj
def command(config: Path | None, *, once: bool, every: float) -> None:
    """Queues, what is due soon, throughput and the last errors; Ctrl-C ends it."""
    console = Console(highlight=False)
    with open_context(config) as ctx:

        def look() -> Group:
            now = ctx.clock.now()
            with ctx.store.read() as tx:
                pulse = agenda.pulse(tx, now, _WITHIN)
                due = agenda.due_soon(tx, _ROWS)
            return page(pulse, due, now)

        if once:
            console.print(look())
            return
        try:
            with Live(look(), console=console, screen=True, auto_refresh=False) as live:
                while True:
                    time.sleep(every)
                    live.update(look(), refresh=True)
        except KeyboardInterrupt:
            return


def page(pulse: Pulse, due: list[Item], now: datetime) -> Group:
    """All of it, for a terminal."""
    parts: list[Text | Table] = [_numbers(pulse, now), _due(due, now)]
    if pulse.errors:
        parts.append(_errors(pulse))
    return Group(*parts)


def _numbers(pulse: Pulse, now: datetime) -> Table:
    minutes = int(_WITHIN.total_seconds() // 60)
    table = Table(title=f"Postdesk  {show.when(now)}", show_header=False, expand=True)
    for _ in range(6):
        table.add_column()
    table.add_row(
        "inbox waiting", _count(pulse.waiting_in), "outbox waiting", _count(pulse.waiting_out),
        "timers overdue", _count(pulse.overdue_timers),
    )  # fmt: skip
    table.add_row(
        "inbox held", _count(pulse.held, "yellow"), "outbox failed", _count(pulse.failed, "red"),
        "targets missed", _count(pulse.breached, "red"),
    )  # fmt: skip
    table.add_row(
        f"came in {minutes} min", _count(pulse.arrived), f"sent in {minutes} min",
        _count(pulse.sent), "open / nobody's", f"{pulse.open_tickets} / {pulse.unassigned}",
    )  # fmt: skip
    return table


def _count(number: int, colour: str = "") -> Text:
    return Text(str(number), style=colour if number else "")


def _due(items: list[Item], now: datetime) -> Table:
    table = Table(title="Due soon", expand=True)
    for heading in ("ticket", "due", "used", "pri", "team", "owner"):
        table.add_column(heading, no_wrap=True)
    table.add_column("subject", ratio=1, no_wrap=True)
    for item in items:
        ticket, used = item.ticket, item.used(now)
        table.add_row(
            f"#{ticket.number}",
            show.when(item.due_at),
            Text(bar(used), style="red" if used >= 100 else ""),
            ticket.priority,
            *(Text(show.safe(each)) for each in (ticket.team, ticket.owner, ticket.subject)),
        )
    return table


def _errors(pulse: Pulse) -> Table:
    table = Table(title="Last errors", show_header=False, expand=True)
    table.add_column(no_wrap=True)
    table.add_column(ratio=1)
    for at, error in pulse.errors:
        table.add_row(show.when(at), Text(show.safe(error)))
    return table
