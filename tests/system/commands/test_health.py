"""The monitor's door of a process: lives, is ready, counts."""

from __future__ import annotations

import http.client
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import structlog

from daemon.bell import silent
from daemon.clock import SystemClock
from daemon.context import Context
from daemon.errors import SettingsError
from daemon.health import HealthPart
from daemon.settings import Http, Settings
from daemon.store.engine import Store


@contextmanager
def serving(store: Store, data_dir: Path, listen: str = "127.0.0.1:0") -> Iterator[HealthPart]:
    context = Context(
        settings=Settings(data_dir=data_dir, http=Http(listen=listen)),
        clock=SystemClock(),
        store=store,
        log=structlog.get_logger(),
        ring=silent,
        keys=(bytes(32),),
    )
    part = HealthPart(context)
    part.start()
    try:
        yield part
    finally:
        part.stop()


def ask(part: HealthPart, path: str, method: str = "GET") -> tuple[int, str]:
    client = http.client.HTTPConnection(*part.address, timeout=10)
    client.request(method, path)
    answer = client.getresponse()
    assert answer.headers["Server"] == "Postdesk"
    return answer.status, answer.read().decode()


def test_health_tells_that_it_lives_and_is_ready(store: Store, data_dir: Path) -> None:
    with serving(store, data_dir) as part:
        assert ask(part, "/healthz") == (200, "ok\n")
        assert ask(part, "/healthz", "HEAD") == (200, "")
        assert ask(part, "/readyz") == (200, "ready\n")
        assert ask(part, "/etc/passwd")[0] == 404
        assert ask(part, "/healthz", "POST")[0] == 501


def test_health_counts_rows(filled: Store, data_dir: Path) -> None:
    with serving(filled, data_dir) as part:
        status, text = ask(part, "/metrics")

    lines = text.splitlines()
    assert status == 200
    assert 'postdesk_inbox_mails{state="done"} 2.0' in lines
    assert 'postdesk_inbox_mails{state="held"} 1.0' in lines
    assert 'postdesk_outbox_mails{state="sending"} 0.0' in lines
    assert 'postdesk_tickets{state="new"} 2.0' in lines
    (overdue,) = [line for line in lines if line.startswith('postdesk_overdue_seconds{table="inb')]
    assert float(overdue.split()[-1]) > 0


def test_health_is_not_ready_without_its_database(tmp_path: Path) -> None:
    store = Store(f"sqlite:///{tmp_path}/missing/postdesk.db")
    with serving(store, tmp_path) as part:
        assert ask(part, "/healthz")[0] == 200
        assert ask(part, "/readyz") == (503, "the store does not answer\n")
        assert ask(part, "/metrics")[0] == 503
    store.close()


def test_health_is_off_unless_configured(store: Store, data_dir: Path) -> None:
    with serving(store, data_dir, listen=""):
        pass


def test_health_at_a_taken_port_is_an_error_of_the_configuration(
    store: Store, data_dir: Path
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        taken = f"127.0.0.1:{other.getsockname()[1]}"
        for address in (taken, "x"):
            with (
                pytest.raises(SettingsError, match=r"http\.listen: cannot listen on"),
                serving(store, data_dir, listen=address),
            ):
                pass
