"""Asking the DNS for texts: the only place that does."""

from __future__ import annotations

from typing import Final

import dns.exception
import dns.resolver

from daemon.errors import LookupFailed

#: All tries together; a mail waits for it.
_SECONDS: Final = 4.0
_DNS: Final = 53


class Resolver:
    """TXT records, from the system's resolver or a named one."""

    def __init__(self, server: str = "") -> None:
        self._resolver = dns.resolver.Resolver(configure=not server)
        if server:
            host, _, port = server.rpartition(":")
            self._resolver.nameservers = [(host or port).strip("[]")]
            self._resolver.port = int(port) if host else _DNS
        self._resolver.lifetime = _SECONDS

    def texts(self, name: str) -> list[bytes]:
        """Every TXT record of a name, each in one piece; none when there is none.

        Raises LookupFailed when nobody could be asked.
        """
        try:
            answer = self._resolver.resolve(name, "TXT", search=False)
        except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
            return []
        except (dns.exception.DNSException, OSError, UnicodeError) as err:
            raise LookupFailed(f"{name}: {type(err).__name__}") from err
        return [b"".join(record.strings) for record in answer]
