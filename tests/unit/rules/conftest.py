"""A folder of rule files, and the rules that it makes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from textwrap import dedent

import pytest

from workers.rules.load import RuleSet, load

PEOPLE = """\
agents:
  ann: {full_name: Ann Lee, addresses: [Ann@Example.com, ann.lee@example.com]}
  minjun: {full_name: 김민준, addresses: minjun@example.com, language: ko}
teams:
  support: {members: [ann, minjun], lead: ann}
  network: {members: [minjun]}
organisations:
  Acme: {domains: [acme.example], language: ko}
vips: [Boss@acme.example]
default_team: support
"""

Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write rule files, given by their name without ``.yaml``; people.yaml has a default."""

    def write_files(**files: str | bytes) -> Path:
        for name, text in {"people": PEOPLE, **files}.items():
            raw = dedent(text).encode() if isinstance(text, str) else text
            (tmp_path / f"{name}.yaml").write_bytes(raw)
        return tmp_path

    return write_files


@pytest.fixture
def rules(write: Write) -> Callable[..., RuleSet]:
    """Likewise, and load them."""
    return lambda **files: load(write(**files))
