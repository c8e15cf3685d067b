"""``postdesk inbox replay``: the same bytes, read by the program of today."""

from __future__ import annotations

import sys
from contextlib import closing
from pathlib import Path

import click

from daemon.context import Context
from daemon.errors import Unparsable
from daemon.store import inbox, listing
from daemon.store.listing import Arrived
from scripts import show
from scripts.boot import open_context
from scripts.fate import of_arrival
from workers.parsing.pool import Parsers
from workers.rereading import reread

_RELEASED = {"held", "dropped"}


@click.command("replay")
@click.argument("ids", nargs=-1, type=int, metavar="[ID...]")
@click.option("--held", is_flag=True, help="Every arrival that is held.")
@click.pass_obj
def replay(config: Path | None, ids: tuple[int, ...], held: bool) -> None:
    """Read arrivals again, byte for byte as they came.

    One that is held or dropped is taken in as if it had just come. One that is a message on a
    ticket has its text and files read again; what it caused is not caused again.
    """
    if not ids and not held:
        raise click.UsageError("which arrivals? ID... or --held")
    with open_context(config) as ctx, closing(Parsers(ctx.settings.limits, most=1)) as parsers:
        found = [arrived.id for arrived in listing.arrivals(ctx.store, ("held",))] if held else []
        done = [_replay(ctx, parsers, row_id) for row_id in dict.fromkeys((*ids, *found))]
    sys.exit(int(not all(done)))


def _replay(ctx: Context, parsers: Parsers, row_id: int) -> bool:
    with ctx.store.read() as tx:
        arrived = listing.arrival(tx, row_id)
        raw = listing.arrival_raw(tx, row_id) if arrived else b""
    if arrived is None:
        return _say(f"there is no arrival {row_id}", is_done=False)
    if arrived.state in _RELEASED:
        with ctx.store.begin() as tx:
            is_released = inbox.release(tx, row_id, now=ctx.clock.now())
        return _say(f"arrival {row_id}: released, it is read anew", is_done=is_released)
    if arrived.state == "done":
        return _reread(ctx, parsers, arrived, raw)
    return _say(f"arrival {row_id} {of_arrival(arrived)}", is_done=False)


def _reread(ctx: Context, parsers: Parsers, arrived: Arrived, raw: bytes) -> bool:
    try:
        message = parsers.parse(raw)
    except Unparsable as err:
        return _say(f"arrival {arrived.id} cannot be read: {err}", is_done=False)
    changed = reread(ctx.store, ctx.settings, arrived.id, message)
    if changed is None:
        return _say(f"arrival {arrived.id} is no message: it {of_arrival(arrived)}", is_done=False)
    said = "read again, it says more now" if changed else "read again, it says the same"
    return _say(f"arrival {arrived.id}: {said}", is_done=True)


def _say(text: str, *, is_done: bool) -> bool:
    click.echo(show.safe(text), err=not is_done)
    return is_done
