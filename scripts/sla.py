"""``postdesk sla``: agreements and clocks, for a person who asks why."""

from __future__ import annotations

import click

from scripts.show import not_yet


@click.group("sla")
def command() -> None:
    """Agreements and clocks."""


for _name in ("explain", "print", "rebase"):
    command.add_command(not_yet(f"sla {_name}"))
