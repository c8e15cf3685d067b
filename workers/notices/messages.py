"""What there is to translate: every text of the templates and every term."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from jinja2.ext import babel_extract

from workers.notices.catalogue import FALLBACK, skeleton, untranslated
from workers.notices.terms import COUNTS, wanted

_FUNCTIONS: Final = ("_", "gettext", "ngettext")
_OPTIONS: Final = {"newstyle_gettext": "true", "silent": "false"}


def texts(folder: Path) -> Iterator[tuple[str, ...]]:
    """Each text of a folder's templates in English: alone, or with its plural."""
    for path in sorted(folder.glob("*.j2")):
        with path.open("rb") as file:
            for _, _, found, _ in babel_extract(file, _FUNCTIONS, (), _OPTIONS):
                parts = found if isinstance(found, tuple) else (found,)
                yield tuple(part for part in parts if part)


def missing(folders: Sequence[Path], language: str) -> list[str]:
    """What a language has no words for; of English, only terms need any."""
    sought: list[tuple[str | None, str]] = list(wanted())
    if language != FALLBACK:
        sought += [(None, text[0]) for folder in folders for text in texts(folder)]
    return untranslated(folders, language, dict.fromkeys(sought))


def catalogue(folders: Sequence[Path], language: str) -> str:
    """An empty catalogue with everything that a new language says."""
    terms = [(context, (key, key) if context == COUNTS else key) for context, key in wanted()]
    found = dict.fromkeys(text for folder in folders for text in texts(folder))
    whole = [(None, text if len(text) > 1 else text[0]) for text in found]
    return skeleton(language, [*terms, *whole])  # type: ignore[list-item]
