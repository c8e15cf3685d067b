"""What a mail may do: four levels, each with its ground (security.md §4.1). Pure.

Nothing else in the desk may decide that a sender is who he says. A signed address alone makes a
participant and never an agent: notices are forwarded and quoted.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import IntEnum

from daemon.mail.address import Token
from daemon.mail.mailbox import fold
from daemon.mail.message import Message
from daemon.mail.sender import Checked


class Level(IntEnum):
    """What a mail may do, each level all that is below it."""

    #: The From field and no more: may open a ticket.
    NONE = 0
    #: The one whom we wrote to answers at the address that we gave him: his part of that ticket.
    PARTICIPANT = 1
    #: And his sender was checked: may act as the agent that he is.
    AGENT = 2
    #: And he answered our question about this very act: what is destructive or wide.
    CONFIRMED = 3


@dataclass(frozen=True, slots=True)
class Proof:
    """A level, and the ground on which it stands or the one that was missing."""

    level: Level
    because: str


def prove(
    message: Message,
    checked: Checked,
    token: Token | None,
    addresses: frozenset[str],
    *,
    generation: int = 0,
) -> Proof:
    """How far the mail proves that the token's person wrote it, on the token's ticket.

    ``addresses`` are the folded addresses of that person, ``generation`` what it must be of;
    Sender, Reply-To and the envelope's sender never count.
    """
    if token is None:
        return Proof(Level.NONE, "no signed address")
    if fault := _fault(message, addresses, "the signed address was given to somebody else"):
        return fault
    if token.generation != generation:
        # It proves nothing any more; a sender who was checked does not need it to.
        level = Level.AGENT if checked.is_checked else Level.NONE
        return Proof(level, f"the signed address was revoked; {checked.because}")
    if not checked.is_checked:
        return Proof(Level.PARTICIPANT, f"signed address; {checked.because}")
    return Proof(Level.AGENT, f"signed address, {checked.because}")


def prove_agent(message: Message, checked: Checked, addresses: frozenset[str]) -> Proof:
    """The same for mail that is about no ticket, as commands to the control address are."""
    if fault := _fault(message, addresses, "From is no address of this agent"):
        return fault
    if not checked.is_checked:
        return Proof(Level.NONE, checked.because)
    return Proof(Level.AGENT, checked.because)


def confirmed(proof: Proof, by: str) -> Proof:
    """The proof after its author answered our question about this very mail."""
    return replace(proof, level=Level.CONFIRMED, because=f"{proof.because}; {by}")


def _fault(message: Message, addresses: frozenset[str], otherwise: str) -> Proof | None:
    if not message.from_is_strict or message.from_ is None:
        return Proof(Level.NONE, "the From field can be read in two ways")
    if fold(message.from_.address) not in addresses:
        return Proof(Level.NONE, otherwise)
    return None
