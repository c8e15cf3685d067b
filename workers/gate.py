"""Whether proven commands may be done at once: the one place that holds them (security.md §4.1)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from daemon.desk.people import fold
from daemon.desk.ticket import Ticket
from daemon.desk.verbs.grammar import Orders
from daemon.desk.verbs.speaker import Speaker
from daemon.desk.weight import weighty
from daemon.errors import UnknownTicket
from daemon.mail.proof import Level, Proof, prove_agent
from daemon.store import people, tickets
from daemon.store.confirmations import About
from daemon.store.inbox import Settled
from daemon.store.people import Person
from workers import confirming, persons, speaking
from workers.case import Case


def held(
    case: Case,
    speaker: Speaker,
    orders: Orders,
    proof: Proof,
    *,
    ticket: Ticket | None = None,
    count: int = 1,
) -> Settled | None:
    """What becomes of a mail that has to be confirmed first; None when it may be done now."""
    agent = speaker.agent
    if agent is None or proof.level >= Level.CONFIRMED:
        return None
    acts = weighty(
        orders.commands,
        login=agent.name,
        tickets=count,
        is_foreign=partial(_is_foreign, case, ticket),
        owner_of=partial(_owner_of, case),
    )
    if not acts or confirming.has_confirmed(case, agent):
        return None
    return confirming.ask(case, ticket, agent, About.ACT, acts)


def _is_foreign(case: Case, ticket: Ticket | None, address: str) -> bool:
    """True for a domain that is neither the house's, nor an organisation's, nor the requester's."""
    if case.directory.organisation_of(address):
        return False
    domains = {
        each.rpartition("@")[2] for agent in case.directory.agents for each in agent.addresses
    }
    if ticket is not None:
        domains.add(people.get(case.tx, ticket.requester).address.rpartition("@")[2])
    return fold(address).rpartition("@")[2] not in domains


def _owner_of(case: Case, number: int) -> str:
    try:
        return tickets.get(case.tx, number).owner
    except UnknownTicket:
        # The command itself will say so.
        return ""


def unproven(case: Case) -> Settled | None:
    """A mail for the control address in an agent's name that is not proven: he is asked."""
    agent = case.directory.agent_at(case.sender)
    if agent is None or case.message.automatic or not case.message.from_is_strict:
        return None
    return confirming.ask(case, None, agent, About.IDENTITY, (case.checked.because,))


@dataclass(frozen=True, slots=True, kw_only=True)
class Writer:
    """The proven writer of a mail that answers nothing of ours."""

    speaker: Speaker
    proof: Proof
    #: As the mail itself names him; an agent is known by people.yaml instead.
    person: Person | None = None


def writer(case: Case) -> Writer | None:
    """Who wrote a mail that answers nothing of ours, and how he is proven; None if he is not.

    Whoever obeys him writes first what waits: a stranger's row may be part of it.
    """
    if case.message.automatic:
        return None
    agent = case.directory.agent_at(case.sender)
    addresses = frozenset(agent.addresses) if agent else frozenset({case.sender_key})
    proof = prove_agent(case.message, case.checked, addresses)
    if proof.level < Level.AGENT:
        return None
    if agent:
        return Writer(speaker=speaking.as_agent(case, agent), proof=proof)
    person = persons.author(case)
    speaker = speaking.as_participant(case, person, None)
    return Writer(speaker=speaker, proof=proof, person=person)
