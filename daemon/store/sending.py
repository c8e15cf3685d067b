"""Rows of the outbox that are being sent: what is about to be, and what came of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, update

from daemon.store.dialect import clean
from daemon.store.engine import Tx
from daemon.store.outbox import BY_ID, Leased, OutboxId
from daemon.store.tables import outbox


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of one try."""

    id: OutboxId
    #: Which try it was, from 1: what came of an earlier one is no news any more.
    attempt: int
    #: queued (again at ``due_at``), sent, failed
    state: str
    reply: str
    due_at: datetime | None = None
    sent_at: datetime | None = None


#: The attempt and the bytes are on record before the mail can have left (security.md G4).
_SENDING = (
    update(outbox)
    .where(outbox.c.id.in_(bindparam("ids", expanding=True)))
    .where(outbox.c.state.in_(["queued", "sending"]))
    # Two who hold the same mail after a jump of the clock: one counts the attempt, and sends.
    .where(outbox.c.attempts == bindparam("known_attempts"))
    .values(
        state="sending",
        attempts=outbox.c.attempts + 1,
        leases=0,
        due_at=bindparam("lease_until"),
    )
    .returning(outbox.c.id)
)
_FINAL = BY_ID.values(raw=bindparam("final"), notice=None)
_OUTCOME = BY_ID.where(
    outbox.c.state == "sending", outbox.c.attempts == bindparam("attempt")
).values(
    state=bindparam("new_state"),
    last_reply=bindparam("reply"),
    due_at=bindparam("new_due_at"),
    sent_at=bindparam("new_sent_at"),
)
_UNWRITTEN = BY_ID.where(outbox.c.state == "queued").values(
    state="failed", due_at=None, last_reply=bindparam("reply")
)


def record(
    tx: Tx, outcomes: Sequence[Outcome], starting: Sequence[Leased], *, lease_until: datetime
) -> set[OutboxId]:
    """What became of some tries, and which mails are about to be sent now.

    Returns those that may be: the others were dropped or begun by somebody else since their lease.
    """
    if outcomes:
        tx.execute(
            _OUTCOME,
            [
                {
                    "row_id": outcome.id,
                    "attempt": outcome.attempt,
                    "new_state": outcome.state,
                    "reply": clean(outcome.reply[:500]),
                    "new_due_at": outcome.due_at,
                    "new_sent_at": outcome.sent_at,
                }
                for outcome in outcomes
            ],
        )
    begun = _begin(tx, starting, lease_until)
    worded = [mail for mail in starting if not mail.is_on_record and mail.id in begun]
    if worded:
        tx.execute(_FINAL, [{"row_id": mail.id, "final": mail.raw} for mail in worded])
    return begun


def _begin(tx: Tx, mails: Sequence[Leased], lease_until: datetime) -> set[OutboxId]:
    begun: set[OutboxId] = set()
    for attempts in {mail.attempts for mail in mails}:
        ids = [mail.id for mail in mails if mail.attempts == attempts]
        wanted = {"ids": ids, "known_attempts": attempts, "lease_until": lease_until}
        begun.update(map(OutboxId, tx.execute(_SENDING, wanted).scalars()))
    return begun


def fail(tx: Tx, row_id: OutboxId, *, reply: str) -> bool:
    """A leased mail cannot even be begun; False where it is not waiting any more.

    ``retry`` tries it again.
    """
    failed = tx.execute(_UNWRITTEN, {"row_id": row_id, "reply": clean(reply[:500])})
    return failed.rowcount == 1
