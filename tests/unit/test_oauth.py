"""Access tokens: asked for when needed, renewed in time, their secrets kept."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest

from daemon.clock import FixedClock
from daemon.errors import MailboxError
from daemon.oauth import Tokens
from daemon.settings import Mailbox, OAuth


@dataclass
class Endpoint:
    """A token endpoint whose next answers a test prepares."""

    url: str = ""
    answers: list[tuple[int, bytes]] = field(default_factory=list)
    forms: list[dict[str, str]] = field(default_factory=list)

    def will_say(self, status: int = 200, **answer: Any) -> None:
        self.answers.append((status, json.dumps(answer).encode()))


@pytest.fixture
def endpoint() -> Iterator[Endpoint]:
    said = Endpoint()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            form = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
            said.forms.append({key: values[0] for key, values in form.items()})
            status, raw = said.answers.pop(0)
            self.send_response(status)
            if status == 302:
                self.send_header("Location", said.url)
            self.send_header("Content-Length", str(len(raw)))
            self.end_headers()
            self.wfile.write(raw)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    said.url = f"http://127.0.0.1:{server.server_port}/token"
    yield said
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(datetime(2026, 3, 1, tzinfo=UTC))


def tokens(endpoint: Endpoint, folder: Path, clock: FixedClock, **more: Any) -> Tokens:
    keys: dict[str, Any] = {"token_url": endpoint.url, "client_id": "desk"} | more
    oauth = OAuth(**keys)
    mailbox = Mailbox(name="a/b", host="h", user="u", oauth=oauth)
    return Tokens(mailbox, data_dir=folder, clock=clock)


def test_client_credentials_are_exchanged_once_until_shortly_before_the_end(
    endpoint: Endpoint, tmp_path: Path, clock: FixedClock
) -> None:
    endpoint.will_say(access_token="first", expires_in=3600)
    endpoint.will_say(access_token="second", expires_in="3600")
    mine = tokens(endpoint, tmp_path, clock, client_secret="hush", scope="imap")

    assert [mine.access_token(), mine.access_token()] == ["first", "first"]
    clock.advance(timedelta(seconds=3600 - 121))
    assert mine.access_token() == "first"
    clock.advance(timedelta(seconds=1))
    assert mine.access_token() == "second"
    assert endpoint.forms[0] == {
        "grant_type": "client_credentials",
        "client_id": "desk",
        "client_secret": "hush",
        "scope": "imap",
    }


def test_refused_token_is_not_used_again(
    endpoint: Endpoint, tmp_path: Path, clock: FixedClock
) -> None:
    endpoint.will_say(access_token="first", expires_in=3600)
    endpoint.will_say(access_token="second", expires_in=3600)
    mine = tokens(endpoint, tmp_path, clock)
    mine.access_token()
    mine.forget()

    assert mine.access_token() == "second"


def test_replaced_refresh_token_survives_a_restart_for_our_eyes_only(
    endpoint: Endpoint, tmp_path: Path, clock: FixedClock
) -> None:
    endpoint.will_say(access_token="a", refresh_token="newer")
    endpoint.will_say(access_token="b")
    endpoint.will_say(access_token="c")
    tokens(endpoint, tmp_path, clock, refresh_token="old").access_token()
    tokens(endpoint, tmp_path, clock, refresh_token="old").access_token()
    tokens(endpoint, tmp_path, clock, refresh_token="by the admin").access_token()

    sent = [form["refresh_token"] for form in endpoint.forms]
    assert sent == ["old", "newer", "by the admin"]
    (kept,) = (tmp_path / "oauth").iterdir()
    assert kept.stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "oauth").stat().st_mode & 0o777 == 0o700


def test_refusal_is_told_in_the_endpoints_words(
    endpoint: Endpoint, tmp_path: Path, clock: FixedClock
) -> None:
    endpoint.will_say(400, error="invalid_grant", error_description="revoked\r\nyesterday")

    with pytest.raises(MailboxError, match="invalid_grant revoked yesterday") as caught:
        tokens(endpoint, tmp_path, clock, client_secret="hush").access_token()

    assert caught.value.kind == "token"
    assert "hush" not in str(caught.value)


@pytest.mark.parametrize(
    ("status", "raw"),
    [
        (200, b"[]"),
        (200, b"<html>"),
        (200, b"{}"),
        (200, b'{"access_token": "a\\r\\nb"}'),
        (200, b'{"a": "' + b"x" * 70_000 + b'"}'),
        (500, b"oops"),
        (302, b""),
    ],
    ids=["list", "html", "empty", "control", "huge", "error", "redirect"],
)
def test_any_other_answer_is_an_error_of_ours(
    endpoint: Endpoint, tmp_path: Path, clock: FixedClock, status: int, raw: bytes
) -> None:
    endpoint.answers.append((status, raw))

    with pytest.raises(MailboxError):
        tokens(endpoint, tmp_path, clock).access_token()

    assert len(endpoint.forms) == 1


@pytest.mark.parametrize(
    "url", ["http://login.example/token", "file:///etc/passwd", "ftp://127.0.0.1/", "https:///x"]
)
def test_secret_is_never_sent_in_clear_text(
    endpoint: Endpoint, tmp_path: Path, clock: FixedClock, url: str
) -> None:
    with pytest.raises(MailboxError, match="https"):
        tokens(endpoint, tmp_path, clock, token_url=url).access_token()


def test_endpoint_that_is_away_is_told(tmp_path: Path, clock: FixedClock) -> None:
    with pytest.raises(MailboxError, match="cannot be reached"):
        tokens(Endpoint(url="http://127.0.0.1:1/"), tmp_path, clock).access_token()
