"""What reading one mail may cost (security.md §3): beyond these a mail is cut, and says so."""

from __future__ import annotations

from typing import Final

HEADER_BYTES: Final = 256 * 1024
HEADER_FIELDS: Final = 2000
#: A field whose value is a list (addresses, identifiers) is read this far, others less.
LIST_FIELD_BYTES: Final = 64 * 1024
FIELD_BYTES: Final = 4 * 1024
SUBJECT_CHARACTERS: Final = 500
NAME_CHARACTERS: Final = 100
ADDRESSES: Final = 500
REFERENCES: Final = 100
MIME_DEPTH: Final = 50
MIME_PARTS: Final = 1000
#: Lines that look like a boundary but need not be one; a file of them is no mail.
DELIMITER_LINES: Final = 300_000
LINES: Final = 1_000_000
HTML_CHARACTERS: Final = 2 * 1024 * 1024
#: What is searched for the newly written text.
REPLY_CHARACTERS: Final = 200 * 1024
#: Of the undivided body of a mail whose structure could not be read.
UNREADABLE_BYTES: Final = 200 * 1024
#: The header block as the door looks at it.
PEEK_BYTES: Final = 64 * 1024
