"""``postdesk rules replay``: past mail through changed rules, without touching anything."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import click

from daemon.mail.parse import parse
from daemon.store import past
from daemon.store.past import Opening
from scripts import show
from scripts.boot import open_context
from scripts.rules_check import RULES_DIR, report
from workers.rules.load import load
from workers.rules.replay import Difference, as_opened, differences, judged
from workers.rules.ruleset import RuleSet, RulesInvalid

_SINCE = re.compile(r"(\d{1,5})([hdw])", re.ASCII)
_UNITS = {"h": timedelta(hours=1), "d": timedelta(days=1), "w": timedelta(weeks=1)}
_HEADINGS = ("TICKET", "SUBJECT", "FIELD", "WAS", "WOULD BE")


class _Span(click.ParamType[timedelta]):
    name = "span"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> timedelta:
        """``30d``, ``12h`` or ``2w``."""
        if isinstance(value, timedelta):
            return value
        form = _SINCE.fullmatch(str(value))
        if form is None:
            self.fail(f"{value!r} is no length of time; expected such as 30d, 12h, 2w")
        return int(form[1]) * _UNITS[form[2]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Replayed:
    """A ticket that would differ."""

    ticket: int
    subject: str
    differences: tuple[Difference, ...]


@click.command()
@click.option("--since", type=_Span(), default="30d", show_default=True, help="How far back.")
@RULES_DIR
@click.option("--json", "as_json", is_flag=True, help="One object a line.")
@click.pass_context
def replay(context: click.Context, since: timedelta, rules_dir: Path | None, as_json: bool) -> None:
    """Show which tickets would be others under these rules, and how. Changes nothing."""
    with open_context(context.obj) as ctx:
        try:
            rules = load(rules_dir or ctx.settings.rules_dir)
        except RulesInvalid as err:
            click.echo(report(err))
            sys.exit(1)
        count, found = 0, []
        for opening in past.openings(ctx.store, ctx.clock.now() - since):
            count += 1
            if replayed := replay_one(opening, rules):
                found.append(replayed)
    if as_json:
        for each in found:
            show.json_line(_fields(each))
        return
    if found:
        click.echo(show.table(_HEADINGS, _rows(found)))
    click.echo(f"{count} mails replayed, {len(found) or 'no'} tickets would differ")


def replay_one(opening: Opening, rules: RuleSet) -> Replayed | None:
    """What this mail would have become; None where it is what it became."""
    bare, was = as_opened(opening.events, opening.requester)
    message = parse(opening.raw)
    judge = judged(rules, message, opening.envelope, bare, len(opening.raw))
    found = differences(was, judge)
    if not found:
        return None
    return Replayed(ticket=opening.ticket, subject=was.subject, differences=found)


def _rows(found: list[Replayed]) -> Iterator[tuple[object, ...]]:
    for each in found:
        for number, difference in enumerate(each.differences):
            head = (f"#{each.ticket}", each.subject) if not number else ("", "")
            yield (*head, difference.field, difference.was or "-", difference.would_be or "-")


def _fields(each: Replayed) -> dict[str, object]:
    return {
        "ticket": each.ticket,
        "subject": each.subject,
        "differences": {
            difference.field: {"was": difference.was, "would_be": difference.would_be}
            for difference in each.differences
        },
    }
