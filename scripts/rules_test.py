"""``postdesk rules test``: the cases beside the rules, what differs, and what no case covers."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path

import click

from scripts.rules_check import RULES_DIR, configured, report
from workers.rules.casefiles import case_files, try_all
from workers.rules.load import load
from workers.rules.ruleset import RulesInvalid
from workers.rules.trial import Verdict, never_fired


@click.command("test")
@RULES_DIR
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
@click.argument("files", nargs=-1, type=click.Path(path_type=Path), metavar="[FILE]...")
@click.pass_context
def test(
    context: click.Context, rules_dir: Path | None, as_json: bool, files: tuple[Path, ...]
) -> None:
    """Try the cases in *.test.yaml beside the rules. Exit code 1 if one differs."""
    folder = rules_dir or configured(context)
    try:
        rules = load(folder)
        verdicts = try_all(files or case_files(folder), rules)
    except RulesInvalid as err:
        click.echo(report(err))
        sys.exit(1)
    uncovered = never_fired(rules, verdicts)
    count = len(rules.routing.rules) + len(rules.automation.rules)
    if as_json:
        click.echo(_json_of(verdicts, uncovered, count))
    else:
        click.echo(_told(verdicts, uncovered, count))
    if any(verdict.mismatches for verdict in verdicts):
        sys.exit(1)


def _told(verdicts: Sequence[Verdict], uncovered: Sequence[str], count: int) -> str:
    lines = [line for verdict in verdicts for line in _lines(verdict)]
    failed = sum(bool(verdict.mismatches) for verdict in verdicts)
    lines.append(f"{len(verdicts)} cases, {failed or 'none'} failed")
    lines.append(f"{count - len(uncovered)} of {count} rules fired")
    lines += [f"  never: {each}" for each in uncovered]
    return "\n".join(lines)


def _lines(verdict: Verdict) -> list[str]:
    """What differs, one below the other."""
    if not verdict.mismatches:
        return []
    case = verdict.case
    lines = [f"{case.path}:{case.line}: {case.name}"]
    for each in verdict.mismatches:
        by = f"  (by {each.by})" if each.by else ""
        lines += [
            f"  line {each.line}: {each.name}",
            f"    - expected  {each.expected}",
            f"    + found     {each.found}{by}",
        ]
    return lines


def _json_of(verdicts: Sequence[Verdict], uncovered: Sequence[str], count: int) -> str:
    cases = [
        {
            "file": verdict.case.path,
            "line": verdict.case.line,
            "name": verdict.case.name,
            "mismatches": [
                {
                    "name": each.name,
                    "expected": each.expected,
                    "found": each.found,
                    "line": each.line,
                    "by": each.by or None,
                }
                for each in verdict.mismatches
            ],
        }
        for verdict in verdicts
    ]
    value = {"cases": cases, "rules": count, "never_fired": list(uncovered)}
    return json.dumps(value, ensure_ascii=False)
