"""Health and metrics by HTTP, for monitors of the same machine; off unless configured.

It tells numbers and no contents, has no log-in, and takes nothing but GET and HEAD.
"""

from __future__ import annotations

import shutil
import socket
import threading
from collections.abc import Iterator, Mapping
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final

from daemon.context import Context
from daemon.errors import SettingsError, StoreError
from daemon.store.counts import Counts, count

_TEXT: Final = "text/plain; charset=utf-8"
#: https://prometheus.io/docs/instrumenting/exposition_formats/
_METRICS: Final = "text/plain; version=0.0.4; charset=utf-8"


class HealthPart:
    """Serves ``/healthz``, ``/readyz`` and ``/metrics`` at ``http.listen``."""

    def __init__(self, ctx: Context) -> None:
        self._ctx = ctx
        self._server: _Server | None = None
        self._thread: threading.Thread | None = None

    @property
    def address(self) -> tuple[str, int]:
        """Where it listens, once started; the port is the one that it got when 0 was asked for."""
        assert self._server is not None
        host, port = self._server.server_address[:2]
        return str(host), int(port)

    def start(self) -> None:
        """Listen, if configured. Raises SettingsError when the address cannot be used."""
        listen = self._ctx.settings.http.listen
        if not listen:
            return
        host, _, port = listen.rpartition(":")
        try:
            self._server = _Server(host.strip("[]"), int(port), self._ctx)
        except (OSError, ValueError, OverflowError) as err:
            reason = getattr(err, "strerror", None) or str(err)
            raise SettingsError(f"http.listen: cannot listen on {listen}: {reason}") from err
        # Looks for its end ten times a second.
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.1,), name="http", daemon=True
        )
        self._thread.start()

    def stop(self) -> None:
        """Answer no more."""
        if self._server is None or self._thread is None:
            return
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(timeout=5)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    #: An answer that hangs must not keep the process from ending.
    block_on_close = False

    def __init__(self, host: str, port: int, ctx: Context) -> None:
        self.ctx = ctx
        self.address_family = socket.AF_INET6 if ":" in host else socket.AF_INET
        super().__init__((host, port), _Request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A monitor that hangs up is none of our business."""


class _Request(BaseHTTPRequestHandler):
    server: _Server
    server_version = "Postdesk"
    sys_version = ""
    timeout = 10

    def version_string(self) -> str:
        """Our name without Python's."""
        return self.server_version

    def do_GET(self) -> None:
        """Answer."""
        match self.path.partition("?")[0]:
            case "/healthz":
                self._send(HTTPStatus.OK, "ok\n")
            case "/readyz":
                self._ready()
            case "/metrics":
                self._metrics()
            case _:
                self._send(HTTPStatus.NOT_FOUND, "there are /healthz, /readyz and /metrics\n")

    do_HEAD = do_GET  # noqa: N815  the standard library's name

    def _ready(self) -> None:
        try:
            with self.server.ctx.store.read() as tx:
                tx.exec_driver_sql("SELECT 1")
        except StoreError:
            # Which error is for the log, not for whoever asks.
            self._send(HTTPStatus.SERVICE_UNAVAILABLE, "the store does not answer\n")
        else:
            self._send(HTTPStatus.OK, "ready\n")

    def _metrics(self) -> None:
        ctx = self.server.ctx
        try:
            with ctx.store.read() as tx:
                counts = count(tx, ctx.clock.now())
        except StoreError:
            self._send(HTTPStatus.SERVICE_UNAVAILABLE, "the store does not answer\n")
            return
        free = shutil.disk_usage(ctx.settings.data_dir).free
        self._send(HTTPStatus.OK, exposition(counts, free), _METRICS)

    def _send(self, status: HTTPStatus, text: str, kind: str = _TEXT) -> None:
        body = text.encode()
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Cache-Control", "no-store")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  the library's name
        """Nothing: a monitor asks every few seconds."""


def exposition(counts: Counts, free_bytes: int) -> str:
    """The numbers in Prometheus' text format."""
    return "\n".join(_families(counts, free_bytes)) + "\n"


def _families(counts: Counts, free_bytes: int) -> Iterator[str]:
    yield from _family("inbox_mails", "Arrivals by state.", "state", counts.inbox)
    yield from _family("outbox_mails", "Mails of the desk by state.", "state", counts.outbox)
    yield from _family("tickets", "Tickets by state.", "state", counts.tickets)
    about = "How long the oldest due row has been waiting for a worker."
    yield from _family("overdue_seconds", about, "table", counts.overdue)
    about = "1 when a mailbox cannot be read."
    yield from _family("mailbox_in_error", about, "mailbox", counts.mailboxes)
    yield from _heading("disk_free_bytes", "Room left for the data folder.")
    yield f"postdesk_disk_free_bytes {free_bytes}"


def _family(name: str, about: str, label: str, values: Mapping[str, float]) -> Iterator[str]:
    yield from _heading(name, about)
    for key, value in values.items():
        escaped = key.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")
        yield f'postdesk_{name}{{{label}="{escaped}"}} {float(value)!r}'


def _heading(name: str, about: str) -> Iterator[str]:
    yield f"# HELP postdesk_{name} {about}"
    yield f"# TYPE postdesk_{name} gauge"
