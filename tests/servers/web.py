"""A web server on loopback that keeps what it is told and answers as the test says."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass(frozen=True)
class Told:
    """One request."""

    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Web:
    """The server: its address, what it was told, and what it will answer next."""

    url: str = ""
    told: list[Told] = field(default_factory=list)
    #: Taken from the front; 200 when there are none.
    answers: list[int] = field(default_factory=list)


@contextmanager
def web() -> Iterator[Web]:
    """A running server."""
    state = Web()

    class _Ear(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            state.told.append(Told(self.path, dict(self.headers), body))
            self.send_response(state.answers.pop(0) if state.answers else 200)
            self.send_header("Location", "/elsewhere")
            self.end_headers()
            self.wfile.write(b"noted")

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), _Ear)
    state.url = f"http://127.0.0.1:{server.server_address[1]}/hook?desk=1"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield state
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
