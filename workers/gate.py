"""Whether proven commands may be done at once: the one place that holds them (security.md §4.1)."""

from __future__ import annotations

from daemon.desk.verbs.grammar import Orders
from daemon.desk.verbs.speaker import Speaker
from daemon.mail.proof import Level, Proof, prove_agent
from daemon.store.inbox import Settled
from workers import persons, speaking
from workers.case import Case


def held(case: Case, speaker: Speaker, orders: Orders, proof: Proof) -> Settled | None:
    """What becomes of a mail that has to be confirmed first; None when it may be done now."""
    return None


def writer(case: Case) -> tuple[Speaker, Proof] | None:
    """Who wrote a mail that answers nothing of ours, and how he is proven; None if he is not."""
    if case.message.automatic:
        return None
    agent = case.directory.agent_at(case.sender)
    addresses = frozenset(agent.addresses) if agent else frozenset({case.sender_key})
    proof = prove_agent(case.message, case.checked, addresses)
    if proof.level < Level.AGENT:
        return None
    if agent:
        return speaking.as_agent(case, agent), proof
    person = persons.author(case)
    case.writes.flush()
    return speaking.as_participant(case, person, None), proof
