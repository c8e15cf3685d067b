"""The mark in every mail of ours, by which it is known when it comes back. Pure.

A Message-ID says the same and more, but some carriers write their own.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Iterable
from functools import lru_cache
from typing import Final

from daemon.mail.address import Keys

FIELD: Final = "x-loop"
_PREFIX: Final = "postdesk-"


def mark(keys: Keys) -> str:
    """What our mails carry: signed, since a word that anybody knows would make mails vanish."""
    return _PREFIX + _mac(keys[0])


def is_ours(keys: Keys, values: Iterable[str]) -> bool:
    """True when one of these is a mark of ours."""
    claims = [value.removeprefix(_PREFIX) for value in values if value.startswith(_PREFIX)]
    return any(
        hmac.compare_digest(_mac(key).encode(), claim.encode("utf-8", "replace"))
        for claim in claims[:20]
        for key in keys
    )


@lru_cache(maxsize=8)  # the same in every mail
def _mac(key: bytes) -> str:
    digest = hmac.digest(key, b"postdesk loop 1", hashlib.sha256)
    return base64.b32encode(digest[:15]).decode("ascii").lower()
