"""Mail from IMAP mailboxes: one thread and one connection each, for as long as the desk runs.

The way of a message: ``imap_session`` (the connection) -> ``imap_round`` (what is new, offered and
committed) -> ``imap_tidy`` (moved, flagged or deleted) -> ``imap_wait`` (until there is more).
"""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Sequence
from dataclasses import KW_ONLY, dataclass, field

import structlog

from daemon.clock import Clock, SystemClock
from daemon.errors import MailboxError, StoreError
from daemon.imap_errors import TRANSIENT, Refused, explain
from daemon.imap_memory import Memory
from daemon.imap_road import Door, Road
from daemon.imap_round import Round
from daemon.imap_session import Session
from daemon.imap_wait import RENEW_SECONDS, idle
from daemon.oauth import Tokens
from daemon.settings import Mailbox, Settings
from daemon.store import mailboxes
from daemon.store.engine import Store

_FIRST_SECONDS, _LAST_SECONDS = 1.0, 300.0
#: Servers log a silent client out; above this the connection is not kept between two rounds.
_KEEP_SECONDS = 240.0
#: What a good connection may end in: not worth a line unless it happens again at once.
_USUAL = frozenset({"dropped", "silent"})


@dataclass(slots=True)
class Poller:
    """Brings the mail of one mailbox in; shares nothing with the others."""

    mailbox: Mailbox
    _: KW_ONLY
    settings: Settings
    clock: Clock
    store: Store
    door: Door
    log: structlog.typing.FilteringBoundLogger
    #: Waits for so many seconds or for a stop; by default ``stop.wait``.
    pause: Callable[[float], object] | None = None
    _road: Road = field(init=False)
    _memory: Memory = field(init=False)
    _tokens: Tokens | None = field(init=False, default=None)
    #: Failures since the last complete round.
    _failures: int = field(init=False, default=0)
    #: What was last told about, and whether the mailbox's row says so.
    _trouble: str = field(init=False, default="")
    _is_written: bool = field(init=False, default=False)

    def __post_init__(self) -> None:
        self.log = self.log.bind(mailbox=self.mailbox.name)
        self._road = Road(
            mailbox=self.mailbox,
            settings=self.settings,
            clock=self.clock,
            store=self.store,
            door=self.door,
            log=self.log,
        )
        self._memory = Memory(self.clock)
        self._tokens = _tokens(self.mailbox, self.settings, self.clock)

    def run(self, stop: threading.Event) -> None:
        """Take mail in until stopped; never raises, never gives up."""
        pause = self.pause or stop.wait
        while not stop.is_set():
            try:
                self._connected(stop, pause)
            except Exception as err:  # noqa: BLE001  whatever it is, the next try may go well
                if not stop.is_set():
                    self._failed(err)
                    pause(self._delay())

    def _connected(self, stop: threading.Event, pause: Callable[[float], object]) -> None:
        """One connection's life."""
        _refuse_circle(self.mailbox)
        with Session(self.mailbox, self._tokens) as session:
            # Messages are looked at anew: while we were away the mailbox may have been restored.
            self._memory.settled.clear()
            _make_target(session, self.mailbox)
            while not stop.is_set():
                Round(self._road, session, self._memory).run(stop)
                self._succeeded()
                seconds = self.mailbox.poll_seconds
                if session.can_idle:
                    seconds = seconds if self._memory.has_retries else RENEW_SECONDS
                    idle(session, min(seconds, RENEW_SECONDS), clock=self.clock, stop=stop)
                elif seconds > _KEEP_SECONDS:
                    break
                else:
                    pause(seconds)
        if not stop.is_set():
            pause(self.mailbox.poll_seconds)

    def _succeeded(self) -> None:
        if self._trouble:
            self.log.info("mailbox_back")
        self._failures, self._trouble, self._is_written = 0, "", False

    def _failed(self, err: Exception) -> None:
        """Tell once what is wrong, and again only when that changes."""
        self._failures += 1
        trouble = explain(err)
        if trouble.kind in _USUAL and self._failures == 1:
            self.log.debug("mailbox_reconnects", reason=trouble.reason)
            return
        if trouble.kind != self._trouble:
            self._trouble, self._is_written = trouble.kind, False
            event = "mailbox_waits" if trouble.kind == "store" else "mailbox_unreachable"
            is_ours = not isinstance(err, (*TRANSIENT, MailboxError, StoreError))
            self.log.warning(
                event,
                reason=trouble.reason,
                advice=trouble.advice,
                exc_info=err if is_ours else None,
            )
        if not self._is_written:
            self._is_written = self._write(str(trouble))

    def _write(self, error: str) -> bool:
        try:
            with self.store.begin() as tx:
                mailboxes.report(tx, self._road.folder, error, self.clock.now())
        except Exception as err:  # noqa: BLE001  the log has it, and the next failure tries again
            self.log.debug("mailbox_error_not_written", error=str(err))
            return False
        return True

    def _delay(self) -> float:
        """From a second to five minutes, never all mailboxes at once."""
        longest = min(_LAST_SECONDS, _FIRST_SECONDS * 2.0 ** min(self._failures - 1, 20))
        return longest * random.uniform(0.5, 1.0)  # noqa: S311  no secret


class Pollers:
    """The threads of all mailboxes."""

    def __init__(self, pollers: Sequence[Poller]) -> None:
        self._stop = threading.Event()
        self._threads = tuple(
            threading.Thread(
                target=poller.run,
                args=(self._stop,),
                name=f"imap {poller.mailbox.name}",
                # A server that hangs must not keep the process from ending: nothing is lost by it.
                daemon=True,
            )
            for poller in pollers
        )

    def start(self) -> None:
        """Begin."""
        for thread in self._threads:
            thread.start()

    def close(self, seconds: float = 30.0) -> bool:
        """Ask all to stop after what they have in hand; True when they did within the time."""
        self._stop.set()
        for thread in self._threads:
            thread.join(seconds)
        return not self.are_alive

    @property
    def are_alive(self) -> bool:
        """Whether any thread runs."""
        return any(thread.is_alive() for thread in self._threads)


def check(mailbox: Mailbox, settings: Settings, clock: Clock | None = None) -> tuple[str, ...]:
    """What is wrong with a mailbox, in plain words; a missing folder to move to is made."""
    try:
        _refuse_circle(mailbox)
        with Session(mailbox, _tokens(mailbox, settings, clock or SystemClock())) as session:
            session.select()
            _make_target(session, mailbox)
    except (*TRANSIENT, MailboxError) as err:
        return (f"{mailbox.name}: {explain(err)}",)
    return ()


def _tokens(mailbox: Mailbox, settings: Settings, clock: Clock) -> Tokens | None:
    return Tokens(mailbox, data_dir=settings.data_dir, clock=clock) if mailbox.oauth else None


def _refuse_circle(mailbox: Mailbox) -> None:
    """A message moved into its own folder would be new for ever."""
    names = (mailbox.folder, mailbox.move_to)
    first, second = (name.upper() if name.upper() == "INBOX" else name for name in names)
    if mailbox.after == "move" and first == second:
        raise MailboxError("folder", "move_to is the folder itself", "name another folder")


def _make_target(session: Session, mailbox: Mailbox) -> None:
    if mailbox.after != "move":
        return
    try:
        session.make_folder(mailbox.move_to)
    except Refused as err:
        raise MailboxError(
            "target",
            f"the folder {mailbox.move_to} is missing and cannot be made: {err}",
            "see move_to; some servers want it below another, as INBOX.Postdesk",
        ) from err
