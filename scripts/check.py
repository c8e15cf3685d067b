"""``postdesk check``: is everything set up right? A verdict each, with what to do."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path

import click

from daemon.configuration import DEFAULT_PATH, load
from daemon.errors import ConfigError, SettingsError
from daemon.mail.address import extension_of
from daemon.mail.mailbox import fold, is_strict
from daemon.settings import Settings
from scripts import check_authority, check_machine, check_peers, show
from scripts.verdict import Level, Verdict, ok, problem, warning
from workers.notices.identity import DeskIdentity
from workers.notices.render import Renderer
from workers.rules.load import RulesInvalid
from workers.rules.load import load as load_rules
from workers.rules.ours import own_addresses

#: On a terminal.
_COLOURS = {Level.WARNING: "yellow", Level.PROBLEM: "red"}
_MARKS = {Level.OK: "ok", Level.WARNING: "WARNING", Level.PROBLEM: "PROBLEM"}


@click.command("check")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
@click.pass_obj
def command(config: Path | None, as_json: bool) -> None:
    """Look at configuration, folders, database, broker, rules, templates, mailboxes and ports.

    The exit code is 0 when there is no problem; a warning is none.
    """
    worst = Level.OK
    for verdict in verdicts(config):
        if as_json:
            show.json_line(asdict(verdict))
        else:
            click.secho(_line(verdict), fg=_COLOURS.get(verdict.level))
        if verdict.level is not Level.OK and worst is not Level.PROBLEM:
            worst = verdict.level
    sys.exit(int(worst is Level.PROBLEM))


def _line(verdict: Verdict) -> str:
    message = " ".join(verdict.message.split())
    text = f"{_MARKS[verdict.level]:<8} {verdict.what:<14} {message}"
    if verdict.advice:
        text += f"\n{'':<8} {'':<14} -> {verdict.advice}"
    return show.safe(text, lines=True)


def verdicts(config: Path | None) -> Iterator[Verdict]:
    """Every verdict, each as soon as it is known."""
    path = config or (DEFAULT_PATH if DEFAULT_PATH.exists() else None)
    try:
        settings = load(config)
    except SettingsError as err:
        yield problem("configuration", str(err), "nothing else can be checked before it is right")
        return
    where = str(path) if path else "no file: built-in defaults and the environment"
    yield ok("configuration", where)
    looks: tuple[Callable[[Settings], Iterator[Verdict]], ...] = (
        _addresses,
        _admins,
        check_machine.folder,
        check_machine.disk,
        lambda settings: check_machine.secrets(settings, path),
        check_peers.database,
        check_peers.broker,
        _rules,
        _templates,
        check_authority.authority,
        check_peers.mailboxes,
        check_peers.smarthost,
        check_machine.ports,
        lambda _: check_machine.packages(),
    )
    for look in looks:
        try:
            yield from look(settings)
        except OSError as err:
            yield problem("files", str(err))


def _addresses(settings: Settings) -> Iterator[Verdict]:
    """The desk's own addresses can be written to."""
    strange = [each for each in settings.addresses if not _is_plain(each) or "+" in each]
    for address in strange:
        advice = "as help@example.org; what follows a plus is the desk's own"
        yield problem("addresses", f"{address!r} is no plain address", advice)
    if settings.address.endswith("@localhost"):
        yield warning(
            "addresses", f"{settings.address} can be answered on this machine only", "set addresses"
        )
    elif not strange:
        yield ok("addresses", ", ".join(settings.addresses))


def _admins(settings: Settings) -> Iterator[Verdict]:
    """Alarms reach a person."""
    for admin in settings.admins:
        if not _is_plain(admin):
            yield problem("admins", f"{admin!r} is no plain address", "as root@example.org")
        elif extension_of(settings.addresses, fold(admin)) is not None:
            what = f"{admin} is the desk's own address: alarms to it are not sent"
            yield problem("admins", what, "name a person's in admins")
    if not settings.admins:
        yield warning("admins", "nobody is told when a mail is held", "set admins")


def _is_plain(address: str) -> bool:
    return is_strict(address) and "<" not in address


def _rules(settings: Settings) -> Iterator[Verdict]:
    try:
        rules = load_rules(settings.rules_dir)
    except RulesInvalid as err:
        for each in err.errors:
            yield problem("rules", str(each), "postdesk rules check shows the line")
        return
    own = [path.name for path in rules.files if path.parent == settings.rules_dir]
    ours = own_addresses(rules, settings.addresses).errors
    for each in ours:
        yield problem("rules", f"{each.path}:{each.line}:{each.column}: {each.message}", each.hint)
    if not ours:
        yield ok("rules", f"{settings.rules_dir}: {', '.join(own)}" if own else "as shipped")
    if not any(team.members for team in rules.directory.teams):
        yield warning(
            "rules", "no team has a member: nobody is told of tickets", "name agents in people.yaml"
        )


def _templates(settings: Settings) -> Iterator[Verdict]:
    try:
        renderer = Renderer(settings, DeskIdentity.of(settings, (bytes(32),)), lambda _: None)
    except ConfigError as err:
        yield problem("configuration", str(err))
        return
    faults = renderer.check()
    if settings.language not in renderer.languages():
        there = ", ".join(renderer.languages())
        yield warning("templates", f"language {settings.language} has no catalogue", f"use {there}")
    for fault in faults:
        yield problem("templates", str(fault), "the shipped one is used in its place")
    if not faults:
        yield ok("templates", str(settings.templates_dir or "as shipped"))
