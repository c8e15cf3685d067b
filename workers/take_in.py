"""The job that takes arrivals in: due inbox rows, a batch in one transaction, each mail on its own.

A ring is about one row, but whoever is woken takes every row that is due: under load one
transaction serves many mails. Attempts are counted before the work, so that a mail that kills its
worker is held after a few tries.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from daemon.arrival import InboxId
from daemon.desk.people import fold
from daemon.errors import ScannerAway, StoreError, Unparsable
from daemon.mail.message import Message
from daemon.mail.sender import Checked
from daemon.mail.skim import skim
from daemon.store import inbox
from daemon.store.dialect import clean
from daemon.store.engine import Tx
from daemon.store.inbox import Claimed, Head, Settled
from daemon.store.known import Known
from daemon.store.writes import Writes
from workers.admit import Hold, Wait, admit
from workers.checking import checked
from workers.desk import Desk
from workers.scanner import Scan
from workers.tell import Teller

_WAIT = timedelta(seconds=1)
_STORE_WAIT = timedelta(seconds=1)
_SCANNER_WAIT = timedelta(seconds=15)
#: A worker that died is no proof against the mail: crashes count for less than failures.
_CRASHES_PER_ATTEMPT = 4


@dataclass(frozen=True, slots=True)
class _Read:
    mail: Claimed
    message: Message
    checked: Checked
    scan: Scan


def take_in(desk: Desk, inbox_id: int) -> None:
    """Take in this arrival and every other that is due."""
    desk.intake.work(lambda: _take_in_due(desk))


def _take_in_due(desk: Desk) -> bool:
    """Take in as many as one may claim, and what is due after them; False when nothing was."""
    if not _is_any_due(desk):
        return False
    with desk.ctx.store.begin() as tx:
        first = mails = _claim(tx, desk)
    while mails:
        mails = _take_in_claimed(desk, mails)
        desk.ctx.ring("deliver", 0)
    return bool(first)


def _is_any_due(desk: Desk) -> bool:
    """Asked before one waits for his turn to write; an answer may have released a held mail."""
    with desk.ctx.store.read() as tx:
        due = inbox.next_due(tx)
    return due is not None and due <= desk.ctx.clock.now()


def _claim(tx: Tx, desk: Desk) -> list[Claimed]:
    work, now = desk.ctx.settings.work, desk.ctx.clock.now()
    lease_until = now + timedelta(seconds=work.lease_seconds)
    return inbox.claim(tx, now=now, lease_until=lease_until, most=work.batch)


def _take_in_claimed(desk: Desk, mails: list[Claimed]) -> list[Claimed]:
    """Take these in; returns what was claimed in passing."""
    desk.introduce()
    fresh, *suspect = _batches(mails)
    if not suspect:
        return _take_in_batch(desk, fresh, claims=True)
    for batch in (fresh, *suspect):
        _take_in_batch(desk, batch)
    return []


def _batches(mails: Sequence[Claimed]) -> list[list[Claimed]]:
    """Fresh mails together; one whose worker died before, alone, after the others."""
    fresh = [mail for mail in mails if mail.attempts == 1]
    return [batch for batch in (fresh, *([mail] for mail in mails if mail.attempts > 1)) if batch]


def _take_in_batch(desk: Desk, batch: list[Claimed], *, claims: bool = False) -> list[Claimed]:
    """All in one transaction; when one fails, all are rolled back and each has its own.

    Where several came at once more have come since: the same transaction ``claims`` them.
    """
    read = [one for mail in batch if (one := _read(desk, mail))]
    if len(read) > 1:
        try:
            return _settle(desk, read, claims=claims)
        except Exception as err:  # noqa: BLE001  whatever it was, it comes again below, alone
            desk.ctx.log.info("batch_divided", mails=len(read), error=type(err).__name__)
    for one in read:
        _settle_alone(desk, one)
    return []


def _settle_alone(desk: Desk, one: _Read) -> None:
    log = desk.ctx.log.bind(inbox_id=one.mail.id, message_id=one.mail.message_id)
    try:
        _settle(desk, [one])
    except StoreError as err:
        log.warning("take_in_deferred", error=str(err))
        _wait(desk, one.mail)
    except Exception as err:
        log.exception("take_in_failed")
        _fail(desk, one.mail, err)


def _read(desk: Desk, mail: Claimed) -> _Read | None:
    """The mail as read; one that cannot be is out of the others' way at once."""
    try:
        message = _parse(desk, mail)
        scan = desk.scanner.scan(mail.raw)
        return _Read(mail, message, checked(desk, mail, message), scan)
    except Unparsable as err:
        _fail(desk, mail, err)
    except ScannerAway as err:
        desk.ctx.log.warning("scanner_away", inbox_id=mail.id, error=str(err))
        _wait(desk, mail, _SCANNER_WAIT)
    except Exception as err:
        desk.ctx.log.exception("take_in_failed", inbox_id=mail.id)
        _fail(desk, mail, err)
    return None


def _parse(desk: Desk, mail: Claimed) -> Message:
    if mail.attempts > desk.ctx.settings.limits.attempts * _CRASHES_PER_ATTEMPT:
        raise Unparsable(f"its worker died {mail.attempts - 1} times")
    return desk.parsers.parse(mail.raw)


def _settle(desk: Desk, read: Sequence[_Read], *, claims: bool = False) -> list[Claimed]:
    """Decide and write; raises what went wrong, and then nothing is written."""
    now = desk.ctx.clock.now()
    done: list[tuple[InboxId, Settled]] = []
    with desk.ctx.store.begin() as tx:
        ours = inbox.still_claimed(tx, [one.mail for one in read])
        known = _look_up(Writes(tx), read)
        for one in read:
            if one.mail.id not in ours:
                continue
            outcome = admit(known, desk, one.mail, one.message, one.checked, one.scan, now)
            if isinstance(outcome, Settled):
                done.append((one.mail.id, outcome))
            else:
                _put_off(known.writes, desk, one.mail, one.message, outcome)
        known.writes.flush()
        inbox.settle(tx, done)
        more = _claim(tx, desk) if claims else []
    for row_id, settled in done:
        desk.ctx.log.info(
            "mail_taken_in", inbox_id=row_id, fate=settled.fate, ticket=settled.ticket
        )
    return more


def _look_up(writes: Writes, read: Sequence[_Read]) -> Known:
    """What every mail of the batch will ask for, asked once."""
    messages = [one.message for one in read]
    return Known(
        writes,
        content_keys=[message.content_key for message in messages],
        message_ids=[message.message_id for message in messages if message.message_id],
        addresses=[clean(fold(message.from_.address)) for message in messages if message.from_],
    )


def _put_off(
    writes: Writes, desk: Desk, mail: Claimed, message: Message, outcome: Wait | Hold
) -> None:
    now = desk.ctx.clock.now()
    if isinstance(outcome, Hold):
        _hold(writes, desk, mail, outcome.error, message)
    else:
        inbox.wait(writes.tx, mail.id, until=now + _WAIT)


def _wait(desk: Desk, mail: Claimed, pause: timedelta = _STORE_WAIT) -> None:
    """Others' trouble is no fault of the mail: soon again, and no attempt is counted."""
    until = desk.ctx.clock.now() + pause
    with desk.ctx.store.begin() as tx:
        if inbox.still_claimed(tx, [mail]):
            inbox.wait(tx, mail.id, until=until)


def _defer(desk: Desk, mail: Claimed, error: str) -> None:
    until = desk.ctx.clock.now() + _WAIT * 2**mail.attempts
    with desk.ctx.store.begin() as tx:
        if inbox.still_claimed(tx, [mail]):
            inbox.defer(tx, mail.id, until=until, error=error)


def _fail(desk: Desk, mail: Claimed, err: Exception) -> None:
    """Ours to mend: tried again a few times, then held; at once where it would fail again."""
    error = str(err) if isinstance(err, Unparsable) else f"{type(err).__name__}: {err}"
    if not isinstance(err, Unparsable) and mail.attempts < desk.ctx.settings.limits.attempts:
        _defer(desk, mail, error)
        return
    with desk.ctx.store.begin() as tx:
        if not inbox.still_claimed(tx, [mail]):
            return
        writes = Writes(tx)
        _hold(writes, desk, mail, error, None)
        writes.flush()


def _hold(writes: Writes, desk: Desk, mail: Claimed, error: str, message: Message | None) -> None:
    """Set aside with its head readable; the admins are told once."""
    inbox.hold(writes.tx, mail.id, error=error, head=_head(mail, message))
    desk.ctx.log.warning("mail_held", inbox_id=mail.id, error=error)
    Teller(writes, desk, desk.ctx.clock.now()).to_admins(
        f"held-{mail.id}",
        title=f"A mail is held: {mail.message_id or mail.id}",
        details=f"{error}\npostdesk inbox show {mail.id}\npostdesk inbox release {mail.id}",
    )


def _head(mail: Claimed, message: Message | None) -> Head:
    if message is None:
        skimmed = skim(mail.raw)
        return Head(from_address=skimmed.from_address, subject=skimmed.subject)
    return Head(
        from_address=message.from_.address if message.from_ else "", subject=message.subject
    )
