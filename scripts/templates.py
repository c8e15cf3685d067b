"""``postdesk templates``: what admins wrote before the desk sends it, and how a notice looks."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from daemon import configuration
from daemon.errors import TemplateError, UnknownTicket
from daemon.settings import Settings
from daemon.store import messages, people, tickets
from daemon.store.engine import Tx
from scripts import show as shows
from scripts.boot import open_context
from workers.notices.identity import DeskIdentity
from workers.notices.messages import catalogue as empty_catalogue
from workers.notices.messages import missing
from workers.notices.notice import Kind, Notice, Requester
from workers.notices.render import Renderer
from workers.notices.sample import TO_REQUESTER, sample
from workers.tell import due_of

_KIND = click.Choice([kind.value for kind in Kind])
#: Signs what is only looked at.
_NO_KEYS = (bytes(32),)


@click.group("templates")
def command() -> None:
    """Check and show the templates of the notices."""


@command.command()
@click.pass_obj
def check(config: Path | None) -> None:
    """Render every template with samples, in every language. Exit code 1 if one is wrong."""
    renderer = _renderer(configuration.load(config))
    faults = renderer.check()
    for fault in faults:
        click.echo(shows.safe(str(fault), lines=True))
    for language in renderer.languages():
        count = len(missing(renderer.folders, language))
        rest = f"{count} texts are not translated" if count else "complete"
        click.echo(f"{language}: {rest}")
    if faults:
        click.echo(f"{len(faults)} mistake{'' if len(faults) == 1 else 's'}")
    sys.exit(1 if faults else 0)


@command.command()
@click.argument("kind", type=_KIND, metavar="NAME")
@click.option("--ticket", "number", type=click.IntRange(min=1), help="With this ticket.")
@click.option("--sample", "is_sample", is_flag=True, help="With an example; the default.")
@click.option("--language", default="", help="en, ko, …; default: the desk's.")
@click.option("--html", "as_html", is_flag=True, help="The HTML in place of the text.")
@click.pass_obj
def show(
    config: Path | None,
    kind: str,
    number: int | None,
    is_sample: bool,
    language: str,
    as_html: bool,
) -> None:
    """Show a notice as its recipient would get it; nothing is sent."""
    if number and is_sample:
        raise click.UsageError("either --ticket or --sample")
    settings = configuration.load(config)
    notice = sample(Kind(kind), language or settings.language)
    if number:
        with open_context(config) as ctx, ctx.store.read() as tx:
            notice = _about(tx, notice, number)
    rendered = _renderer(settings).render(notice)
    if as_html:
        click.echo(rendered.html, nl=False)
    else:
        tag = f"[#{notice.ticket.number}] " if notice.ticket else ""
        text = f"Subject: {tag}{rendered.subject}\n\n{rendered.text}"
        click.echo(shows.safe(text, lines=True), nl=False)


@command.command()
@click.argument("language")
@click.pass_obj
def catalogue(config: Path | None, language: str) -> None:
    """Print an empty catalogue of a new language: locale/LANGUAGE/postdesk.po."""
    renderer = _renderer(configuration.load(config))
    click.echo(empty_catalogue(renderer.folders, language), nl=False)


def _renderer(settings: Settings) -> Renderer:
    return Renderer(settings, DeskIdentity.of(settings, _NO_KEYS), _say)


def _say(err: TemplateError) -> None:
    click.echo(f"{err}; the shipped one is shown", err=True)


def _about(tx: Tx, notice: Notice, number: int) -> Notice:
    """The sample with a ticket of the desk in place of its own."""
    try:
        ticket = tickets.get(tx, number)
    except UnknownTicket as err:
        raise click.ClickException(str(err)) from err
    person = people.get(tx, ticket.requester)
    told: dict[str, Any] = {
        "ticket": ticket,
        "requester": Requester(name=person.name, address=person.address, site=ticket.site),
        "due": due_of(tx, ticket),
    }
    if notice.text:
        wrote = [entry for entry in messages.of(tx, number) if entry.visibility == "public"]
        told["text"] = wrote[-1].reply or wrote[-1].text if wrote else ""
        told["author"] = wrote[-1].from_name or wrote[-1].from_address if wrote else ""
    if notice.kind in TO_REQUESTER:
        to = replace(notice.to, name=person.name, address=person.address, person=person.id)
        told["to"] = to
    return replace(notice, **told)
