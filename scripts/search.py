"""``postdesk ticket search WORDS``: tickets by what was written on them."""

from __future__ import annotations

from pathlib import Path

import click

from daemon.store import listing, search
from scripts import show
from scripts.boot import open_context
from scripts.ticket_json import fields

_MOST = 50


@click.command("search")
@click.argument("words", nargs=-1, required=True)
@click.option("--most", type=click.IntRange(min=1), default=_MOST, help="How many at most.")
@click.option("--json", "as_json", is_flag=True, help="JSON, for programs.")
@click.pass_obj
def command(config: Path | None, words: tuple[str, ...], most: int, *, as_json: bool) -> None:
    """Tickets with a message that has all of these words, best first.

    In languages without spaces a part of a word is enough.
    """
    with open_context(config) as ctx, ctx.store.read() as tx:
        numbers = search.find(tx, " ".join(words), most=most)
        found = [each for number in numbers if (each := listing.ticket(tx, number))]
    if as_json:
        for listed in found:
            show.json_line(fields(listed))
        return
    rows = (
        (f"#{each.ticket.number}", each.ticket.state.value, each.requester, each.ticket.subject)
        for each in found
    )
    click.echo(show.table(("NUMBER", "STATE", "REQUESTER", "SUBJECT"), rows))
