"""Rows of sets of rules: which are in force in every process, and which were when."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select, update

from daemon.store.dialect import insert_new
from daemon.store.engine import Tx
from daemon.store.tables import rule_sets


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptSet:
    """A set of rules as its files said it."""

    version: str
    in_force_at: datetime
    files: Mapping[str, str]


_NEXT = timedelta(microseconds=1)
_LATEST = select(rule_sets.c.version).order_by(rule_sets.c.in_force_at.desc()).limit(1)


def latest(tx: Tx) -> str:
    """The version in force; empty before the first."""
    return tx.execute(_LATEST).scalar() or ""


def get(tx: Tx, version: str) -> KeptSet | None:
    """What a version said."""
    row = tx.execute(select(rule_sets).where(rule_sets.c.version == version)).one_or_none()
    if row is None:
        return None
    return KeptSet(version=row.version, in_force_at=row.in_force_at, files=row.files)


def put_in_force(tx: Tx, kept: KeptSet) -> None:
    """From now on this set counts, new or known: later than any other, whatever the clock says."""
    before = tx.execute(select(func.max(rule_sets.c.in_force_at))).scalar()
    at = max(kept.in_force_at, before + _NEXT) if before else kept.in_force_at
    known = update(rule_sets).where(rule_sets.c.version == kept.version)
    if not tx.execute(known.values(in_force_at=at)).rowcount:
        values = {
            "version": kept.version,
            "in_force_at": at,
            "files": dict(kept.files),
        }
        tx.execute(insert_new(tx, rule_sets), [values])
