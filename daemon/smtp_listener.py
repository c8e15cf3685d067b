"""The listening sockets of SMTP and LMTP: opened or given, served, closed in good order."""

from __future__ import annotations

import asyncio
import errno
import os
import socket
import stat
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import structlog

from daemon.clock import Clock
from daemon.lmtp import LmtpSession
from daemon.settings import Settings
from daemon.smtp_commands import SmtpSession
from daemon.smtp_service import Door, open_service
from daemon.smtp_submission import SubmissionSession

_SESSIONS = {"smtp": SmtpSession, "submission": SubmissionSession, "lmtp": LmtpSession}
_BACKLOG = 512
#: ``localhost`` may name an address of a family that this machine has not.
_FAMILY_MISSING = (errno.EAFNOSUPPORT, errno.EADDRNOTAVAIL)


class Listener:
    """Takes mail by SMTP and LMTP and hands it to the door.

    Made inside the running loop's thread; raises SettingsError for a certificate that is unusable.
    """

    def __init__(
        self,
        *,
        settings: Settings,
        clock: Clock,
        log: structlog.typing.FilteringBoundLogger,
        door: Door,
    ) -> None:
        self._listen = {
            "smtp": settings.smtp.listen,
            "submission": settings.submission.listen,
            "lmtp": settings.lmtp.listen,
        }
        self._service = open_service(settings=settings, clock=clock, log=log, door=door)
        self._servers: list[tuple[str, asyncio.Server]] = []
        self._paths: list[Path] = []

    async def start(self, sockets: Sequence[tuple[str, socket.socket]] = ()) -> None:
        """Listen, on the given sockets where a protocol has some, else as the settings say.

        Raises OSError with the address in its text; then nothing listens.
        """
        given = {protocol for protocol, _ in sockets}
        opened = list(sockets)
        try:
            for protocol, addresses in self._listen.items():
                if protocol not in given:
                    for address in addresses:
                        opened += [(protocol, each) for each in self._open(protocol, address)]
            while opened:
                await self._serve(*opened.pop(0))
        except BaseException:
            for _, each in opened:
                each.close()
            await self.stop(0)
            raise

    @property
    def addresses(self) -> tuple[tuple[str, str, int], ...]:
        """Where it listens: protocol, host or path, port (0 for a path)."""
        return tuple(
            (protocol, *_name(each))
            for protocol, server in self._servers
            for each in server.sockets
        )

    async def stop(self, grace: float) -> None:
        """Take no more connections, end idle sessions with 421, wait for mails under way.

        After ``grace`` seconds what is left is cut: those mails were not answered with 250.
        """
        self._service.is_stopping = True
        for _, server in self._servers:
            server.close()
        self._servers.clear()
        for path in self._paths:
            path.unlink(missing_ok=True)
        self._paths.clear()
        waiting: set[asyncio.Future[Any]] = set(self._service.commits)
        waiting.update(filter(None, [each.dismiss() for each in list(self._service.sessions)]))
        if waiting:
            await asyncio.wait(waiting, timeout=grace)
        for session in list(self._service.sessions):
            session.abort()
        await asyncio.sleep(0)

    def _open(self, protocol: str, address: str) -> list[socket.socket]:
        try:
            if address.startswith("unix:"):
                path = Path(address.removeprefix("unix:"))
                opened = [_open_unix(path)]
                self._paths.append(path)
                return opened
            return _open_inet(address)
        except (OSError, ValueError) as err:
            reason = (getattr(err, "strerror", None) or str(err)).lower()
            code = getattr(err, "errno", None) or 0
            raise OSError(code, f"{protocol} cannot listen on {address}: {reason}") from err

    async def _serve(self, protocol: str, opened: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        factory = _SESSIONS[protocol].factory(self._service, loop)
        opened.settimeout(0)
        if opened.family == socket.AF_UNIX:
            server = await loop.create_unix_server(factory, sock=opened, backlog=_BACKLOG)
        else:
            server = await loop.create_server(factory, sock=opened, backlog=_BACKLOG)
        self._servers.append((protocol, server))


def _open_inet(address: str) -> list[socket.socket]:
    host, _, port = address.rpartition(":")
    found = socket.getaddrinfo(
        host.strip("[]") or None, int(port), type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
    )
    opened: list[socket.socket] = []
    missing: OSError | None = None
    for family, _, _, _, place in dict.fromkeys(found):
        try:
            opened.append(_bind(family, place))
        except OSError as err:
            missing = err
            if err.errno not in _FAMILY_MISSING:
                break
    if not opened or (missing and missing.errno not in _FAMILY_MISSING):
        for each in opened:
            each.close()
        raise missing or OSError("no such address")
    return opened


def _bind(family: int, place: Any) -> socket.socket:
    opened = socket.socket(family, socket.SOCK_STREAM)
    try:
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            opened.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        opened.bind(place)
        opened.listen(_BACKLOG)  # here, so that a port in use is found before anything is served
    except OSError:
        opened.close()
        raise
    return opened


def _open_unix(path: Path) -> socket.socket:
    opened = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        _remove_stale(path)
        # The mode by the mask, so that there is no instant with another one.
        mask = os.umask(0o117)
        try:
            opened.bind(str(path))
        finally:
            os.umask(mask)
        opened.listen(_BACKLOG)
    except OSError:
        opened.close()
        raise
    return opened


def _remove_stale(path: Path) -> None:
    """Remove a socket that nobody answers at; anything else at the path stays and is an error."""
    if not (path.exists() and stat.S_ISSOCK(path.stat().st_mode)):
        return
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        try:
            probe.connect(str(path))
        except ConnectionRefusedError:
            path.unlink()


def _name(opened: socket.socket) -> tuple[str, int]:
    name = opened.getsockname()
    return (name, 0) if isinstance(name, str) else (name[0], name[1])
