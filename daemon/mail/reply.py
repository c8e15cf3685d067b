"""What the sender newly wrote: a view on the text, without history and signature.

Nothing is deleted by it: the text stays whole, and where nothing would be left the view is the
whole text. Every step looks at each line a bounded number of times. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from daemon.mail import closing, heads, quotes
from daemon.mail.limits import REPLY_CHARACTERS

_WORDS: Final = {
    "en": "write above this line",
    "ko": "이 줄 위에 답장을 쓰세요",
    "de": "oberhalb dieser Zeile antworten",
}
_DASH: Final = r"(?:—|–|-{1,3}|\?)"
#: A line that holds the desk's own reply marker, as mail programs pass it on.
MARKER: Final = re.compile(
    rf"{_DASH}\s?(?:{'|'.join(re.escape(words) for words in _WORDS.values())})"
    rf"\s?.{{0,3}}\s?#(\d{{1,18}})\s?{_DASH}"
)
#: An attribution that a program put behind the last word.
_SHARED_LINE: Final = re.compile(
    r"(?<=[^\s-])\s?-{2,3} (?=On [^\n]{5,200} wrote:[ ]?$)", re.MULTILINE
)
#: What OpenPGP puts around a signed text.
_ARMOUR: Final = re.compile(
    r"^-----BEGIN PGP SIGNED MESSAGE-----\n(?:Hash: [^\n]{0,80}\n)*\n?|"
    r"^-----BEGIN PGP SIGNATURE-----\n[\s\S]*?(?:^-----END PGP SIGNATURE-----$|\Z)",
    re.MULTILINE,
)
_SPAN_LINES: Final = 6
_UNCOLONED_LINES: Final = 2
_SPAN_CHARACTERS: Final = 500
_RULED: Final = frozenset("-_=*>|")
_PASSES: Final = 8
#: "Jane <jane@example.com> wrote:" and nothing else, in whatever language.
_NAMED: Final = re.compile(
    rf"[^<>@\n]{{1,60}} [<(]{quotes.ADDRESS.pattern}[>)],?(?: [^\W\d_]{{1,20}}){{1,2}} ?[:：]"
)
_OPENINGS: Final = (quotes.OPENING, quotes.WEEKDAY, quotes.DAY_FIRST)
_WRAPPED: Final = frozenset({">:", "> wrote:"})
#: The end of a line behind a colon; each begins with one sign, which is what is quick to find.
_COLON_END: Final = re.compile(r":[ \t\r*>\u200e\u200f\u202a-\u202e]{0,20}$", re.MULTILINE)
_WROTE_END: Final = re.compile(r"wrote[ \t*-]{0,6}$", re.MULTILINE)
_WIDE_COLON_END: Final = re.compile("：" + _COLON_END.pattern.removeprefix(":"), re.MULTILINE)
_RULED_LINE: Final = re.compile(r"\n[^\S\n]*[-_=*>|]")


def marker(number: int, language: str) -> str:
    """The line that a notice carries: what stands above it in an answer is the answer."""
    return f"— {_WORDS.get(language, _WORDS['en'])} · #{number} —"


def newly_written(text: str) -> str:
    """The text without quoted history and signature; never empty while there is text.

    Idempotent. Answers between and below quotations stay.
    """
    text = text[:REPLY_CHARACTERS].replace("\u00a0", " ").replace("\u200b", "")
    if "--" in text:
        text = quotes.ATTACHED.sub("\n", _SHARED_LINE.sub("\n", text))
    if "-----BEGIN PGP" in text:
        text = _ARMOUR.sub("", text)
    for _ in range(_PASSES):
        shorter = _once(text)
        if shorter == text:
            break
        text = shorter
    return text


def _once(text: str) -> str:
    own = _above_marker(text)
    kept = _Reading(own).kept()
    out = _trim(closing.without(kept))
    return out or _trim(list(own.split("\n")))


def _trim(lines: list[str]) -> str:
    return "\n".join(line.rstrip() for line in lines).strip("\n \t")


def _above_marker(text: str) -> str:
    found = (MARKER.search(text) if "#" in text else None) or quotes.other_marker(text)
    if not found:
        return text
    above = text[: text.rfind("\n", 0, found.start()) + 1]
    own = any(_trim(_Reading(above).kept_lines()))
    return above if own else text


class _Reading:
    """One pass over the lines: keeps what is the sender's, notes where history was left out."""

    def __init__(self, text: str) -> None:
        self.lines = text.split("\n")
        #: None stands where a quotation was.
        self.out: list[str | None] = []
        self.has_own = False
        #: Lines that end in a colon, the first of them last.
        self.colons: list[int] = []
        line = at = 0
        for place in _colons(text):
            line += text.count("\n", at, place)
            at = place
            self.colons.append(line)
        self.colons.reverse()
        self.stacked = heads.stacked(text, self.lines)
        self.unmarked = min([_unmarked(text), *self.stacked])

    def kept_lines(self) -> list[str]:
        return [line for line in self.kept() if line is not None]

    def kept(self) -> list[str | None]:
        """The sender's lines in order."""
        at = self.unmarked
        self.out.extend(self.lines[:at])
        self.has_own = any(map(str.strip, self.lines[:at]))
        while at < len(self.lines):
            line = self.lines[at]
            if _is_quoted(line):
                self.out.append(None)
                at += 1
            elif self.is_ordinary(at, line):
                self.out.append(line)
                self.has_own = self.has_own or bool(line.strip())
                at += 1
            elif span := self.attribution(at):
                quoted = self.leads_to_quote(at + span)
                if self.has_own and not quoted:
                    # All below is history that nothing marks line by line.
                    break
                # With nothing above and nothing quoted it may as well be a sentence.
                self.out.extend([None] if quoted else self.lines[at : at + span])
                at += span
            elif span := self.stacked.get(at) or heads.length(self.lines, at):
                if self.has_own:
                    break
                # Nothing of the sender's own above: what is marked so was sent on, not answered.
                span = len(self.lines) if quotes.SENT_ON.search(line) else span
                self.out.extend(self.lines[at : at + span])
                at += span
            else:
                self.out.append(line)
                self.has_own = True
                at += 1
        return self.out

    def is_ordinary(self, at: int, line: str) -> bool:
        """True for a line without any mark that history could have: nearly every line."""
        if at in self.stacked:
            return False
        if ">" in line or ":" in line or not line.isascii() or line.lstrip()[:1] in _RULED:
            return not line.strip()
        while self.colons and self.colons[-1] < at:
            self.colons.pop()
        return not self.colons or self.colons[-1] >= at + _SPAN_LINES

    def leads_to_quote(self, at: int) -> bool:
        for line in self.lines[at : at + _SPAN_LINES]:
            if line.strip():
                return _is_quoted(line)
        return at + _SPAN_LINES >= len(self.lines)

    def attribution(self, at: int) -> int:
        """How many lines from here are one "on … wrote:", or 0."""
        while self.colons and self.colons[-1] < at:
            self.colons.pop()
        if not self.colons or self.colons[-1] >= at + _SPAN_LINES:
            # Nothing near ends in a colon: so it is with nearly every line.
            return 0
        first = self.lines[at]
        if len(first) > _SPAN_CHARACTERS or not _may_open(first):
            return 0
        for lines in self.to_colon(at):
            if self.is_attribution(" ".join(lines), at + len(lines)):
                # What stands alone from the next line on does not begin with a line of one's own.
                return 0 if _stands_alone(" ".join(lines[1:])) else len(lines)
        return 0

    def to_colon(self, at: int) -> Iterator[list[str]]:
        """The lines from here to each near one that ends in a colon."""
        out: list[str] = []
        for line in self.lines[at : at + _SPAN_LINES]:
            stripped = line.strip()
            # A wrapped ">:" is no quotation.
            if out and quotes.QUOTED.match(line) and stripped not in _WRAPPED:
                return
            out.append(stripped)
            if sum(map(len, out)) > _SPAN_CHARACTERS:
                return
            is_uncoloned = len(out) <= _UNCOLONED_LINES and _WROTE_END.search(stripped)
            if is_uncoloned or quotes.COLON.search(stripped):
                yield out

    def is_attribution(self, joined: str, after: int) -> bool:
        """True for who and when, by a verb that is known, or by their form alone."""
        if not quotes.COLON.search(joined) and not quotes.UNCOLONED.fullmatch(joined):
            return False
        date = bool(quotes.DATE.search(joined))
        time = bool(quotes.TIME.search(joined))
        address = bool(quotes.ADDRESS.search(joined))
        if quotes.tells_who_wrote(joined):
            known = (date and (time or address)) or (address and time)
            if not quotes.COLON.search(joined):
                return known
            named = _NAMED.fullmatch(joined) or (date and _is_dated(joined))
            return known or bool(named) or self.leads_to_quote(after)
        if quotes.QUOTING.match(joined) and (address or date):
            return True
        if not address or quotes.SENTENCES.search(joined):
            return False
        if quotes.LEADING_DATE.match(joined):
            return True
        opens = any(mark.match(joined) for mark in _OPENINGS)
        form = date and time and bool(opens and quotes.IN_ANGLES.search(joined))
        return form or ((date or time) and self.leads_to_quote(after))


def _colons(text: str) -> list[int]:
    """Where lines end in a colon, or in what a colon belongs behind, in order."""
    ends = (_COLON_END, _WROTE_END) if text.isascii() else (_COLON_END, _WROTE_END, _WIDE_COLON_END)
    return sorted(match.start() for end in ends for match in end.finditer(text))


def _unmarked(text: str) -> int:
    """How many lines stand well above the first that could be part of a history."""
    if not text.isascii() or text[:1] in _RULED or text[:1].isspace():
        return 0
    ruled = _RULED_LINE.search(text)
    wrote = _WROTE_END.search(text)
    others = (found.start() if found else -1 for found in (ruled, wrote))
    marks = (text.find(">"), text.find(":"), *others)
    first = min((at for at in marks if at >= 0), default=-1)
    if first < 0:
        return text.count("\n") + 1
    return max(0, text.count("\n", 0, first) - _SPAN_LINES)


def _is_quoted(line: str) -> bool:
    if ">" not in line:
        return False
    # ">>> a headline <<<" is none.
    if line[0] == ">" and "<<" not in line:
        return True
    return bool(quotes.QUOTED.match(line)) and not line.rstrip().endswith("<<")


def _may_open(line: str) -> bool:
    if quotes.tells_who_wrote(line) or quotes.QUOTING.match(line):
        return True
    number = quotes.NUMBER.search(line)
    if not number:
        # Neither a date nor a time: an address alone opens nothing.
        return False
    if quotes.LEADING_DATE.match(line) or quotes.OPENING.match(line):
        return True
    at = number.start()
    marks = (
        quotes.DATE.search(line, at),
        quotes.TIME.search(line, at),
        quotes.ADDRESS.search(line),
        quotes.WEEKDAY.match(line),
    )
    return sum(map(bool, marks)) >= 2


def _is_dated(joined: str) -> bool:
    """True for "On Mon, 1 Jan 2024, Jane wrote:": the day first, the verb last, one sentence."""
    opens = any(mark.match(joined) for mark in (*_OPENINGS, quotes.LEADING_DATE))
    return opens and quotes.ends_in_verb(joined) and not quotes.SENTENCES.search(joined)


def _stands_alone(joined: str) -> bool:
    return not joined.startswith("<") and bool(
        quotes.DATE.search(joined)
        and quotes.TIME.search(joined)
        and (quotes.tells_who_wrote(joined) or quotes.IN_ANGLES.search(joined))
    )
