"""Waiting for news of an IMAP folder: IDLE (RFC 2177), and its traps."""

from __future__ import annotations

import threading
from typing import Any, Final

from daemon.clock import Clock
from daemon.errors import MailboxError
from daemon.imap_session import Session

#: IDLE is renewed before any NAT forgets the connection; servers end it at 30 minutes.
RENEW_SECONDS: Final = 9 * 60.0
#: How long a stop may go unnoticed.
_SLICE_SECONDS = 1.0
#: On a dead socket imapclient's check returns at once and says nothing: a busy loop.
_TOO_QUICK_SECONDS = 0.05
_NEWS = frozenset({b"EXISTS", b"RECENT"})


def idle(session: Session, seconds: float, *, clock: Clock, stop: threading.Event) -> None:
    """Return when there may be news, when the time is over, or when stop is set.

    Raises one of ``imap_errors.TRANSIENT`` or MailboxError when the connection is gone.
    """
    if session.has_news:
        return
    client = session.client
    client.idle()
    deadline = clock.monotonic() + seconds
    while not stop.is_set() and not session.has_unread_answer:
        begun = clock.monotonic()
        if begun >= deadline:
            break
        said = client.idle_check(timeout=min(_SLICE_SECONDS, deadline - begun))
        _refuse_farewell(said)
        if any(_is_news(answer) for answer in said):
            break
        if not said and clock.monotonic() - begun < _TOO_QUICK_SECONDS:
            break
    # Raises when the socket is dead, and brings the answers that came in the meantime.
    _, said = client.idle_done()
    _refuse_farewell(said)


def _is_news(answer: Any) -> bool:
    return isinstance(answer, tuple) and len(answer) > 1 and answer[1] in _NEWS


def _refuse_farewell(said: list[Any]) -> None:
    for answer in said:
        if isinstance(answer, tuple) and answer and answer[0] == b"BYE":
            words = " ".join(part.decode("ascii", "replace") for part in answer[1:4] if part)
            raise MailboxError("dropped", f"the server ended the connection: {words}")
