"""``postdesk rules check``: every mistake in the rules, and every rule that cannot be meant."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path

import click

from daemon import configuration
from daemon.errors import RuleError
from workers.rules.doubts import doubts
from workers.rules.load import load
from workers.rules.ours import own_addresses
from workers.rules.ruleset import RuleSet, RulesInvalid

RULES_DIR = click.option(
    "--rules",
    "--rules-dir",
    "rules_dir",
    type=click.Path(path_type=Path),
    help="The folder with the rules; default: the configured one, then the shipped rules.",
)


@click.command()
@RULES_DIR
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
@click.pass_context
def check(context: click.Context, rules_dir: Path | None, as_json: bool) -> None:
    """Print every mistake in the rule files with its place. Exit code 1 if there is one."""
    settings = configuration.load(context.obj)
    try:
        rules = checked(rules_dir or settings.rules_dir, settings.addresses)
    except RulesInvalid as err:
        click.echo(_json_of(err) if as_json else report(err))
        sys.exit(1)
    click.echo(_json_of(rules) if as_json else _summary(rules))


def checked(rules_dir: Path | None, ours: Sequence[str]) -> RuleSet:
    """The rules, when they are all good. Raises RulesInvalid, also for what cannot be meant."""
    rules = load(rules_dir)
    if errors := (*own_addresses(rules, ours).errors, *doubts(rules).errors):
        raise RulesInvalid(errors, texts=rules.texts)
    return rules


def configured(context: click.Context) -> Path | None:
    """The rules' folder of the configuration that ``postdesk`` was given."""
    return configuration.load(context.obj).rules_dir


def report(err: RulesInvalid) -> str:
    """The mistakes for a terminal, each with its line and a caret."""
    parts = [f"{each}\n{err.excerpt(each)}".rstrip("\n") for each in err.errors]
    count = len(err.errors)
    return "\n".join([*parts, f"{count} mistake{'' if count == 1 else 's'}"])


def _summary(rules: RuleSet) -> str:
    return f"{len(rules.files)} files, {_count(rules)} rules, all good"


def _count(rules: RuleSet) -> int:
    return len(rules.routing.rules) + len(rules.automation.rules)


def _json_of(outcome: RuleSet | RulesInvalid) -> str:
    errors = outcome.errors if isinstance(outcome, RulesInvalid) else ()
    value: dict[str, object] = {"version": outcome.version, "errors": [*map(_fields, errors)]}
    if isinstance(outcome, RuleSet):
        value["files"] = [str(path) for path in outcome.files]
        value["rules"] = _count(outcome)
    return json.dumps(value, ensure_ascii=False)


def _fields(error: RuleError) -> dict[str, object]:
    names = ("path", "line", "column", "message", "hint")
    return {name: getattr(error, name) for name in names}
