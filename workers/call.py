"""The job that calls web servers: what a rule decided to tell them, tried again until it is taken.

A server that was told may be told again after a crash: the same call has the same
``Postdesk-Call`` and the same body.
"""

from __future__ import annotations

import hashlib
import hmac
import http.client
import ssl
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

from daemon.store import calls
from daemon.store.calls import Call
from daemon.store.writes import Writes
from workers.desk import Desk
from workers.tell import Teller

_BATCH = 20
_TIMEOUT_SECONDS = 10.0
#: Of an answer, no more than this is read and kept.
_ANSWER_BYTES = 300
#: A server that is busy says so with these; any other 4xx will never be another.
_AGAIN = frozenset({408, 425, 429})


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server said, or why it said nothing."""

    status: int
    text: str

    @property
    def is_taken(self) -> bool:
        """2xx."""
        return 200 <= self.status < 300

    @property
    def is_final(self) -> bool:
        """Asking again gives the same."""
        return 300 <= self.status < 500 and self.status not in _AGAIN


def call(desk: Desk, row_id: int) -> None:
    """Make this call and every other that is due."""
    desk.callers.work(lambda: _make_due(desk))


def _make_due(desk: Desk) -> bool:
    """Make as many as one may claim; False when nothing is due."""
    due = _claim(desk)
    for one in due:
        _settle(desk, one, post(one, desk.ctx.clock.now()))
    return bool(due)


def _claim(desk: Desk) -> list[Call]:
    ctx = desk.ctx
    now = ctx.clock.now()
    lease = timedelta(seconds=ctx.settings.work.lease_seconds + _BATCH * _TIMEOUT_SECONDS)
    with ctx.store.begin() as tx:
        return calls.claim(tx, now=now, lease_until=now + lease, most=_BATCH)


def _settle(desk: Desk, one: Call, answer: Answer) -> None:
    ctx = desk.ctx
    now = ctx.clock.now()
    log = ctx.log.bind(call_id=one.id, ticket=one.ticket, url=one.url, reply=answer.text)
    give_up = timedelta(days=ctx.settings.delivery.give_up_days)
    with ctx.store.begin() as tx:
        if answer.is_taken:
            calls.end(tx, one.id, state="done", reply=answer.text)
            log.info("call_taken")
        elif answer.is_final or now - one.created_at > give_up:
            calls.end(tx, one.id, state="failed", reply=answer.text)
            _alarm(Writes(tx), desk, one, answer)
            log.error("call_failed")
        else:
            waits = ctx.settings.delivery.retry_seconds
            wait = timedelta(seconds=waits[min(one.attempts, len(waits) - 1)])
            calls.defer(tx, one.id, until=now + wait, reply=answer.text)
            log.warning("call_deferred")


def _alarm(writes: Writes, desk: Desk, one: Call, answer: Answer) -> None:
    """Once for each server, not once for each call."""
    host = urlsplit(one.url).netloc
    Teller(writes, desk, desk.ctx.clock.now()).to_admins(
        f"call-{host}",
        title=f"A web server does not take what rules tell it: {host}",
        details=f"{one.url}\n{answer.text}\nticket #{one.ticket}",
    )
    writes.flush()


def post(one: Call, now: datetime) -> Answer:
    """Tell the server; whatever goes wrong is an answer."""
    try:
        headers = headers_of(one, now)
        return _post(one, headers)
    except (OSError, http.client.HTTPException, ValueError) as err:
        return Answer(0, f"{type(err).__name__}: {err}")


def headers_of(one: Call, now: datetime) -> dict[str, str]:
    """With the signature, where there is a key. Raises OSError when it cannot be read."""
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "Postdesk",
        "Postdesk-Call": one.unique_key,
    }
    if one.secret_file:
        key = Path(one.secret_file).read_bytes().strip()
        headers["Postdesk-Signature"] = sign(key, one.body, now)
    return headers


def sign(key: bytes, body: bytes, now: datetime) -> str:
    """``t=SECONDS,v1=HMAC-SHA256 of "SECONDS.BODY"``: the time keeps an old call from counting."""
    seconds = str(int(now.timestamp()))
    digest = hmac.new(key, seconds.encode() + b"." + body, hashlib.sha256).hexdigest()
    return f"t={seconds},v1={digest}"


def _post(one: Call, headers: dict[str, str]) -> Answer:
    """No redirect is followed: a signed body goes where the admin said, and nowhere else."""
    parts = urlsplit(one.url)
    connection: http.client.HTTPConnection
    if parts.scheme == "https":
        context = ssl.create_default_context()
        connection = http.client.HTTPSConnection(
            parts.hostname or "", parts.port, timeout=_TIMEOUT_SECONDS, context=context
        )
    else:
        connection = http.client.HTTPConnection(
            parts.hostname or "", parts.port, timeout=_TIMEOUT_SECONDS
        )
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    try:
        connection.request("POST", path, body=one.body, headers=headers)
        response = connection.getresponse()
        text = response.read(_ANSWER_BYTES).decode("utf-8", "replace")
    finally:
        connection.close()
    return Answer(response.status, f"{response.status} {response.reason} {text}".strip())
