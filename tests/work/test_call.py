"""Calls to web servers: signed, tried again like mail, given up with a word to the admins."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterator
from datetime import timedelta

import pytest

from daemon.store.tables import calls, outbox
from tests.servers.desk import mail
from tests.servers.web import Web, web
from tests.work.conftest import START, Work
from workers.call import call


@pytest.fixture
def server() -> Iterator[Web]:
    with web() as running:
        yield running


def _decide(work: Work, url: str, secret: str = "") -> None:
    hook = f"{{url: '{url}'{f', secret_file: {secret}' if secret else ''}}}"
    text = f"rules: [{{name: tell, on: created, do: {{webhook: {hook}}}}}]"
    (work.folder / "rules" / "automation.yaml").write_text(text)
    work.desk.rules.reload()
    work.arrive(bytes(mail("carol@acme.test", "의자", "Broken.")))
    work.take_in()


def test_call_is_made_once_and_signed(work: Work, server: Web) -> None:
    secret = work.folder / "hook.key"
    secret.write_bytes(b"top secret\n")
    _decide(work, server.url, str(secret))

    call(work.desk, 0)
    call(work.desk, 0)

    [told] = server.told
    assert told.path == "/hook?desk=1"
    assert json.loads(told.body)["subject"] == "의자"
    assert told.headers["Content-Type"] == "application/json"
    assert told.headers["Postdesk-Call"] == "1:rule1-0"
    seconds = int(START.timestamp())
    digest = hmac.new(b"top secret", f"{seconds}.".encode() + told.body, hashlib.sha256)
    assert told.headers["Postdesk-Signature"] == f"t={seconds},v1={digest.hexdigest()}"
    [row] = work.rows(calls)
    assert (row.state, row.attempts, row.last_reply) == ("done", 1, "200 OK noted")


def test_server_that_is_busy_is_asked_again_with_the_same_words(work: Work, server: Web) -> None:
    server.answers = [503, 429]
    _decide(work, server.url)

    for _ in range(3):
        call(work.desk, 0)
        work.clock.advance(timedelta(hours=6))

    assert [row.state for row in work.rows(calls)] == ["done"]
    assert len(server.told) == 3
    assert len({(told.body, told.headers["Postdesk-Call"]) for told in server.told}) == 1


@pytest.mark.parametrize("answer", [400, 404, 302])
def test_server_that_refuses_is_given_up_and_admins_are_told(
    work: Work, server: Web, answer: int
) -> None:
    server.answers = [answer]
    _decide(work, server.url)

    call(work.desk, 0)

    [row] = work.rows(calls)
    assert row.state == "failed"
    assert row.last_reply.startswith(str(answer))
    assert [told.path for told in server.told] == ["/hook?desk=1"]
    assert [row.recipient for row in work.rows(outbox) if row.kind == "alarm"] == ["root@desk.test"]


@pytest.mark.parametrize("secret", ["", "/nowhere/hook.key"])
def test_nobody_there_or_no_key_is_tried_until_it_is_given_up(work: Work, secret: str) -> None:
    with web() as gone:
        url = gone.url
    _decide(work, url, secret)

    call(work.desk, 0)
    [row] = work.rows(calls)
    assert row.state == "queued"
    assert "Error" in row.last_reply
    work.clock.advance(timedelta(days=6))
    call(work.desk, 0)

    assert [row.state for row in work.rows(calls)] == ["failed"]
