"""``postdesk rules schema``: JSON Schemas by which editors complete and check the rule files."""

from __future__ import annotations

import json
from pathlib import Path

import click

from workers.rules.editor.schemas import FOLDER, SCHEMAS, file_of, schema_of


@click.command()
@click.option(
    "--write",
    "folder",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="DIR",
    help=f"Write them all into DIR/{FOLDER}, where the rule files look for them.",
)
@click.argument("name", required=False, type=click.Choice(tuple(SCHEMAS)), metavar="[FILE]")
def schema(folder: Path | None, name: str | None) -> None:
    """Print the JSON Schema of a rule file, such as routing.yaml, or write those of all."""
    if not folder and not name:
        raise click.UsageError(f"which file? {', '.join(SCHEMAS)}; or --write DIR")
    if name:
        click.echo(_text(name), nl=False)
    if folder:
        try:
            write(folder)
        except OSError as err:
            raise click.ClickException(f"{err.filename}: {err.strerror}") from err
        click.echo(f"{len(SCHEMAS)} schemas are in {folder / FOLDER}", err=bool(name))


def write(rules_dir: Path) -> None:
    """Put the schemas beside the rule files, over those that were there."""
    folder = rules_dir / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    for name in SCHEMAS:
        (folder / file_of(name)).write_text(_text(name), encoding="utf-8")


def _text(name: str) -> str:
    return json.dumps(schema_of(name), ensure_ascii=False, indent=1) + "\n"
