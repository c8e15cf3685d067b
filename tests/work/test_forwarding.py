"""An agent forwards a user's mail: it is the user's ticket, if he is proven to be an agent."""

from __future__ import annotations

from email.message import EmailMessage
from email.policy import SMTP
from typing import Any

from daemon.store import listing
from daemon.store.tables import events, inbox, messages, outbox
from tests.servers.desk import mail
from tests.unit.mail.test_forward import GMAIL, OUTLOOK_DE
from tests.work.conftest import Work


def _requester(work: Work) -> str:
    with work.store.read() as tx:
        listed = listing.ticket(tx, 1)
    assert listed is not None
    return listed.requester


def _send(work: Work, made: EmailMessage, **envelope: Any) -> None:
    work.arrive(made.as_bytes(policy=SMTP), **({"sender": str(made["From"])} | envelope))
    work.take_in()


def test_first_author_is_the_requester_and_the_agent_is_noted(work: Work) -> None:
    _send(work, mail("ann@desk.test", "Fwd: Printer", GMAIL))

    assert _requester(work) == "carol@acme.test"
    rows = work.rows(messages)
    assert [(row.visibility, row.agent, row.text.strip()) for row in rows] == [
        ("public", "", "It burns."),
        ("internal", "ann", "Please look at this."),
    ]
    [event] = [row for row in work.rows(events) if row.kind == "forwarded"]
    assert (event.actor, event.data) == ("agent:ann", {"author": "carol@acme.test"})
    [ack] = work.notices("carol@acme.test")
    assert "It burns" not in ack.received.raw.decode(), "the agent's word proves no author"
    assert (work.rows(inbox)[0].from_address, work.rows(inbox)[0].authority) == (
        "ann@desk.test",
        "agent",
    )


def test_forwarder_gets_a_receipt_and_his_team_the_ticket(work: Work) -> None:
    for agent in ("ann@desk.test", "cho@desk.test"):
        _send(work, mail(agent, "Fwd: Printer", GMAIL))

    told = [(row.recipient, row.kind, row.ticket) for row in work.rows(outbox)]
    agents = [each for each in told if each[0].endswith("@desk.test")]
    assert sorted(agents) == [
        ("ann@desk.test", "answer", 1),
        ("ann@desk.test", "new_ticket", 2),
        ("bo@desk.test", "new_ticket", 1),
        ("bo@desk.test", "new_ticket", 2),
        ("cho@desk.test", "answer", 2),
    ]
    assert "carol@acme.test: Printer" in work.notices("ann@desk.test")[0].text


def test_attached_mail_is_read_whole(work: Work) -> None:
    made = mail("ann@desk.test", "Look", "Please look at this.")
    inner = mail("Carol <carol@acme.test>", "Printer", "It burns.")
    made.add_attachment(inner)
    _send(work, made)

    assert _requester(work) == "carol@acme.test"


def test_agent_who_is_not_proven_is_a_requester_like_any_other(work: Work) -> None:
    _send(work, mail("ann@desk.test", "Fwd: Printer", GMAIL), trusted=False)

    assert _requester(work) == "ann@desk.test"
    assert not [row for row in work.rows(outbox) if row.recipient == "carol@acme.test"]


def test_whoever_is_no_agent_forwards_for_himself(work: Work) -> None:
    _send(work, mail("dan@acme.test", "Fwd: Printer", GMAIL))

    assert _requester(work) == "dan@acme.test"


def test_agents_answer_that_quotes_is_no_forward(work: Work) -> None:
    _send(work, mail("ann@desk.test", "Re: Printer", OUTLOOK_DE))

    assert _requester(work) == "ann@desk.test"


def test_forward_of_our_own_notice_is_none(work: Work) -> None:
    own = GMAIL.replace("carol@acme.test", "help@desk.test")
    _send(work, mail("ann@desk.test", "Fwd: Printer", own))

    assert _requester(work) == "ann@desk.test"
