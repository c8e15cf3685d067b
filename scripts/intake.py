"""``postdesk intake``: one JSON object on standard input becomes a mail, by the same door."""

from __future__ import annotations

import contextlib
import sys
from pathlib import Path

import click

from daemon import intake
from daemon.bell import Bell, silent
from daemon.configuration import load
from daemon.context import Context
from daemon.errors import MailError, TooLarge
from daemon.inbox import Inbox
from scripts.boot import open_context
from workers.doorway import SocketBell

#: sysexits.h: the input is wrong; trying again with the same is of no use.
_EX_DATAERR = 65


@click.command("intake")
@click.pass_obj
def command(config: Path | None) -> None:
    """Take one JSON object from standard input: from, and subject, text, via, external_id.

    Prints the arrival's id once it is durable. The same external_id of the same channel (via) is
    the same arrival. Exit codes: 65 when the object is wrong, 75 when the store is away.
    """
    try:
        most = load(config).limits.message_bytes
        raw = sys.stdin.buffer.read(most + 1)
        if len(raw) > most:
            raise TooLarge(f"more than {most} bytes; see limits.message_bytes")
        submission = intake.read(raw)
    except MailError as err:
        click.echo(f"postdesk intake: {err}", err=True)
        sys.exit(_EX_DATAERR)
    with open_context(config) as ctx:
        arrival = intake.arrival(submission, ctx.settings.address, now=ctx.clock.now())
        with contextlib.closing(Inbox(ctx.store, ring=_bell(ctx), log=ctx.log)) as inbox:
            row_id = inbox.accept(arrival)
    click.echo(row_id)


def _bell(ctx: Context) -> Bell:
    """The workers of this machine, where they are; others find the row by their relay."""
    if not ctx.settings.has_local_broker:
        return silent
    return SocketBell(ctx.settings.data_dir).ring
