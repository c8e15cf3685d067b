"""Who sent a mail, as far as it can be known: asked before the transaction, for it may ask others.

``daemon/mail/sender.py`` judges; here is only what it must be told.
"""

from __future__ import annotations

from daemon import signatures
from daemon.desk.people import Directory, fold
from daemon.errors import LookupFailed
from daemon.mail import headers
from daemon.mail.message import Message
from daemon.mail.sender import Checked, Signatures, Trip, check
from daemon.store.inbox import Claimed
from workers.desk import Desk


def checked(desk: Desk, mail: Claimed, message: Message) -> Checked:
    """How far the mail's sender was checked."""
    settings = desk.ctx.settings.authority
    directory = desk.rules.current().directory
    agent = directory.agent(mail.envelope.login) if mail.envelope.login else None
    needs_fields = settings.authserv_id or settings.verify_dkim
    header = headers.split(mail.raw, 0, len(mail.raw)) if needs_fields else headers.Header()
    return check(
        Trip(
            message=message,
            fields=header.fields,
            envelope=mail.envelope,
            source=mail.source,
            authority=settings,
            signatures=_signatures(desk, directory, mail, message, header),
            login_addresses=frozenset(agent.addresses) if agent else frozenset(),
        )
    )


def _signatures(
    desk: Desk, directory: Directory, mail: Claimed, message: Message, header: headers.Header
) -> Signatures:
    """Of agents' mails only: a stranger's signature would gain him nothing and cost us the DNS."""
    settings = desk.ctx.settings.authority
    author = fold(message.from_.address) if message.from_ else ""
    if not settings.verify_dkim or not message.from_is_strict or not directory.agent_at(author):
        return Signatures()
    try:
        return signatures.verify(
            mail.raw,
            header,
            author.rpartition("@")[2],
            desk.resolver.texts,
            with_seal=bool(settings.sealers),
        )
    except LookupFailed as err:
        desk.ctx.log.warning("dns_unreachable", inbox_id=mail.id, error=str(err))
        return Signatures()
