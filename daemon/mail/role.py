"""Addresses behind which nobody reads answers: programs, list servers, roles of a host. Pure."""

from __future__ import annotations

import re
from typing import Final

#: RFC 2142 names the roles of a host; the others are list servers' and senders' own.
_NOBODY: Final = re.compile(
    r"(?:mailer[-_.]?daemon|postmaster|hostmaster|webmaster|usenet|news|uucp|ftp|root|daemon|nobody|"
    r"no[-_.]?reply|do[-_.]?not[-_.]?reply|bounces?|auto[-_.]?(?:reply|responder|mat)|"
    r"majordomo|listserv|listproc|mailman|sympa|owner-.*|.*-(?:owner|request|bounces?|"
    r"(?:un)?subscribe|confirm|admin))(?:[-_+.=].*)?"
)


def is_nobody(address: str) -> bool:
    """True when no person reads what is sent there."""
    return _NOBODY.fullmatch(address.rpartition("@")[0].lower()) is not None
