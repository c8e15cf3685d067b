"""postdesk rules: check what admins wrote before the desk reads it."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import click

from daemon import configuration
from daemon.errors import RuleError
from workers.rules.load import RuleSet, RulesInvalid, load

NOT_YET = 69


@click.group(name="rules")
def command() -> None:
    """Check the rule files."""


@command.command()
@click.option(
    "--rules-dir",
    type=click.Path(path_type=Path),
    help="The folder to check; default: the configured one, then the shipped rules.",
)
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
@click.pass_context
def check(context: click.Context, rules_dir: Path | None, as_json: bool) -> None:
    """Print every mistake in the rule files with its place. Exit code 1 if there is one."""
    try:
        rules = load(rules_dir or _configured(context))
    except RulesInvalid as err:
        click.echo(_json_of(err) if as_json else _report(err))
        sys.exit(1)
    click.echo(_json_of(rules) if as_json else _summary(rules))


def _configured(context: click.Context) -> Path | None:
    return configuration.load(context.obj).rules_dir


def _summary(rules: RuleSet) -> str:
    return f"{len(rules.files)} files, {len(rules.routing.rules)} rules, all good"


def _report(err: RulesInvalid) -> str:
    parts = [f"{each}\n{err.excerpt(each)}".rstrip("\n") for each in err.errors]
    count = len(err.errors)
    return "\n".join([*parts, f"{count} mistake{'' if count == 1 else 's'}"])


def _json_of(outcome: RuleSet | RulesInvalid) -> str:
    errors = outcome.errors if isinstance(outcome, RulesInvalid) else ()
    value: dict[str, object] = {"version": outcome.version, "errors": [*map(_fields, errors)]}
    if isinstance(outcome, RuleSet):
        value["files"] = [str(path) for path in outcome.files]
        value["rules"] = len(outcome.routing.rules)
    return json.dumps(value, ensure_ascii=False)


def _fields(error: RuleError) -> dict[str, object]:
    names = ("path", "line", "column", "message", "hint")
    return {name: getattr(error, name) for name in names}


def _not_yet(name: str) -> click.Command:
    def answer() -> None:
        click.echo(f"postdesk rules {name}: not yet", err=True)
        sys.exit(NOT_YET)

    anything = {"ignore_unknown_options": True, "allow_extra_args": True}
    return click.Command(name, callback=answer, context_settings=anything, help="Not yet.")


for _name in ("test", "explain", "replay"):
    command.add_command(_not_yet(_name))
