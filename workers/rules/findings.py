"""The mistakes in rule files: collected, not thrown, so that an admin sees all of them at once."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

from daemon.errors import RuleError
from workers.rules.nodes import Mark

#: More than anybody reads; a file that is something else entirely must not cost us minutes.
MOST = 100


class Findings:
    """Mistakes in the order in which they were met."""

    def __init__(self) -> None:
        self._errors: list[RuleError] = []

    @property
    def errors(self) -> tuple[RuleError, ...]:
        return tuple(self._errors)

    def add(self, mark: Mark, message: str, hint: str = "") -> None:
        """Something is wrong there; the hint tells what was expected."""
        if len(self._errors) < MOST:
            self._errors.append(
                RuleError(message, path=mark.path, line=mark.line, column=mark.column, hint=hint)
            )

    def unknown(self, mark: Mark, what: str, word: str, known: Iterable[str]) -> None:
        """A word that is none of the known ones: did you mean …?"""
        if len(self._errors) < MOST:
            self.add(mark, f"unknown {what} {word!r}", _hint(word, list(known)))


def nearest(word: str, known: Iterable[str]) -> str:
    """The known word that was probably meant, or none."""
    folded = {name.casefold(): name for name in known}
    # difflib costs the product of the lengths.
    near = difflib.get_close_matches(word[:80].casefold(), list(folded), n=1)
    return folded[near[0]] if near else ""


def _hint(word: str, known: list[str]) -> str:
    if near := nearest(word, known):
        return f"did you mean {near!r}?"
    if not known:
        return "there are none"
    return f"expected one of: {', '.join(known[:20])}{', …' if len(known) > 20 else ''}"
