"""Rows of every kind, written by the store's own functions."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sqlalchemy import insert

from daemon.arrival import Arrival, Envelope, InboxId, Source
from daemon.desk.events import EventKind
from daemon.desk.ticket import Ticket, TicketNumber
from daemon.desk.update import Change
from daemon.store import clocks, inbox, messages, outbox, people, sending, tickets
from daemon.store.clocks import ClockRow
from daemon.store.engine import Store, Tx
from daemon.store.inbox import Head, Settled
from daemon.store.known import Known
from daemon.store.messages import Entry
from daemon.store.outbox import Decided, OutboxId
from daemon.store.people import Stranger
from daemon.store.sending import Outcome
from daemon.store.tables import watchers
from daemon.store.writes import Writes

AT = datetime(2026, 3, 1, 9, 30, tzinfo=UTC)
#: What a hostile sender may try on the terminal of whoever lists his mail.
NASTY = "Printer \x1b[31m 프린터 \u202egnp.exe"
RAW = b"From: anna@example.org\r\nMessage-ID: <one@example.org>\r\n\r\nfirst \x1b[31m\r\n"


def fill(store: Store) -> None:
    """Two tickets; arrivals 1 done, 2 held, 3 waiting, 4 dropped, 5 a copy; mails 1 to 4."""
    with store.begin() as tx:
        ids = inbox.insert(tx, [_arrival(number) for number in range(1, 6)])
        writes = Writes(tx)
        known = Known(writes)
        anna = people.meet(known, Stranger(address="anna@example.org", name="Anna Lee"), now=AT).id
        boss = people.meet(known, Stranger(address="boss@example.org"), now=AT).id
        _ticket(writes, anna, subject=NASTY)
        _ticket(writes, boss, subject="VPN")
        writes.flush()
        tx.execute(
            insert(watchers), [{"ticket": 1, "person": boss, "state": "watching", "since": AT}]
        )
        _thread(writes, anna, ids[0])
        _fates(tx, ids)
        _mails(writes)


def _arrival(number: int) -> Arrival:
    raw = RAW if number in (1, 5) else RAW.replace(b"<one@", b"<mail%d@" % number)
    return Arrival(
        source=Source.SMTP,
        source_key=f"smtp:test:{number}",
        received_at=AT + timedelta(minutes=number),
        envelope=Envelope(
            sender="anna@example.org", recipients=("help@localhost",), peer="127.0.0.1"
        ),
        raw=raw,
    )


def _ticket(writes: Writes, person: people.PersonId, *, subject: str) -> None:
    number = TicketNumber(writes.next_number())
    change = Change(Ticket(number=number, requester=person, created_at=AT, updated_at=AT))
    change.record(AT, f"person:{person}", EventKind.CREATED, set={"subject": subject})
    rule = {"team": "network", "tags": ["vpn"], "priority": "P2"}
    change.set(AT, "rule:routing.yaml:12", rule, why="network things")
    tickets.create(writes, change)
    for metric, hours in (("respond", 1), ("resolve", 8)):
        row = ClockRow(
            ticket=number,
            metric=metric,
            terms={"agreement": "standard", "target": hours * 3600},
            started_at=AT,
            since=AT,
            due_at=AT + timedelta(hours=hours),
            state="running",
        )
        clocks.add(writes, [row])


def _thread(writes: Writes, anna: people.PersonId, first: InboxId) -> None:
    messages.add(
        writes,
        Entry(
            ticket=TicketNumber(1),
            direction="in",
            visibility="public",
            from_address="anna@example.org",
            from_name="Anna Lee",
            person=anna,
            inbox_id=first,
            message_id="one@example.org",
            at=AT,
            text="first \x1b[31m\n> quoted",
            reply="first \x1b[31m",
            authority="sender-checked",
            attachments=({"filename": "a\u202e.png", "content_type": "image/png", "size": 7},),
        ),
    )
    stranger = Entry(
        ticket=TicketNumber(1),
        direction="in",
        visibility="internal",
        from_address="mallory@example.net",
        at=AT + timedelta(hours=1),
        text="close it",
        unverified=True,
    )
    messages.add(writes, stranger)
    writes.flush()


def _fates(tx: Tx, ids: list[InboxId]) -> None:
    done = Settled(
        fate="ticket",
        ticket=1,
        authority="sender-checked",
        from_address="Anna@example.org",
        subject=NASTY,
    )
    inbox.hold(tx, ids[1], error="RuntimeError: \x1b]0;owned\x07", head=Head())
    inbox.drop(tx, ids[3], reason="test mail")
    copy = Settled(fate="duplicate", ticket=1, duplicate_of=ids[0], from_address="anna@example.org")
    inbox.settle(tx, [(ids[0], done), (ids[4], copy)])


def _mails(writes: Writes) -> None:
    tx = writes.tx
    kinds = ("acknowledgement", "new_ticket", "public_reply", "alarm")
    outbox.add(
        writes,
        [
            Decided(
                created_at=AT,
                kind=kind,
                ticket=None if kind == "alarm" else 1,
                message_id=f"{kind}@localhost",
                recipient="anna@example.org",
                sender="",
                is_automatic=kind == "acknowledgement",
                raw=b"Subject: " + kind.encode() + b"\r\n\r\n\x1b[31m\r\n",
            )
            for kind in kinds
        ],
    )
    writes.flush()
    ids = [OutboxId(number) for number in range(1, 5)]
    later = AT + timedelta(minutes=1)
    sending.record(tx, [], outbox.lease(tx, now=AT, lease_until=later, most=2), lease_until=later)
    outcomes = [
        Outcome(id=ids[0], attempt=1, state="sent", reply="250 2.0.0 ok", sent_at=AT),
        Outcome(id=ids[1], attempt=1, state="failed", reply="550 5.1.1 no such user"),
    ]
    sending.record(tx, outcomes, [], lease_until=AT)
    outbox.drop(tx, ids[3])


def many(store: Store, count: int) -> None:
    """So many arrivals and nothing else."""
    with store.begin() as tx:
        inbox.insert(tx, [_arrival(number) for number in range(1, count + 1)])
