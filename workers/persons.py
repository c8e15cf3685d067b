"""Who somebody is to the desk: one person, by whichever of his addresses."""

from __future__ import annotations

from dataclasses import replace

from daemon.desk.ticket import Ticket
from daemon.mail.address import Token
from daemon.store import messages, people, tickets, watchers
from daemon.store.people import Person, Stranger
from workers.case import Case


def meet(
    case: Case, address: str, name: str = "", language: str = "", *, may_wait: bool = False
) -> Person:
    """The person at an address, made on first meeting; people.yaml knows best."""
    directory = case.directory
    contact = directory.contact_at(address)
    organisation = directory.organisation_of(address)
    main = directory.same_as(address)[0]
    if not language and organisation:
        language = organisation.language
    stranger = Stranger(
        address=main,
        name=directory.names.get(main, name),
        language=language,
        organisation=organisation.name if organisation else "",
    )
    person = people.meet(case.known, stranger, now=case.now, may_wait=may_wait)
    named = contact.language if contact else ""
    return replace(person, language=named) if named else person


def author(case: Case) -> Person:
    """Who wrote the mail, as far as it says."""
    return meet(case, case.sender, case.sender_name, case.message.language, may_wait=True)


def takes_part(case: Case, ticket: int) -> bool:
    """True when the mail's author wrote, or was written to, in the mails of the ticket."""
    key = case.directory.key
    there = {key(address) for address in messages.participants(case.tx, ticket)}
    return not there.isdisjoint(map(key, case.directory.same_as(case.sender)))


def addresses_of(case: Case, person: Person | None) -> frozenset[str]:
    """Every folded address that a mail of this person may be from."""
    if person is None:
        return frozenset()
    known = {each for one in person.addresses for each in (one, *case.directory.same_as(one))}
    # An extension that the admin says is the same mailbox's.
    if case.directory.key(case.sender) in map(case.directory.key, known):
        known.add(case.sender_key)
    return frozenset(known)


def is_requester(case: Case, token: Token, ticket: Ticket) -> bool:
    """True when a signed address was given to the requester, of this or of a ticket merged here."""
    requesters = (one.requester for one in _before_and_after(case, token, ticket))
    return any(people.are_same(case.tx, token.person, one) for one in requesters)


def is_watcher(case: Case, token: Token, ticket: Ticket) -> bool:
    """True when a signed address was given to somebody who is kept informed still."""
    person = people.find(case.tx, token.person)
    if person is None:
        return False
    return any(
        person.id in watchers.watching(case.tx, one.number)
        for one in _before_and_after(case, token, ticket)
    )


def _before_and_after(case: Case, token: Token, ticket: Ticket) -> tuple[Ticket, ...]:
    """The ticket that a token names, where that was merged into this one, and this one."""
    if token.subject == ticket.number:
        return (ticket,)
    return (tickets.get(case.tx, token.subject), ticket)
