"""What there is to translate: every text of the templates and of the code, and every term."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from babel.messages.extract import extract_python
from jinja2.ext import babel_extract

import daemon
import workers
from daemon.desk.verbs import every
from workers.notices.catalogue import FALLBACK, skeleton, untranslated
from workers.notices.terms import COUNTS, wanted

_FUNCTIONS: Final = ("_", "gettext", "ngettext")
#: What code says so: refusals, and the words of answers.
_ERRORS: Final = ("TicketError", "UnknownTicket", "IllegalMove", "BadWords", "NotAllowed")
_SAYING: Final = dict.fromkeys((*_ERRORS, "mistake", "say", "_words"))
_OPTIONS: Final = {"newstyle_gettext": "true", "silent": "false"}


def texts(folder: Path) -> Iterator[tuple[str, ...]]:
    """Each text of a folder's templates in English: alone, or with its plural."""
    for path in sorted(folder.glob("*.j2")):
        with path.open("rb") as file:
            for _, _, found, _ in babel_extract(file, _FUNCTIONS, (), _OPTIONS):
                parts = found if isinstance(found, tuple) else (found,)
                yield tuple(part for part in parts if part)


def spoken() -> Iterator[tuple[str]]:
    """Each sentence that code says to commands, and what each verb means."""
    packages = (Path(str(package.__file__)).parent for package in (daemon, workers))
    for path in sorted(path for package in packages for path in package.rglob("*.py")):
        with path.open("rb") as file:
            for _, _, found, _ in extract_python(file, _SAYING, (), {}):
                parts = (found,) if isinstance(found, str) else found or ()
                yield from ((part,) for part in [*filter(None, parts)][:1])
    for verb in every.VERBS:
        yield from ((text,) for text in (verb.meaning, verb.stays) if text)


def missing(folders: Sequence[Path], language: str) -> list[str]:
    """What a language has no words for; of English, only terms need any."""
    sought: list[tuple[str | None, str]] = list(wanted())
    if language != FALLBACK:
        sought += [(None, text[0]) for folder in folders for text in texts(folder)]
        sought += [(None, text) for (text,) in spoken()]
    return untranslated(folders, language, dict.fromkeys(sought))


def catalogue(folders: Sequence[Path], language: str) -> str:
    """An empty catalogue with everything that a new language says."""
    terms = [(context, (key, key) if context == COUNTS else key) for context, key in wanted()]
    said = (text for folder in folders for text in texts(folder))
    found = dict.fromkeys((*said, *spoken()))
    whole = [(None, text if len(text) > 1 else text[0]) for text in found]
    return skeleton(language, [*terms, *whole])  # type: ignore[list-item]
