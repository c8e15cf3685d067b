"""The job that takes arrivals in: due inbox rows, a batch in one transaction, each mail on its own.

A ring is about one row, but whoever is woken takes every row that is due: under load one
transaction serves many mails. A mail that fails is rolled back alone; its attempt was counted
before the work, so that a mail that kills its worker is held after a few tries.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from daemon.errors import StoreError
from daemon.mail.message import Message
from daemon.mail.parse import parse
from daemon.store import inbox
from daemon.store.engine import Tx
from daemon.store.inbox import Claimed, Settled
from workers import tell
from workers.admit import Hold, Wait, admit
from workers.desk import Desk

_WAIT = timedelta(seconds=1)
#: A worker that died is no proof against the mail: crashes count for less than failures.
_CRASHES_PER_ATTEMPT = 4


@dataclass(frozen=True, slots=True)
class _Failed:
    error: Exception


def take_in(desk: Desk, inbox_id: int) -> None:
    """Take in this arrival and every other that is due."""
    while mails := _claim(desk):
        for batch in _batches(mails):
            _settle_batch(desk, batch)


def _claim(desk: Desk) -> list[Claimed]:
    ctx, work = desk.ctx, desk.ctx.settings.work
    now = ctx.clock.now()
    lease = timedelta(seconds=work.lease_seconds)
    with ctx.store.begin() as tx:
        return inbox.claim(tx, now=now, lease_until=now + lease, most=work.batch)


def _batches(mails: Sequence[Claimed]) -> list[list[Claimed]]:
    """Fresh mails together; one whose worker died before, alone, after the others."""
    fresh = [mail for mail in mails if mail.attempts == 1]
    return [batch for batch in (fresh, *([mail] for mail in mails if mail.attempts > 1)) if batch]


def _settle_batch(desk: Desk, batch: list[Claimed]) -> None:
    read = [(mail, _read(desk, mail)) for mail in batch]
    now = desk.ctx.clock.now()
    with desk.ctx.store.begin() as tx:
        for mail, message in read:
            _settle(tx, desk, mail, message, now)
    desk.ctx.ring("deliver", 0)


def _read(desk: Desk, mail: Claimed) -> Message | _Failed:
    most = desk.ctx.settings.limits.attempts * _CRASHES_PER_ATTEMPT
    if mail.attempts > most:
        return _Failed(RuntimeError(f"its worker died {mail.attempts - 1} times"))
    try:
        return parse(mail.raw)
    except Exception as err:  # noqa: BLE001  the job runner's edge: one mail stops nobody
        return _Failed(err)


def _settle(tx: Tx, desk: Desk, mail: Claimed, message: Message | _Failed, now: datetime) -> None:
    log = desk.ctx.log.bind(inbox_id=mail.id, message_id=mail.message_id)
    if isinstance(message, _Failed):
        _fail(tx, desk, mail, message.error, now)
        return
    try:
        with tx.begin_nested():
            outcome = admit(tx, desk, mail, message, now)
            _write(tx, desk, mail, message, outcome, now)
    except StoreError as err:
        log.warning("take_in_deferred", error=str(err))
        inbox.defer(tx, mail.id, until=now + _WAIT, error=str(err))
    except Exception as err:  # noqa: BLE001  the job runner's edge: one mail stops nobody
        _fail(tx, desk, mail, err, now)
    else:
        if isinstance(outcome, Settled):
            log.info("mail_taken_in", fate=outcome.fate, ticket=outcome.ticket)


def _write(
    tx: Tx,
    desk: Desk,
    mail: Claimed,
    message: Message,
    outcome: Settled | Wait | Hold,
    now: datetime,
) -> None:
    match outcome:
        case Settled():
            inbox.settle(tx, mail.id, outcome)
        case Wait():
            inbox.defer(tx, mail.id, until=now + _WAIT, error=None)
        case Hold(error=error):
            _hold(tx, desk, mail, error, now, message)


def _fail(tx: Tx, desk: Desk, mail: Claimed, err: Exception, now: datetime) -> None:
    """Ours to mend: tried again a few times, then held."""
    error = f"{type(err).__name__}: {err}"
    desk.ctx.log.error("take_in_failed", inbox_id=mail.id, message_id=mail.message_id, exc_info=err)
    if mail.attempts >= desk.ctx.settings.limits.attempts:
        _hold(tx, desk, mail, error, now, None)
    else:
        inbox.defer(tx, mail.id, until=now + _WAIT * 2**mail.attempts, error=error)


def _hold(
    tx: Tx, desk: Desk, mail: Claimed, error: str, now: datetime, message: Message | None
) -> None:
    head = None
    if message:
        author = message.from_.address if message.from_ else ""
        head = Settled(fate="held", from_address=author, subject=message.subject)
    inbox.hold(tx, mail.id, error=error, head=head)
    desk.ctx.log.warning("mail_held", inbox_id=mail.id, error=error)
    tell.to_admins(
        tx,
        desk,
        f"held-{mail.id}",
        now,
        title=f"A mail is held: {mail.message_id or mail.id}",
        details=f"{error}\npostdesk inbox show {mail.id}\npostdesk inbox release {mail.id}",
    )
