"""Text as words to be found by, whatever the language and the database. Pure.

SQLite's and PostgreSQL's own tokenisers take a run of Chinese, Japanese or Korean for one word, so
that nobody finds ``비밀번호`` in ``비밀번호를``. Such runs become pairs of letters here.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from typing import Final

#: Of one text: what stands far below is hardly looked for, and an index is no archive.
_MOST_CHARACTERS: Final = 20_000
_MOST_LETTERS: Final = 40
_WORD: Final = re.compile(r"[^\W_]+")
#: In ASCII all else is a space: words are found five times as fast as by looking for them.
_APART: Final = {code: " " for code in range(128) if not chr(code).isalnum()}
#: Hangul, kana and ideographs.
_RUN: Final = re.compile(r"[\u1100-\u11ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af]+")
#: What tells nothing of a matter, in the languages of the desk.
_EMPTY: Final = frozenset(
    """
    a an and any are as at be but by can do does for from had has have he her hello hi his how i if
    in is it its me my no not of on or our please re fwd fw she so thank thanks that the their them
    then there they this to was we what when where which who will with would you your
    """.split()  # noqa: SIM905  a list would fill a page
)


def words(text: str) -> tuple[str, ...]:
    """The words of a text in their order, folded; a run of letters without spaces as pairs."""
    found, has_runs = _folded(text[:_MOST_CHARACTERS])
    if not has_runs:  # most mails: their words are what stands between the spaces
        return tuple([word[:_MOST_LETTERS] for word in found])
    return tuple([piece for word in found for piece in _pieces(word)])


def _folded(text: str) -> tuple[list[str], bool]:
    """What stands between the spaces, and whether there are runs in it."""
    if text.isascii():
        return text.lower().translate(_APART).split(), False
    folded = unicodedata.normalize("NFKC", text).casefold()
    return _WORD.findall(folded), bool(_RUN.search(folded))


def telling(text: str) -> tuple[str, ...]:
    """The words by which a matter like this could be known, each once."""
    found = (word for word in words(text) if len(word) > 1 and word not in _EMPTY)
    return tuple(dict.fromkeys(word for word in found if not word.isdecimal()))


def _pieces(word: str) -> Iterator[str]:
    at = 0
    for run in _RUN.finditer(word):
        if run.start() > at:
            yield word[at : run.start()][:_MOST_LETTERS]
        letters = run[0]
        yield from (letters[n : n + 2] for n in range(max(1, len(letters) - 1)))
        at = run.end()
    if at < len(word):
        yield word[at:][:_MOST_LETTERS]
