"""``postdesk init DIR``: every key explained, the rules, and a place for templates."""

from __future__ import annotations

import ast
import inspect
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from daemon import settings as keys
from daemon import shipped
from daemon.settings import Mailbox, OAuth, Settings

_HEAD = """\
# Postdesk. Every key with its default; uncomment what you change.
# Each key may also be set by environment: [smtp] listen is POSTDESK_SMTP__LISTEN.
# Secrets: prefer the _file keys, or systemd credentials (LoadCredential=delivery.password:…).
# `postdesk check` tells what is wrong.
"""
_TEMPLATES = """\
Put a template here under its own name (en/acknowledgement.txt.j2, ko/…, layout.html.j2) and it is
used in place of the shipped one. `postdesk check` finds mistakes; a template that fails falls back
to the shipped one. See docs/templates.md for the names and the variables.
"""
_EX_CANTCREAT = 73


@click.command("init")
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
def command(folder: Path) -> None:
    """Write postdesk.toml, rules/ and templates/ into DIR, to edit; overwrites nothing."""
    written = {
        folder / "postdesk.toml": configuration(),
        folder / "templates" / "README": _TEMPLATES,
    }
    rules = sorted(shipped.folder("rules").glob("*.yaml"))
    targets = [*written, *(folder / "rules" / path.name for path in rules)]
    if there := [str(path) for path in targets if path.exists()]:
        click.echo(f"postdesk: there already, nothing written: {', '.join(there)}", err=True)
        sys.exit(_EX_CANTCREAT)
    for path, text in written.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    (folder / "postdesk.toml").chmod(0o640)
    (folder / "rules").mkdir(exist_ok=True)
    for path in rules:
        shutil.copyfile(path, folder / "rules" / path.name)
    click.echo(f"written: {folder}/postdesk.toml, {folder}/rules, {folder}/templates")
    click.echo(f"next: edit them, then `postdesk --config {folder}/postdesk.toml check`")


def configuration() -> str:
    """The commented configuration, made from the settings themselves, so that it cannot drift."""
    lines = [_HEAD]
    sections: list[str] = []
    for name, field in Settings.model_fields.items():
        if name == "mailboxes":
            sections += ["", *_section("# [[mailboxes]]", Mailbox)]
            sections += ["", *_section("# [mailboxes.oauth]", OAuth)]
        elif isinstance(field.default, BaseModel):
            sections += ["", *_section(f"[{name}]", type(field.default))]
        else:
            lines += _key(Settings, name, field)
    return "\n".join([*lines, *sections]) + "\n"


def _section(heading: str, model: type[BaseModel]) -> Iterator[str]:
    yield f"# {inspect.getdoc(model)}"
    yield heading
    for name, field in model.model_fields.items():
        if name != "oauth":
            yield from _key(model, name, field)


def _key(model: type[BaseModel], name: str, field: FieldInfo) -> list[str]:
    comments = [f"# {line}" for line in _comments(model).get(name, [])]
    return [*comments, f"# {name} = {_toml(field)}"]


def _toml(field: FieldInfo) -> str:
    """The default as TOML writes it."""
    value = None if field.is_required() else field.default
    return _value(value)


def _value(value: Any) -> str:
    if value is None:
        return '""'
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float):
        return f"{value:g}" if isinstance(value, float) else str(value)
    if isinstance(value, tuple):
        return f"[{', '.join(_value(each) for each in value)}]"
    return f'"{value}"'


def _comments(model: type[BaseModel]) -> dict[str, list[str]]:
    """The ``#:`` lines above each key of a model."""
    source = inspect.getsource(keys).splitlines()
    body = next(
        node
        for node in ast.parse("\n".join(source)).body
        if isinstance(node, ast.ClassDef) and node.name == model.__name__
    )
    found: dict[str, list[str]] = {}
    for node in body.body:
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            first = node.lineno - 1
            while source[first - 1].strip().startswith("#:"):
                first -= 1
            above = source[first : node.lineno - 1]
            found[node.target.id] = [line.strip()[2:].strip() for line in above]
    return found
