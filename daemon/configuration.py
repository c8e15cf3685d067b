"""Reading the configuration: one TOML file, every key also by environment, secrets from files.

Precedence, highest first: ``POSTDESK_…`` variables, the TOML file, the defaults. A key ``name`` of
``[section]`` is ``POSTDESK_SECTION__NAME``; lists of texts are comma-separated; the n-th
``[[mailboxes]]`` is ``POSTDESK_MAILBOXES__n__KEY``. A secret ``x`` may stand in the file that
``x_file`` names, or be a systemd credential called by its dotted key (``delivery.password``,
``mailboxes.NAME.oauth.client_secret``).
"""

from __future__ import annotations

import difflib
import os
import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from daemon.errors import SettingsError
from daemon.settings import (
    Attachments,
    Authority,
    Delivery,
    Http,
    Limits,
    Lmtp,
    Log,
    Mailbox,
    OAuth,
    Settings,
    Smtp,
    Submission,
    Work,
)

DEFAULT_PATH = Path("/etc/postdesk/postdesk.toml")
PREFIX = "POSTDESK_"
#: Names the file itself, not a key in it.
_CONFIG = f"{PREFIX}CONFIG"
_SECRETS = frozenset({"password", "client_secret", "refresh_token"})
_SECTIONS: dict[str, type[BaseModel]] = {
    "smtp": Smtp,
    "submission": Submission,
    "lmtp": Lmtp,
    "mailboxes": Mailbox,
    "oauth": OAuth,
    "authority": Authority,
    "delivery": Delivery,
    "attachments": Attachments,
    "limits": Limits,
    "work": Work,
    "http": Http,
    "log": Log,
}

_Tree = dict[str, Any]


def load(path: Path | None = None, environ: Mapping[str, str] = os.environ) -> Settings:
    """Read the configuration. Raises SettingsError with file, line and what was expected."""
    source, tree = _read_file(path)
    for keys, value in _variables(environ):
        _put(tree, keys, value)
    if "data_dir" not in tree and environ.get("STATE_DIRECTORY"):
        tree["data_dir"] = environ["STATE_DIRECTORY"].split(":")[0]
    tree = _with_lists(tree)
    _fill_from_files(tree, ())
    _fill_from_credentials(tree, environ.get("CREDENTIALS_DIRECTORY"))
    try:
        settings = Settings.model_validate(tree)
    except ValidationError as err:
        raise _explain(err, source) from err
    if not settings.addresses:
        raise SettingsError("addresses is empty", hint="name at least one, as help@example.org")
    return settings


class _Source:
    """Where a key was written, for messages."""

    def __init__(self, path: str = "", text: str = "") -> None:
        self.path, self.lines = path, text.splitlines()

    def line_of(self, keys: Sequence[str | int]) -> int:
        """The line that names the last key, below its table's heading; 0 when not found."""
        names = [key for key in keys if isinstance(key, str)]
        table, heading = "", ".".join(names[:-1])
        for number, line in enumerate(self.lines, 1):
            if match := re.match(r"\s*\[+\s*([^\]]+?)\s*\]+", line):
                table = match[1]
                if table == ".".join(names):
                    return number
            elif table == heading and re.match(rf"\s*\"?{re.escape(names[-1])}\"?\s*=", line):
                return number
        return 0


def _read_file(path: Path | None) -> tuple[_Source, _Tree]:
    if path is None:
        if not DEFAULT_PATH.exists():
            return _Source(), {}
        path = DEFAULT_PATH
    try:
        text = path.read_text(encoding="utf-8")
        return _Source(str(path), text), tomllib.loads(text)
    except tomllib.TOMLDecodeError as err:
        place = re.search(r"line (\d+), column (\d+)", str(err))
        line, column = (int(place[1]), int(place[2])) if place else (0, 0)
        message = re.sub(r" \(at .*\)$", "", str(err))
        raise SettingsError(message, path=str(path), line=line, column=column) from err
    except (OSError, UnicodeDecodeError) as err:
        raise SettingsError(f"cannot read: {err}", path=str(path)) from err


def _variables(environ: Mapping[str, str]) -> Iterator[tuple[list[str], str]]:
    for name, value in sorted(environ.items()):
        if name.startswith(PREFIX) and name != _CONFIG:
            yield name.removeprefix(PREFIX).lower().split("__"), value


def _put(tree: _Tree, keys: Sequence[str], value: str) -> None:
    for key in keys[:-1]:
        below = tree.setdefault(key, {})
        if isinstance(below, list):
            below = tree[key] = {str(index): item for index, item in enumerate(below)}
        if not isinstance(below, dict):
            raise SettingsError(f"{PREFIX}{'__'.join(keys).upper()}: {key} has no parts")
        tree = below
    tree[keys[-1]] = value


def _with_lists(tree: _Tree) -> _Tree:
    """Tables whose keys are all numbers are the lists of tables that they stand for."""
    return {key: _as_list(value) for key, value in tree.items()}


def _as_list(value: Any) -> Any:
    if isinstance(value, list):
        return [_as_list(item) for item in value]
    if not isinstance(value, dict):
        return value
    table = _with_lists(value)
    if table and all(key.isdigit() for key in table):
        return [table[key] for key in sorted(table, key=int)]
    return table


def _fill_from_files(tree: _Tree, above: tuple[str, ...]) -> None:
    for key, value in list(tree.items()):
        for item in value if isinstance(value, list) else [value]:
            if isinstance(item, dict):
                _fill_from_files(item, (*above, key))
        secret = key.removesuffix("_file")
        if secret != key and secret in _SECRETS and value:
            tree[secret] = _read_secret(Path(value), ".".join((*above, key)))


def _fill_from_credentials(tree: _Tree, folder: str | None) -> None:
    for path in sorted(Path(folder).iterdir()) if folder else ():
        *keys, secret = path.name.split(".")
        table = _table(tree, keys) if secret in _SECRETS else None
        if table is not None:
            table[secret] = _read_secret(path, f"the credential {path.name}")


def _table(tree: _Tree, keys: Sequence[str]) -> _Tree | None:
    """The table of these keys; a mailbox goes by its name. None when it is not configured."""
    for key in keys:
        if isinstance(tree, list):
            named = [item for item in tree if item.get("name") == key]
            tree = named[0] if named else {}
        else:
            tree = tree.setdefault(key, {}) if key == "delivery" else tree.get(key, {})
    return tree or (tree if keys == ["delivery"] else None)


def _read_secret(path: Path, key: str) -> str:
    try:
        return path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as err:
        raise SettingsError(f"{key}: cannot read {path}: {err}") from err


def _explain(err: ValidationError, source: _Source) -> SettingsError:
    errors = err.errors(include_url=False, include_input=False)
    # A key that is missing is often the one that is misspelt.
    first = min(errors, key=lambda each: each["type"] != "extra_forbidden")
    keys = first["loc"]
    name = ".".join(str(key) for key in keys)
    line = source.line_of(keys)
    path = source.path if line else ""
    if first["type"] != "extra_forbidden":
        return SettingsError(f"{name}: {first['msg']}", path=path, line=line)
    near = difflib.get_close_matches(str(keys[-1]), _keys_of(keys[:-1]), n=1)
    hint = f"did you mean {near[0]}?" if near else ""
    return SettingsError(f"unknown key {name}", path=path, line=line, hint=hint)


def _keys_of(keys: Sequence[int | str]) -> list[str]:
    """The keys that a section knows."""
    names = [key for key in keys if isinstance(key, str)]
    model = _SECTIONS.get(names[-1], Settings) if names else Settings
    return list(model.model_fields)
