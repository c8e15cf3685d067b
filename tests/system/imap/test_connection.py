"""A mailbox that cannot be read is told of once, in plain words, and comes back by itself."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest

from daemon.imap import check
from daemon.settings import OAuth
from daemon.store.engine import Store
from tests.servers import dovecot
from tests.system.imap.desk import Desk, open_desk


def test_wrong_password_is_told_once_and_backs_off(desk: Desk) -> None:
    desk.deliver("one")

    waits = desk.poll(desk.mailbox(password="wrong"), rounds=12)

    (told,) = desk.events("mailbox_unreachable")
    assert told["reason"].startswith(f"the server refuses the login of {desk.user}")
    assert "password" in told["advice"]
    assert "wrong" not in str(desk.logged)
    assert waits[0] <= 1
    assert all(wait <= 300 for wait in waits)
    assert waits[-1] >= 150
    assert "refuses the login" in (desk.view().error or "")
    desk.poll()
    assert (desk.names("Postdesk"), desk.view().error) == (["one"], None)


def test_missing_folder_is_told_and_taken_from_when_it_is_made(desk: Desk) -> None:
    stop = threading.Event()

    def pause(seconds: float) -> None:
        if seconds == 60:
            stop.set()
        elif len(desk.events("mailbox_unreachable")) == 1:
            desk.create("Support")
            desk.deliver("one", folder="Support")

    desk.poller(desk.mailbox(folder="Support"), pause=pause).run(stop)

    (told,) = desk.events("mailbox_unreachable")
    assert told["reason"].startswith("the folder Support cannot be opened")
    assert len(desk.events("mailbox_back")) == 1
    assert desk.ledger() == ["one"]


def test_server_that_stops_and_starts_again_is_found_again(store: Store, tmp_path: Path) -> None:
    with dovecot.running() as server, open_desk(server, store, tmp_path) as desk:
        desk.deliver("one")
        stop, waits = threading.Event(), list[float]()

        def pause(seconds: float) -> None:
            waits.append(seconds)
            if len(waits) == 1:
                # With its children: they go on serving for a moment when asked politely.
                server.process.kill()
            elif len(waits) == 6:
                server.process.start()
                desk.deliver("two")
            elif seconds == 60:
                stop.set()

        desk.poller(pause=pause).run(stop)

        assert desk.ledger() == ["one", "two"]
        (told,) = desk.events("mailbox_unreachable")
        assert told["reason"].startswith("nobody listens at 127.0.0.1 port")
        assert len(desk.events("mailbox_back")) == 1


@pytest.mark.parametrize("security", ["tls", "starttls"])
def test_verified_connection_brings_mail(desk: Desk, security: str) -> None:
    desk.deliver("one")
    server = desk.server
    port = server.tls_port if security == "tls" else server.port

    desk.poll(desk.mailbox(security=security, port=port, ca_file=server.certificate))

    assert desk.ledger() == ["one"]


@pytest.mark.parametrize("security", ["tls", "starttls"])
def test_untrusted_certificate_ends_it_before_the_password(desk: Desk, security: str) -> None:
    port = desk.server.tls_port if security == "tls" else desk.server.port

    desk.poll(desk.mailbox(security=security, port=port))

    (told,) = desk.events("mailbox_unreachable")
    assert "is not trusted" in told["reason"]
    assert "ca_file" in told["advice"]
    assert f"user=<{desk.user}>" not in desk.server.log


def test_server_without_starttls_is_never_spoken_to_in_clear(store: Store, tmp_path: Path) -> None:
    with dovecot.running(more="ssl = no") as server, open_desk(server, store, tmp_path) as desk:
        (problem,) = check(desk.mailbox(security="starttls"), desk.settings())

        assert "offers no STARTTLS" in problem
        assert f"user=<{desk.user}>" not in server.log


def test_check_names_what_is_wrong(desk: Desk, tmp_path: Path) -> None:
    settings = desk.settings()
    wrong = [
        (desk.mailbox(), ""),
        (desk.mailbox(port=1), "nobody listens"),
        (desk.mailbox(host="no-such-host.invalid"), "is not known"),
        (desk.mailbox(security="tls"), "no TLS"),
        (desk.mailbox(ca_file=tmp_path / "none", security="tls"), "ca_file"),
        (desk.mailbox(password="x"), "refuses the login"),
        (desk.mailbox(folder="Nowhere"), "Nowhere cannot be opened"),
        (desk.mailbox(move_to="INBOX"), "folder itself"),
        (desk.mailbox(move_to="a/b..c"), "cannot be made"),
    ]
    for mailbox, words in wrong:
        problems = check(mailbox, settings)
        assert words in "".join(problems)
        assert bool(problems) == bool(words)


class _Endpoint(BaseHTTPRequestHandler):
    """Gives tokens out, and tells Dovecot which are good."""

    good: str

    def do_POST(self) -> None:
        form = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
        server: Any = self.server
        if self.path == "/token":
            server.given += 1
            answer = {"access_token": f"token-{server.given}", "expires_in": 3600}
        else:
            token = form.get("token", [""])[0]
            answer = {"active": str(token in server.good).lower(), "username": server.user}
        raw = json.dumps(answer).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(raw)))
        self.end_headers()
        self.wfile.write(raw)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def endpoint() -> Iterator[Any]:
    server: Any = ThreadingHTTPServer(("127.0.0.1", 0), _Endpoint)
    server.given, server.good, server.user = 0, set(), ""
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


def test_oauth_token_logs_in_and_a_refused_one_is_replaced(
    endpoint: Any, store: Store, tmp_path: Path
) -> None:
    url = f"http://127.0.0.1:{endpoint.server_port}"
    with (
        dovecot.running(introspection_url=f"{url}/introspect") as server,
        open_desk(server, store, tmp_path) as desk,
    ):
        endpoint.user = desk.user
        endpoint.good = {"token-2"}
        desk.deliver("one")
        oauth = OAuth(token_url=f"{url}/token", client_id="desk", client_secret="hush")

        desk.poll(desk.mailbox(password="", oauth=oauth), rounds=3)

        assert desk.ledger() == ["one"]
        assert endpoint.given == 2
        (told,) = desk.events("mailbox_unreachable")
        assert "refuses the login" in told["reason"]
        assert "token-1" not in str(desk.logged)
