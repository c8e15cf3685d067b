"""What the desk says to commands, in the language of whoever gave them."""

from __future__ import annotations

from daemon.desk.verbs.grammar import Mistake
from daemon.errors import BadWords, TicketError
from workers.desk import Desk

_ENDS = (".", "?", "!", "。")


def why(desk: Desk, language: str, error: TicketError) -> str:
    """Why a command was not done, and what may have been meant."""
    say = desk.renderer.say
    text = say(language, error.text, **error.values)
    instead = error.instead if isinstance(error, BadWords) else ""
    if not instead:
        return text
    hint = say(language, "Did you mean %(line)s?", line=instead)
    return f"{text} {hint}" if text.endswith(_ENDS) else f"{text}. {hint}"


def told(desk: Desk, language: str, mistake: Mistake) -> str:
    """A mistake in a line: what was written, and why it was not done."""
    return f"{mistake.line}: {why(desk, language, mistake.error)}"
