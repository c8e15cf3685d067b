"""Rows of questions to agents: did you write this? A yes lets the held mail be taken in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NewType

from sqlalchemy import Row, func, insert, select, update

from daemon.store.engine import Tx
from daemon.store.tables import confirmations

ConfirmationId = NewType("ConfirmationId", int)


class About(StrEnum):
    """What is asked."""

    #: Whether he wrote it.
    IDENTITY = "identity"
    #: Also whether he means it: destructive or wide.
    ACT = "act"


@dataclass(frozen=True, slots=True, kw_only=True)
class Confirmation:
    """One question."""

    id: ConfirmationId = ConfirmationId(0)
    #: The held mail.
    inbox_id: int
    ticket: int | None
    agent: str
    path: str
    kind: About
    asked_at: datetime
    #: waiting, yes, no
    state: str = "waiting"


def ask(tx: Tx, wanted: Confirmation) -> ConfirmationId:
    """Keep a question; its id is its nonce, which the signed address in the question carries."""
    values = {
        "inbox_id": wanted.inbox_id,
        "ticket": wanted.ticket,
        "agent": wanted.agent,
        "path": wanted.path,
        "kind": wanted.kind.value,
        "asked_at": wanted.asked_at,
        "state": wanted.state,
    }
    made = tx.execute(insert(confirmations).values(values))
    [row_id] = made.inserted_primary_key or (0,)
    return ConfirmationId(row_id)


def find(tx: Tx, row_id: int) -> Confirmation | None:
    """A question, locked until the commit."""
    query = select(confirmations).where(confirmations.c.id == row_id).with_for_update()
    row = tx.execute(query).first()
    return _of(row) if row else None


def answer(tx: Tx, row_id: ConfirmationId, *, is_yes: bool, now: datetime) -> None:
    """It is answered, once and for all."""
    tx.execute(
        update(confirmations)
        .where(confirmations.c.id == row_id)
        .values(state="yes" if is_yes else "no", answered_at=now)
    )


def confirmed(tx: Tx, inbox_id: int, agent: str) -> frozenset[About]:
    """What this agent said yes to about a mail."""
    query = select(confirmations.c.kind).where(
        confirmations.c.inbox_id == inbox_id,
        confirmations.c.agent == agent,
        confirmations.c.state == "yes",
    )
    return frozenset(About(kind) for kind in tx.execute(query).scalars())


def is_known(tx: Tx, agent: str, path: str, since: datetime) -> bool:
    """True when the agent said yes to a mail by this path not long ago."""
    query = select(confirmations.c.id).where(
        confirmations.c.agent == agent,
        confirmations.c.path == path,
        confirmations.c.state == "yes",
        confirmations.c.answered_at > since,
    )
    return bool(path) and tx.execute(query.limit(1)).first() is not None


def asked_since(tx: Tx, agent: str, since: datetime) -> int:
    """How many questions an agent got that he has not answered."""
    query = select(func.count()).where(
        confirmations.c.agent == agent,
        confirmations.c.asked_at > since,
        confirmations.c.state == "waiting",
    )
    return int(tx.execute(query).scalar_one())


def _of(row: Row[tuple[object, ...]]) -> Confirmation:
    values = dict(row._mapping)
    values.pop("answered_at")
    return Confirmation(**(values | {"kind": About(values["kind"])}))
