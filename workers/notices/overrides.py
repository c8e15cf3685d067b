"""An admin's folder of templates: which of its files no notice will ever read."""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from daemon.errors import TemplateError
from workers.notices.catalogue import LANGUAGE
from workers.notices.notice import Kind

#: A notice's text and its HTML.
TEXT, HTML = ".txt.j2", ".html.j2"
#: What every notice extends.
LAYOUT: Final = "layout"
_NAMES: Final = [f"{stem}{suffix}" for stem in (LAYOUT, *Kind) for suffix in (TEXT, HTML)]


def strays(admins: Path) -> Iterator[TemplateError]:
    """Each file that was meant for a notice and is not found by it."""
    if not admins.is_dir():
        yield TemplateError("there is no such folder", path=str(admins))
        return
    for path in sorted(admins.rglob("*.j2")):
        name = path.relative_to(admins).as_posix()
        if name not in _NAMES and (hint := _meant(path.name)):
            yield TemplateError("no notice reads this file", path=str(path), hint=hint)
    for path in sorted(admins.rglob("*.po")):
        parts = path.relative_to(admins).parts
        is_read = len(parts) == 3 and parts[0] == "locale" and parts[2] == "postdesk.po"
        if not is_read or not LANGUAGE.fullmatch(parts[1]):
            hint = "a catalogue is locale/LANGUAGE/postdesk.po, its language as en or ko"
            yield TemplateError("no notice reads this file", path=str(path), hint=hint)


def _meant(name: str) -> str:
    """What a file was meant to be; empty for a part of the admin's own."""
    if name in _NAMES:
        return "templates stand in the folder itself, not below it"
    near = difflib.get_close_matches(name, _NAMES, n=1, cutoff=0.8)
    return f"did you mean {near[0]}?" if near else ""
