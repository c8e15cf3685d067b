"""``postdesk rules explain``: why a ticket, or a mail, is what the rules made of it."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from daemon.arrival import Envelope
from daemon.clock import SystemClock
from daemon.desk.events import Event
from daemon.desk.people import PersonId
from daemon.desk.ticket import Ticket, TicketNumber
from daemon.desk.update import Change
from daemon.errors import UnknownTicket
from daemon.mail.message import Message
from daemon.mail.parse import parse
from daemon.store import past, rulesets, tickets
from daemon.store.engine import Tx
from daemon.store.past import Opening
from scripts import show
from scripts.boot import open_context
from scripts.rules_check import RULES_DIR, configured, report
from workers.rules.explain import Explainer, Outcome, Step
from workers.rules.facts import facts_of
from workers.rules.load import load
from workers.rules.replay import as_opened
from workers.rules.ruleset import RuleSet, RulesInvalid, read_kept

_HEADINGS = ("PLACE", "RULE", "", "WHY")


@dataclass(frozen=True, slots=True, kw_only=True)
class Explained:
    """What the rules made of one mail, and what they did later."""

    title: str
    version: str
    steps: tuple[Step, ...]
    later: tuple[Event, ...] = ()


@click.command()
@RULES_DIR
@click.option("--json", "as_json", is_flag=True, help="One object a rule, in their order.")
@click.argument("what", metavar="TICKET|MAIL")
@click.pass_context
def explain(context: click.Context, rules_dir: Path | None, as_json: bool, what: str) -> None:
    """Show which rules were tried for a ticket's or a file's mail, and why each fired or not.

    A ticket is explained by the rules that were in force when it was opened.
    """
    try:
        number = what.removeprefix("#")
        if number.isdigit():
            explained = _ticket(context.obj, int(number))
        else:
            explained = _mail(Path(what), load(rules_dir or configured(context)))
    except RulesInvalid as err:
        click.echo(report(err))
        sys.exit(1)
    if as_json:
        for step in explained.steps:
            show.json_line(_fields(step))
        return
    click.echo(_told(explained))


def _mail(path: Path, rules: RuleSet) -> Explained:
    try:
        raw = path.read_bytes()
    except OSError as err:
        raise click.ClickException(f"{path}: {err.strerror}") from err
    now = SystemClock().now()
    bare = Ticket(number=TicketNumber(0), requester=PersonId(0), created_at=now, updated_at=now)
    envelope = Envelope(sender="", recipients=())
    steps = _steps(rules, parse(raw), envelope, bare, len(raw))
    return Explained(title=str(path), version=rules.version, steps=steps)


def _ticket(config: Path | None, number: int) -> Explained:
    with open_context(config) as ctx, ctx.store.read() as tx:
        if not tickets.exists(tx, number):
            raise UnknownTicket(f"there is no ticket #{number}")
        history = tickets.history(tx, number)
        opening = past.opening_of(tx, number)
        rules = _rules_then(tx, history) if opening else None
    first = history[0]
    steps: tuple[Step, ...] = ()
    if opening and rules:
        bare, _ = as_opened(opening.events, opening.requester)
        steps = _steps(rules, parse(opening.raw), opening.envelope, bare, len(opening.raw))
    subject = first.data.get("set", {}).get("subject", "")
    return Explained(
        title=f"#{number} {subject}, opened {show.when(first.at)}",
        version=str(first.data.get("rules", "")),
        steps=steps,
        later=tuple(_later(history, opening)),
    )


def _rules_then(tx: Tx, history: Iterable[Event]) -> RuleSet | None:
    """The set that was in force when the ticket was opened."""
    version = next((str(event.data["rules"]) for event in history if "rules" in event.data), "")
    kept = rulesets.get(tx, version)
    return read_kept(kept.files) if kept else None


def _later(history: Iterable[Event], opening: Opening | None) -> Iterator[Event]:
    """What rules did after the ticket was opened."""
    last = opening.events[-1].seq if opening else 0
    return (event for event in history if event.seq > last and event.actor.startswith("rule:"))


def _steps(
    rules: RuleSet, message: Message, envelope: Envelope, bare: Ticket, size: int
) -> tuple[Step, ...]:
    at: datetime = bare.created_at
    facts = facts_of(message, envelope, rules.directory, size=size, now=at)
    judge = Explainer(rules, facts, Change(bare), at)
    judge.opened()
    return tuple(judge.steps)


def _told(explained: Explained) -> str:
    lines = [explained.title, f"rules {explained.version}"]
    if explained.steps:
        rows = [(str(step.rule), step.rule.name, _mark(step), step.why) for step in explained.steps]
        lines += ["", show.table(_HEADINGS, rows, columns=200)]
    else:
        lines += ["", "the rules of that time are not kept: only what they did is known"]
    for event in explained.later:
        place = event.actor.removeprefix("rule:")
        lines.append(f"{show.when(event.at)}  {place}  {event.data.get('why', '')}: {_did(event)}")
    return "\n".join(lines)


def _mark(step: Step) -> str:
    return step.outcome.value.upper() if step.outcome is Outcome.FIRED else step.outcome.value


def _did(event: Event) -> str:
    fields: dict[str, Any] = event.data.get("set", {})
    words = [f"{name} {value}" for name, value in fields.items()]
    return ", ".join(words) or event.kind.value


def _fields(step: Step) -> dict[str, object]:
    return {
        "file": step.rule.file,
        "line": step.rule.line,
        "rule": step.rule.name,
        "on": step.on.trigger.value if step.on else None,
        "outcome": step.outcome.value,
        "why": step.why,
    }
