"""A mail of ours as it was sent; or, before that, as it would be sent now."""

from __future__ import annotations

import click

from daemon.context import Context
from daemon.errors import TemplateError
from daemon.store import listing
from daemon.store.engine import Tx
from workers.notices.compose import compose
from workers.notices.identity import DeskIdentity
from workers.notices.packed import unpacked
from workers.notices.render import Renderer


def written(ctx: Context, tx: Tx, row_id: int) -> bytes:
    """The final bytes of a mail of ours. Raises MailError where it can be none."""
    raw, packed = listing.mail_written(tx, row_id)
    if raw:
        return raw
    identity = DeskIdentity.of(ctx.settings, ctx.keys)
    notice = unpacked(packed)
    return compose(notice, Renderer(ctx.settings, identity, _say).render(notice), identity).raw


def _say(err: TemplateError) -> None:
    click.echo(f"{err}; the shipped one is used", err=True)
