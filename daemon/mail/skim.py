"""Who wrote a mail and about what, from a look at its top alone. Pure, linear.

For a mail that could not be read: whoever decides about it must see more than a number.
"""

from __future__ import annotations

from dataclasses import dataclass

from daemon.mail import encoded, mailbox
from daemon.mail.headers import split
from daemon.mail.limits import FIELD_BYTES, PEEK_BYTES, SUBJECT_CHARACTERS


@dataclass(frozen=True, slots=True)
class Skimmed:
    """What stands at the top of a mail, as its sender wrote it: nothing is proven."""

    from_address: str = ""
    subject: str = ""


def skim(raw: bytes) -> Skimmed:
    """Look at the first 64 KB of the header block; never raises, never long."""
    top = raw[:PEEK_BYTES]
    header = split(top, 0, len(top))
    found = mailbox.addresses(encoded.raw(header.first("from")[:FIELD_BYTES], ""))
    address = next((one.address for one in found if one.address), "")
    return Skimmed(from_address=address, subject=header.text("subject")[:SUBJECT_CHARACTERS])
