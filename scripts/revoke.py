"""``postdesk revoke``: signed addresses that somebody has who should not."""

from __future__ import annotations

from pathlib import Path

import click

from daemon.desk.events import EventKind
from daemon.desk.people import PersonId, fold
from daemon.desk.update import Change
from daemon.errors import UnknownPerson
from daemon.store import people, revoked, tickets
from daemon.store.engine import Tx
from scripts import show
from scripts.boot import open_context


@click.command("revoke")
@click.option("--ticket", "number", type=click.IntRange(min=1), help="Only addresses of this one.")
@click.option("--person", "address", help="Only addresses given to this person.")
@click.pass_obj
def command(config: Path | None, number: int | None, address: str | None) -> None:
    """Make signed addresses worthless: of a ticket, of a person, or of both together.

    Whoever answers at one is then believed only as far as his mail server vouches for him; the
    desk's next mail to him carries a good one.
    """
    if number is None and address is None:
        raise click.UsageError("say whose: --ticket, --person, or both")
    with open_context(config) as ctx, ctx.store.begin() as tx:
        person = _person(tx, address) if address else None
        if number is not None:
            change = Change(tickets.get(tx, number, lock=True))
            change.record(ctx.clock.now(), "cli", EventKind.REVOKED, address=fold(address or ""))
            _revoke(tx, number, person)
            tickets.save(tx, change)
        elif person is not None:
            revoked.revoke_of_person(tx, person)
    of_ticket = f" of #{number}" if number else ""
    whom = show.safe(address) if address else "everybody"
    click.echo(f"revoked: every signed address{of_ticket} that was given to {whom}")


def _person(tx: Tx, address: str) -> PersonId:
    known = people.at(tx, [fold(address)])
    if not known:
        raise UnknownPerson(f"nobody is known at {address}")
    return people.get(tx, known[fold(address)]).id


def _revoke(tx: Tx, number: int, person: PersonId | None) -> None:
    if person is None:
        revoked.revoke_of_all(tx, number)
    else:
        revoked.revoke(tx, number, person)
