"""The job that sends: due outbox rows, one connection, one mail after the other.

For each mail two facts are durable before and after it can have left: "about to be sent", and what
came of it. The outcome of one mail is committed together with the start of the next, and with
those of the other connections. A worker that dies leaves at most one mail per connection in doubt
(security.md G4), and that one is sent again byte for byte.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta

from daemon.errors import (
    Lost,
    PermanentFailure,
    StoreBusy,
    StoreError,
    TemporaryFailure,
    Unreachable,
)
from daemon.store import outbox
from daemon.store.outbox import Leased
from daemon.store.sending import Outcome
from workers import nondelivery
from workers.carriers import Carrier, Carriers
from workers.desk import Desk
from workers.finishing import finished, in_order, tell_of_faults
from workers.steps import Step

_BATCH = 20
#: A connection that broke may be the smarthost's restart: the first retry comes sooner.
_LOST_SECONDS = 5
_STORE_RETRY_SECONDS = 0.5


def deliver(desk: Desk, carriers: Carriers, outbox_id: int) -> None:
    """Send this mail and every other that is due."""
    clock = desk.ctx.clock
    with carriers.borrow(clock.monotonic()) as carrier:
        if carrier is None:
            return
        while not carriers.stopping.is_set() and (mails := _lease(desk)):
            unsent = deque(in_order(mails))
            try:
                carrier.open()
                _send_all(desk, carriers, carrier, unsent)
            except Unreachable as err:
                if others := carriers.refused(clock.monotonic()):
                    _leave_to_others(desk, unsent, err.reply, others)
                else:
                    _postpone(desk, carriers, unsent, err.reply)
                return
            carriers.succeeded()
            tell_of_faults(desk)


def _lease(desk: Desk) -> list[Leased]:
    ctx = desk.ctx
    now = ctx.clock.now()
    with ctx.store.begin() as tx:
        return outbox.lease(tx, now=now, lease_until=_lease_end(desk, now), most=_BATCH)


def _lease_end(desk: Desk, now: datetime) -> datetime:
    """Longer than the smarthost may take to time out, or somebody else would send it too."""
    settings = desk.ctx.settings
    seconds = settings.work.lease_seconds + 2 * settings.delivery.timeout_seconds
    return now + timedelta(seconds=seconds)


def _send_all(desk: Desk, carriers: Carriers, carrier: Carrier, unsent: deque[Leased]) -> None:
    """Raises Unreachable; then ``unsent`` holds what was not sent, as far as we know."""
    outcome: Outcome | None = None
    try:
        while unsent and not carriers.stopping.is_set():
            mail = finished(desk, unsent[0])
            if mail is not None:
                before, outcome = outcome, None
                if _record(desk, carriers, before, mail):
                    carrier.open()
                    outcome = _send(desk, carrier, mail)
            # Sent, failed; or dropped or begun by somebody else since we leased it.
            unsent.popleft()
    finally:
        if outcome is not None:
            _record(desk, carriers, outcome, None)
    if unsent:
        with desk.ctx.store.begin() as tx:
            outbox.give_back(tx, [mail.id for mail in unsent], now=desk.ctx.clock.now())


def _record(
    desk: Desk, carriers: Carriers, outcome: Outcome | None, starting: Leased | None
) -> bool:
    """Make a step durable; True when ``starting`` may be sent now.

    A database that is away is waited for, or the mail would go twice. Where there is no room, what
    came of the last mail is written down without the bytes of the next; then it is raised.
    """
    clock = desk.ctx.clock
    lease_until = _lease_end(desk, clock.now())
    step = Step(outcome=outcome, starting=starting, lease_until=lease_until)
    deadline = clock.monotonic() + desk.ctx.settings.work.lease_seconds
    trouble: StoreError | None = None
    while True:
        try:
            is_begun = carriers.recorder.offer(step).result()
        except StoreError as err:
            is_busy = isinstance(err, StoreBusy)
            if not is_busy and step.starting is not None:
                trouble, step = err, replace(step, starting=None)
            if step.outcome is None and not is_busy:
                raise
            if clock.monotonic() > deadline or carriers.stopping.wait(_STORE_RETRY_SECONDS):
                raise
        else:
            if trouble is not None:
                raise trouble
            return is_begun


def _send(desk: Desk, carrier: Carrier, mail: Leased) -> Outcome:
    ctx = desk.ctx
    log = ctx.log.bind(outbox_id=mail.id, ticket=mail.ticket, kind=mail.kind)
    try:
        reply = carrier.send(mail)
    except PermanentFailure as err:
        log.warning("mail_refused", reply=err.reply)
        nondelivery.report(desk, mail, err.reply)
        return Outcome(id=mail.id, attempt=mail.attempts + 1, state="failed", reply=err.reply)
    except TemporaryFailure as err:
        return _later(desk, mail, err)
    log.info("mail_sent", reply=reply)
    return Outcome(
        id=mail.id, attempt=mail.attempts + 1, state="sent", reply=reply, sent_at=ctx.clock.now()
    )


def _later(desk: Desk, mail: Leased, err: TemporaryFailure) -> Outcome:
    """4yz: again by the retry table in the settings, until it is given up."""
    ctx, settings, reply = desk.ctx, desk.ctx.settings.delivery, err.reply
    now = ctx.clock.now()
    if now - mail.created_at > timedelta(days=settings.give_up_days):
        ctx.log.error("mail_given_up", outbox_id=mail.id, ticket=mail.ticket, reply=reply)
        nondelivery.report(desk, mail, _gave_up(desk, reply))
        return Outcome(id=mail.id, attempt=mail.attempts + 1, state="failed", reply=reply)
    waits = settings.retry_seconds
    wait = waits[min(mail.attempts, len(waits) - 1)]
    if isinstance(err, Lost) and mail.attempts == 0:
        wait = _LOST_SECONDS
    ctx.log.info("mail_deferred", outbox_id=mail.id, reply=reply, seconds=wait)
    return Outcome(
        id=mail.id,
        attempt=mail.attempts + 1,
        state="queued",
        reply=reply,
        due_at=now + timedelta(seconds=wait),
    )


def _leave_to_others(desk: Desk, mails: Iterable[Leased], reply: str, others: int) -> None:
    """The other side takes fewer connections than we would open; those it took go on."""
    ctx = desk.ctx
    with ctx.store.begin() as tx:
        outbox.give_back(tx, [mail.id for mail in mails], now=ctx.clock.now())
    ctx.log.warning("connection_refused", error=reply, connections=others)


def _postpone(desk: Desk, carriers: Carriers, mails: Iterable[Leased], reply: str) -> None:
    """The other side is away: everything that is due waits, and is tried again soon."""
    ctx = desk.ctx
    seconds = carriers.failed(ctx.clock.monotonic())
    now = ctx.clock.now()
    until = now + timedelta(seconds=seconds)
    with ctx.store.begin() as tx:
        outbox.give_back(tx, [mail.id for mail in mails], now=now)
        postponed = outbox.postpone(tx, now=now, until=until, reply=reply)
        given_up = outbox.expire(tx, before=now - timedelta(days=_give_up_days(desk)))
    ctx.log.warning("smarthost_unreachable", error=reply, mails=postponed, seconds=seconds)
    for mail in given_up:
        ctx.log.error("mail_given_up", outbox_id=mail.id, ticket=mail.ticket, reply=reply)
        nondelivery.report(desk, mail, _gave_up(desk, reply))


def _give_up_days(desk: Desk) -> float:
    return desk.ctx.settings.delivery.give_up_days


def _gave_up(desk: Desk, reply: str) -> str:
    return f"given up after {_give_up_days(desk):g} days: {reply}"
