"""Who was asked how content he is: once a ticket, and not too often."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import bindparam, select

from daemon.store.dialect import insert_new
from daemon.store.engine import Tx
from daemon.store.tables import surveys

_ASKED = (
    select(surveys.c.ticket)
    .where(
        (surveys.c.ticket == bindparam("number"))
        | ((surveys.c.person == bindparam("whom")) & (surveys.c.asked_at > bindparam("since")))
    )
    .limit(1)
)


def ask(tx: Tx, *, ticket: int, person: int, now: datetime, since: datetime) -> bool:
    """Whether to ask him about this ticket; True but once, and then it is on record."""
    if tx.execute(_ASKED, {"number": ticket, "whom": person, "since": since}).first():
        return False
    row = {"ticket": ticket, "person": person, "asked_at": now}
    tx.execute(insert_new(tx, surveys), [row])
    return True
