"""The schema's life: forward only, from code, the same on both databases.

Alembic is loaded only to migrate: a process that finds the schema as it wants it starts sooner.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files

from sqlalchemy import inspect, text

from daemon.errors import StoreBroken
from daemon.store.engine import Store, Tx

_TABLE = "alembic_version"


def upgrade(store: Store) -> None:
    """Bring the schema to this version, in one transaction; does nothing when it is there.

    Raises StoreBroken when the database is of a newer version.
    """
    known = _revisions()
    if _found(store) == known[-1]:
        return
    with store.begin() as tx:
        if not store.is_sqlite:  # two processes that start together must not both migrate
            tx.execute(text("SELECT pg_advisory_xact_lock(727263)"))
        at = _version(tx)
        if at == known[-1]:
            return
        if at is not None and at not in known:
            raise StoreBroken(f"the database is of version {at}, which this postdesk does not know")
        _migrate(tx)


def versions(store: Store) -> tuple[str | None, str]:
    """The schema's version in the database, and the one that this code wants."""
    return _found(store), _revisions()[-1]


def _found(store: Store) -> str | None:
    with store.read() as tx:
        return _version(tx)


def _version(tx: Tx) -> str | None:
    if not inspect(tx).has_table(_TABLE):
        return None
    version: str | None = tx.execute(text(f"SELECT version_num FROM {_TABLE}")).scalar()  # noqa: S608
    return version


@cache
def _revisions() -> tuple[str, ...]:
    """Every version, oldest first: a file begins with its number, and the order is linear."""
    names = (each.name for each in files("daemon.store.migrations.versions").iterdir())
    return tuple(sorted(name.partition("_")[0] for name in names if name[:1].isdigit()))


def _migrate(tx: Tx) -> None:
    from alembic.command import upgrade as alembic_upgrade
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", "daemon.store:migrations")
    config.attributes["connection"] = tx
    alembic_upgrade(config, "head")
