"""``/note``: who may read what you write. Pure."""

from __future__ import annotations

from daemon.desk.update import Command, Note
from daemon.desk.verbs.verb import Speaker, Verb


def _note(words: str, speaker: Speaker) -> Command:
    return Note()


VERBS = (Verb(name="note", read=_note, usage="/note", meaning="your text is for agents only"),)
