"""Who the desk is in its mails, and the addresses that it signs for each recipient. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field

from daemon.desk.people import fold
from daemon.errors import MailError
from daemon.mail.address import Keys, Purpose, Token, plus_address, sign
from daemon.settings import Settings
from workers.notices import wire
from workers.notices.notice import ANSWERS, Kind, Notice

#: Nobody needs to know that these came back; a bounce of the others finds ticket and person.
_NULL_SENDER = ANSWERS | {Kind.ALARM, Kind.UNDELIVERABLE, Kind.SLA_WARNING, Kind.SLA_BREACH}


@dataclass(frozen=True, slots=True, kw_only=True)
class DeskIdentity:
    """The desk as a correspondent."""

    name: str
    #: What it writes from.
    address: str
    #: The right side of its Message-IDs.
    domain: str
    keys: Keys = field(repr=False)
    #: False when the MTA does not deliver ``help+anything@``.
    plus_addresses: bool = True
    #: Every address of the desk: it never writes to these.
    addresses: tuple[str, ...] = ()

    @classmethod
    def of(cls, settings: Settings, keys: Keys) -> DeskIdentity:
        """The identity that an admin configured."""
        domain = wire.mailbox(settings.address).rpartition("@")[2]
        return cls(
            name=settings.name,
            address=settings.address,
            domain=domain.lower(),
            keys=keys,
            plus_addresses=settings.plus_addresses,
            addresses=settings.addresses,
        )

    def is_ours(self, address: str) -> bool:
        """True for the desk's addresses, plus-addresses included."""
        local, _, domain = fold(address).rpartition("@")
        bare = f"{local.partition('+')[0]}@{domain}"
        return any(fold(ours) in {bare, fold(address)} for ours in (self.address, *self.addresses))

    def may_write_to(self, address: str) -> bool:
        """False for the desk's own addresses and for what is no address."""
        try:
            wire.mailbox(address)
        except MailError:
            return False
        return not self.is_ours(address)

    def reply_address(self, notice: Notice) -> str:
        """Where the recipient answers: signed for him, this ticket and this audience."""
        is_answerable = notice.ticket is not None or notice.confirmation
        if not is_answerable or not self.plus_addresses:
            return self.address
        return plus_address(self.address, sign(self.keys, reply_token(notice)))

    def return_path(self, notice: Notice) -> str:
        """The reverse-path of the envelope; empty for the null sender (RFC 5321 §4.5.5)."""
        if notice.kind in _NULL_SENDER or notice.ticket is None:
            return ""
        if not self.plus_addresses:
            return self.address
        token = Token(Purpose.BOUNCE, notice.ticket.number, notice.to.person)
        return plus_address(self.address, sign(self.keys, token))


def reply_token(notice: Notice) -> Token:
    """What an answer to the notice proves; to a note or a report none is public (attack 36)."""
    if notice.confirmation:
        return Token(Purpose.CONFIRM, notice.confirmation, notice.to.person)
    purpose = Purpose.NOTE if notice.is_internal else Purpose.REPLY
    number = notice.ticket.number if notice.ticket else 0
    return Token(purpose, number, notice.to.person, notice.to.generation)
