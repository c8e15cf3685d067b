"""The safe part of YAML, and the places of its mistakes."""

from __future__ import annotations

import pytest

from workers.rules.document import MAX_BYTES, read
from workers.rules.findings import Findings
from workers.rules.nodes import Mapping, Scalar, Sequence


def _read(raw: bytes) -> tuple[Mapping | None, list[tuple[int, int, str, str]]]:
    found = Findings()
    root = read("a.yaml", raw, found)
    assert all(error.path == "a.yaml" for error in found.errors)
    return root, [(each.line, each.column, each.message, each.hint) for each in found.errors]


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("on", "on"),
        ("no", "no"),
        ("Yes", "Yes"),
        ("22:30", "22:30"),
        ("2026-11-23", "2026-11-23"),
        ("0x10", "0x10"),
        ("0777", 777),
        ("-12", -12),
        ("1_000", "1_000"),
        ("1.5", 1.5),
        ("1e3", 1000.0),
        (".inf", ".inf"),
        (".nan", ".nan"),
        ("9" * 5000, "9" * 5000),
        ("true", True),
        ("False", False),
        ("~", None),
        ("null", None),
        ("", None),
        ("'true'", "true"),
        ('"12"', "12"),
        ("''", ""),
        ("한글", "한글"),
    ],
)
def test_scalar_follows_the_core_schema_of_yaml_1_2(written: str, value: object) -> None:
    root, errors = _read(f"key: {written}".encode())

    assert errors == []
    assert root is not None
    scalar = root.entries[0].value
    assert isinstance(scalar, Scalar)
    assert scalar.value == value
    assert type(scalar.value) is type(value)


def test_nodes_know_line_and_column_in_characters() -> None:
    root, _ = _read("가나: x\n😀: [a, 'b']\n".encode())

    assert root is not None
    listed = root.entries[1].value
    assert isinstance(listed, Sequence)
    assert [(item.mark.line, item.mark.column) for item in listed.items] == [(2, 5), (2, 8)]


@pytest.mark.parametrize("raw", [b"", b"# nothing\n", b"---\n", b"~", b"\xef\xbb\xbf# bom\n"])
def test_file_without_content_is_an_empty_mapping(raw: bytes) -> None:
    root, errors = _read(raw)

    assert errors == []
    assert root is not None
    assert root.entries == ()


@pytest.mark.parametrize(
    ("raw", "line", "column", "message", "hint"),
    [
        (b"a: 1\nb: 2\na: 3", 3, 1, "'a' stands here a second time", "first in line 1"),
        (b"a: &x 1", 1, 4, "the anchor &x is not allowed", "remove it"),
        (b"a: *x", 1, 4, "the alias *x is not allowed", "write the value out"),
        (b"a: !!python/object:os.x {}", 1, 4, "is not allowed", "remove it"),
        (b"a: ! x", 1, 4, "the tag ! is not allowed", "remove it"),
        (b"[" * 2000, 1, 21, "nested too deeply", "at most 20 levels"),
        (b"- a", 1, 1, "the file is not a mapping", "expected keys"),
        (b"a: b: c", 1, 5, "mapping values are not allowed", "put texts with ': ' in quotes"),
        (b"a: 'x", 1, 6, "unexpected end of stream", "not closed; it begins in line 1"),
        (b"a:\n  - b\n c: 1", 3, 2, "did not find expected key", "check the indentation"),
        (b"a: [1, 2\nb: 3\n", 2, 2, "did not find expected ',' or ']'", "it begins in line 1"),
        (b"\ta: 1", 1, 1, "cannot start any token", "indent with spaces"),
        ("가: 나\n다: \x07".encode(), 2, 4, "control characters", "remove the character"),
        ("가: 나\n다: ".encode() + b"\xff", 2, 4, "not UTF-8", "save the file as UTF-8"),
        (b"a: 1\n---\nb: 2", 2, 1, "a second document", "one file is one document"),
        (b"? [a]\n: 1", 1, 3, "cannot be a key", "expected a text"),
        (b"~: 1", 1, 1, "cannot be a key", "expected a text"),
        (b"x" * (MAX_BYTES + 1), 1, 1, "too large", "at most 256 KB"),
    ],
)
def test_mistake_is_told_with_its_place(
    raw: bytes, line: int, column: int, message: str, hint: str
) -> None:
    _, errors = _read(raw)

    assert len(errors) == 1
    assert errors[0][:2] == (line, column)
    assert message in errors[0][2]
    assert hint in errors[0][3]


def test_alias_bomb_is_refused_at_its_first_anchor() -> None:
    bomb = b"a: &a [x, x]\n" + b"".join(
        b"%c: &%c [*%c, *%c]\n" % (name, name, name - 1, name - 1) for name in b"bcdefghijklmnop"
    )

    root, errors = _read(bomb)

    assert root is None
    assert [error[:2] for error in errors] == [(1, 4)]
