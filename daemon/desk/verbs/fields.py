"""What a ticket is: ``/type``, ``/pri``, ``/impact`` to ``/lang``. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from typing import Final, NamedTuple

from daemon.desk.states import MOVES
from daemon.desk.ticket import Type
from daemon.desk.verbs.deed import Deed
from daemon.desk.verbs.speaker import BOTH_SIDES
from daemon.desk.verbs.verb import Area, Verb
from daemon.desk.verbs.words import Words
from daemon.errors import IllegalMove, TicketError

PRIORITIES: Final = ("P1", "P2", "P3", "P4")
IMPACTS: Final = ("org", "site", "team", "person")
URGENCIES: Final = ("critical", "high", "normal", "low")
_LANGUAGE: Final = re.compile(r"[a-z]{2,3}")
_EVENING: Final = 17
_TAGS: Final = 30


def _read_type(words: Words) -> Type:
    return Type(words.choice([kind.value for kind in Type]))


def _type(kind: Type, deed: Deed) -> None:
    state = deed.ticket.state
    if state not in MOVES[kind]:
        raise IllegalMove(
            "a ticket that is %(state)s cannot become %(what)s; /open it first",
            state=state,
            what=_a(kind),
        )
    deed.set(type=kind.value)


def _a(kind: Type) -> str:
    return f"an {kind}" if kind.value[0] in "aeiou" else f"a {kind}"


def _read_priority(words: Words) -> str:
    said = words.text.strip()
    known = (*(one.lower() for one in PRIORITIES), "auto")
    return words.choice(known, f"p{said}" if said.isdecimal() else None).upper()


def _priority(priority: str, deed: Deed) -> None:
    if priority == "AUTO":
        deed.set(priority=deed.around.priority(deed.ticket), priority_reason="")
    else:
        deed.set(priority=priority, priority_reason=f"/pri by {deed.speaker.login}")


def _read_impact(words: Words) -> str:
    return words.choice(IMPACTS)


def _impact(impact: str, deed: Deed) -> None:
    deed.set(impact=impact)
    _by_matrix(deed)


def _read_urgency(words: Words) -> str:
    return words.choice(URGENCIES)


def _urgency(urgency: str, deed: Deed) -> None:
    deed.set(urgency=urgency)
    _by_matrix(deed)


def _by_matrix(deed: Deed) -> None:
    """The priority follows, unless somebody has set it himself."""
    if not deed.ticket.priority_reason:
        deed.set(priority=deed.around.priority(deed.ticket))


def _line(words: Words) -> str:
    return words.line("what")


def _setter(field: str) -> Callable[[str, Deed], None]:
    def put(value: str, deed: Deed) -> None:
        deed.set(**{field: value})
        if field == "service":
            _by_matrix(deed)

    return put


class _Tags(NamedTuple):
    more: tuple[str, ...]
    less: tuple[str, ...]


def _read_tags(words: Words) -> _Tags:
    tokens = [token for token in words.tokens if token.strip("+-#")]
    if not tokens:
        raise TicketError("/tag needs words: /tag +printer -old")
    less = tuple(token[1:] for token in tokens if token.startswith("-"))
    more = tuple(token.lstrip("+#") for token in tokens if not token.startswith("-"))
    return _Tags(more, less)


def _tag(tags: _Tags, deed: Deed) -> None:
    kept = [tag for tag in deed.ticket.tags if tag not in tags.less]
    found = list(dict.fromkeys([*kept, *tags.more]))
    if len(found) > _TAGS:
        raise TicketError("a ticket has at most %(tags)s tags", tags=_TAGS)
    deed.set(tags=found)


def _read_due(words: Words) -> datetime | None:
    if words.text.strip().casefold() in {"none", "auto"}:
        return None
    due = words.instant(words.line("when"), hour=_EVENING)
    if due <= words.now:
        raise TicketError('"%(text)s" has passed already', text=words.text)
    return due


def _due(due: datetime | None, deed: Deed) -> None:
    deed.set(due_at=due.isoformat() if due else None)


def _read_language(words: Words) -> str:
    said = words.text.strip().lower()
    if not _LANGUAGE.fullmatch(said):
        raise TicketError("/lang needs a language's two letters: /lang ko")
    return said


def _language(language: str, deed: Deed) -> None:
    """The ticket's; a requester says it of himself, too."""
    if deed.speaker.agent is None:
        deed.wishes.own["language"] = language
    deed.set(language=language)


VERBS: Final = (
    Verb(name="type", area=Area.FIELDS, usage="/type incident|request", who=BOTH_SIDES,
         meaning="something is broken, or something is wanted", read=_read_type, effect=_type),
    Verb(name="pri", area=Area.FIELDS, usage="/pri P2|auto",
         meaning="the priority, over the matrix; or the matrix's again",
         read=_read_priority, effect=_priority),
    Verb(name="impact", area=Area.FIELDS, usage="/impact org|site|team|person",
         meaning="how many it hits; the priority follows", read=_read_impact, effect=_impact),
    Verb(name="urgency", area=Area.FIELDS, usage="/urgency critical|high|normal|low",
         who=BOTH_SIDES, meaning="how soon it must work again; the priority follows",
         read=_read_urgency, effect=_urgency),
    Verb(name="service", area=Area.FIELDS, usage="/service NAME", meaning="what it is about",
         read=_line, effect=_setter("service")),
    Verb(name="category", area=Area.FIELDS, usage="/category NAME", meaning="which kind of matter",
         read=_line, effect=_setter("category")),
    Verb(name="title", area=Area.FIELDS, usage="/title TEXT", meaning="a better subject",
         read=_line, effect=_setter("subject")),
    Verb(name="tag", area=Area.FIELDS, usage="/tag +A -B", meaning="tags more and less",
         read=_read_tags, effect=_tag),
    Verb(name="due", area=Area.FIELDS, usage="/due fri 14:00|auto",
         meaning="a promised time, over the agreement's", read=_read_due, effect=_due),
    Verb(name="lang", is_free=True, area=Area.FIELDS, usage="/lang ko", who=BOTH_SIDES,
         meaning="the language of the ticket's mails; from a requester: of all his mails",
         read=_read_language, effect=_language),
)  # fmt: skip
