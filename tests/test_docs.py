"""The pages that an admin relies on name everything there is, and nothing that is not."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import pytest
from pydantic import BaseModel

from daemon.settings import Settings
from scripts.postdesk import COMMANDS

ROOT = Path(__file__).parents[1]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
OPERATIONS = (ROOT / "docs/operations.md").read_text()
DEPENDENCIES = (ROOT / "docs/dependencies.md").read_text()
EVERYTHING = "\n".join(path.read_text() for path in PAGES)
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())


def keys(model: type[BaseModel], above: str = "") -> Iterator[str]:
    """The dotted name of every key of the configuration."""
    for name, field in model.model_fields.items():
        inner = [each for each in _types(field.annotation) if issubclass(each, BaseModel)]
        if inner:
            yield from keys(inner[0], f"{above}{name}.")
        else:
            yield f"{above}{name}"


def _types(annotation: object) -> Iterator[type]:
    if isinstance(annotation, type):
        yield annotation
    for part in get_args(annotation):
        yield from _types(part)


@pytest.mark.parametrize("key", list(keys(Settings)))
def test_every_setting_is_explained(key: str) -> None:
    assert f"`{key}`" in OPERATIONS


def test_every_explained_setting_exists() -> None:
    rows = re.findall(r"^\| ((?:`[a-z_.]+`(?:, )?)+) \|", _settings_part(), re.MULTILINE)
    explained = {key for row in rows for key in re.findall(r"`([a-z_.]+)`", row)}

    assert explained == set(keys(Settings))


def _settings_part() -> str:
    return OPERATIONS.partition("\n## Every setting\n")[2].partition("\n## ")[0]


def test_every_variable_in_the_docs_is_a_setting() -> None:
    known = {f"POSTDESK_{key.upper().replace('.', '__')}" for key in keys(Settings)}
    patterns = {"POSTDESK_KEY", "POSTDESK_SECTION__KEY", "POSTDESK_CONFIG"}
    known |= {name.replace("MAILBOXES__", "MAILBOXES__0__") for name in known}

    named = set(re.findall(r"POSTDESK_[A-Z0-9_]+", EVERYTHING)) - patterns
    named -= {"POSTDESK_MAILBOXES__0__KEY"}

    assert named <= known


@pytest.mark.parametrize("name", [name for name, (_, text) in COMMANDS.items() if text])
def test_every_command_is_mentioned(name: str) -> None:
    assert re.search(rf"postdesk {name}\b", EVERYTHING)


def test_every_mentioned_command_exists() -> None:
    mentioned = set(re.findall(r"(?:^|[\s`/])postdesk ([a-z]+)\b", _code_of(EVERYTHING)))

    assert mentioned <= set(COMMANDS)


def _code_of(text: str) -> str:
    blocks = re.findall(r"^```.*?\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    rest = re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL)
    return "\n".join([*blocks, *re.findall(r"`([^`\n]+)`", rest)])


@pytest.mark.parametrize("path", sorted((ROOT / "systemd").glob("*.*")), ids=lambda path: path.name)
def test_every_unit_is_explained(path: Path) -> None:
    assert path.is_dir() or f"`{path.name}`" in OPERATIONS


@pytest.mark.parametrize("event", [
    "mail_held", "mail_given_up", "store_unreachable", "broker_unreachable", "mail_not_stored",
])  # fmt: skip
def test_explained_events_are_in_the_code(event: str) -> None:
    assert event in OPERATIONS
    assert _is_logged(event)


def test_every_event_that_needs_a_person_is_explained() -> None:
    pattern = re.compile(r"\.(?:error|critical)\(\s*\"([a-z_]+)\"")
    logged = {event for text in _sources() for event in pattern.findall(text)}

    assert {event for event in logged if f"`{event}`" not in OPERATIONS} == set()


def test_every_explained_event_is_logged() -> None:
    part = OPERATIONS.partition("| event | means | do |")[2].partition("\n\n")[0]
    named = set(
        re.findall(r"`([a-z_]+)`", "\n".join(re.findall(r"^\| (.*?) \|", part, re.MULTILINE)))
    )

    assert {event for event in named if not _is_logged(event)} == set()


def _sources() -> list[str]:
    folders = ("daemon", "workers", "scripts")
    return [path.read_text() for name in folders for path in (ROOT / name).rglob("*.py")]


def _is_logged(event: str) -> bool:
    return any(f'"{event}"' in text for text in _sources())


def _declared() -> list[str]:
    groups = PROJECT["dependency-groups"]
    lines = [*PROJECT["project"]["dependencies"], *groups["build"], *groups["dev"]]
    return [re.match(r"[\w-]+", line)[0] for line in lines if isinstance(line, str)]  # type: ignore[index]


@pytest.mark.parametrize("name", _declared())
def test_every_dependency_has_a_reason(name: str) -> None:
    rows = re.findall(r"^\| ([\w, -]+) \|", DEPENDENCIES, re.MULTILINE)

    assert name in {each.strip() for row in rows for each in row.split(",")}


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_links_lead_somewhere(path: Path) -> None:
    targets = re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", path.read_text())

    broken = [
        target for target in targets if "://" not in target and not (path.parent / target).exists()
    ]
    assert broken == []
