"""Canned answers: texts in several languages, and commands, as ``macros.yaml`` has them. Pure.

A ``{word}`` in either is filled in with what the agent says, ``/macro vpn site=Seoul``, or with
what stands in the file.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

#: What the desk itself fills into a text.
GIVEN: Final = ("number", "subject", "agent")
_PLACE: Final = re.compile(r"\{([a-z][a-z0-9_]{0,30})\}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Macro:
    """One canned answer."""

    name: str
    #: For the card.
    says: str = ""
    #: By language; the first is for those whose own is not there.
    texts: Mapping[str, str] = field(default_factory=dict)
    #: Lines of commands, done with the rights of whoever says the macro.
    commands: tuple[str, ...] = ()
    #: Words to fill in; None: the agent must say it.
    values: Mapping[str, str | None] = field(default_factory=dict)

    @property
    def usage(self) -> str:
        """As it is said."""
        words = (
            f"{name}=…" if value is None else f"[{name}={value}]"
            for name, value in self.values.items()
        )
        return " ".join((f"/macro {self.name}", *words))

    def text(self, language: str) -> str:
        """Its text in a language, words not filled in; empty where it has none."""
        return self.texts.get(language) or next(iter(self.texts.values()), "")


def places(text: str) -> Iterator[str]:
    """The words that a text has to be filled in with."""
    return (found[1] for found in _PLACE.finditer(text))


def filled(text: str, values: Mapping[str, str]) -> str:
    """The text with every word filled in that is known; what a value says is not filled again."""
    return _PLACE.sub(lambda found: values.get(found[1], found[0]), text)
