"""Copies of the database: taken while it is written to, put back when nobody uses it."""

from __future__ import annotations

import stat
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from daemon.store import listing, migrate
from daemon.store.engine import Store
from daemon.store.seat import Seat
from tests.system.commands.conftest import Command
from tests.system.commands.rows import fill, many
from workers.job import EVERY_QUEUE


@pytest.fixture(params=["sqlite", "postgresql"])
def database(
    request: pytest.FixtureRequest, postdesk: Command, data_dir: Path
) -> Iterator[tuple[Store, Command]]:
    """A filled database of either kind, and the command that uses it."""
    url = f"sqlite:///{data_dir}/postdesk.db"
    if request.param == "postgresql":
        url = request.getfixturevalue("postgres_url")
    store = Store(url.replace("postgresql:", "postgresql+psycopg:"))
    migrate.upgrade(store)
    fill(store)
    yield store, Command({**postdesk.environ, "POSTDESK_DATABASE_URL": url})
    store.close()


def states(store: Store) -> list[str]:
    return [arrived.state for arrived in listing.arrivals(store)]


def test_upgrade_makes_the_schema(postdesk: Command, data_dir: Path) -> None:
    result = postdesk("db", "upgrade")

    store = Store(f"sqlite:///{data_dir}/postdesk.db")
    version, wanted = migrate.versions(store)
    store.close()
    assert version == wanted
    assert result.out == f"the database is of version {wanted}\n"


def test_backup_comes_back(database: tuple[Store, Command], tmp_path: Path) -> None:
    store, postdesk = database
    copy = tmp_path / "copy"
    before = states(store)

    backed_up = postdesk("db", "backup", copy)
    postdesk("inbox", "drop", 2)
    changed = states(store)
    store.close()
    restored = postdesk("db", "restore", copy)

    assert (backed_up.code, restored.code) == (0, 0), backed_up.err + restored.err
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    assert before != changed
    assert states(store) == before
    kept = Path(restored.out.splitlines()[0].removeprefix("the old database is kept as "))
    assert kept.name.endswith(".before-restore")
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    store.close()
    assert postdesk("db", "restore", kept).code == 0
    assert states(store) == changed


def test_restore_is_refused_while_the_desk_works(
    database: tuple[Store, Command], tmp_path: Path
) -> None:
    store, postdesk = database
    copy = tmp_path / "copy"
    postdesk("db", "backup", copy)
    store.close()

    for name in ("relay", *(f"work {queue}" for queue in EVERY_QUEUE)):
        seat = Seat(store, name)
        assert seat.is_held()
        refused = postdesk("db", "restore", copy)
        seat.leave()

        assert refused.code == 75
        assert "the desk is running; stop it first" in refused.err
    store.close()
    assert postdesk("db", "restore", copy).code == 0


def test_restore_is_refused_while_only_a_listener_runs(
    database: tuple[Store, Command], tmp_path: Path
) -> None:
    store, postdesk = database
    copy = tmp_path / "copy"
    postdesk("db", "backup", copy)

    with store.read():
        refused = postdesk("db", "restore", copy)

    assert refused.code == 75
    assert states(store)[1] == "held"


def test_restore_of_something_else_changes_nothing(
    database: tuple[Store, Command], tmp_path: Path
) -> None:
    store, postdesk = database
    store.close()
    other = tmp_path / "other"
    other.write_bytes(b"a photo of a cat" * 1000)

    refused = postdesk("db", "restore", other)
    missing = postdesk("db", "restore", tmp_path / "nothing")

    assert (refused.code, missing.code) == (75, 1)
    assert f"{other} is no copy of a desk's database" in refused.err
    assert "there is no file" in missing.err
    assert len(states(store)) == 5


def test_backup_of_a_desk_that_takes_mail_is_whole(tmp_path: Path, data_dir: Path) -> None:
    store = Store(f"sqlite:///{data_dir}/postdesk.db")
    migrate.upgrade(store)
    postdesk = Command({"POSTDESK_DATA_DIR": str(data_dir)})
    is_done = threading.Event()

    def write() -> None:
        last = 0
        while not is_done.is_set():
            last += 1
            many(store, last)

    writer = threading.Thread(target=write)
    writer.start()
    try:
        result = postdesk("db", "backup", tmp_path / "copy")
    finally:
        is_done.set()
        writer.join()
    store.close()

    assert result.code == 0, result.err
    copy = Store(f"sqlite:///{tmp_path}/copy")
    ids = [arrived.id for arrived in listing.arrivals(copy)]
    with copy.read() as tx:
        raws = [listing.arrival_raw(tx, row_id) for row_id in ids]
    copy.close()
    assert len(raws) == len(ids) > 0


def test_backup_that_fails_leaves_the_last_one(filled: Store, postdesk: Command) -> None:
    target = Path("/proc/copy")

    result = postdesk("db", "backup", target)

    assert result.code == 75
    assert "cannot write /proc/copy" in result.err


def test_password_of_postgresql_is_in_no_command_line(tmp_path: Path, data_dir: Path) -> None:
    # A pg_dump of ours that writes down how it was called.
    bin_dir = tmp_path / "bin"
    bin_dir.mkdir()
    spy = bin_dir / "pg_dump"
    spy.write_text(
        f"#!{sys.executable}\nimport os, sys\n"
        f"open({str(tmp_path / 'words')!r}, 'w').write(repr(sys.argv))\n"
        f"open({str(tmp_path / 'environ')!r}, 'w').write(os.environ['PGPASSWORD'])\n"
    )
    spy.chmod(0o755)
    environ = {
        "PATH": str(bin_dir),
        "POSTDESK_DATABASE_URL": "postgresql://desk:s3cret@127.0.0.1:1/desk",
        "POSTDESK_DATA_DIR": str(data_dir),
    }

    result = Command(environ)("db", "backup", tmp_path / "copy")

    assert result.code == 0, result.err
    assert "s3cret" not in (tmp_path / "words").read_text()
    assert (tmp_path / "environ").read_text() == "s3cret"
    assert "s3cret" not in result.out + result.err


def test_missing_pg_dump_is_named(data_dir: Path, tmp_path: Path) -> None:
    environ = {
        "PATH": str(tmp_path),
        "POSTDESK_DATABASE_URL": "postgresql://desk@127.0.0.1:1/desk",
        "POSTDESK_DATA_DIR": str(data_dir),
    }

    result = Command(environ)("db", "backup", tmp_path / "copy")

    assert "pg_dump is not installed" in result.err
