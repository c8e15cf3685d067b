"""From a decided notice to the bytes that are sent, in the job that sends them.

Wording costs more than deciding: here it keeps no other decision waiting. The bytes are durable
with the attempt, before they can have left, so that whatever is sent again is the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from daemon.errors import StoreError
from daemon.store import outbox, sending
from daemon.store.outbox import Leased
from daemon.store.writes import Writes
from workers import nondelivery
from workers.desk import Desk
from workers.notices.packed import unpacked
from workers.tell import Teller

#: A worker that died is no proof against the mail that it was to write, but so many are.
_MOST_DEATHS: Final = 12


def in_order(mails: Sequence[Leased]) -> list[Leased]:
    """Oldest first; those whose worker died before come last, and of them the newest first.

    What kills whoever writes it is an old one: those that were leased beside it leave before it.
    """
    fresh = [mail for mail in mails if mail.leases <= 1]
    suspect = [mail for mail in mails if mail.leases > 1]
    return [*fresh, *reversed(suspect)]


def finished(desk: Desk, mail: Leased) -> Leased | None:
    """The mail with its final bytes; None where there can be none: it has failed, and is told of.

    Raises StoreError when that cannot be written down: the mail is leased until it is tried again.
    """
    if not mail.raw and not mail.notice:
        with desk.ctx.store.read() as tx:
            raw, notice = outbox.content(tx, mail.id)
        mail = replace(mail, raw=raw, notice=notice)
    if mail.raw:
        return mail
    if mail.leases > _MOST_DEATHS:
        desk.ctx.log.error("mail_not_worded", outbox_id=mail.id, ticket=mail.ticket)
        _fail(desk, mail, f"whoever was to write it died {mail.leases - 1} times")
        return None
    try:
        raw = worded(desk, mail.notice)
    except Exception as err:
        desk.ctx.log.exception("mail_not_worded", outbox_id=mail.id, ticket=mail.ticket)
        _fail(desk, mail, str(err))
        return None
    return replace(mail, raw=raw, notice="", is_on_record=False)


def worded(desk: Desk, notice: str) -> bytes:
    """What the outbox keeps of a notice, as the mail that is sent. Raises what is wrong with it."""
    return desk.write(unpacked(notice)).raw


def _fail(desk: Desk, mail: Leased, why: str) -> None:
    reply = f"it could not be written: {why}"
    desk.introduce()
    with desk.ctx.store.begin() as tx:
        if sending.fail(tx, mail.id, reply=reply):
            nondelivery.tell(Writes(tx), desk, mail, reply)


def tell_of_faults(desk: Desk) -> None:
    """A template that could not be used is an admin's matter, told once; later where it must be."""
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
    except StoreError as err:
        desk.ctx.log.warning("alarm_deferred", error=str(err))
        for fault in found.values():
            desk.faults.add(fault)
