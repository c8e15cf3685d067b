"""A desk's data folder, and the command as people run it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from daemon.settings import Settings
from daemon.store import migrate
from daemon.store.engine import Store
from tests.system.commands.rows import fill

ROOT = Path(__file__).parents[3]


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What a command left behind."""

    code: int
    out: str
    err: str
    raw: bytes

    @property
    def lines(self) -> list[dict[str, Any]]:
        """Its output as JSON, one object a line."""
        return [json.loads(line) for line in self.out.splitlines()]


@dataclass(frozen=True, slots=True)
class Command:
    """``postdesk`` with an environment of its own."""

    environ: dict[str, str] = field(default_factory=dict)

    def __call__(self, *words: object, stdin: bytes = b"", **environ: str) -> Result:
        clean = {key: value for key, value in os.environ.items() if not key.startswith("POSTDESK")}
        done = subprocess.run(
            [sys.executable, "-m", "scripts.postdesk", *map(str, words)],
            input=stdin,
            env={**clean, **self.environ, **environ, "PYTHONPATH": str(ROOT)},
            capture_output=True,
            timeout=120,
            check=False,
        )
        out, err = done.stdout.decode("utf-8", "replace"), done.stderr.decode("utf-8", "replace")
        return Result(code=done.returncode, out=out, err=err, raw=done.stdout)


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    """An empty data folder."""
    folder = tmp_path / "data"
    folder.mkdir(mode=0o700)
    return folder


@pytest.fixture
def postdesk(data_dir: Path) -> Command:
    """The command on this folder."""
    return Command({"POSTDESK_DATA_DIR": str(data_dir)})


@pytest.fixture
def store(data_dir: Path) -> Iterator[Store]:
    """The folder's database, its schema made."""
    opened = Store(Settings(data_dir=data_dir).store_url)
    migrate.upgrade(opened)
    yield opened
    opened.close()


@pytest.fixture
def filled(store: Store) -> Store:
    """The same with rows of every kind; see ``rows.py``."""
    fill(store)
    return store
