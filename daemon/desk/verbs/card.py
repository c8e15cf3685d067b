"""The reference of the verbs: ``/help`` and docs/agents.md are both made of the table. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from daemon.desk.ticket import Ticket
from daemon.desk.verbs import every
from daemon.desk.verbs.catalogue import VERBS as NAMES
from daemon.desk.verbs.catalogue import value_of
from daemon.desk.verbs.phrases import phrase
from daemon.desk.verbs.report import Report
from daemon.desk.verbs.speaker import Role, Speaker
from daemon.desk.verbs.verb import Area


def explain(
    topic: str, speaker: Speaker, ticket: Ticket | None, say: Callable[[str], str] = str
) -> Report:
    """One verb, or those that the speaker can say now, or all of his; ``say`` translates."""
    found = every.named(topic, speaker.role) if topic else ()
    is_all = value_of(topic) == "all"
    verbs = (
        found
        if found and not is_all
        else [
            verb
            for verb in every.VERBS
            if speaker.role in verb.who and (is_all or ticket is None or verb.is_legal(ticket))
        ]
    )
    rows = tuple(row for verb in verbs for row in _rows(verb, speaker, say))
    headings = ("", "", phrase("also", speaker.language))
    return Report(title=phrase("help", speaker.language), headings=headings, rows=rows)


def _rows(
    verb: every.AnyVerb, speaker: Speaker, say: Callable[[str], str]
) -> Iterator[tuple[str, str, str]]:
    """A verb's line; for ``/macro`` one for each that there is."""
    if verb.name != "macro":
        yield verb.usage, meaning(verb, say), other(verb, speaker.language)
    for macro in speaker.macros.values() if verb.name == "macro" else ():
        yield macro.usage, macro.says or macro.text(speaker.language), other(verb, speaker.language)


def meaning(verb: every.AnyVerb, say: Callable[[str], str] = str) -> str:
    """What it does, and why it stays where ``/undo`` does not reach."""
    told = say(verb.meaning)
    return f"{told}; /undo: {say(verb.stays)}" if verb.stays else told


def other(verb: every.AnyVerb, language: str) -> str:
    """Its name in the reader's language, where that is not English."""
    name = NAMES.get(language, {}).get(verb.name, "")
    return f"/{name}" if name else ""


def reference(role: Role) -> str:
    """The table of all verbs of a role, in Markdown."""
    lines = ["| | command | meaning |", "| --- | --- | --- |"]
    for area in Area:
        for number, verb in enumerate(v for v in every.VERBS if v.area is area and role in v.who):
            usage = verb.usage.replace("|", "\\|")
            told = meaning(verb).replace("|", "\\|")
            lines.append(f"| {area.value if not number else ''} | `{usage}` | {told} |")
    return "\n".join(lines)
