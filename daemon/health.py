"""Health and metrics over HTTP: off unless configured, for probes on the same machine.

``/healthz`` answers while the process lives, ``/readyz`` while the database does, ``/metrics`` is
Prometheus text (exposition format 0.0.4).
"""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from daemon.context import Context
from daemon.errors import SettingsError, StoreError
from daemon.store import counts

_TEXT = "text/plain; version=0.0.4; charset=utf-8"


class Health:
    """The HTTP server."""

    def __init__(self, ctx: Context) -> None:
        self._ctx = ctx
        self._server: ThreadingHTTPServer | None = None

    @property
    def port(self) -> int:
        """Where it listens."""
        assert self._server is not None
        return int(self._server.server_address[1])

    def start(self) -> None:
        """Listen. Raises SettingsError for an address that is wrong or taken."""
        host, _, port = self._ctx.settings.http.listen.rpartition(":")
        try:
            self._server = _Server((host.strip("[]"), int(port)), self._ctx)
        except (OSError, ValueError) as err:
            raise SettingsError(f"http.listen: {err}", hint="host:port") from err
        threading.Thread(target=self._server.serve_forever, name="health", daemon=True).start()

    def stop(self) -> None:
        """Listen no more."""
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, address: tuple[str, int], ctx: Context) -> None:
        self.ctx = ctx
        super().__init__(address, _Handler)


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    timeout = 10
    server_version = "postdesk"
    sys_version = ""

    def do_GET(self) -> None:
        """One of three pages."""
        if self.path == "/healthz":
            self._answer(200, "alive\n")
        elif self.path in {"/readyz", "/metrics"}:
            self._ask_store()
        else:
            self._answer(404, "there are /healthz, /readyz and /metrics\n")

    def _ask_store(self) -> None:
        try:
            text = "".join(metrics(self.server.ctx)) if self.path == "/metrics" else _ready(self)
        except StoreError as err:
            self._answer(503, f"the database does not answer: {err}\n")
        else:
            self._answer(200, text)

    def _answer(self, code: int, text: str) -> None:
        body = text.encode()
        self.send_response(code)
        self.send_header("Content-Type", _TEXT)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  the library's name
        """Probes are not news."""


def _ready(handler: _Handler) -> str:
    with handler.server.ctx.store.read() as tx:
        counts.ping(tx)
    return "ready\n"


def metrics(ctx: Context) -> Iterator[str]:
    """Everything that a graph or an alarm needs, a line each. Raises StoreError."""
    now = ctx.clock.now()
    with ctx.store.read() as tx:
        for table in ("inbox", "outbox", "tickets", "timers"):
            yield f"# TYPE postdesk_{table} gauge\n"
            for state, number in counts.by_state(tx, table).items():
                yield f'postdesk_{table}{{state="{state}"}} {number}\n'
        yield "# TYPE postdesk_oldest_due_seconds gauge\n"
        for table, due in counts.oldest_due(tx).items():
            late = max(0.0, (now - due).total_seconds()) if due else 0.0
            yield f'postdesk_oldest_due_seconds{{table="{table}"}} {late:.3f}\n'
        yield "# TYPE postdesk_mailbox_in_error gauge\n"
        for name, is_wrong in counts.mailboxes_in_error(tx).items():
            yield f'postdesk_mailbox_in_error{{mailbox="{_label(name)}"}} {int(is_wrong)}\n'
    free = shutil.disk_usage(ctx.settings.data_dir).free
    yield f"# TYPE postdesk_disk_free_bytes gauge\npostdesk_disk_free_bytes {free}\n"


def _label(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
