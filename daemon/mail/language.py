"""Which language a mail is written in: its own header, else its script. Pure."""

from __future__ import annotations

import re
from typing import Final

_TAG: Final = re.compile(r"\s*([a-zA-Z]{2,3})(?:-[a-zA-Z0-9-]{1,30})?\s*(?:,|$)")
_HANGUL: Final = re.compile("[가-힣ㄱ-ㅎㅏ-ㅣ]")
_LATIN: Final = re.compile("[A-Za-z\u00c0-\u024f]")
_KANA: Final = re.compile("[\u3040-\u30ff]")
_LETTER: Final = re.compile(r"[^\W\d_]")
_SAMPLE: Final = 4000


def language(header: str, reply: str, subject: str) -> str:
    """``ko`` where Hangul dominates, ``en`` where Latin does, or as Content-Language says."""
    if tag := _TAG.match(header):
        return tag[1].lower()
    sample = f"{subject}\n{reply}"[:_SAMPLE]
    if sample.isascii():
        return "en" if _LATIN.search(sample) else ""
    hangul = len(_HANGUL.findall(sample))
    latin = len(_LATIN.findall(sample))
    # A syllable says what takes two or three letters, and Korean mail is full of English names.
    if hangul and 3 * hangul >= latin:
        return "ko"
    letters = len(_LETTER.findall(sample))
    if _KANA.search(sample) and 2 * (letters - latin) > letters:
        return "ja"
    return "en" if latin and 2 * latin > letters else ""
