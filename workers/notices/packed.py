"""A notice as text: what the outbox keeps of it until it is worded. Pure."""

from __future__ import annotations

import json
from typing import Final

from pydantic import TypeAdapter

from workers.notices.notice import Notice

_NOTICE: Final = TypeAdapter(Notice)


def packed(notice: Notice) -> str:
    """JSON of what is not as by default, so that another version of the desk reads it, too."""
    try:
        return _NOTICE.dump_json(notice, exclude_defaults=True).decode()
    except ValueError:  # half a surrogate pair, which is no text
        fields = _NOTICE.dump_python(notice, mode="json", exclude_defaults=True)
        return json.dumps(fields, ensure_ascii=False).encode("utf-8", "replace").decode()


def unpacked(text: str) -> Notice:
    """The notice. Raises ValueError where this version knows no such one."""
    return _NOTICE.validate_json(text)
