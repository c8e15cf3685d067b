"""The JSON Schemas for editors: they let through what the loader reads, and refuse what it refuses.

Both read the same tables of names; what is tested here is what the tables do not hold.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from jsonschema import Draft202012Validator

from daemon import shipped
from scripts.rules import command
from tests.unit.rules import test_mistakes
from tests.unit.rules.conftest import Write
from workers.rules import document
from workers.rules.editor.schemas import CASES, FOLDER, SCHEMAS, file_of, header_of, schema_of
from workers.rules.files import FILES, NAMES
from workers.rules.findings import Findings
from workers.rules.load import RulesInvalid, load
from workers.rules.nodes import Entry, Mapping, Mark, Node, Scalar, Sequence
from workers.rules.shelf import Shelf

_DOCS = Path(__file__).parents[3] / "docs"
_BLOCK = re.compile(r"```yaml\n# (\S+)\n(.*?)```", re.DOTALL)
SHIPPED = sorted(shipped.folder("rules").rglob("*.yaml"))


@cache
def _validator(name: str) -> Draft202012Validator:
    schema = schema_of(name)
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema)


def _kind(name: str) -> str:
    return CASES if name.endswith(".test.yaml") else name


def _plain(node: Node) -> Any:
    """As an editor reads it: the values of YAML 1.2."""
    match node:
        case Scalar():
            return node.value
        case Sequence():
            return [_plain(item) for item in node.items]
        case Mapping():
            return {entry.key.text: _plain(entry.value) for entry in node.entries}


def _read(name: str, text: str) -> Any:
    found = Findings()
    root = document.read(name, text.encode(), found)
    assert root is not None, found.errors
    return _plain(root)


def _complaints(name: str, text: str) -> list[str]:
    errors = _validator(_kind(name)).iter_errors(_read(name, text))
    return [f"{error.json_path}: {error.message}" for error in errors]


def _examples() -> Iterator[tuple[str, str]]:
    for page in ("rules.md", "rules-reference.md"):
        for name, text in _BLOCK.findall((_DOCS / page).read_text(encoding="utf-8")):
            if "wehn" not in text and "netwrok" not in text:
                yield name, text


def test_every_rule_file_has_a_schema() -> None:
    assert set(SCHEMAS) == {*NAMES, CASES}


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.name)
def test_shipped_file_is_good_and_names_its_schema(path: Path) -> None:
    text = path.read_text(encoding="utf-8")

    assert text.splitlines()[0] == header_of(_kind(path.name))
    assert _complaints(path.name, text) == []


@pytest.mark.parametrize(("name", "text"), list(_examples()))
def test_example_of_the_documentation_is_good(name: str, text: str) -> None:
    assert _complaints(name, text) == []


#: Mistakes that only the other files, the other entries, or a calendar show.
_BEYOND = re.compile(
    "unknown (team|agent|organisation|calendar|recipient)|a second time|a second rule"
    "|another agreement|an agent is named|before the first|this regular expression"
    "|cannot be a name"
)


def test_what_the_loader_refuses_the_schema_refuses(write: Write) -> None:
    let_through = []
    for name, text, *_ in test_mistakes.MISTAKES:
        with pytest.raises(RulesInvalid) as caught:
            load(write(**{name: text}))
        (write() / f"{name}.yaml").unlink()
        if not _complaints(f"{name}.yaml", text):
            errors = caught.value.errors
            let_through += [one.message for one in errors if one.path.endswith(f"{name}.yaml")]

    assert [each for each in let_through if not _BEYOND.search(each)] == []
    assert len(let_through) < len(test_mistakes.MISTAKES) / 4


_NOBODYS = "qqqqq"


class _Listening(Findings):
    """Which keys a reader knows where it met one that it does not know, by the key's place."""

    def __init__(self) -> None:
        super().__init__()
        self.known: dict[int, set[str]] = {}

    def unknown(self, mark: Mark, what: str, word: str, known: Iterable[str]) -> None:
        if word == _NOBODYS and (what == "field" or what.startswith("key in")):
            self.known[mark.line] = {*known} - {"header.<Name>"}


class _Planted:
    """A document with an unknown key in each of its mappings, whose line says which it is."""

    def __init__(self) -> None:
        self.paths: list[str] = []

    def plant(self, node: Node, path: str = "$") -> Node:
        match node:
            case Sequence(mark=mark, items=items):
                planted = (self.plant(item, f"{path}[{n}]") for n, item in enumerate(items))
                return Sequence(mark=mark, items=tuple(planted))
            case Mapping(mark=mark, entries=entries):
                self.paths.append(path)
                at = Mark(mark.path, len(self.paths), 1)
                nobodys = Entry(key=Scalar(mark=at, text=_NOBODYS), value=Scalar(mark=at, text="x"))
                kept = (
                    Entry(key=each.key, value=self.plant(each.value, f"{path}.{each.key.text}"))
                    for each in entries
                )
                return Mapping(mark=mark, entries=(*kept, nobodys))
            case _:
                return node


def _offered(name: str, value: Any) -> dict[str, list[set[str]]]:
    """Which keys the schema offers at each place; several times where there are alternatives."""
    offered: dict[str, list[set[str]]] = {}
    waiting = list(_validator(name).iter_errors(value))
    while waiting:
        error = waiting.pop()
        waiting += error.context or ()
        if error.validator == "additionalProperties" and _NOBODYS in error.instance:
            place = "$" + "".join(
                f"[{part}]" if isinstance(part, int) else f".{part}" for part in error.absolute_path
            )
            offered.setdefault(place, []).append(set(error.schema.get("properties", ())))
    return offered


def test_schema_offers_the_keys_that_the_loader_knows() -> None:
    shelf, places = Shelf(), 0
    examples = {name: text for name, text in _examples() if name in NAMES}
    for file in FILES:
        plain = document.read(file.name, examples[file.name].encode(), Findings())
        assert plain is not None
        planted, listening = _Planted(), _Listening()
        root = planted.plant(plain)
        file.read(root, shelf, listening)
        offered = _offered(file.name, _plain(root))
        for line, known in listening.known.items():
            place = planted.paths[line - 1]
            assert known in offered[place], (file.name, place)
            places += 1
        shelf.put(file, file.read(plain, shelf, Findings()))

    assert places > 100


def test_command_writes_the_schemas_beside_the_rules(tmp_path: Path) -> None:
    result = CliRunner().invoke(command, ["schema", "--write", str(tmp_path)])

    assert (result.exit_code, result.output) == (
        0,
        f"{len(SCHEMAS)} schemas are in {tmp_path / FOLDER}\n",
    )
    for name in SCHEMAS:
        written = json.loads((tmp_path / FOLDER / file_of(name)).read_text(encoding="utf-8"))
        assert written == schema_of(name)
    assert load(tmp_path).files == load(None).files


def test_command_prints_one_schema() -> None:
    printed = CliRunner().invoke(command, ["schema", "routing.yaml"])
    neither = CliRunner().invoke(command, ["schema"])

    assert json.loads(printed.output) == schema_of("routing.yaml")
    assert neither.exit_code == 2
    assert "which file? people.yaml, services.yaml" in neither.output
