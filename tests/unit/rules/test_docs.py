"""docs/rules-reference.md: every example in it runs, every word of the language is in it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from scripts.rules import command
from workers.rules import (
    actions,
    contacts,
    effects,
    field,
    fields,
    people,
    priority,
    services,
    when,
)
from workers.rules.files import NAMES
from workers.rules.load import load

_DOC = Path(__file__).parents[3] / "docs" / "rules-reference.md"
_BLOCK = re.compile(r"```(\w+)\n(.*?)```", re.DOTALL)


@pytest.fixture(scope="module")
def doc() -> str:
    return _DOC.read_text(encoding="utf-8")


def _examples(doc: str) -> dict[str, str]:
    """The YAML by its first line, which names the file."""
    blocks = [text for kind, text in _BLOCK.findall(doc) if kind == "yaml"]
    return {text.partition("\n")[0].removeprefix("# "): text for text in blocks}


def test_examples_of_all_files_are_good_together(doc: str, tmp_path: Path) -> None:
    examples = _examples(doc)
    for name in NAMES:
        (tmp_path / name).write_text(examples[name], encoding="utf-8")

    rules = load(tmp_path)

    assert rules.files == tuple(tmp_path / name for name in NAMES)
    assert len(rules.routing.rules) == 5


def test_output_of_check_is_the_real_one(doc: str, tmp_path: Path) -> None:
    examples = _examples(doc)
    mistaken = examples["routing.yaml with mistakes"].partition("\n")[2]
    (tmp_path / "people.yaml").write_text(examples["people.yaml"], encoding="utf-8")
    (tmp_path / "routing.yaml").write_text(mistaken, encoding="utf-8")

    result = CliRunner().invoke(command, ["check", "--rules-dir", str(tmp_path)])

    shown = next(text for kind, text in _BLOCK.findall(doc) if kind == "text")
    assert result.output == shown.replace("/etc/postdesk/rules", str(tmp_path))


@pytest.mark.parametrize(
    "word",
    sorted(
        {
            *fields.FIELDS,
            *when.GROUPS,
            *(word for words in field.PREDICATES.values() for word in words),
            *actions.SETTABLE,
            *actions.STRATEGIES,
            *effects.DOABLE,
            *priority.IMPACTS,
            *priority.URGENCIES,
            *people.ROLES,
            *people.KEYS,
            *contacts.FIELDS,
            *services.CRITICALITIES,
            *NAMES,
        }
    ),
)
def test_every_word_is_documented(doc: str, word: str) -> None:
    edge = r"\b" if word[0].isalpha() else ""
    assert re.search(rf"`[^`\n]*{edge}{re.escape(word)}{edge}[^`\n]*`", doc)
