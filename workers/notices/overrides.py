"""An admin's folder of templates: which of its files no notice will ever read."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from daemon.errors import TemplateError
from workers.notices.notice import Kind

#: A notice's text and its HTML.
SUFFIXES: Final = (".txt.j2", ".html.j2")
#: The name of a language's folder.
LANGUAGE: Final = re.compile(r"[a-z]{2,3}")


def strays(admins: Path, shipped_folder: Path) -> Iterator[TemplateError]:
    """Each file that was meant for a notice and is not found by it."""
    if not admins.is_dir():
        yield TemplateError("there is no such folder", path=str(admins))
        return
    names = [f"{kind.value}{suffix}" for kind in Kind for suffix in SUFFIXES]
    for path in sorted(admins.glob("*/*")):
        near = difflib.get_close_matches(path.name, names, n=1, cutoff=0.8)
        if not near or path.is_dir():
            continue
        if path.name not in names:
            hint = f"did you mean {near[0]}?"
            yield TemplateError("no notice reads this file", path=str(path), hint=hint)
        elif not LANGUAGE.fullmatch(path.parent.name):
            yield TemplateError("its folder is no language", path=str(path), hint="as en or ko")
        elif not _has_partner(path, shipped_folder):
            hint = "text and HTML are both needed, or English is used"
            yield TemplateError("the other part is missing", path=str(path), hint=hint)


def _has_partner(path: Path, shipped_folder: Path) -> bool:
    stem = path.name.partition(".")[0]
    here = (path.parent, shipped_folder / path.parent.name)
    return all(any((f / f"{stem}{suffix}").is_file() for f in here) for suffix in SUFFIXES)
