"""``postdesk outbox``: every mail that the desk decided to send."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from daemon.store import listing
from daemon.store import outbox as rows
from daemon.store.listing import Sent
from scripts import show
from scripts.boot import open_context
from scripts.fate import of_mail
from scripts.written import Written

_JSON = click.option("--json", "as_json", is_flag=True, help="JSON, for programs.")
_IDS = click.argument("ids", type=int, nargs=-1, required=True, metavar="ID...")
_STATES = ("queued", "sending", "sent", "failed", "dropped")


@click.group("outbox")
def command() -> None:
    """Look at the mails of the desk; send one again or drop it."""


@command.command("list")
@click.option(
    "--state",
    "states",
    multiple=True,
    type=click.Choice(_STATES),
    help="Only mails in this state; may be given again.",
)
@_JSON
@click.pass_obj
def list_(config: Path | None, states: tuple[str, ...], as_json: bool) -> None:
    """List every mail, oldest first; with --json one object a line."""
    with open_context(config) as ctx:
        found = listing.mails(ctx.store, states)
        if as_json:
            for mail in found:
                show.json_line(_fields(mail))
            return
        headings = ("ID", "CREATED", "KIND", "TICKET", "TO", "STATE", "TRIES", "NEXT", "LAST REPLY")
        click.echo(show.table(headings, map(_row, found)))


def _row(mail: Sent) -> tuple[object, ...]:
    return (
        mail.id,
        show.when(mail.created_at),
        mail.kind,
        f"#{mail.ticket}" if mail.ticket else "",
        mail.recipient,
        mail.state,
        mail.attempts,
        show.when(mail.due_at),
        mail.last_reply,
    )


def _fields(mail: Sent) -> dict[str, Any]:
    return {
        "id": mail.id,
        "created_at": show.iso(mail.created_at),
        "kind": mail.kind,
        "ticket": mail.ticket,
        "message_id": mail.message_id,
        "to": [mail.recipient],
        "state": mail.state,
        "attempts": mail.attempts,
        "next_attempt_at": show.iso(mail.due_at),
        "last_reply": mail.last_reply,
        "sent_at": show.iso(mail.sent_at),
    }


@command.command("show")
@click.argument("row_id", type=int, metavar="ID")
@click.option("--raw", "as_raw", is_flag=True, help="The mail as it is sent, or would be now.")
@_JSON
@click.pass_obj
def show_(config: Path | None, row_id: int, as_raw: bool, as_json: bool) -> None:
    """Show one mail of ours."""
    with open_context(config) as ctx, ctx.store.read() as tx:
        mail = listing.mail(tx, row_id)
        if mail is None:
            raise click.ClickException(f"there is no mail {row_id} of ours")
        final = Written(ctx).mail(tx, row_id) if as_raw else b""
    if as_raw:
        show.raw(final)
    elif as_json:
        show.json_line(_fields(mail))
    else:
        values = _fields(mail) | {"to": mail.recipient}
        click.echo(show.pairs(values.items()))
        click.echo(f"\nIt {show.safe(of_mail(mail))}.")


@command.command("retry")
@_IDS
@click.pass_obj
def retry(config: Path | None, ids: tuple[int, ...]) -> None:
    """Send failed or dropped mails after all, and waiting ones now."""
    with open_context(config) as ctx:
        now = ctx.clock.now()
        failed = False
        for row_id in ids:
            with ctx.store.begin() as tx:
                done = rows.retry(tx, row_id, now=now)
                mail = listing.mail(tx, row_id)
            failed |= _report(row_id, mail, "sent again", "queued", done=done)
    sys.exit(int(failed))


@command.command("drop")
@_IDS
@click.pass_obj
def drop(config: Path | None, ids: tuple[int, ...]) -> None:
    """Do not send mails that are waiting."""
    with open_context(config) as ctx:
        failed = False
        for row_id in ids:
            with ctx.store.begin() as tx:
                done = rows.drop(tx, row_id)
                mail = listing.mail(tx, row_id)
            failed |= _report(row_id, mail, "dropped", "dropped", done=done)
    sys.exit(int(failed))


def _report(row_id: int, mail: Sent | None, verb: str, outcome: str, *, done: bool) -> bool:
    """Say what was done, or why not; True when it was not."""
    if done:
        click.echo(f"mail {row_id}: {outcome}")
    elif mail is None:
        click.echo(f"there is no mail {row_id} of ours", err=True)
    else:
        reason = show.safe(of_mail(mail))
        click.echo(f"mail {row_id} cannot be {verb}: it {reason}", err=True)
    return not done
