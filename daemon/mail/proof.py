"""How far a mail proves its sender: the seam for authority (security.md §4.1). Pure.

Now: a signed address together with its recipient's strict From, and a road that the configuration
trusts to have checked senders. DMARC, DKIM, S/MIME and confirmation by reply join here, as further
grounds for ``AGENT``; nothing else in the desk may decide that a sender is who he says.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

from daemon.arrival import Envelope
from daemon.mail.address import Token
from daemon.mail.mailbox import fold
from daemon.mail.message import Message


class Level(IntEnum):
    """What a mail may do, each level all that is below it."""

    #: The From field and no more: may open a ticket.
    NONE = 0
    #: The one whom we wrote to answers at the address that we gave him: his part of that ticket.
    PARTICIPANT = 1
    #: And the road has checked senders: may act as the agent that he is.
    AGENT = 2


@dataclass(frozen=True, slots=True)
class Proof:
    """A level, and the ground on which it stands or the one that was missing."""

    level: Level
    because: str


def prove(
    message: Message,
    envelope: Envelope,
    token: Token | None,
    sender_addresses: frozenset[str],
) -> Proof:
    """How far the mail proves that the token's person wrote it.

    ``sender_addresses`` are the folded addresses of that person; Sender, Reply-To and the
    envelope's sender never count.
    """
    if token is None:
        return Proof(Level.NONE, "no signed address")
    if not message.from_is_strict or message.from_ is None:
        return Proof(Level.NONE, "the From field can be read in two ways")
    if fold(message.from_.address) not in sender_addresses:
        return Proof(Level.NONE, "the signed address was given to somebody else")
    if not envelope.trusted:
        return Proof(Level.PARTICIPANT, "signed address; the road does not check senders")
    return Proof(Level.AGENT, "signed address, by a road that checks senders")
