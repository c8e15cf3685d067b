"""The schema's life, on both databases."""

from __future__ import annotations

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import text

from daemon.errors import StoreBroken
from daemon.store import migrate
from daemon.store.engine import Store
from daemon.store.tables import metadata


def test_migrations_lead_to_the_tables(store: Store) -> None:
    with store.read() as tx:
        context = MigrationContext.configure(
            tx, opts={"compare_type": True, "include_name": _is_ours}
        )
        assert compare_metadata(context, metadata) == []


def _is_ours(name: str | None, kind: str, _: object) -> bool:
    """All but the index of words, whose form is each database's own: test_search.py has it."""
    return kind != "table" or not str(name).startswith("search")


def test_upgrading_again_does_nothing(store: Store) -> None:
    migrate.upgrade(store)

    found, wanted = migrate.versions(store)
    assert found == wanted


def test_a_files_number_is_its_revision_and_the_last_is_the_head(store: Store) -> None:
    config = Config()
    config.set_main_option("script_location", "daemon.store:migrations")

    assert migrate.versions(store)[1] == ScriptDirectory.from_config(config).get_current_head()


def test_a_newer_database_is_refused(store: Store) -> None:
    with store.begin() as tx:
        tx.execute(text("UPDATE alembic_version SET version_num = '9999'"))

    with pytest.raises(StoreBroken, match="9999"):
        migrate.upgrade(store)
