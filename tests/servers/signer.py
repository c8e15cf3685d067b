"""A mail system that signs: keys made by openssl, their public halves in the DNS."""

from __future__ import annotations

import re
import subprocess
from dataclasses import dataclass
from functools import cache

import dkim

from tests.servers.names import Names


@cache
def _key(bits: int) -> tuple[bytes, str]:
    """A private key, and its public half as a record holds it."""
    private = _openssl("genrsa", "-traditional", str(bits))
    public = _openssl("rsa", "-pubout", given=private).decode()
    return private, re.sub(r"-----.*?-----|\s", "", public)


def _openssl(*words: str, given: bytes = b"") -> bytes:
    done = subprocess.run(["openssl", *words], input=given, capture_output=True, check=True)
    return done.stdout


@dataclass(frozen=True, slots=True, kw_only=True)
class Signer:
    """Signs for a domain."""

    domain: str
    names: Names
    bits: int = 2048

    def publish(self) -> None:
        """Put the key into the DNS."""
        record = f"v=DKIM1; k=rsa; p={_key(self.bits)[1]}"
        self.names.texts[f"s1._domainkey.{self.domain}"] = record

    def sign(self, raw: bytes, *, headers: str = "from to subject date", **more: object) -> bytes:
        """The mail below its signature."""
        signature = dkim.sign(
            raw,
            b"s1",
            self.domain.encode(),
            _key(self.bits)[0],
            include_headers=headers.encode().split(),
            **more,
        )
        return bytes(signature) + raw

    def seal(self, raw: bytes, results: str) -> bytes:
        """The mail below an ARC set that says so."""
        said = f"Authentication-Results: {self.domain}; {results}\r\n".encode()
        key = _key(self.bits)[0]
        lines = dkim.arc_sign(
            said + raw, b"s1", self.domain.encode(), key, self.domain.encode(),
            include_headers=[b"from", b"to", b"subject", b"date"],
        )  # fmt: skip
        return b"".join(lines) + raw
