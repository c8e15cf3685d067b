"""Whether a body bears out by itself what its Content-Type says of it. Pure.

Of a signature that covers the body and not this field: whoever changes the field must not make
other words of the signed ones, such as a part within a part, or the history below an answer, of
the whole mail. The body's own beginning tells which delimiter divides it, or that none does.
"""

from __future__ import annotations

import re
from typing import Final

from daemon.mail import parameters
from daemon.mail.headers import Header

#: A delimiter line and a part's first field, below nothing but the usual sentence for old programs.
_DIVIDED: Final = re.compile(
    rb"\s*+(?:[^\r\n]{0,200}\bMIME\b[^\r\n]{0,200}\s+)?--([^\r\n]{1,200}?)[ \t]*\r?\ncontent-",
    re.IGNORECASE,
)


def bears_out(raw: bytes, header: Header) -> bool:
    """True when the mail could not be read otherwise by another Content-Type."""
    field = parameters.read(header.first("content-type"))
    kind = parameters.media_type(field.value)
    divided = _DIVIDED.match(raw, header.body)
    if kind.startswith("multipart/"):
        boundary = field.get("boundary").rstrip().encode("utf-8", "replace")
        return divided is not None and divided[1] == boundary
    if divided:
        return False
    return kind == "text/plain" or (
        kind == "text/html" and raw[header.body :][:200].lstrip().startswith(b"<")
    )
