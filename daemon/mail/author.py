"""Who wrote a mail, where From does not say it: forms, lists that rewrite it, no From at all. Pure.

Whoever is named so is only named: the mail proves nothing about him (security.md §4.1), and so it
is no longer strict. ``Sender``, ``Resent-*`` and the like never replace an author who is there.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Final

from daemon.mail import mailbox
from daemon.mail.message import Address, Automatic, Message
from daemon.mail.origin import LISTS, Marks, origin

_MAILTO: Final = re.compile(r"<\s*mailto:([^<>?\s]{3,320})", re.IGNORECASE)
_LIST_ID: Final = re.compile(r"<([\w-]{1,64})\.([\w.-]{1,255})>\s*$")
_LIST_NAME: Final = re.compile(r"\blist ([^\s;]{3,320})")
#: ``Carol via IT Help``: what Google Groups and Mailman make of a name whose domain forbids more.
_VIA: Final = re.compile(r"(.*?)\s+(?:via|über|通过|경유|経由)\s+\S", re.IGNORECASE)
#: Where a form's text names who filled it in.
_ASKED: Final = re.compile(
    r"[ \t>*_|-]{0,8}(?:(?:your|contact|sender'?s?|deine?|ihre?|votre|su|seu) )?"
    r"(?:e-?mail(?:[- ]?(?:address|adresse|id))?|mail(?:[- ]?address)?|from|reply[- ]?to|"
    r"adresse (?:e-?mail|électronique)|courriel|correo(?: electrónico)?|endereço de e-?mail|"
    r"indirizzo e-?mail|e-?mailadres|"
    r"이메일(?: ?주소)?|전자 ?우편(?: ?주소)?|메일(?: ?주소)?|보낸 ?사람|신청자 이메일|"
    r"メール(?:アドレス)?|邮箱(?:地址)?|电子邮[件箱]|電子郵件)"
    r"[ \t*_]{0,8}(?:[:：=|]|$)[ \t*_]{0,8}(.{0,400})",
    re.IGNORECASE,
)
_LINES, _COLUMNS = 200, 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """A mail with its author in ``from_``."""

    message: Message
    #: What named him, where it was not From.
    named_by: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Houses:
    """What the desk knows of addresses that write for others."""

    is_ours: Callable[[str], bool]
    is_form: Callable[[str], bool]
    is_list: Callable[[str], bool]


def written(message: Message, envelope_sender: str, houses: Houses) -> Written:
    """The mail as its author's; as it is where From names him."""
    direct = _without_our_list(message, houses)
    author = direct.from_
    if author is None or not author.address:
        return _without_from(direct, envelope_sender)
    if houses.is_form(author.address):
        return _by_form(direct, author, houses)
    return _by_list(direct, author, houses)


def lists_of(message: Message) -> frozenset[str]:
    """Folded addresses of the lists that a mail came through."""
    posts = (found for value in message.every("list-post") for found in _MAILTO.findall(value))
    names = (
        f"{found[1]}@{found[2]}"
        for found in map(_LIST_ID.search, message.every("list-id"))
        if found
    )
    others = (
        found for value in message.every("mailing-list") for found in _LIST_NAME.findall(value)
    )
    return frozenset(mailbox.fold(each) for each in (*posts, *names, *others))


def _without_our_list(message: Message, houses: Houses) -> Message:
    """A group whose address is the desk's own is a road to us, and makes no mail a list's."""
    if message.automatic is not Automatic.LIST or not any(map(houses.is_ours, lists_of(message))):
        return message
    found = origin(_marks_without_list(message))
    return replace(
        message,
        automatic=found.automatic,
        automatic_because=found.because,
        forbids_answer=found.forbids_answer,
    )


def _marks_without_list(message: Message) -> Marks:
    def every(name: str) -> list[str]:
        values = () if name in LISTS else message.every(name)
        return [each for each in values if name != "precedence" or each.strip().lower() != "list"]

    return Marks(
        field=lambda name: next(iter(every(name)), ""),
        every=every,
        sender=message.from_.address if message.from_ else "",
        subject=message.subject,
        report_type="",
        is_bounce=False,
    )


def _without_from(message: Message, envelope_sender: str) -> Written:
    """Kept under the next best name, and not answered: who reads there is anybody's guess."""
    if message.sender and message.sender.address:
        return _named(message, message.sender, "Sender", forbids_answer=True)
    if envelope_sender:
        name = message.from_.name if message.from_ else ""
        author = mailbox.mailbox(envelope_sender, name)
        return _named(message, author, "the envelope", forbids_answer=True)
    return Written(message=message)


def _by_form(message: Message, form: Address, houses: Houses) -> Written:
    """Whoever filled it in: the Reply-To, else a line of the text."""
    person = _first_other(message.reply_to, form, houses)
    if person:
        return _of_form(message, person, "Reply-To of a form")
    person = _first_other(_asked(message.text), form, houses)
    return _of_form(message, person, "the text of a form") if person else Written(message=message)


def _of_form(message: Message, person: Address, named_by: str) -> Written:
    """A person's words, whatever program carries them: by the admin's rule alone."""
    own = replace(message, automatic=None, automatic_because="", forbids_answer=False)
    return _named(message if message.bounce else own, person, named_by)


def _asked(text: str) -> Iterator[Address]:
    lines = [line[:_COLUMNS] for line in text.split("\n", _LINES)[:_LINES] if line.strip()]
    for line, below in pairwise((*lines, "")):
        if found := _ASKED.match(line):
            yield from mailbox.addresses(found[1] if "@" in found[1] else below)


def _by_list(message: Message, author: Address, houses: Houses) -> Written:
    """The one whom a list has replaced by itself, so that his domain's DMARC does not refuse it."""
    is_list = mailbox.fold(author.address) in lists_of(message)
    if not (is_list or houses.is_ours(author.address) or houses.is_list(author.address)):
        return Written(message=message)
    via = _VIA.match(author.name)
    for name in ("x-original-from", "x-original-sender"):
        if person := _first_other(mailbox.addresses(message.header(name)), author, houses):
            shown = Address(person.address, person.name or (via[1].strip("'\" ") if via else ""))
            return _named(message, shown, name.title())
    person = _first_other(message.reply_to, author, houses) if via else None
    return _named(message, person, "Reply-To of a list") if person else Written(message=message)


def _first_other(found: Iterable[Address], but: Address, houses: Houses) -> Address | None:
    """The first that is neither the sender himself, nor the desk, nor a list."""
    skipped = mailbox.fold(but.address)
    return next(
        (
            one
            for one in found
            if "@" in one.address
            and mailbox.fold(one.address) != skipped
            and not houses.is_ours(one.address)
            and not houses.is_list(one.address)
        ),
        None,
    )


def _named(
    message: Message, author: Address, named_by: str, *, forbids_answer: bool = False
) -> Written:
    named = replace(
        message,
        from_=author,
        from_is_strict=False,
        forbids_answer=message.forbids_answer or forbids_answer,
    )
    return Written(message=named, named_by=named_by)
