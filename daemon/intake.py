"""The third way in: one JSON object, from a bot or a form, becomes a mail like any other.

``read`` checks the object, ``compose`` makes the RFC 5322 message, ``arrival`` hands it to the one
door with a key by which the same object is the same arrival.
"""

from __future__ import annotations

import difflib
import hashlib
import json
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from typing import Any, Final

from daemon.arrival import Arrival, Envelope, Source
from daemon.errors import NotUnderstood
from daemon.mail.mailbox import addresses, is_strict

KEYS: Final = ("from", "subject", "text", "via", "external_id")
_VIA_UNSAID: Final = "intake"
_VIA: Final = re.compile(r"[a-z0-9][a-z0-9_-]{0,15}")
_UNPRINTABLE: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
_SURROGATE: Final = re.compile(r"[\ud800-\udfff]")
_ID_CHARACTERS: Final = 400
#: RFC 5322 §2.1.1 and nobody's wish: a subject that is a page.
_SUBJECT_CHARACTERS: Final = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Submission:
    """What was handed in, checked."""

    address: str
    name: str = ""
    subject: str = ""
    text: str = ""
    #: The channel: chat, portal, phone, …
    via: str = _VIA_UNSAID
    #: The other system's name for it: handed in twice it is the same mail.
    external_id: str = ""


def read(raw: bytes) -> Submission:
    """Read one JSON object. Raises NotUnderstood with the key and what was expected there."""
    try:
        found = json.loads(raw)
    except (ValueError, RecursionError) as err:
        where = f" at line {err.lineno}" if isinstance(err, json.JSONDecodeError) else ""
        raise NotUnderstood(f"standard input is no JSON{where}; expected one object") from err
    if not isinstance(found, dict):
        raise NotUnderstood(f"expected one JSON object, as {{'from': …}}, not {_kind(found)}")
    for key in found:
        if key not in KEYS:
            near = difflib.get_close_matches(key, KEYS, n=1)
            hint = f"did you mean {near[0]}?" if near else f"expected {', '.join(KEYS)}"
            raise NotUnderstood(f"unknown key {key!r}; {hint}")
    address, name = _sender(found)
    return Submission(
        address=address,
        name=name,
        subject=_line(_text(found, "subject"))[:_SUBJECT_CHARACTERS],
        text=_SURROGATE.sub("\ufffd", _text(found, "text")).replace("\0", "\ufffd"),
        via=_via(found),
        external_id=_external_id(found),
    )


def _kind(value: object) -> str:
    names = {list: "a list", str: "a text", bool: "true or false", type(None): "null"}
    return names.get(type(value), "a number" if isinstance(value, int | float) else "an object")


def _text(found: Mapping[str, Any], key: str) -> str:
    value = found.get(key)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise NotUnderstood(f"{key}: expected a text, not {_kind(value)}")
    return value


def _line(text: str) -> str:
    """The text as it may stand in a header field: one line, no controls, no half characters."""
    return _SURROGATE.sub("\ufffd", _UNPRINTABLE.sub(" ", text)).strip()


def _sender(found: Mapping[str, Any]) -> tuple[str, str]:
    expected = 'expected an address, as "anna@example.org" or "Anna Lee <anna@example.org>"'
    value = _text(found, "from").strip()
    if not value:
        raise NotUnderstood(f"from is missing; {expected}")
    if not is_strict(value):
        raise NotUnderstood(f"from: {expected}")
    (author,) = addresses(value)[:1]
    return author.address, _line(author.name)


def _via(found: Mapping[str, Any]) -> str:
    via = _text(found, "via") or _VIA_UNSAID
    if not _VIA.fullmatch(via):
        raise NotUnderstood("via: expected a word of a-z, 0-9, - and _, 16 at most, as chat")
    return via


def _external_id(found: Mapping[str, Any]) -> str:
    value = found.get("external_id")
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    text = _text({"external_id": value}, "external_id")
    if len(text) > _ID_CHARACTERS or text != _line(text):
        raise NotUnderstood(
            f"external_id: expected one line of printable characters, {_ID_CHARACTERS} at most"
        )
    return text


def compose(submission: Submission, desk: str, *, now: datetime, unique: str) -> bytes:
    """The submission as a mail to the desk; ``unique`` is the left side of its Message-ID."""
    mail = EmailMessage(policy=SMTP)
    mail["From"] = Address(submission.name, addr_spec=submission.address)
    mail["To"] = desk
    mail["Subject"] = submission.subject
    mail["Date"] = now
    mail["Message-ID"] = f"<{unique}@{desk.rpartition('@')[2]}>"
    mail["X-Postdesk-Via"] = submission.via
    mail.set_content(submission.text, charset="utf-8")
    return mail.as_bytes()


def arrival(submission: Submission, desk: str, *, now: datetime) -> Arrival:
    """The submission at the door: the same ``external_id`` is the same arrival for ever."""
    key = submission.external_id or secrets.token_hex(16)
    source_key = f"{Source.INTAKE.value}:{submission.via}:{key}"
    digest = hashlib.sha256(source_key.encode()).hexdigest()[:32]
    return Arrival(
        source=Source.INTAKE,
        source_key=source_key,
        received_at=now,
        # Whoever may run the command on this machine vouches for the sender.
        envelope=Envelope(
            sender=submission.address, recipients=(desk,), peer="intake", trusted=True
        ),
        raw=compose(submission, desk, now=now, unique=f"intake.{digest}"),
    )
