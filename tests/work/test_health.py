"""Health and metrics, asked as a probe asks."""

from __future__ import annotations

import urllib.error
import urllib.request

import pytest

from daemon.context import Context
from daemon.errors import SettingsError
from daemon.health import Health
from daemon.settings import Http
from daemon.store import tables
from tests.servers.desk import mail
from tests.work.conftest import Work


def _context(work: Work, listen: str = "127.0.0.1:0") -> Context:
    ctx = work.desk.ctx
    settings = ctx.settings.model_copy(update={"http": Http(listen=listen)})
    settings.data_dir.mkdir(exist_ok=True)
    return Context(
        settings=settings,
        clock=ctx.clock,
        store=ctx.store,
        log=ctx.log,
        ring=ctx.ring,
        key=ctx.key,
    )


def _get(port: int, path: str) -> tuple[int, str]:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=10) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as err:
        return err.code, err.read().decode()


def test_probes_and_metrics(work: Work) -> None:
    work.arrive(bytes(mail("carol@acme.test", "Chair", "Broken.")))
    health = Health(_context(work))
    health.start()
    try:
        assert _get(health.port, "/healthz") == (200, "alive\n")
        assert _get(health.port, "/readyz") == (200, "ready\n")
        assert _get(health.port, "/")[0] == 404
        _, text = _get(health.port, "/metrics")
        assert 'postdesk_inbox{state="received"} 1' in text
        assert 'postdesk_oldest_due_seconds{table="inbox"} 0.000' in text
        with work.store.begin() as tx:
            for table in reversed(tables.metadata.sorted_tables):
                table.drop(tx)
        assert _get(health.port, "/metrics")[0] != 200
    finally:
        health.stop()


def test_a_wrong_address_is_a_settings_error(work: Work) -> None:
    with pytest.raises(SettingsError, match=r"http\.listen"):
        Health(_context(work, "nonsense")).start()
