"""Bytes to text: a ladder of decoders that ends in replacement characters, never in an error."""

from __future__ import annotations

import codecs
import re
from encodings.aliases import aliases
from functools import lru_cache
from typing import Final

from daemon.mail import guess

#: What mail calls a charset -> the superset that its senders really use.
_NAMES: Final = {
    "ascii": "",
    "us_ascii": "",
    "ansi_x3.4_1968": "",
    "iso_8859_1": "cp1252",
    "iso8859_1": "cp1252",
    "latin_1": "cp1252",
    "latin1": "cp1252",
    "l1": "cp1252",
    "ansi": "cp1252",
    "x_ansi": "cp1252",
    "western": "cp1252",
    "iso_8859_9": "cp1254",
    "iso_8859_11": "cp874",
    "tis_620": "cp874",
    "windows_874": "cp874",
    "iso_8859_8_i": "iso8859_8",
    "iso_8859_8_e": "iso8859_8",
    "iso_8859_6_i": "iso8859_6",
    "ks_c_5601_1987": "cp949",
    "ks_c_5601_1989": "cp949",
    "ks_c_5601": "cp949",
    "ksc_5601": "cp949",
    "ksc5601": "cp949",
    "ks_x_1001": "cp949",
    "euc_kr": "cp949",
    "euckr": "cp949",
    "korean": "cp949",
    "windows_949": "cp949",
    "x_windows_949": "cp949",
    "uhc": "cp949",
    "gb2312": "gb18030",
    "gb_2312_80": "gb18030",
    "gb_2312": "gb18030",
    "euc_cn": "gb18030",
    "gbk": "gb18030",
    "x_gbk": "gb18030",
    "cp936": "gb18030",
    "windows_936": "gb18030",
    "chinese": "gb18030",
    "hz_gb_2312": "hz",
    "big5": "cp950",
    "x_x_big5": "cp950",
    "cn_big5": "cp950",
    "shift_jis": "cp932",
    "sjis": "cp932",
    "x_sjis": "cp932",
    "windows_31j": "cp932",
    "cp943c": "cp932",
    "iso_2022_jp": "iso2022_jp_ext",
    "iso2022_jp": "iso2022_jp_ext",
    "iso_2022_jp_ms": "iso2022_jp_ext",
    "cp50220": "iso2022_jp_ext",
    "cp50221": "iso2022_jp_ext",
    "x_mac_roman": "mac_roman",
    "x_macintosh": "mac_roman",
    "macintosh": "mac_roman",
    "unicode_1_1_utf_7": "utf_7",
    "unicode_1_1_utf_8": "utf_8",
    "utf_8": "utf_8",
    "utf8": "utf_8",
    "utf8mb4": "utf_8",
    "cp65001": "utf_8",
    "unicode": "utf_8",
}
#: Text codecs of Python that are no charsets.
_NO_CHARSETS: Final = frozenset(
    {"idna", "punycode", "unicode_escape", "raw_unicode_escape", "mbcs", "oem", "undefined"}
)
#: Codecs that have no other name, which the table of aliases leaves out.
_PLAIN_NAMES: Final = frozenset(
    {"koi8_r", "koi8_u", "koi8_t", "cp720", "cp737", "cp856", "cp874", "cp875", "cp1006"}
)
_KNOWN: Final = (frozenset(aliases) | frozenset(aliases.values()) | _PLAIN_NAMES) - _NO_CHARSETS
_MULTIBYTE: Final = re.compile(
    r"utf_|cp9(?:32|36|49|50)$|gb|big5|euc_|shift_jis|johab|iso2022_|hz$"
)
#: 7-bit charsets: their bytes are ASCII, so that nothing else betrays them.
_SEVEN_BIT: Final = re.compile(r"iso2022_|hz$|utf_7$|utf_16|utf_32")
_ESCAPES: Final = (
    (re.compile(rb"\x1b\$\)C"), "iso2022_kr"),
    (re.compile(rb"\x1b\$(?:\([DB]|[@B])|\x1b\(J"), "iso2022_jp_ext"),
)
_SURROGATE: Final = re.compile("[\ud800-\udfff]")
_NOT_ASCII: Final = re.compile("[^\x00-\x7f]")
_INVALID: Final = "\ufffd"
_EIGHT_BIT: Final = re.compile(rb"[\x80-\xff]")
_UNDEFINED: Final = bytes.maketrans(b"\x81\x8d\x8f\x90\x9d", b"\x1a" * 5)
#: What stands around a name: ``charset=utf-8//translit``, ``iso_8859-1:1987``.
_LABEL: Final = re.compile(r"(?:charset=[\"']?)?([^/;:(,\"']*).*", re.DOTALL)
_NUMBERED: Final = re.compile(
    r"(?:x_)?(?:iso_?8859_?(\d{1,2})|(?:windows|win|cp|ms|ibm)_?(\d{3,4}))(?:_.*)?"
)
#: Labels, or none, that say nothing: what was meant is seen from the bytes.
_GUESSED: Final = frozenset({"", "utf_8", "cp1252"})
_SAMPLE: Final = 64 * 1024


@lru_cache(maxsize=256)
def codec(name: str) -> str:
    """Python's codec for a charset as mail names it; empty for ASCII and for the unknown."""
    key = _LABEL.sub(r"\1", re.sub(r"[-\s]+", "_", name[:80].strip(" \t\"'").lower()))[:40]
    if key not in _NAMES and (numbered := _NUMBERED.fullmatch(key)):
        key = f"iso_8859_{numbered[1]}" if numbered[1] else f"cp{numbered[2]}"
    if key in _NAMES:
        return _NAMES[key]
    # Asked for first: the codec registry keeps every unknown name for ever.
    for candidate in (key, key.replace("windows_", "cp"), key.removeprefix("x_")):
        if candidate in _KNOWN:
            return _text_codec(candidate)
    return ""


def _text_codec(name: str) -> str:
    try:
        found = codecs.lookup(name)
    except LookupError:
        return ""
    # Python's own mark of codecs that are no text encodings (base64, zlib, rot13).
    is_text = getattr(found, "_is_text_encoding", True)
    return name if is_text else ""


def decode(data: bytes, declared: str = "") -> tuple[str, str]:
    """The text, and a warning when it is not what was declared; has no lone surrogates."""
    wanted = codec(declared) if declared else ""
    if data.isascii() and not (wanted and _SEVEN_BIT.match(wanted)):
        if b"\x1b" not in data:
            return data.decode("ascii"), ""
        wanted = _by_escapes(data) or wanted
    text, warning = _climb(data, wanted, declared)
    return _SURROGATE.sub(_INVALID, text.removeprefix("\ufeff")), warning


def _by_escapes(data: bytes) -> str:
    return next((name for escape, name in _ESCAPES if escape.search(data)), "")


def _climb(data: bytes, wanted: str, declared: str) -> tuple[str, str]:
    # Valid UTF-8 with non-ASCII in it is no accident; a single-byte label often is.
    multibyte = bool(wanted) and bool(_MULTIBYTE.match(wanted))
    ladder = (wanted, "utf_8") if multibyte else ("utf_8", wanted)
    if wanted and data.isascii():
        ladder = (wanted, wanted)
    for name in ladder:
        text = _strictly(data, name) if name else None
        if text is not None and name == "cp1252":
            # Nearly all bytes are valid in it: a label that is wrong does not show.
            break
        if text is not None:
            told = bool(declared) and name != wanted
            return text, f"declared {declared[:40]}, read as {name}" if told else ""
    return _guess(data, wanted, declared[:40] or "no charset", multibyte=multibyte)


def _strictly(data: bytes, name: str) -> str | None:
    try:
        return data.decode(name)
    except (UnicodeError, ValueError):
        return None


def _guess(data: bytes, wanted: str, label: str, *, multibyte: bool) -> tuple[str, str]:
    if not multibyte or wanted == "utf_8":
        if escaped := _by_escapes(data):
            return data.decode(escaped, "replace"), f"{label}, read as {escaped}"
        found = guess.charset(data) if wanted in _GUESSED else ""
        if found and not _mostly_broken(data, found):
            return data.decode(found, "replace"), f"{label}, read as {found}"
    if multibyte and not _mostly_broken(data, wanted):
        text = data.decode(wanted, "replace")
        return text, f"{label}: {text.count(_INVALID)} characters could not be read"
    name = wanted if wanted and not multibyte else "cp1252"
    text = _windows(data) if name == "cp1252" else data.decode(name, "replace")
    lost = text.count(_INVALID)
    if name == wanted and not lost:
        return text, ""
    return text, f"{label}, read as {name}" + (f", {lost} characters lost" if lost else "")


def _windows(data: bytes) -> str:
    """cp1252, its five undefined bytes as replacement characters: an error handler is slow."""
    return data.translate(_UNDEFINED).decode("cp1252").replace("\x1a", _INVALID)


def _mostly_broken(data: bytes, name: str) -> bool:
    if data.isascii():
        return False
    # Around the first doubtful byte, which may stand far down.
    start = max(0, (first.start() if (first := _EIGHT_BIT.search(data)) else 0) - 100)
    text = data[start : start + _SAMPLE].decode(name, "replace")
    return 2 * text.count(_INVALID) > len(_NOT_ASCII.findall(text))
