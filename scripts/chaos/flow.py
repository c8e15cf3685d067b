"""Mail that flows whatever happens: an MTA that retries until the 250, and a mailbox that fills."""

from __future__ import annotations

import asyncio
import os
import random
import shutil
import threading
import time
from pathlib import Path

from scripts.bench import mails
from scripts.bench.wire import Wire, connect
from scripts.chaos.given import Books, Given

_CONNECTIONS = 8
_ANSWER_SECONDS = 60.0
_RETRY_SECONDS = (0.1, 0.5)
#: Shares of the mails: to the mailbox only, to both, and answers to an earlier mail.
_BY_IMAP, _BY_BOTH, _ANSWERS = 0.25, 0.05, 0.15


class Flow:
    """Sends until it is told to stop, then until everything is accepted."""

    def __init__(
        self, *, port: int, maildir: Path, rate: float, chance: random.Random, size: int = 3000
    ) -> None:
        self.books = Books()
        self._port, self._maildir, self._rate, self._size = port, maildir, rate, size
        self._chance = chance
        self._stop = threading.Event()
        self._idle: list[Wire] = []
        self._thread = threading.Thread(target=lambda: asyncio.run(self._run()), name="flow")

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """Give no new mail."""
        self._stop.set()

    def join(self, seconds: float) -> None:
        """Wait until every mail is accepted; what is not by then is a wrong."""
        self._thread.join(seconds)
        for given in self.books.given:
            if given.by_smtp and given.accepted_at is None:
                self.books.wrongs.append(
                    f"never accepted: {given.mail.message_id} after {given.offers} offers"
                )

    async def _run(self) -> None:
        places = asyncio.Semaphore(_CONNECTIONS)
        tasks: list[asyncio.Task[None]] = []
        start = time.monotonic()
        while not self._stop.is_set():
            given = self._next(len(self.books.given))
            self.books.given.append(given)
            if given.by_imap:
                self._drop(given)
            if given.by_smtp:
                tasks.append(asyncio.create_task(self._insist(given, places)))
            due = start + len(self.books.given) / self._rate
            await asyncio.sleep(max(0.0, due - time.monotonic()))
        await asyncio.gather(*tasks)

    def _next(self, number: int) -> Given:
        road, chance = self._chance.random(), self._chance
        # What lies in the mailbox may still be unfetched: an early answer.
        earlier = [given for given in self.books.given if given.is_promised]
        parent = chance.choice(earlier) if earlier and chance.random() < _ANSWERS else None
        mail = mails.mail(
            "chaos",
            number,
            size=self._size,
            # As mail clients write it: the whole thread, the parent last.
            answers=parent.thread if parent else (),
            sender=parent.mail.sender if parent else "",
        )
        return Given(
            mail=mail,
            thread=(*(parent.thread if parent else ()), mail.message_id),
            by_imap=road < _BY_IMAP + _BY_BOTH,
            by_smtp=road >= _BY_IMAP,
        )

    def _drop(self, given: Given) -> None:
        """As a delivery agent does: whole or not at all."""
        name = f"{time.time():.6f}.{len(self.books.given)}.chaos"
        path = self._maildir / "tmp" / name
        path.write_bytes(given.mail.raw)
        if os.geteuid() == 0:
            owner = self._maildir.stat()
            shutil.chown(path, owner.st_uid, owner.st_gid)
        path.rename(self._maildir / "new" / name)
        given.is_in_mailbox = True

    async def _insist(self, given: Given, places: asyncio.Semaphore) -> None:
        """Again and again, as an MTA does, until 250 or a permanent refusal."""
        while True:
            async with places:
                reply = await self._offer(given)
            if reply.startswith(b"250"):
                given.accepted_at = time.monotonic()
                return
            if reply.startswith(b"5"):
                words = reply.decode("utf-8", "replace")
                self.books.wrongs.append(f"permanent refusal of {given.mail.message_id}: {words}")
                return
            await asyncio.sleep(self._chance.uniform(*_RETRY_SECONDS))

    async def _offer(self, given: Given) -> bytes:
        """The deciding reply; empty when the connection was lost."""
        wire: Wire | None = None
        try:
            async with asyncio.timeout(_ANSWER_SECONDS):
                if self._idle:
                    wire = self._idle.pop()
                else:
                    wire = await connect(self._port)
                    if not (greeting := await wire.greet()).startswith(b"2"):
                        wire.close()
                        return greeting
                given.offers += 1
                reply = await wire.send(given.mail)
        except (OSError, TimeoutError):
            if wire is not None:
                wire.close()
            return b""
        if reply.startswith(b"250"):
            self._idle.append(wire)
        else:
            wire.close()
        return reply
