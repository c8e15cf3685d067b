"""``postdesk init DIR``: a configuration, rules and templates for an admin to edit."""

from __future__ import annotations

import ast
import inspect
import json
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import click
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from daemon import settings, shipped
from daemon.settings import OAuth, Settings
from scripts import rules_schema

#: Sets of rules for a small desk with one team, and for one with several and with customers.
PROFILES = ("helpdesk", "servicedesk")
_PROFILES = "profiles"
#: sysexits.h: a file cannot be made.
_EX_CANTCREAT = 73
_HEAD = """\
# The configuration of Postdesk. A key behind a "#" shows its default, or an example where it has
# none: take the "#" away to set it. Every key can also be set by environment, as POSTDESK_NAME or
# POSTDESK_SMTP__LISTEN; a secret can stand in a file of its own (password_file) or be a systemd
# credential.
#
# postdesk check says whether everything is right.
"""
#: What stands in the place of a default that is nothing, or that is empty but has a form.
_EXAMPLES = {
    "admins": ["root@example.org"],
    "trusted": True,
    "tls_certificate": "/etc/postdesk/tls.crt",
    "tls_key": "/etc/postdesk/tls.key",
    "ca_file": "/etc/ssl/certs/ca-certificates.crt",
    "password_file": "/etc/postdesk/password",
    "passwords_file": "/etc/postdesk/passwords",
    "client_secret_file": "/etc/postdesk/client-secret",
    "refresh_token_file": "/etc/postdesk/refresh-token",
    "secret_key_file": "/etc/postdesk/secret.key",
    "maildir": "/var/lib/postdesk/outgoing",
    "rules_dir": "/etc/postdesk/rules",
    "templates_dir": "/etc/postdesk/templates",
    "name": "office",
    "host": "imap.example.org",
    "user": "help@example.org",
    "token_url": "https://login.microsoftonline.com/TENANT/oauth2/v2.0/token",
    "client_id": "00000000-0000-0000-0000-000000000000",
}
_TEMPLATES_README = """\
Templates of your own
=====================

A file here takes the place of the shipped one of the same name: NOTICE.txt.j2, and NOTICE.html.j2
where the HTML is to say more than the text. It can change single blocks and keep the rest:

    {% extends "shipped/acknowledgement.txt.j2" %}
    {% block after %}The desk is open from 9 to 18.{% endblock %}

Words and languages are catalogues: locale/LANGUAGE/postdesk.po. All of it stands in {shipped}.

postdesk templates check renders every template with samples and names file and line of a
mistake; postdesk templates show acknowledgement --sample shows how it looks. A template that fails
at work is reported to the admins, and the shipped one is used in its place.
"""


@click.command("init")
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False), metavar="DIR")
@click.option(
    "--profile",
    type=click.Choice(PROFILES),
    help="Rules with people, hours and cases to begin with; default: the shipped rules alone.",
)
def command(folder: Path, profile: str | None) -> None:
    """Write a commented configuration, rules and templates to edit into DIR; overwrite nothing."""
    config, rules, templates = folder / "postdesk.toml", folder / "rules", folder / "templates"
    there = [str(path) for path in (config, rules, templates) if path.exists()]
    if there:
        click.echo(f"{', '.join(there)} is there already; nothing was written", err=True)
        sys.exit(_EX_CANTCREAT)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        write_rules(rules, profile)
        templates.mkdir()
        readme = _TEMPLATES_README.replace("{shipped}", str(shipped.folder("templates")))
        (templates / "README.txt").write_text(readme, encoding="utf-8")
        # It may come to hold passwords.
        config.touch(mode=0o640)
        config.write_text(document(rules.absolute(), templates.absolute()), encoding="utf-8")
    except OSError as err:
        click.echo(f"cannot write to {folder}: {err.strerror or err}", err=True)
        sys.exit(_EX_CANTCREAT)
    click.echo(f"{config}, {rules}/ and {templates}/ are yours to edit. Then:")
    click.echo(f"    postdesk --config {config} check")


def write_rules(folder: Path, profile: str | None) -> None:
    """The shipped rules, those of a profile in their place, and the schemas beside them."""
    defaults = shipped.folder("rules")
    shutil.copytree(defaults, folder, ignore=shutil.ignore_patterns(_PROFILES))
    if profile:
        shutil.copytree(defaults / _PROFILES / profile, folder, dirs_exist_ok=True)
    rules_schema.write(folder)


def document(rules: Path, templates: Path) -> str:
    """The configuration with every key, as the defaults are, and these two folders."""
    chosen = {"rules_dir": str(rules), "templates_dir": str(templates)}
    return "\n".join([_HEAD.rstrip(), *_section(Settings, "", chosen)]) + "\n"


def _section(model: type[BaseModel], name: str, chosen: dict[str, str]) -> Iterator[str]:
    """The keys of a table, then the tables below it (TOML's order)."""
    words = _explained()[model.__name__]
    below: list[tuple[str, type[BaseModel], bool]] = []
    for key, info in model.model_fields.items():
        if inner := _model_in(info):
            below.append((f"{name}.{key}".lstrip("."), inner, _is_list(info)))
            continue
        if explanation := words.get(key):
            yield ""
            yield from (f"# {line}" for line in explanation)
        value = _toml(chosen.get(key, _shown(key, info)))
        yield f"{'' if key in chosen else '#'}{key} = {value}"
    for path, inner, is_list in below:
        yield from _table(path, inner, is_list=is_list)


def _table(path: str, model: type[BaseModel], *, is_list: bool) -> Iterator[str]:
    """A heading; that of what may be there more than once or not at all is a comment too."""
    yield ""
    yield ""
    yield f"# {inspect.getdoc(model)}"
    if is_list:
        yield "# One such table for each, with name, host and user at least."
        yield f"#[[{path}]]"
    else:
        yield f"{'#' if model is OAuth else ''}[{path}]"
    yield from _section(model, path, {})


def _model_in(info: FieldInfo) -> type[BaseModel] | None:
    """The table that a key stands for, alone, in a list, or not at all."""
    parts = [info.annotation, *get_args(info.annotation)]
    return next((p for p in parts if isinstance(p, type) and issubclass(p, BaseModel)), None)


def _is_list(info: FieldInfo) -> bool:
    return bool(info.get_default() == ())


def _shown(key: str, info: FieldInfo) -> Any:
    default = None if info.is_required() else info.get_default(call_default_factory=True)
    return _EXAMPLES[key] if default is None or (default == () and key in _EXAMPLES) else default


def _toml(value: Any) -> str:
    match value:
        case bool():
            return str(value).lower()
        case int() | float():
            return str(value)
        case tuple() | list():
            return f"[{', '.join(map(_toml, value))}]"
        case _:
            # TOML's basic strings have JSON's escapes.
            return json.dumps(str(value), ensure_ascii=False)


def _explained() -> dict[str, dict[str, list[str]]]:
    """The ``#:`` lines above each key in the source, by class and key."""
    source = inspect.getsource(settings)
    lines = source.splitlines()
    return {
        node.name: {
            field.target.id: _above(lines, field.lineno - 1)
            for field in node.body
            if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name)
        }
        for node in ast.parse(source).body
        if isinstance(node, ast.ClassDef)
    }


def _above(lines: list[str], row: int) -> list[str]:
    found: list[str] = []
    while row > 0 and lines[row - 1].lstrip().startswith("#:"):
        row -= 1
        found.append(lines[row].lstrip().removeprefix("#:").strip().replace("``", ""))
    return found[::-1]
