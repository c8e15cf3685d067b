"""What MAIL and RCPT say: a path, then parameters; and which paths are the desk's. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

# Lenient where real senders are: dots anywhere in the local part, any length up to the command's.
# Strict where it matters: no controls, no spaces, no brackets, no second "@" outside of quotes.
_ATOMS = r"[^\x00-\x20\x7f-\x9f\u2028\u2029\ud800-\udfff\"(),:;<>@\[\\\]]+"
_QUOTED = r'"(?:[^\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff"\\]|\\[\x20-\x7e])*"'
_DOMAIN = rf"(?:{_ATOMS}|\[[0-9A-Za-z.:\-]+\])"
_MAILBOX = rf"(?P<local>{_ATOMS}|{_QUOTED})(?:@(?P<domain>{_DOMAIN}))?"
# RFC 5321 §4.1.1.3: a source route is recognised and ignored.
_ROUTE = rf"(?:@{_DOMAIN}(?:,@{_DOMAIN})*:)?"
_BRACKETED = re.compile(rf"<(?:{_ROUTE}(?P<mailbox>{_MAILBOX}))?>(?P<rest>.*)", re.DOTALL)
# By hand, people leave the brackets out.
_BARE = re.compile(rf"(?P<mailbox>{_MAILBOX})(?P<rest>(?: .*)?)", re.DOTALL)
_PARAMETER = re.compile(r"(?P<name>[A-Za-z0-9][A-Za-z0-9-]*)(?:=(?P<value>[^\x00-\x20=\x7f]+))?")

#: ESMTP parameters that are taken, most of them to be ignored: RFC 1870, 6152, 6531, 4954, 3461.
MAIL_PARAMETERS = frozenset({"SIZE", "BODY", "SMTPUTF8", "AUTH", "RET", "ENVID"})
RCPT_PARAMETERS = frozenset({"NOTIFY", "ORCPT"})


class PathError(ValueError):
    """The argument is not a path with parameters; its text is the reply."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Path:
    """One argument of MAIL or RCPT: an address without brackets, and its parameters."""

    #: As it was written, without a source route; empty for the null path.
    address: str
    local: str = ""
    #: Empty for ``<postmaster>`` alone (RFC 5321 §4.5.1) and the null path.
    domain: str = ""
    #: Names in upper case; values as they were written.
    parameters: dict[str, str] = field(default_factory=dict)


def parse_path(argument: str | None, keyword: str, known: frozenset[str]) -> Path:
    """Read ``FROM:<…> …`` or ``TO:<…> …``; raises PathError."""
    text = (argument or "").strip(" \t")
    if text[: len(keyword)].upper() != keyword:
        raise PathError(f"501 5.5.4 syntax: {keyword}<address>")
    text = text[len(keyword) :].lstrip(" \t")
    form = _BRACKETED if text.startswith("<") else _BARE
    match = form.fullmatch(text)
    if match is None:
        raise PathError("553 5.1.3 malformed address")
    return Path(
        address=match["mailbox"] or "",
        local=_unquote(match["local"] or ""),
        domain=match["domain"] or "",
        parameters=_parse_parameters(match["rest"], known),
    )


def _unquote(local: str) -> str:
    return re.sub(r"\\(.)", r"\1", local[1:-1]) if local.startswith('"') else local


def _parse_parameters(text: str, known: frozenset[str]) -> dict[str, str]:
    parameters: dict[str, str] = {}
    for word in text.split():
        match = _PARAMETER.fullmatch(word)
        if match is None:
            raise PathError("501 5.5.4 malformed parameter")
        name = match["name"].upper()
        if name not in known:
            raise PathError(f"555 5.5.4 unknown parameter {name[:40]}")
        parameters[name] = match["value"] or ""
    return parameters


def check_mail_parameters(parameters: dict[str, str]) -> int:
    """Return the declared size, 0 without one; raises PathError for a value that cannot be."""
    if parameters.get("BODY", "7BIT").upper() not in ("7BIT", "8BITMIME"):
        raise PathError("501 5.5.4 BODY is 7BIT or 8BITMIME")
    if parameters.get("SMTPUTF8"):
        raise PathError("501 5.5.4 SMTPUTF8 takes no value")
    size = parameters.get("SIZE", "0")
    if not (size.isascii() and size.isdigit() and len(size) <= 20):
        raise PathError("501 5.5.4 SIZE is a number")
    return int(size)


class Recipients:
    """The exact list of whom mail is taken for: the desk, its plus-addresses, its postmaster."""

    def __init__(self, addresses: Iterable[str]) -> None:
        pairs = [address.rpartition("@") for address in addresses]
        self._addresses = frozenset(
            (local.lower(), _canonical(domain)) for local, _, domain in pairs
        )
        self._domains = frozenset(domain for _, domain in self._addresses)

    def __contains__(self, path: Path) -> bool:
        local, domain = path.local.lower(), _canonical(path.domain)
        if local == "postmaster":
            return not domain or domain in self._domains
        while (local, domain) not in self._addresses:
            local, plus, _ = local.rpartition("+")
            if not plus:
                return False
        return True


def _canonical(domain: str) -> str:
    """The domain in its ASCII form, so that both spellings of an international one are equal."""
    if domain.isascii():
        return domain.lower()
    try:
        return domain.encode("idna").decode("ascii").lower()
    except UnicodeError:
        return domain.lower()
