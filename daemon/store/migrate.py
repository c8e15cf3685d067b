"""The schema's life: forward only, from code, the same on both databases."""

from __future__ import annotations

from alembic.command import upgrade as alembic_upgrade
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import text

from daemon.errors import StoreBroken
from daemon.store.engine import Store, Tx


def upgrade(store: Store) -> None:
    """Bring the schema to this version, in one transaction; does nothing when it is there.

    Raises StoreBroken when the database is of a newer version.
    """
    config = _config()
    scripts = ScriptDirectory.from_config(config)
    with store.begin() as tx:
        if not store.is_sqlite:  # two processes that start together must not both migrate
            tx.execute(text("SELECT pg_advisory_xact_lock(727263)"))
        at = _version(tx)
        if at == scripts.get_current_head():
            return
        if at is not None and at not in {script.revision for script in scripts.walk_revisions()}:
            raise StoreBroken(f"the database is of version {at}, which this postdesk does not know")
        config.attributes["connection"] = tx
        alembic_upgrade(config, "head")


def versions(store: Store) -> tuple[str | None, str | None]:
    """The schema's version in the database, and the one that this code wants."""
    with store.read() as tx:
        return _version(tx), ScriptDirectory.from_config(_config()).get_current_head()


def _version(tx: Tx) -> str | None:
    return MigrationContext.configure(tx).get_current_revision()


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", "daemon.store:migrations")
    return config
