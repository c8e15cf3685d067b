"""Which of many words or patterns does a text hold? All are looked for in one pass. Pure.

RE2 works in time linear to the text, whatever the pattern (security.md F11).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

import re2

#: A pattern that needs more than this to compile is refused: its size is what a search costs.
_CHECK_MEMORY = 1 << 20
#: For a pattern that is searched for by itself.
_SINGLE_MEMORY = 4 << 20
#: For all words or patterns of one field together; more would make loading slow.
_SET_MEMORY = 16 << 20


def _options(*, memory: int, is_literal: bool = False) -> re2.Options:
    options = re2.Options()
    options.max_mem = memory
    options.log_errors = False
    options.literal = is_literal
    options.case_sensitive = is_literal  # literals come folded
    return options


def mistake_in(pattern: str) -> str:
    """What is wrong with a regular expression, in RE2's words; empty when nothing is."""
    try:
        re2.compile(pattern, _options(memory=_CHECK_MEMORY))
    except re2.error as err:
        reason = err.args[0] if err.args else ""
        return reason.decode(errors="replace") if isinstance(reason, bytes) else str(reason)
    return ""


#: A pattern that counts a wide class far, such as ``.{40}``: together with others the automaton
#: needs a state for each combination of counts, and a set of RE2 never gives up.
_HEAVY = re.compile(
    r"(?:\.|\]|\)|\\[pP](?:\w|\{\^?\w+\})|\\[wWdDsS])\{(\d+)(?:,(\d*))?\}", re.ASCII
)
_FAR = 10
#: Instructions of a large automaton: a few wide classes of Unicode make one.
_LARGE = 4000
#: Such a pattern looks at so much of a text: searched for one by one, ninety of them stay below
#: half a second, whatever the mail.
HEAVY_MOST = 8 * 1024


def is_heavy(pattern: str) -> bool:
    """Whether the pattern is searched for by itself, and only at the beginning of a text."""
    if any(int(count[2] or count[1]) >= _FAR for count in _HEAVY.finditer(pattern)):
        return True
    return int(re2.compile(pattern, _options(memory=_SINGLE_MEMORY)).programsize) > _LARGE


class Scanner:
    """Words or patterns, compiled into one automaton, or into as few as will do."""

    def __init__(self, patterns: Iterable[str], *, is_literal: bool) -> None:
        self._is_literal = is_literal
        #: Replaced as a whole where a text shows a part to be too large: any thread may search.
        wanted = tuple(dict.fromkeys(patterns))
        heavy = () if is_literal else tuple(filter(is_heavy, wanted))
        light = tuple(one for one in wanted if one not in set(heavy))
        self._heavy = tuple(part for one in heavy if (part := self._part((one,))))
        self._parts = self._divided(light) if light else ()

    @property
    def is_one_pass(self) -> bool:
        """False when the patterns are too large together and are searched for in parts."""
        return len(self._parts) + len(self._heavy) <= 1

    def hits(self, texts: Iterable[str]) -> frozenset[str]:
        """Those of the patterns that are in one of the texts."""
        found: set[str] = set()
        for text in texts:
            found |= self._hits(text)
        return frozenset(found)

    def _hits(self, text: str) -> set[str]:
        beginning = text[:HEAVY_MOST]
        found = {part.patterns[0] for part in self._heavy if part.hits(beginning)}
        parts = self._parts
        waiting = list(reversed(parts))
        while waiting:
            part = waiting.pop()
            hits = part.hits(text)
            if hits is None:
                halves = self._halves(part)
                # Remembered: the next text is not tried on what was too large for this one.
                parts = tuple(half for one in parts for half in (halves if one is part else (one,)))
                waiting += reversed(halves)
            else:
                found |= hits
        self._parts = parts
        return found

    def _divided(self, patterns: tuple[str, ...]) -> tuple[_Part, ...]:
        """One part, or halves of it where it does not even compile."""
        part = self._part(patterns)
        return (
            (part,) if part else (*self._divided(_first(patterns)), *self._divided(_last(patterns)))
        )

    def _halves(self, part: _Part) -> tuple[_Part, ...]:
        return (
            *self._divided(_first(part.patterns)),
            *self._divided(_last(part.patterns)),
        )

    def _part(self, patterns: tuple[str, ...]) -> _Part | None:
        if len(patterns) == 1:
            options = _options(memory=_SINGLE_MEMORY, is_literal=self._is_literal)
            return _Part(patterns, None, re2.compile(patterns[0], options))
        options = _options(memory=_SET_MEMORY, is_literal=self._is_literal)
        together = re2.Set.SearchSet(options)
        try:
            for pattern in patterns:
                together.Add(pattern)
            together.Add("")
            together.Compile()
        except re2.error:
            return None
        return _Part(patterns, together, None)


def _first(patterns: tuple[str, ...]) -> tuple[str, ...]:
    return patterns[: (len(patterns) + 1) // 2]


def _last(patterns: tuple[str, ...]) -> tuple[str, ...]:
    return patterns[(len(patterns) + 1) // 2 :]


@dataclass(frozen=True, slots=True, eq=False)
class _Part:
    """Some of the patterns: a set that finds them all in one pass, or a single one."""

    patterns: tuple[str, ...]
    together: re2.Set | None
    single: re2._Regexp | None

    def hits(self, text: str) -> set[str] | None:
        """Those that are in the text; None when the automaton ran out of memory."""
        if self.together is None:
            assert self.single is not None
            return set(self.patterns) if self.single.search(text) else set()
        # The last index is a pattern that is in every text: without it the automaton ran out of
        # memory, which RE2 does not tell from "no match".
        indices = self.together.Match(text)
        if not indices or len(self.patterns) not in indices:
            return None
        return {self.patterns[index] for index in indices if index < len(self.patterns)}
