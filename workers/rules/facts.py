"""What rules may look at: a mail, its envelope and what people.yaml knows of its sender. Pure."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, field

from daemon.arrival import Envelope
from daemon.desk.people import Directory, fold
from daemon.mail.message import Message

#: Rules see this many characters of a text (security.md, attack 22).
MOST = 64 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """One mail, as rules see it."""

    #: Folded; the envelope's sender where the mail names none.
    sender: str = ""
    #: Folded addresses of To, Cc and the envelope.
    recipients: tuple[str, ...] = ()
    subject: str = ""
    body: str = ""
    #: Values by lower-case name, in the mail's order.
    headers: dict[str, tuple[str, ...]] = field(default_factory=dict)
    organisation: str = ""
    is_vip: bool = False
    #: ``auto-reply``, … or empty for a person's mail.
    automatic: str = ""
    #: The mail's, else its organisation's; may be empty.
    language: str = ""

    def values(self, name: str) -> tuple[str, ...]:
        """What a condition's field holds; empty when there is nothing."""
        if name.startswith("header."):
            return self.headers.get(name.removeprefix("header."), ())
        return tuple(filter(None, FIELDS[name](self)))


#: The fields of ``when:`` beside ``header.<Name>``.
FIELDS: dict[str, Callable[[Facts], tuple[str, ...]]] = {
    "from": lambda facts: (facts.sender,),
    "to": lambda facts: facts.recipients,
    "subject": lambda facts: (facts.subject,),
    "body": lambda facts: (facts.body,),
    "organisation": lambda facts: (facts.organisation,),
    "vip": lambda facts: ("true" if facts.is_vip else "false",),
    "automatic": lambda facts: (facts.automatic,),
    "language": lambda facts: (facts.language,),
}


def facts_of(message: Message, envelope: Envelope, directory: Directory) -> Facts:
    """Gather what the rules need to know of this mail."""
    sender = fold((message.from_ and message.from_.address) or envelope.sender)
    organisation = directory.organisation_of(sender)
    named = (address.address for address in (*message.to, *message.cc))
    recipients = dict.fromkeys(fold(address) for address in (*named, *envelope.recipients))
    language = message.language or (organisation.language if organisation else "")
    return Facts(
        sender=sender,
        recipients=tuple(filter(None, recipients)),
        subject=_cut(message.subject),
        body=_cut(message.text),
        headers=_headers(message),
        organisation=organisation.name if organisation else "",
        is_vip=directory.is_vip(sender),
        automatic=message.automatic.value if message.automatic else "",
        language=language,
    )


def _headers(message: Message) -> dict[str, tuple[str, ...]]:
    headers: dict[str, tuple[str, ...]] = {}
    for name, value in message.headers:
        headers[name] = (*headers.get(name, ()), _cut(value))
    return headers


def _cut(text: str) -> str:
    # macOS writes Hangul as loose letters; composed is how rule files are written.
    return unicodedata.normalize("NFC", text[:MOST])[:MOST]


def fold_text(text: str) -> str:
    """The form in which texts are compared: case and the width of blanks do not count."""
    return " ".join(unicodedata.normalize("NFC", text).casefold().split())
