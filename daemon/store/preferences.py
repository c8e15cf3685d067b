"""What a person wants for himself: his language, until when he is away, the daily mail."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select, update

from daemon.store.engine import Tx
from daemon.store.tables import people


def prefer(tx: Tx, person: int, wishes: Mapping[str, Any]) -> None:
    """Keep his wishes: ``language``, ``away_until``, ``digest``."""
    tx.execute(update(people).where(people.c.id == person).values(**wishes))


def away_until(tx: Tx, person: int, now: datetime) -> datetime | None:
    """Until when he is away; None when he is there."""
    query = select(people.c.away_until).where(people.c.id == person)
    until: datetime | None = tx.execute(query).scalar_one()
    return until if until and until > now else None


def wants_digest(tx: Tx, person: int) -> bool:
    """Whether he gets the daily mail: until he says ``/digest off``."""
    query = select(people.c.digest).where(people.c.id == person)
    return bool(tx.execute(query).scalar_one())
