"""The wheel is whole: built, installed in a clean environment, it runs from anywhere."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import sysconfig
import tomllib
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
LOCKS = ("requirements.lock", "requirements-dev.lock")


def run(*words: str | Path, cwd: Path = ROOT) -> str:
    """The output of a command that must succeed, far from our source tree's environment."""
    environ = {key: value for key, value in os.environ.items() if not key.startswith("POSTDESK_")}
    environ.pop("PYTHONPATH", None)
    result = subprocess.run(
        [str(word) for word in words],
        cwd=cwd, env=environ, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of this source tree."""
    folder = tmp_path_factory.mktemp("wheel")
    run(sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder)
    (path,) = folder.glob("postdesk-*.whl")
    return path


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The ``bin`` folder of a new environment with the wheel; its dependencies are this one's."""
    folder = tmp_path_factory.mktemp("opt") / "postdesk"
    venv.create(folder, symlinks=True, with_pip=False)
    python = folder / "bin/python"
    run(
        sys.executable, "-m", "pip", "--python", python, "install", "--quiet", "--no-index",
        "--no-deps", wheel,
    )  # fmt: skip
    site = folder / "lib" / f"python{sysconfig.get_python_version()}" / "site-packages"
    # Files of this kind are not read in a folder that one of them names: ours stays out of sight.
    (site / "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return folder / "bin"


def test_wheel_carries_our_packages_and_nothing_else(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()

    tops = {name.partition("/")[0] for name in names}
    assert {top for top in tops if not top.endswith(".dist-info")} == {
        "daemon",
        "workers",
        "scripts",
    }
    code = [name for name in names if name.startswith(("workers/", "scripts/"))]
    others = [name for name in code if not name.endswith(".py")]
    assert others
    assert all(name.startswith("scripts/samples/") for name in others)
    assert not [name for name in names if name.startswith(("scripts/bench", "scripts/chaos"))]


@pytest.mark.parametrize("kind", ["templates", "rules"])
def test_wheel_carries_every_shipped_file(wheel: Path, kind: str) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())

    shipped = {
        f"daemon/_shipped/{path.relative_to(ROOT).as_posix()}"
        for path in (ROOT / kind).rglob("*")
        if path.is_file() and not path.name.startswith(".")
    }
    assert shipped
    assert shipped <= names


def test_installed_command_explains_itself_from_anywhere(installed: Path) -> None:
    text = run(installed / "postdesk", "--help", cwd=Path("/"))

    for command in ("run", "check", "parse", "ticket", "inbox", "outbox"):
        assert re.search(rf"^  {command}\b", text, re.MULTILINE)


def test_installed_command_parses_a_mail_from_anywhere(installed: Path, tmp_path: Path) -> None:
    mail = tmp_path / "mail.eml"
    mail.write_bytes(b"From: Anna <anna@example.org>\r\nSubject: Printer\r\n\r\nIt burns.\r\n")

    parsed = json.loads(run(installed / "postdesk", "parse", mail, cwd=Path("/")))

    assert (parsed["subject"], parsed["text"].strip()) == ("Printer", "It burns.")


@pytest.mark.parametrize("kind", ["templates", "rules"])
def test_installed_defaults_are_found_in_the_package(installed: Path, kind: str) -> None:
    program = f"from daemon.shipped import folder; print(folder({kind!r}))"

    found = Path(run(installed / "python", "-c", program, cwd=Path("/")).strip())

    assert found.is_relative_to(installed.parent)
    ours = {path.name for path in (ROOT / kind).iterdir() if not path.name.startswith(".")}
    assert ours <= {path.name for path in found.iterdir()}


def test_migrations_are_found_in_the_package(installed: Path, tmp_path: Path) -> None:
    program = (
        "from daemon.store import migrate\n"
        "from daemon.store.engine import Store\n"
        f"store = Store('sqlite:///{tmp_path}/postdesk.db')\n"
        "migrate.upgrade(store)\n"
        "store.close()\n"
    )

    run(installed / "python", "-c", program, cwd=Path("/"))

    assert (tmp_path / "postdesk.db").stat().st_size > 0


def test_top_level_names_are_ours_alone(installed: Path) -> None:
    program = (
        "import json, importlib.metadata as metadata\n"
        "print(json.dumps(metadata.packages_distributions()))"
    )

    owners = json.loads(run(installed / "python", "-c", program, cwd=Path("/")))

    for name in ("daemon", "workers", "scripts"):
        assert set(owners[name]) == {"postdesk"}


@pytest.mark.parametrize("name", LOCKS)
def test_locks_pin_by_hash_and_name_no_source(name: str) -> None:
    text = (ROOT / name).read_text()

    assert "://" not in text
    assert not re.search(r"^\s*-(?!-hash=)", text, re.MULTILINE)
    for entry in text.replace("\\\n", " ").splitlines():
        assert re.match(r"[\w.\[\]-]+==\S+ .*--hash=sha256:[0-9a-f]{64}", entry), entry


def test_locks_agree() -> None:
    runtime, dev = (_pins(ROOT / name) for name in LOCKS)

    assert runtime.items() <= dev.items()


def test_locks_cover_every_declared_dependency() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    named = [*project["project"]["dependencies"], *project["dependency-groups"]["build"]]

    declared = {re.match(r"[\w-]+", name)[0].lower() for name in named}  # type: ignore[index]

    assert declared <= set(_pins(ROOT / LOCKS[0]))


def _pins(path: Path) -> dict[str, str]:
    return dict(re.findall(r"^([\w.-]+)(?:\[\S+\])?==(\S+)", path.read_text(), re.MULTILINE))
