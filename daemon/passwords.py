"""Agents' passwords for the submission port: a file of lines, ``login:hash``, read when it changes.

Pure but for the file. The hash is scrypt (RFC 7914) with its costs beside it.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from daemon.errors import SettingsError

#: 16 MB and some tens of milliseconds a try.
_LOG_N, _R, _P = 14, 8, 1
_SALT, _KEY = 16, 32
#: A file cannot ask for more memory than this of its reader.
_MOST_LOG_N: Final = 17


@dataclass(frozen=True, slots=True, kw_only=True)
class _Hash:
    """One line's right side, read."""

    log_n: int
    r: int
    p: int
    salt: bytes
    key: bytes

    def matches(self, password: str) -> bool:
        found = _derive(password, self.salt, self.log_n, self.r, self.p)
        return hmac.compare_digest(found, self.key)


#: What an unknown login is compared with, so that it takes as long as a known one.
_NOBODY: Final = _Hash(log_n=_LOG_N, r=_R, p=_P, salt=bytes(_SALT), key=bytes(_KEY))


def hashed(password: str, salt: bytes = b"") -> str:
    """What stands in the file for a password."""
    salt = salt or secrets.token_bytes(_SALT)
    key = _derive(password, salt, _LOG_N, _R, _P)
    return f"scrypt${_LOG_N}${_R}${_P}${_text(salt)}${_text(key)}"


def _derive(password: str, salt: bytes, log_n: int, r: int, p: int) -> bytes:
    n = 2**log_n
    return hashlib.scrypt(
        password.encode(), salt=salt, n=n, r=r, p=p, maxmem=132 * n * r * p, dklen=_KEY
    )


def _text(value: bytes) -> str:
    return base64.b64encode(value).decode("ascii")


def read(path: Path) -> dict[str, _Hash]:
    """Every login of the file. Raises SettingsError with the line that is wrong."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as err:
        raise SettingsError(f"submission.passwords_file: cannot read {path}: {err}") from err
    found = {}
    for number, line in enumerate(lines, 1):
        if line.strip() and not line.startswith("#"):
            login, _, text = line.strip().partition(":")
            found[login.strip().lower()] = _read_hash(text.strip(), path, number)
    return found


def _read_hash(text: str, path: Path, line: int) -> _Hash:
    try:
        kind, log_n, r, p, salt, key = text.split("$")
        made = _Hash(
            log_n=int(log_n),
            r=int(r),
            p=int(p),
            salt=base64.b64decode(salt, validate=True),
            key=base64.b64decode(key, validate=True),
        )
        is_usable = kind == "scrypt" and 10 <= made.log_n <= _MOST_LOG_N
        if is_usable and len(made.key) == _KEY and (made.r, made.p) == (_R, _P):
            return made
    except ValueError:
        pass
    raise SettingsError(
        "this is no password", path=str(path), line=line, hint="postdesk password LOGIN makes one"
    )


class Passwords:
    """The file as it is now: who is taken out of it is out at once."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._stamp: tuple[int, int, int] | None = None
        self._known: dict[str, _Hash] = {}
        self.refresh()

    def refresh(self) -> None:
        """Read the file again if it changed. Raises SettingsError."""
        try:
            found = self._path.stat()
        except OSError as err:
            raise SettingsError(f"submission.passwords_file: {self._path}: {err.strerror}") from err
        stamp = (found.st_mtime_ns, found.st_size, found.st_ino)
        if stamp != self._stamp:
            self._known = read(self._path)
            self._stamp = stamp

    def check(self, login: str, password: str) -> bool:
        """True when this is the login's password; takes as long for a login that is not there."""
        try:
            self.refresh()
        except SettingsError:
            # A file that cannot be read lets nobody in.
            self._known, self._stamp = {}, None
        known = self._known.get(login.lower(), _NOBODY)
        return known.matches(password) and known is not _NOBODY
