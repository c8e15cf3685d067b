"""The client's end of one SMTP connection: a mail in two round trips, as an MTA sends it."""

from __future__ import annotations

import asyncio
from typing import cast

from scripts.bench.desk import ADDRESS
from scripts.bench.mails import Mail


class Wire(asyncio.Protocol):
    """Sends one mail after the other; raises ConnectionError when the server goes away."""

    def __init__(self) -> None:
        self._transport: asyncio.Transport | None = None
        self._buffer = b""
        self._replies: list[bytes] = []
        self._wanted = 0
        self._waiter: asyncio.Future[None] | None = None
        self._is_lost = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)  # uvloop's is of another class

    def connection_lost(self, exc: Exception | None) -> None:
        self._is_lost = True
        self._wake()

    def data_received(self, data: bytes) -> None:
        *lines, self._buffer = (self._buffer + data).split(b"\r\n")
        self._replies += [line for line in lines if line[3:4] != b"-"]
        if len(self._replies) >= self._wanted:
            self._wake()

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    async def _hear(self, count: int) -> list[bytes]:
        """The next so many replies. Raises ConnectionError when they will not come."""
        self._wanted = count
        while len(self._replies) < count:
            if self._is_lost:
                raise ConnectionError("the server is gone")
            self._waiter = asyncio.get_running_loop().create_future()
            await self._waiter
        heard, self._replies = self._replies[:count], self._replies[count:]
        return heard

    async def greet(self) -> bytes:
        """Say EHLO; returns the first reply that is not 2yz, else the last."""
        (greeting,) = await self._hear(1)
        if not greeting.startswith(b"2"):
            return greeting
        self._say(b"EHLO client.test\r\n")
        return (await self._hear(1))[0]

    async def send(self, mail: Mail) -> bytes:
        """Offer one mail; returns the reply that decided: 250 is the server's promise."""
        envelope = f"MAIL FROM:<{mail.sender}> BODY=8BITMIME\r\nRCPT TO:<{ADDRESS}>\r\nDATA\r\n"
        self._say(envelope.encode())
        heard = await self._hear(3)
        for reply in heard:
            if reply[:1] not in {b"2", b"3"}:
                return reply
        self._say(mail.raw + b".\r\n")
        return (await self._hear(1))[0]

    def _say(self, words: bytes) -> None:
        if self._is_lost or self._transport is None:
            raise ConnectionError("the server is gone")
        self._transport.write(words)

    def close(self) -> None:
        """Hang up."""
        if self._transport is not None:
            self._transport.abort()


async def connect(port: int) -> Wire:
    """A new connection to the desk, not greeted. Raises OSError when nobody listens."""
    loop = asyncio.get_running_loop()
    _, wire = await loop.create_connection(Wire, "127.0.0.1", port)
    return wire
