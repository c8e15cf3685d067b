"""A mail of ours as it was sent; or, before that, as it would be sent now."""

from __future__ import annotations

from functools import cached_property

import click

from daemon.context import Context
from daemon.errors import MailError, TemplateError
from daemon.store import outbox
from daemon.store.engine import Tx
from workers.notices.compose import compose
from workers.notices.identity import DeskIdentity
from workers.notices.packed import unpacked
from workers.notices.render import Renderer


class Written:
    """Our mails in their final bytes."""

    def __init__(self, ctx: Context) -> None:
        self._settings = ctx.settings
        self._identity = DeskIdentity.of(ctx.settings, ctx.keys)

    def mail(self, tx: Tx, row_id: int) -> bytes:
        """One of them. Raises MailError where it cannot be written."""
        raw, packed = outbox.content(tx, row_id)
        if raw:
            return raw
        try:
            notice = unpacked(packed)
        except ValueError as err:
            raise MailError(f"mail {row_id} cannot be written: {err}") from err
        return compose(notice, self._renderer.render(notice), self._identity).raw

    @cached_property
    def _renderer(self) -> Renderer:
        return Renderer(self._settings, self._identity, _say)


def _say(err: TemplateError) -> None:
    click.echo(f"{err}; the shipped one is used", err=True)
