"""The words of each language, from gettext catalogues: one ``.po`` file makes a language.

What the templates say in full is English already; what they name by a key (a state, a reason, a
date's form) has its English in a catalogue too.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from functools import lru_cache
from io import BytesIO
from pathlib import Path
from typing import Final

from babel.core import Locale, UnknownLocaleError
from babel.messages.catalog import Catalog, Message
from babel.messages.mofile import write_mo
from babel.messages.pofile import PoFileError, read_po, write_po
from babel.support import Translations

from daemon.errors import TemplateError
from workers.notices.when import Times

FALLBACK: Final = "en"
#: The name of a language, as of its folder.
LANGUAGE: Final = re.compile(r"[a-z]{2,3}")
_MOST: Final = 1000
_FILE: Final = "postdesk.po"
_PLACE: Final = re.compile(r"%\((\w+)\)s")
#: Of a date's form (CLDR): seconds, their fractions, milliseconds of the day.
_SECONDS: Final = "sSA"


class Words:
    """One language, and what it calls things."""

    def __init__(self, language: str, translations: Translations, times: Times) -> None:
        self.language = language
        self.translations = translations
        # The same few hundred texts, in every mail.
        self.word = lru_cache(maxsize=4096)(self._word)
        self.text = lru_cache(maxsize=4096)(translations.gettext)
        self._times = times
        self._dates = (self.word("date", "this year"), self.word("date", "other year"))
        self._says_seconds = any(letter in form for form in self._dates for letter in _SECONDS)

    def _word(self, context: str, key: str) -> str:
        """What a term is called."""
        return str(self.translations.pgettext(context, key))

    def count(self, key: str, number: int) -> str:
        """``3 open tickets``: so many of something."""
        text = self.translations.npgettext("count", key, key, number)
        return str(text) % {"number": number}

    def instant(self, at: datetime, year: int) -> str:
        """``Tue 10 Mar, 10:00``; with the year where it is not ``year``."""
        if not self._says_seconds:  # what is due within a minute is written once
            at = at.replace(second=0, microsecond=0)
        return self._times.instant(at, self.language, year, self._dates)

    def brief(self, local: datetime) -> str:
        """``10 Mar 10:00`` for a list, on the clocks that the instant was given by."""
        return self._times.brief(local, self.language, self.word("date", "brief"))

    @property
    def zone(self) -> str:
        """The desk's time zone."""
        return self._times.zone(self.language)


class Catalogues:
    """The languages that the desk speaks, by the folders of templates, the first first."""

    def __init__(self, folders: Sequence[Path], times: Times) -> None:
        self._folders = folders
        self._times = times
        self._known: dict[str, Words] = {}
        self._best: dict[str, str] = {}

    def languages(self) -> tuple[str, ...]:
        """English, and every language that has a catalogue."""
        return tuple(sorted({FALLBACK} | {language for _, language in _files(self._folders)}))

    def best(self, language: str) -> str:
        """The language in which a reader of ``language`` is written to."""
        found = self._best.get(language)
        if found is None:
            short = re.split("[-_]", language, maxsplit=1)[0].lower()
            found = short if short in self.languages() else FALLBACK
            if len(self._best) < _MOST:  # people's languages are what mails say they are
                self._best[language] = found
        return found

    def of(self, language: str) -> Words:
        """A language's words. Raises TemplateError with file and line."""
        if language not in self._known:
            self._known[language] = Words(language, self._translations(language), self._times)
        return self._known[language]

    def check(self) -> Iterator[TemplateError]:
        """What no rendering shows: a translation that names what its original does not."""
        for path, language in _files(self._folders):
            try:
                catalogue = _read(path, language)
            except TemplateError as err:
                yield err
                continue
            for message in catalogue:
                if message.id and not message.context and (strange := _strange(message)):
                    words = f"%({strange})s is not in the original {_id(message)!r}"
                    yield TemplateError(words, path=str(path), line=message.lineno or 0)

    def _translations(self, language: str) -> Translations:
        made = _compiled(_empty(language))
        for folder in reversed(self._folders):
            path = _at(folder, language)
            if path.is_file():
                made.merge(_compiled(_read(path, language)))
        if language != FALLBACK:
            made.add_fallback(self._translations(FALLBACK))
        return made


def untranslated(
    folders: Sequence[Path], language: str, wanted: Iterable[tuple[str | None, str]]
) -> list[str]:
    """Which of these texts (context, English) a language has no words for."""
    found: dict[tuple[str | None, str], Message] = {}
    for folder in folders:
        path = _at(folder, language)
        for message in _read(path, language) if path.is_file() else ():
            found.setdefault((message.context, _id(message)), message)
    return [
        f"{context}: {text}" if context else text
        for context, text in wanted
        if not _is_whole(found.get((context, text)))
    ]


def skeleton(language: str, wanted: Iterable[tuple[str | None, str | tuple[str, str]]]) -> str:
    """A catalogue to be filled in. Raises TemplateError when there is no such language."""
    catalogue = _empty(language)
    for context, text in wanted:
        catalogue.add(text, context=context)
    binary = BytesIO()
    write_po(binary, catalogue, width=96, no_location=True)
    return binary.getvalue().decode()


def _is_whole(message: Message | None) -> bool:
    if message is None or message.fuzzy:
        return False
    strings = message.string if isinstance(message.string, list | tuple) else [message.string]
    return all(strings)


def _files(folders: Sequence[Path]) -> Iterator[tuple[Path, str]]:
    for folder in folders:
        for path in sorted((folder / "locale").glob(f"*/{_FILE}")):
            if LANGUAGE.fullmatch(path.parent.name):
                yield path, path.parent.name


def _at(folder: Path, language: str) -> Path:
    return folder / "locale" / language / _FILE


def _read(path: Path, language: str) -> Catalog:
    try:
        with path.open("rb") as file:
            return read_po(file, locale=language, abort_invalid=True)
    except PoFileError as err:
        words = str(err).rpartition(" on ")[0]  # the library counts lines from 0
        raise TemplateError(words, path=str(path), line=err.lineno + 1) from err
    except (OSError, UnknownLocaleError, ValueError) as err:
        raise TemplateError(str(err), path=str(path)) from err


def _empty(language: str) -> Catalog:
    try:
        return Catalog(locale=Locale.parse(language))
    except (UnknownLocaleError, ValueError) as err:
        raise TemplateError(f"{language!r} is no language that is known") from err


def _compiled(catalogue: Catalog) -> Translations:
    binary = BytesIO()
    write_mo(binary, catalogue)
    binary.seek(0)
    return Translations(binary)


def _strange(message: Message) -> str:
    strings = message.string if isinstance(message.string, list | tuple) else [message.string]
    ids = message.id if isinstance(message.id, list | tuple) else [message.id]
    known = {name for text in ids for name in _PLACE.findall(text)}
    named = {name for text in strings for name in _PLACE.findall(text or "")}
    return min(named - known, default="")


def _id(message: Message) -> str:
    return message.id[0] if isinstance(message.id, list | tuple) else message.id
