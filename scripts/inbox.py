"""``postdesk inbox``: the ledger of every arrival, and what a person can do about one."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from daemon.store import inbox as rows
from daemon.store import listing
from daemon.store.listing import Arrived
from scripts import show
from scripts.boot import open_context
from scripts.fate import of_arrival, of_mail
from scripts.replay import replay

_JSON = click.option("--json", "as_json", is_flag=True, help="JSON, for programs.")
_IDS = click.argument("ids", type=int, nargs=-1, required=True, metavar="ID...")
_STATES = ("received", "done", "held", "dropped")


@click.group("inbox")
def command() -> None:
    """Look at arrivals; release or drop what is held."""


@command.command("list")
@click.option(
    "--state",
    "states",
    multiple=True,
    type=click.Choice(_STATES),
    help="Only arrivals in this state; may be given again.",
)
@_JSON
@click.pass_obj
def list_(config: Path | None, states: tuple[str, ...], as_json: bool) -> None:
    """List every arrival, oldest first; with --json one object a line."""
    with open_context(config) as ctx:
        found = listing.arrivals(ctx.store, states)
        if as_json:
            for arrived in found:
                show.json_line(_fields(arrived))
            return
        headings = ("ID", "RECEIVED", "BY", "STATE", "FATE", "TICKET", "FROM", "SUBJECT", "ERROR")
        click.echo(show.table(headings, map(_row, found)))


def _row(arrived: Arrived) -> tuple[object, ...]:
    return (
        arrived.id,
        show.when(arrived.received_at),
        arrived.source,
        arrived.state,
        arrived.fate,
        f"#{arrived.ticket}" if arrived.ticket else "",
        _author(arrived),
        arrived.subject,
        arrived.error,
    )


def _author(arrived: Arrived) -> str:
    return arrived.from_address or arrived.sender


def _fields(arrived: Arrived) -> dict[str, Any]:
    return {
        "id": arrived.id,
        "received_at": show.iso(arrived.received_at),
        "source": arrived.source,
        "message_id": arrived.message_id,
        "from": _author(arrived),
        "recipients": list(arrived.recipients),
        "subject": arrived.subject or "",
        "sha256": arrived.sha256,
        "size": arrived.size,
        "state": arrived.state,
        "attempts": arrived.attempts,
        "error": arrived.error,
        "ticket": arrived.ticket,
        "authority": arrived.authority or "none",
        "fate": arrived.fate,
        "duplicate_of": arrived.duplicate_of,
        "sender": arrived.sender,
        "peer": arrived.peer,
        "trusted": arrived.trusted,
    }


@command.command("show")
@click.argument("row_id", type=int, metavar="ID")
@click.option("--raw", "as_raw", is_flag=True, help="The bytes as they came.")
@_JSON
@click.pass_obj
def show_(config: Path | None, row_id: int, as_raw: bool, as_json: bool) -> None:
    """Show one arrival."""
    with open_context(config) as ctx, ctx.store.read() as tx:
        arrived = listing.arrival(tx, row_id)
        if arrived is None:
            raise click.ClickException(f"there is no arrival {row_id}")
        mail = listing.arrival_raw(tx, row_id) if as_raw else b""
    if as_raw:
        show.raw(mail)
    elif as_json:
        show.json_line(_fields(arrived))
    else:
        values = _fields(arrived) | {"recipients": ", ".join(arrived.recipients)}
        click.echo(show.pairs(values.items()))
        click.echo(f"\nIt {show.safe(of_arrival(arrived))}.")


@command.command("release")
@_IDS
@click.pass_obj
def release(config: Path | None, ids: tuple[int, ...]) -> None:
    """Give held or dropped arrivals to the workers again."""
    with open_context(config) as ctx:
        now = ctx.clock.now()
        failed = False
        for row_id in ids:
            with ctx.store.begin() as tx:
                done = rows.release(tx, row_id, now=now)
                arrived = listing.arrival(tx, row_id)
            failed |= _report(row_id, arrived, "released", done=done)
    sys.exit(int(failed))


command.add_command(replay)


@command.command("drop")
@_IDS
@click.option("--reason", default="dropped by hand", show_default=True, help="Kept with each.")
@click.pass_obj
def drop(config: Path | None, ids: tuple[int, ...], reason: str) -> None:
    """Leave arrivals without a ticket; their bytes are kept."""
    with open_context(config) as ctx:
        failed = False
        for row_id in ids:
            with ctx.store.begin() as tx:
                done = rows.drop(tx, row_id, reason=reason)
                arrived = listing.arrival(tx, row_id)
            failed |= _report(row_id, arrived, "dropped", done=done)
    sys.exit(int(failed))


def _report(row_id: int, arrived: Arrived | None, verb: str, *, done: bool) -> bool:
    """Say what was done, or why not; True when it was not."""
    if done:
        click.echo(f"arrival {row_id}: {verb}")
    elif arrived is None:
        click.echo(f"there is no arrival {row_id}", err=True)
    else:
        reason = show.safe(of_arrival(arrived))
        click.echo(f"arrival {row_id} cannot be {verb}: it {reason}", err=True)
    return not done


@command.command("where")
@click.argument("message_id", metavar="MESSAGE-ID")
@_JSON
@click.pass_obj
def where(config: Path | None, message_id: str, as_json: bool) -> None:
    """What became of a mail? A sentence for each time that it arrived; exit code 1 if never."""
    wanted = message_id.strip().removeprefix("<").removesuffix(">")
    with open_context(config) as ctx, ctx.store.read() as tx:
        arrived = listing.arrivals_of(tx, wanted)
        ours = listing.mails_of(tx, wanted)
    for one in arrived:
        sentence = (
            f"Arrival {one.id} ({one.source}, {show.when(one.received_at)}) {of_arrival(one)}"
        )
        _say(sentence, _fields(one), as_json=as_json)
    for mail in ours:
        sentence = f"It is our own mail {mail.id} ({mail.kind}): it {of_mail(mail)}"
        values = {"outbox": mail.id, "ticket": mail.ticket, "state": mail.state}
        _say(sentence, values, as_json=as_json)
    if not arrived and not ours:
        click.echo(f"no mail with the Message-ID {show.safe(wanted)} has arrived", err=True)
        sys.exit(1)


def _say(sentence: str, values: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        show.json_line(values | {"sentence": sentence})
    else:
        click.echo(show.safe(f"{sentence}."))


@command.command("reconcile")
@_JSON
@click.pass_obj
def reconcile(config: Path | None, as_json: bool) -> None:
    """Compare each mailbox with the ledger; exit code 1 when something is missing."""
    from daemon.reconcile import reconcile as compare

    with open_context(config) as ctx:
        gaps = compare(ctx.store, ctx.settings, now=ctx.clock.now())
        count = len(ctx.settings.mailboxes)
    for gap in gaps:
        if as_json:
            show.json_line({"mailbox": gap.mailbox, "message": gap.message})
        else:
            click.echo(show.safe(f"{gap.mailbox}: {gap.message}"))
    if not gaps and not as_json:
        click.echo(f"{count} mailbox{'' if count == 1 else 'es'} compared: no gap")
    sys.exit(int(bool(gaps)))
