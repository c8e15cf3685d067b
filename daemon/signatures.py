"""Verifying DKIM and ARC on the bytes of a mail: home of dkimpy.

A signature counts only when it covers the whole body, when the body can be read in one way only,
and when no field stands there twice that a reader would take the unsigned one of.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from functools import cache
from typing import Any, Final

from daemon.errors import LookupFailed
from daemon.mail import headers, outer
from daemon.mail.headers import Header
from daemon.mail.sender import Signatures, aligned

#: Each costs a question to the DNS and a verification.
_MOST: Final = 4
_SINGLE: Final = (
    "from",
    "subject",
    "date",
    "content-type",
    "content-transfer-encoding",
    "content-disposition",
)
#: Without these under a signature, another mail could be made of the signed one.
_COVERED: Final = frozenset({"from", "subject", "date"})
_TAG: Final = re.compile(rb"(?:^|;)\s*([a-z]+)\s*=\s*([^;]*)")

Texts = Callable[[str], list[bytes]]


def verify(raw: bytes, header: Header, domain: str, texts: Texts, *, with_seal: bool) -> Signatures:
    """The domains whose signatures speak for ``domain`` and are valid, and a valid ARC seal.

    Raises LookupFailed when the DNS could not be asked.
    """
    counts = Counter(name for name, _ in header.fields)
    if any(counts[name] > 1 for name in _SINGLE):
        return Signatures()
    # RFC 6376 §5.3: what is signed ends its lines with CRLF.
    wire = re.sub(rb"\r?\n", b"\r\n", raw)
    signers = tuple(_valid(wire, header, domain, texts))
    sealer, results = _seal(wire, header, texts) if with_seal and not signers else ("", "")
    return Signatures(dkim=signers, sealer=sealer, sealed_results=results)


def _valid(wire: bytes, header: Header, domain: str, texts: Texts) -> list[str]:
    valid = []
    for index, value in enumerate(header.all("dkim-signature")[:_MOST]):
        tags = _tags(value)
        signer = tags.get("d", b"").decode("ascii", "replace").lower()
        if aligned(signer, domain) and _is_whole(tags, wire) and _is_valid(wire, index, texts):
            valid.append(signer)
    return valid


def _tags(value: bytes) -> dict[str, bytes]:
    return {key.decode(): b"".join(text.split()) for key, text in _TAG.findall(value)}


def _is_whole(tags: dict[str, bytes], wire: bytes) -> bool:
    """True when nobody could make another mail of the signed one."""
    covered = {name.lower() for name in tags.get("h", b"").decode("ascii", "replace").split(":")}
    # ``l=`` lets anybody add to the body (RFC 6376 §8.2).
    if "l" in tags or not covered >= _COVERED or tags.get("a") == b"rsa-sha1":
        return False
    # Gmail signs no Content-Type, and hardly anybody Content-Transfer-Encoding: then the body
    # itself must say what the field says.
    return outer.bears_out(wire, headers.split(wire, 0, len(wire)), covered)


def _is_valid(wire: bytes, index: int, texts: Texts) -> bool:
    try:
        return bool(_library().DKIM(wire).verify(idx=index, dnsfunc=_dns(texts)))
    except LookupFailed:
        raise
    except Exception:  # noqa: BLE001  a library at hostile bytes: whatever it says, not valid
        return False


def _sealed(header: Header, instance: int) -> dict[str, bytes]:
    """What a sealer signed of the mail itself (RFC 8617 §4.1.2)."""
    found = map(_tags, header.all("arc-message-signature"))
    wanted = b"%d" % instance
    return next((tags for tags in found if tags.get("i") == wanted), {})


def _seal(wire: bytes, header: Header, texts: Texts) -> tuple[str, str]:
    """The newest sealer's domain and its results, of a chain that holds."""
    try:
        verdict, instances, _ = _library().ARC(wire).verify(dnsfunc=_dns(texts))
    except LookupFailed:
        raise
    except Exception:  # noqa: BLE001  as above
        return "", ""
    if verdict != _library().CV_Pass or not instances or len(instances) > _MOST:
        return "", ""
    newest = instances[0]
    if not _is_whole(_sealed(header, newest["instance"]), wire):
        return "", ""
    return (
        newest["as-domain"].decode("ascii", "replace").lower(),
        " ".join(newest["aar-value"].decode("utf-8", "replace").split()),
    )


@cache
def _library() -> Any:
    """Loaded at the first signature: it takes half a second that no other process should pay."""
    import dkim

    return dkim


def _dns(texts: Texts) -> Callable[..., bytes | None]:
    """As dkimpy asks: one record, or None."""

    def ask(name: bytes | str, timeout: int = 0) -> bytes | None:
        text = name.decode("ascii", "replace") if isinstance(name, bytes) else name
        found = texts(text)
        return found[0] if found else None

    return ask
