"""Which of many words or patterns does a text hold? All are looked for in one pass. Pure.

RE2 works in time linear to the text, whatever the pattern (security.md F11).
"""

from __future__ import annotations

from collections.abc import Iterable

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


class Scanner:
    """Words or patterns, compiled into one automaton."""

    def __init__(self, patterns: Iterable[str], *, is_literal: bool) -> None:
        self._patterns = tuple(dict.fromkeys(patterns))
        self._is_literal = is_literal
        self._set = self._compile()
        self._singles = () if self._set else self._compile_singly()

    @property
    def is_one_pass(self) -> bool:
        """False when the patterns are too large together and are searched for one by one."""
        return self._set is not None

    def hits(self, texts: Iterable[str]) -> frozenset[str]:
        """Those of the patterns that are in one of the texts."""
        found: set[str] = set()
        for text in texts:
            found |= self._hits(text)
        return frozenset(found)

    def _hits(self, text: str) -> set[str]:
        indices = self._set.Match(text) if self._set else None
        # The last index is a pattern that is in every text: without it the automaton ran out of
        # memory, which RE2 does not tell from "no match".
        if indices and len(self._patterns) in indices:
            return {self._patterns[index] for index in indices if index < len(self._patterns)}
        if not self._singles:
            self._singles = self._compile_singly()
        return {name for name, single in self._singles if single.search(text)}

    def _compile(self) -> re2.Set | None:
        options = _options(memory=_SET_MEMORY, is_literal=self._is_literal)
        patterns = re2.Set.SearchSet(options)
        try:
            for pattern in self._patterns:
                patterns.Add(pattern)
            patterns.Add("")
            patterns.Compile()
        except re2.error:
            return None
        return patterns

    def _compile_singly(self) -> tuple[tuple[str, re2._Regexp], ...]:
        options = _options(memory=_SINGLE_MEMORY, is_literal=self._is_literal)
        return tuple((pattern, re2.compile(pattern, options)) for pattern in self._patterns)
