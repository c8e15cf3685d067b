"""A desk on servers that fail, and what is promised of its mails."""

from __future__ import annotations

import smtplib
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from daemon.errors import StoreError
from scripts.bench import mails
from scripts.bench.desk import ADDRESS, Layout, Plan, build
from scripts.chaos import verify
from tests.servers import postgres, redis
from tests.servers.process import wait_until
from tests.servers.sink import Sink

DELIVERY = "timeout_seconds = 2\nretry_seconds = [1]\n"
WORK = "[work]\nlease_seconds = 5\n"
SECONDS = 60
PATIENCE = 90


def recipient(number: int | str) -> str:
    return f"user-fault-{number}@client.test"


def offer(layout: Layout, number: int | str, size: int = 3000) -> int:
    """Offer a mail once, as an MTA does; the deciding code, 0 when there was no answer."""
    mail = mails.mail("fault", number, size=size)  # type: ignore[arg-type]
    try:
        with smtplib.SMTP("127.0.0.1", layout.port, "tests", timeout=SECONDS) as client:
            client.sendmail(mail.sender, [ADDRESS], mail.raw)
    except smtplib.SMTPRecipientsRefused as err:
        return next(code for code, _ in err.recipients.values())
    except smtplib.SMTPResponseException as err:
        return err.smtp_code
    except (OSError, smtplib.SMTPException):
        return 0
    return 250


def insist(layout: Layout, number: int | str, size: int = 3000) -> None:
    """Offer a mail until it is taken; a permanent refusal is never right."""
    codes: list[int] = []

    def is_taken() -> bool:
        codes.append(offer(layout, number, size))
        return codes[-1] == 250

    wait_until(is_taken, seconds=PATIENCE, what=f"250 for mail {number}")
    assert not [code for code in codes if code >= 500]


def ledger(layout: Layout) -> verify.Ledger | None:
    """The desk's rows; None while its database is away."""
    try:
        with layout.store() as store:
            return verify.read(store)
    except StoreError:
        return None


def wait_for(layout: Layout, claim: Callable[[verify.Ledger], bool], what: str) -> verify.Ledger:
    """The rows once the claim holds for them."""
    found: list[verify.Ledger] = []

    def holds() -> bool:
        rows = ledger(layout)
        if rows is not None:
            found.append(rows)
        return rows is not None and claim(rows)

    wait_until(holds, seconds=PATIENCE, what=what)
    return found[-1]


def assert_all_done(layout: Layout, smarthost: Sink, count: int) -> None:
    """Every mail that was promised is one ticket, and its acknowledgement went out."""
    rows = wait_for(
        layout,
        lambda rows: rows.is_settled and len(rows.tickets) >= count,
        f"{count} tickets and their acknowledgements",
    )

    assert len(rows.tickets) == rows.last_number == count
    assert {row.state for row in rows.inbox} == {"done"}
    assert {row.state for row in rows.outbox} == {"sent"}
    taken = {mail.recipients[0] for mail in smarthost.mails}
    assert taken == {row.recipient for row in rows.outbox}


@contextmanager
def running(plan: Plan) -> Iterator[Layout]:
    with build(plan) as layout:
        layout.start()
        yield layout


_GROWN = ("smtp", "relay", "work:2")


def grown(smarthost: Sink, postgres_server: postgres.Postgres, redis_server: redis.Redis) -> Plan:
    if not redis_server.process.is_running:
        redis_server.process.start()
    return Plan(
        store="postgresql",
        broker="redis",
        programs=_GROWN,
        smarthost=smarthost.url,
        delivery=DELIVERY,
        more=WORK,
        servers=(postgres_server, redis_server),
    )
