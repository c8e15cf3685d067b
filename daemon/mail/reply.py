"""What the sender newly wrote: a view on the text, without history and signature.

Nothing is deleted by it: the text stays whole, and where nothing would be left the view is the
whole text. Every step looks at each line a bounded number of times. Pure.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final

from daemon.mail import quotes
from daemon.mail.limits import REPLY_CHARACTERS

_WORDS: Final = {"en": "write above this line", "ko": "이 줄 위에 답장을 쓰세요"}
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
_SPAN_LINES: Final = 6
_SPAN_CHARACTERS: Final = 500
_RULED: Final = frozenset("-_=*>")
_PASSES: Final = 8
_WRAPPED: Final = frozenset({">:", "> wrote:"})
_TRACKERS: Final = frozenset({"ᐧ", "\ufeff", "\u200b"})


def marker(number: int, language: str) -> str:
    """The line that a notice carries: what stands above it in an answer is the answer."""
    return f"— {_WORDS.get(language, _WORDS['en'])} · #{number} —"


def newly_written(text: str) -> str:
    """The text without quoted history and signature; never empty while there is text.

    Idempotent. Answers between and below quotations stay.
    """
    text = text[:REPLY_CHARACTERS].replace("\u00a0", " ").replace("\u200b", "")
    if "--" in text:
        text = _SHARED_LINE.sub("\n", text)
    for _ in range(_PASSES):
        shorter = _once(text)
        if shorter == text:
            break
        text = shorter
    return text


def _once(text: str) -> str:
    own = _above_marker(text)
    kept = _Reading(own.split("\n")).kept()
    out = _trim(_without_signature(kept))
    return out or _trim(list(own.split("\n")))


def _trim(lines: list[str]) -> str:
    return "\n".join(line.rstrip() for line in lines).strip("\n \t")


def _above_marker(text: str) -> str:
    found = MARKER.search(text)
    if not found:
        return text
    above = text[: text.rfind("\n", 0, found.start()) + 1]
    own = any(_trim(_Reading(above.split("\n")).kept_lines()))
    return above if own else text


@dataclass(slots=True)
class _Reading:
    """One pass over the lines: keeps what is the sender's, notes where history was left out."""

    lines: list[str]
    #: None stands where a quotation was.
    out: list[str | None] = field(default_factory=list)
    has_own: bool = False
    #: Lines that end in a colon, the first of them last.
    colons: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        ends = (":", "：", ":*", "：*", ":>", ": >")
        self.colons = [i for i, line in enumerate(self.lines) if line.rstrip().endswith(ends)]
        self.colons.reverse()

    def kept_lines(self) -> list[str]:
        return [line for line in self.kept() if line is not None]

    def kept(self) -> list[str | None]:
        """The sender's lines in order."""
        at = 0
        while at < len(self.lines):
            line = self.lines[at]
            if not line.strip():
                self.out.append(line)
                at += 1
            elif ">" in line and quotes.QUOTED.match(line):
                self.out.append(None)
                at += 1
            elif span := self.attribution(at):
                if self.is_cut(at, span):
                    break
                self.out.append(None)
                at += span
            elif span := self.history(at):
                if self.has_own:
                    break
                self.out.extend(self.lines[at : at + span])
                at += span
            else:
                self.out.append(line)
                self.has_own = True
                at += 1
        return self.out

    def is_cut(self, at: int, span: int) -> bool:
        """True when all below an attribution is history that nothing marks line by line."""
        return self.has_own and not self.leads_to_quote(at + span)

    def leads_to_quote(self, at: int) -> bool:
        for line in self.lines[at : at + _SPAN_LINES]:
            if line.strip():
                return bool(quotes.QUOTED.match(line))
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
        joined = ""
        for span, line in enumerate(self.lines[at : at + _SPAN_LINES], 1):
            joined += " " + line.strip()
            # A wrapped ">:" is no quotation.
            quoted = span > 1 and quotes.QUOTED.match(line) and line.strip() not in _WRAPPED
            if quoted or len(joined) > _SPAN_CHARACTERS:
                return 0
            if quotes.COLON.search(joined):
                return span if self.is_attribution(joined, at + span) else 0
        return 0

    def is_attribution(self, joined: str, after: int) -> bool:
        date = bool(quotes.DATE.search(joined))
        time = bool(quotes.TIME.search(joined))
        address = bool(quotes.ADDRESS.search(joined))
        if not quotes.WROTE.search(joined):
            return bool(quotes.LEADING_DATE.match(joined)) and address
        return (date and (time or address)) or (address and time) or self.leads_to_quote(after)

    def history(self, at: int) -> int:
        """How many lines from here are the head of a message put below, or 0."""
        line = self.lines[at]
        if ":" not in line and "：" not in line and line.lstrip()[:1] not in _RULED:
            return 0
        if quotes.ORIGINAL.match(line) or quotes.FORWARD.match(line.strip()):
            return 1 + self.labels(at + 1)
        if quotes.RULE.match(line):
            below = self.labels(at + 1)
            return 1 + below if below else 0
        return self.labels(at) if quotes.LABEL.match(line) else 0

    def labels(self, at: int) -> int:
        """How many lines from here are a block of From, Sent, To, Subject: three kinds of four."""
        kinds: set[str] = set()
        last = 0
        for number, line in enumerate(self.lines[at : at + 10], 1):
            found = quotes.LABEL.match(line)
            if found and found.lastgroup:
                kinds.add(found.lastgroup)
                last = number
            elif line.strip() and number - last > 2:
                break
        has_head = {"from", "when"} <= kinds or {"from", "about"} <= kinds
        return last if len(kinds) >= 3 and has_head else 0


def _may_open(line: str) -> bool:
    if quotes.WROTE.search(line) or quotes.LEADING_DATE.match(line):
        return True
    return bool(quotes.OPENING.match(line)) and any(character.isdigit() for character in line)


def _without_signature(kept: list[str | None]) -> list[str]:
    """Without signatures: from ``-- `` to the next quotation or the end."""
    out: list[str] = []
    skipping = has_own = False
    for line in kept:
        if line is None:
            skipping = False
        elif has_own and quotes.SIGNATURE.match(line):
            skipping = True
        elif not skipping and line.strip() not in _TRACKERS:
            has_own = has_own or bool(line.strip())
            out.append(line)
    return _without_device(out)


def _without_device(lines: list[str]) -> list[str]:
    """Without a last line that only names the device."""
    for at in range(len(lines) - 1, -1, -1):
        line = lines[at].strip()
        if not line:
            continue
        if len(line) < 100 and quotes.DEVICE.match(line) and not quotes.SENTENCE.search(line):
            rest = lines[:at]
            return rest if any(other.strip() for other in rest) else lines
        return lines
    return lines
