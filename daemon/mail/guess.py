"""Which charset unlabelled or mislabelled bytes are in: by the share of each language's own signs.

Only the charsets that mail still comes in without a label: Korean, Japanese, Chinese and Cyrillic
ones. Western text has single bytes above ASCII between letters, and is none of them. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

_SAMPLE: Final = 8 * 1024
_FEWEST: Final = 3
_HIGH: Final = re.compile(rb"[\x80-\xff]")
_PAIR: Final = re.compile(rb"[\x81-\xfe][\x40-\x7e\x80-\xfe]")
_EUC: Final = re.compile(rb"[\xa1-\xfe]{2}")
_UHC: Final = re.compile(rb"[\x81-\xfe][\x41-\x5a\x61-\x7a\x81-\xfe]")
#: The syllables of KS X 1001, which Korean is written in.
_HANGUL: Final = re.compile(rb"[\xb0-\xc8][\xa1-\xfe]")
#: Signs and punctuation that Korean, Chinese and Japanese share.
_SIGNS: Final = re.compile(rb"[\xa1-\xa3][\xa1-\xfe]")
_EUC_KANA: Final = re.compile(rb"[\xa4\xa5][\xa1-\xf6]")
_SJIS_PAIR: Final = re.compile(rb"[\x81-\x9f\xe0-\xfc][\x40-\x7e\x80-\xfc]|[\xa1-\xdf]")
_SJIS_KANA: Final = re.compile(rb"\x82[\x9f-\xf1]|\x83[\x40-\x96]")
#: The frequent characters stand first in both Chinese sets.
_GB_COMMON: Final = re.compile(rb"[\xb0-\xd7][\xa1-\xfe]")
_BIG5_COMMON: Final = re.compile(rb"[\xa4-\xc6][\x40-\x7e\xa1-\xfe]")
_BIG5_SIGNS: Final = re.compile(rb"[\xa1-\xa3][\x40-\x7e\xa1-\xfe]")
_WORD: Final = re.compile("[\u0400-\u045f\u0490\u0491]{2,}")
_FREQUENT: Final = frozenset("оеаинтсрвлкмдпуі")


def charset(data: bytes) -> str:
    """The codec of the bytes, or the empty text where none stands out."""
    high = _HIGH.search(data)
    if not high:
        return ""
    sample = data[high.start() : high.start() + _SAMPLE]
    if cyrillic := _cyrillic(sample):
        return cyrillic
    return next((name for name, fits in _MULTIBYTE.items() if fits(sample)), "")


def _share(units: list[bytes], own: re.Pattern[bytes], signs: re.Pattern[bytes]) -> float:
    letters = [unit for unit in units if not signs.fullmatch(unit)]
    if len(letters) < _FEWEST:
        return 0.0
    return sum(bool(own.fullmatch(unit)) for unit in letters) / len(letters)


def _has_strays(sample: bytes, unit: re.Pattern[bytes]) -> bool:
    """True when single bytes above ASCII stand outside the units: it is another charset then."""
    rest = unit.sub(b"", sample)
    return len(_HIGH.findall(rest)) > 1 + len(sample) // 200


def _is_korean(sample: bytes) -> bool:
    if not _has_strays(sample, _EUC):
        return _share(_EUC.findall(sample), _HANGUL, _SIGNS) >= 0.9
    # With syllables of the extension among them, which Chinese text has not.
    return not _has_strays(sample, _UHC) and _share(_UHC.findall(sample), _HANGUL, _SIGNS) >= 0.75


def _is_japanese(sample: bytes) -> bool:
    units = _EUC.findall(sample)
    return not _has_strays(sample, _EUC) and _share(units, _EUC_KANA, _SIGNS) >= 0.3


def _is_shifted(sample: bytes) -> bool:
    units = _SJIS_PAIR.findall(sample)
    return not _has_strays(sample, _SJIS_PAIR) and _share(units, _SJIS_KANA, _BIG5_SIGNS) >= 0.2


def _is_simplified(sample: bytes) -> bool:
    units = _EUC.findall(sample)
    return not _has_strays(sample, _EUC) and _share(units, _GB_COMMON, _SIGNS) >= 0.9


def _is_traditional(sample: bytes) -> bool:
    units = _PAIR.findall(sample)
    return not _has_strays(sample, _PAIR) and _share(units, _BIG5_COMMON, _BIG5_SIGNS) >= 0.9


#: In the order in which they are told apart: what is Korean looks Chinese, too.
_MULTIBYTE: Final[dict[str, Callable[[bytes], bool]]] = {
    "euc_jp": _is_japanese,
    "cp932": _is_shifted,
    "cp949": _is_korean,
    "gb18030": _is_simplified,
    "cp950": _is_traditional,
}


def _cyrillic(sample: bytes) -> str:
    rated = {name: _rate(sample, name) for name in ("cp1251", "koi8_u", "iso8859_5", "cp866")}
    best = max(rated, key=rated.__getitem__)
    return best if rated[best] >= 0.6 else ""


def _rate(sample: bytes, name: str) -> float:
    """The share of all high bytes that are frequent small letters of Cyrillic words."""
    words = _WORD.findall(sample.decode(name, "replace"))
    high = len(_HIGH.findall(sample))
    if high < 2 * _FEWEST:
        return 0.0
    letters = "".join(word[0].lower() + word[1:] for word in words)
    return sum(letter in _FREQUENT for letter in letters) / high
