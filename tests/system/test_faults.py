"""What the desk stands on fails and comes back: 4xx or delay, never loss, and no hand is needed."""

from __future__ import annotations

import contextlib
import itertools
import os
import resource
import signal
import smtplib
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from daemon.errors import StoreError
from scripts.bench import mails
from scripts.bench.desk import ADDRESS, Layout, Plan, build
from scripts.chaos import verify
from tests.servers import postgres, redis, sink
from tests.servers.ports import free_port
from tests.servers.process import folder, wait_until
from tests.servers.sink import Behaviour, Sink

_DELIVERY = "timeout_seconds = 2\nretry_seconds = [1]\n"
_WORK = "[work]\nlease_seconds = 5\n"
_PEOPLE = """\
agents:
  ann:
    full_name: Ann Lee
    addresses: [ann@staff.test]
teams:
  support:
    members: [ann]
default_team: support
"""
_SECONDS = 60
_PATIENCE = 90


def recipient(number: int | str) -> str:
    return f"user-fault-{number}@client.test"


def offer(layout: Layout, number: int | str, size: int = 3000) -> int:
    """Offer a mail once, as an MTA does; the deciding code, 0 when there was no answer."""
    mail = mails.mail("fault", number, size=size)  # type: ignore[arg-type]
    try:
        with smtplib.SMTP("127.0.0.1", layout.port, "tests", timeout=_SECONDS) as client:
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

    wait_until(is_taken, seconds=_PATIENCE, what=f"250 for mail {number}")
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

    wait_until(holds, seconds=_PATIENCE, what=what)
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


@dataclass(frozen=True)
class Disk:
    """A place with an end, full when told."""

    fill: Callable[[Layout], None]
    free: Callable[[Layout], None]


@contextmanager
def small_disk(path: Path) -> Iterator[Disk]:
    """A real small file system where we may mount one, else a limit that fails every write."""
    ballast = path / "ballast"
    path.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=24m", "tmpfs", str(path)]
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        yield Disk(lambda layout: _limit(layout, 0), lambda layout: _limit(layout, None))
        return
    try:
        yield Disk(lambda _: _fill(ballast), lambda _: ballast.unlink())
    finally:
        subprocess.run(["umount", str(path)], check=True)


def _fill(path: Path) -> None:
    with path.open("ab", buffering=0) as file:
        for size in (1 << 16, 1 << 12):
            with pytest.raises(OSError, match="No space left"):
                file.writelines(itertools.repeat(bytes(size)))


def _limit(layout: Layout, most: int | None) -> None:
    for pid in layout.pids:
        _, hard = resource.prlimit(pid, resource.RLIMIT_FSIZE)
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (hard if most is None else most, hard))


def test_full_disk_is_a_temporary_refusal_and_passes(mail_sink: Sink) -> None:
    with folder("faults") as home, small_disk(home / "data") as disk:
        plan = Plan(smarthost=mail_sink.url, home=home, delivery=_DELIVERY, more=_WORK)
        with running(plan) as layout:
            insist(layout, 0)
            assert_all_done(layout, mail_sink, 1)

            disk.fill(layout)
            # What the write-ahead log still has room for may be taken; then there is an end.
            codes: list[int] = []
            while (code := offer(layout, len(codes) + 1, 200_000)) == 250:
                codes.append(code)
            assert code in {451, 452}
            assert offer(layout, len(codes) + 1, 200_000) in {451, 452}

            disk.free(layout)
            refused = len(codes) + 1
            insist(layout, refused, 200_000)
            assert_all_done(layout, mail_sink, refused + 1)


_GROWN = ("smtp", "relay", "work:2")


def test_stopped_database_is_a_temporary_refusal_and_passes(
    postgres_server: postgres.Postgres,
    redis_server: redis.Redis,
    postgres_url: str,
    mail_sink: Sink,
) -> None:
    plan = _grown(mail_sink, postgres_server, redis_server)
    with running(plan) as layout:
        insist(layout, 0)
        assert_all_done(layout, mail_sink, 1)

        postgres_server.process.stop()
        codes = {offer(layout, number) for number in (1, 2, 3)}
        assert not {code for code in codes if code == 250 or code >= 500}

        postgres_server.process.start()
        for number in (1, 2, 3):
            insist(layout, number)
        assert_all_done(layout, mail_sink, 4)
        assert layout.is_serving()


def test_hanging_database_delays_and_passes(
    postgres_server: postgres.Postgres,
    redis_server: redis.Redis,
    postgres_url: str,
    mail_sink: Sink,
) -> None:
    plan = _grown(mail_sink, postgres_server, redis_server)
    with running(plan) as layout:
        insist(layout, 0)
        assert_all_done(layout, mail_sink, 1)

        codes: list[int] = []
        client = threading.Thread(target=lambda: codes.append(offer(layout, 1)))
        with _paused(postgres_server.process.pid):
            client.start()
            client.join(1.0)
            assert 250 not in codes
        client.join(_SECONDS)

        assert not [code for code in codes if code >= 500]
        insist(layout, 1)
        rows = wait_for(layout, lambda rows: rows.is_settled, "nothing that waits")
        assert len(rows.tickets) == 2


@contextmanager
def _paused(pid: int) -> Iterator[None]:
    """A server hangs with its children, which for PostgreSQL are groups of their own."""
    pids = [pid, *map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split())]
    for each in pids:
        os.kill(each, signal.SIGSTOP)
    try:
        yield
    finally:
        for each in pids:
            with contextlib.suppress(ProcessLookupError):
                os.kill(each, signal.SIGCONT)


def _grown(smarthost: Sink, postgres_server: postgres.Postgres, redis_server: redis.Redis) -> Plan:
    if not redis_server.process.is_running:
        redis_server.process.start()
    return Plan(
        store="postgresql",
        broker="redis",
        programs=_GROWN,
        smarthost=smarthost.url,
        delivery=_DELIVERY,
        more=_WORK,
        servers=(postgres_server, redis_server),
    )


def test_stopped_redis_delays_nothing_for_good(
    postgres_server: postgres.Postgres,
    redis_server: redis.Redis,
    postgres_url: str,
    mail_sink: Sink,
) -> None:
    with running(_grown(mail_sink, postgres_server, redis_server)) as layout:
        insist(layout, 0)
        assert_all_done(layout, mail_sink, 1)

        redis_server.process.stop()
        assert offer(layout, 1) == 250
        # The broker is a doorbell: the work is found without it.
        assert_all_done(layout, mail_sink, 2)

        redis_server.process.start()
        assert offer(layout, 2) == 250
        assert_all_done(layout, mail_sink, 3)
        assert layout.is_serving()


def test_hanging_redis_delays_nothing_for_good(
    postgres_server: postgres.Postgres,
    redis_server: redis.Redis,
    postgres_url: str,
    mail_sink: Sink,
) -> None:
    with running(_grown(mail_sink, postgres_server, redis_server)) as layout:
        insist(layout, 0)
        assert_all_done(layout, mail_sink, 1)

        redis_server.process.pause()
        try:
            assert offer(layout, 1) == 250
            assert_all_done(layout, mail_sink, 2)
        finally:
            redis_server.process.resume()
        assert offer(layout, 2) == 250
        assert_all_done(layout, mail_sink, 3)


@pytest.fixture(scope="module")
def smarthost() -> Iterator[Sink]:
    with sink.running() as server:
        yield server


@pytest.fixture(scope="module")
def desk(smarthost: Sink) -> Iterator[Layout]:
    """One desk with an agent, for every behaviour of its smarthost."""
    with folder("faults") as home:
        rules = home / "rules"
        rules.mkdir()
        (rules / "people.yaml").write_text(_PEOPLE)
        os.environ["POSTDESK_RULES_DIR"] = str(rules)
        try:
            plan = Plan(smarthost=smarthost.url, home=home, delivery=_DELIVERY, more=_WORK)
            with running(plan) as layout:
                yield layout
        finally:
            del os.environ["POSTDESK_RULES_DIR"]


@pytest.fixture(autouse=True)
def _well_behaved(request: pytest.FixtureRequest) -> Iterator[None]:
    yield
    if "smarthost" in request.fixturenames:
        server: Sink = request.getfixturevalue("smarthost")
        server.behaviour = Behaviour.ACCEPT
        server.replies.clear()


_DELAYS = [
    Behaviour.DEFER,
    Behaviour.DEFER_DATA,
    Behaviour.HANG,
    Behaviour.HANG_DATA,
    Behaviour.DROP,
]


@pytest.mark.parametrize("behaviour", _DELAYS)
def test_smarthost_in_trouble_delays_mail_and_loses_none(
    behaviour: Behaviour, desk: Layout, smarthost: Sink
) -> None:
    to, later = recipient(behaviour), recipient(f"{behaviour}-later")
    smarthost.behaviour = behaviour
    assert offer(desk, behaviour) == 250
    rows = wait_for(desk, lambda rows: _is_tried(rows, to), "a try")
    assert "sent" not in _states(rows, to)
    assert offer(desk, f"{behaviour}-later") == 250

    smarthost.behaviour = Behaviour.ACCEPT
    rows = wait_for(desk, lambda rows: rows.is_settled, "nothing that waits")

    assert _states(rows, to) == _states(rows, later) == {"sent"}
    copies = [mail for mail in smarthost.to(to) if mail.is_acknowledged]
    assert len(copies) == 1
    assert len({mail.raw for mail in smarthost.to(to)}) == 1


def _states(rows: verify.Ledger, to: str) -> set[str]:
    return {row.state for row in rows.outbox if row.recipient == to}


def _is_tried(rows: verify.Ledger, to: str) -> bool:
    return any(row.last_reply for row in rows.outbox if row.recipient == to)


def test_refused_notice_fails_once_and_its_agent_is_told(desk: Layout, smarthost: Sink) -> None:
    to = recipient("unknown")
    smarthost.replies[to] = "550 5.1.1 no such user"
    assert offer(desk, "unknown") == 250

    rows = wait_for(
        desk,
        lambda rows: rows.is_settled and any(row.kind == "undeliverable" for row in rows.outbox),
        "a notice for the agent",
    )

    (refused,) = [row for row in rows.outbox if row.recipient == to]
    assert (refused.state, refused.attempts) == ("failed", 1)
    assert refused.last_reply.startswith("550")
    (told,) = [row for row in rows.outbox if row.kind == "undeliverable"]
    assert (told.recipient, told.state, told.ticket) == ("ann@staff.test", "sent", refused.ticket)


def test_smarthost_that_is_away_is_found_again() -> None:
    port = free_port()
    with running(Plan(smarthost=f"smtp://127.0.0.1:{port}", delivery=_DELIVERY)) as layout:
        assert offer(layout, 1) == 250
        wait_for(layout, lambda rows: _is_tried(rows, recipient(1)), "a try")

        with sink.running(port=port) as server:
            server.behaviour = Behaviour.CLOSED
            before = server.connections
            wait_until(lambda: server.connections > before, seconds=_PATIENCE, what="a try")
            server.behaviour = Behaviour.ACCEPT
            assert_all_done(layout, server, 1)
