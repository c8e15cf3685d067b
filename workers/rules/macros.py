"""macros.yaml: the house's canned answers, for ``/macro``. Pure."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Final

from daemon.desk.macros import GIVEN, Macro, filled, places
from daemon.desk.people import Directory, PersonId
from daemon.desk.verbs.grammar import Reader
from daemon.desk.verbs.speaker import Speaker
from daemon.errors import BadWords, TicketError
from workers.rules import schema
from workers.rules.findings import Findings
from workers.rules.nodes import Entry, Mapping, Node, Scalar
from workers.rules.person import LANGUAGE

FILE = "macros.yaml"
#: By folded name, in the order written.
Macros = dict[str, Macro]

#: The file's only key, and what there is to say of a macro.
KEYS: Final = ("macros",)
MACRO: Final = ("says", "text", "commands", "values")
_NAME: Final = re.compile(r"[^\W_][\w-]{0,39}")
_WORD: Final = re.compile(r"[a-z][a-z0-9_]{0,30}")
#: When a macro is tried: any day will do.
_MONDAY: Final = datetime(2026, 1, 5, tzinfo=UTC)


def read(root: Mapping, directory: Directory, found: Findings) -> Macros:
    """The macros of the file; mistakes go into ``found``."""
    parts = schema.keys(root, found, of=FILE, known=KEYS, needed=KEYS)
    macros: Macros = {}
    for entry in schema.items(parts["macros"].value, found) if "macros" in parts else ():
        name = entry.key.text
        if not _NAME.fullmatch(name):
            hint = "expected one word of letters, digits and '-', such as vpn-reset"
            found.add(entry.key.mark, f"{name!r} cannot be said after /macro", hint)
        elif name.casefold() in macros:
            found.add(entry.key.mark, f"the macro {name!r} stands here a second time")
        else:
            macros[name.casefold()] = _macro(entry, directory, found)
    return macros


def _macro(entry: Entry, directory: Directory, found: Findings) -> Macro:
    name = entry.key.text
    of = f"macro {name!r}"
    fields = schema.keys(entry.value, found, of=of, known=MACRO)
    if not {"text", "commands"} & fields.keys():
        found.add(entry.key.mark, f"{of} does nothing", "expected 'text: …' or 'commands: […]'")
    values = _values(fields["values"].value, found) if "values" in fields else {}
    texts = _texts(fields["text"].value, values, found) if "text" in fields else {}
    commands = fields["commands"].value if "commands" in fields else None
    return Macro(
        name=name.casefold(),
        says=schema.text(fields["says"].value, found) if "says" in fields else "",
        texts=texts,
        commands=_commands(commands, values, directory, found) if commands else (),
        values=values,
    )


def _values(node: Node, found: Findings) -> dict[str, str | None]:
    """Words to fill in: with what stands here, or, where nothing does, with what the agent says."""
    values: dict[str, str | None] = {}
    for entry in schema.items(node, found):
        name, value = entry.key.text, entry.value
        if not _WORD.fullmatch(name) or name in GIVEN:
            hint = f"expected small letters and digits, and none of: {', '.join(GIVEN)}"
            found.add(entry.key.mark, f"{name!r} cannot be filled in", hint)
            continue
        is_asked = isinstance(value, Scalar) and value.value is None
        values[name] = None if is_asked else schema.text(value, found)
    return values


def _texts(node: Node, values: dict[str, str | None], found: Findings) -> dict[str, str]:
    """By language; one text alone is for everybody."""
    if isinstance(node, Scalar):
        return {"": _text(node, values, found)}
    texts: dict[str, str] = {}
    for entry in schema.items(node, found):
        if not LANGUAGE.fullmatch(entry.key.text):
            hint = "expected such as en, ko or de"
            found.add(entry.key.mark, f"{entry.key.text!r} is no code of a language", hint)
        texts[entry.key.text] = _text(entry.value, values, found)
    return texts


def _text(node: Node, values: dict[str, str | None], found: Findings) -> str:
    text = schema.text(node, found)
    _check_places(node, text, (*values, *GIVEN), found)
    return text


def _check_places(node: Node, text: str, known: tuple[str, ...], found: Findings) -> None:
    for name in places(text):
        if name not in known:
            found.unknown(node.mark, "word to fill in", name, known)


def _commands(
    node: Node, values: dict[str, str | None], directory: Directory, found: Findings
) -> tuple[str, ...]:
    lines = schema.texts(node, found)
    for line, place in lines:
        _check_places(place, line, (*values, "agent"), found)
        if directory.agents:
            _check(place, filled(line, _known(values)), directory, found)
    return tuple(line for line, _ in lines)


def _known(values: dict[str, str | None]) -> dict[str, str]:
    return {name: value for name, value in values.items() if value is not None}


def _check(node: Node, line: str, directory: Directory, found: Findings) -> None:
    """Read it as an agent's: a word that is still to be filled in is nobody's mistake."""
    agent = directory.agents[0]
    speaker = Speaker(directory=directory, person=PersonId(0), address=agent.address, agent=agent)
    try:
        Reader(speaker=speaker, now=_MONDAY, zone=UTC).line(line)
    except TicketError as err:
        if any(places(line)) and "no such command" not in str(err):
            return
        instead = err.instead.strip("/ ") if isinstance(err, BadWords) else ""
        found.add(node.mark, f"{line!r}: {err}", f"did you mean '/{instead}'?" if instead else "")
