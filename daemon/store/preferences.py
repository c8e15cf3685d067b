"""What a person wants for himself: his language, until when he is away, the daily mail."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import update

from daemon.store.engine import Tx
from daemon.store.tables import people


def prefer(tx: Tx, person: int, wishes: Mapping[str, Any]) -> None:
    """Keep his wishes: ``language``, ``away_until``, ``digest``."""
    tx.execute(update(people).where(people.c.id == person).values(**wishes))
