"""From a decided notice to the bytes that are sent, in the job that sends them.

Wording costs more than deciding: here it keeps no other decision waiting. The bytes are durable
with the attempt, before they can have left, so that whatever is sent again is the same.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from daemon.errors import StoreError
from daemon.store import outbox
from daemon.store.outbox import Leased
from daemon.store.writes import Writes
from workers import unsent
from workers.desk import Desk
from workers.notices.packed import unpacked
from workers.tell import Teller


def finished(desk: Desk, mails: Iterable[Leased]) -> list[Leased]:
    """Those that can be sent, with their final bytes; the others have failed, and are reported."""
    done = []
    for mail in mails:
        try:
            done.append(mail if mail.raw else replace(mail, raw=worded(desk, mail.notice)))
        except Exception as err:
            desk.ctx.log.exception("mail_not_worded", outbox_id=mail.id, ticket=mail.ticket)
            _fail(desk, mail, f"it could not be written: {err}")
    _tell_of_faults(desk)
    return done


def worded(desk: Desk, notice: str) -> bytes:
    """What the outbox keeps of a notice, as the mail that is sent. Raises what is wrong with it."""
    return desk.write(unpacked(notice)).raw


def _fail(desk: Desk, mail: Leased, reply: str) -> None:
    with desk.ctx.store.begin() as tx:
        outbox.fail(tx, mail.id, reply=reply)
    unsent.report(desk, ticket=mail.ticket, recipient=mail.recipient, kind=mail.kind, reply=reply)


def _tell_of_faults(desk: Desk) -> None:
    """A template that could not be used is an admin's matter, told once."""
    found = desk.faults.take()
    if not found:
        return
    try:
        with desk.ctx.store.begin() as tx:
            writes = Writes(tx)
            teller = Teller(writes, desk, desk.ctx.clock.now())
            for key, fault in found.items():
                teller.to_admins(
                    f"template-{key}",
                    title="A template has a mistake; the shipped one is used in its place",
                    details=str(fault),
                )
            writes.flush()
    except StoreError:
        for fault in found.values():
            desk.faults.add(fault)
        raise
