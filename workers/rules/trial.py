"""A case tried on a set of rules: what came of it, beside what was expected. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from daemon.arrival import Envelope
from daemon.desk.people import PersonId
from daemon.desk.ticket import Ticket, TicketNumber
from daemon.desk.update import Change
from daemon.mail.message import Address, Message
from workers.rules.cases import Case, Expected
from workers.rules.effect import AddTask, Call, Tell, Watch, Write
from workers.rules.facts import Facts, facts_of, with_requester
from workers.rules.judge import Judge, Picker
from workers.rules.owner import Staffing, pick
from workers.rules.rule import Pick
from workers.rules.ruleset import RuleSet
from workers.rules.trigger import CREATED
from workers.sla.agreement import promised
from workers.sla.clock import start


@dataclass(frozen=True, slots=True, kw_only=True)
class Mismatch:
    """One expectation that was not met."""

    name: str
    expected: str
    found: str
    line: int
    #: Which rule said so: ``routing.yaml:12``; empty where none did.
    by: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What came of one case."""

    case: Case
    mismatches: tuple[Mismatch, ...]
    #: The names of the rules that fired, by file.
    fired: frozenset[tuple[str, str]]


def try_case(case: Case, rules: RuleSet, mail: Message | None = None) -> Verdict:
    """Let the case happen; ``mail`` is the one of its file, if it names one."""
    facts = _facts(case, rules, mail)
    judge = Judge(rules, facts, Change(_ticket(case, facts)), case.at, _picker(rules))
    if case.happening == CREATED:
        judge.opened()
    else:
        judge.happened(case.happening)
    outcomes = _outcomes(judge, rules)
    mismatches = (_compare(expected, outcomes, judge) for expected in case.expected)
    return Verdict(
        case=case,
        mismatches=tuple(each for each in mismatches if each),
        fired=frozenset((each.rule.ref.file, each.rule.ref.name) for each in judge.fired),
    )


def _facts(case: Case, rules: RuleSet, mail: Message | None) -> Facts:
    given = case.mail
    message = mail or Message(
        from_=given.get("from", Address(case.requester or "nobody@example.com")),
        from_is_strict=True,
        to=given.get("to", ()),
        cc=given.get("cc", ()),
        subject=given.get("subject", ""),
        text=given.get("body", ""),
        headers=given.get("headers", ()),
        attachments=given.get("attachments", ()),
        language=given.get("language", ""),
        automatic=given.get("automatic"),
    )
    envelope = Envelope(sender="", recipients=(), trusted=given.get("authenticated", False))
    facts = facts_of(message, envelope, rules.directory, size=given.get("size"), now=case.at)
    if case.requester:
        facts = with_requester(facts, case.requester, rules.directory)
    return replace(facts, used=case.used, calendar=rules.working_time)


def _ticket(case: Case, facts: Facts) -> Ticket:
    known: dict[str, Any] = {
        "number": TicketNumber(1),
        "requester": PersonId(1),
        "subject": facts.subject,
        "organisation": facts.organisation,
        "created_at": case.at,
        "updated_at": case.at,
    }
    return Ticket(**{**known, **case.ticket})


def _picker(rules: RuleSet) -> Picker:
    """Everybody is there, and nobody has anything to do."""
    staffing = Staffing(present=frozenset(agent.name for agent in rules.directory.agents))

    def find(wanted: Pick, ticket: Ticket) -> str:
        return pick(wanted, ticket, rules.directory, rules.services, staffing)

    return find


def _outcomes(judge: Judge, rules: RuleSet) -> dict[str, Any]:
    ticket = judge.change.ticket
    effects = [effect for _, effect in judge.effects]
    return {
        "fired": tuple(each.rule.ref.name for each in judge.fired),
        "notices": tuple(
            f"{each.notice} to {', '.join(each.to)}" for each in effects if isinstance(each, Tell)
        ),
        "mails": tuple(each.to for each in effects if isinstance(each, Write)),
        "calls": tuple(each.url for each in effects if isinstance(each, Call)),
        "tasks": tuple(each.title for each in effects if isinstance(each, AddTask)),
        "watchers": tuple(
            address for each in effects if isinstance(each, Watch) for address in each.addresses
        ),
        "hold": judge.hold,
        "due": due_of(rules, ticket),
    }


def due_of(rules: RuleSet, ticket: Ticket) -> dict[str, datetime]:
    """By when a new ticket is answered and resolved."""
    terms = promised(rules.agreements, ticket, ticket.created_at.date())
    started = (
        start(metric, terms[metric], ticket.created_at)
        for metric in ("respond", "resolve")
        if metric in terms
    )
    return {clock.metric: clock.due_at for clock in started if clock.due_at}


def _compare(expected: Expected, outcomes: Mapping[str, Any], judge: Judge) -> Mismatch | None:
    name, value = expected.name, expected.value
    found = outcomes[name] if name in outcomes else getattr(judge.change.ticket, name)
    if name == "due":
        found = {metric: found.get(metric) for metric in value}
    if name == "tags":
        value, found = tuple(sorted(value)), tuple(sorted(found))
    if found == value:
        return None
    return Mismatch(
        name=name,
        expected=_shown(value),
        found=_shown(found),
        line=expected.line,
        by=_who_set(name, judge),
    )


def _who_set(name: str, judge: Judge) -> str:
    for event in reversed(judge.change.events):
        if name in event.data.get("set", {}):
            return event.actor.removeprefix("rule:")
    return ""


def _shown(value: Any) -> str:
    match value:
        case None | "" | ():
            return "nothing"
        case datetime():
            return value.isoformat(sep=" ", timespec="minutes")
        case Mapping():
            return ", ".join(f"{name} {_shown(each)}" for name, each in value.items()) or "nothing"
        case tuple():
            return ", ".join(map(str, value))
        case bool():
            return str(value).lower()
        case _:
            return str(value)


def never_fired(rules: RuleSet, verdicts: Iterable[Verdict]) -> tuple[str, ...]:
    """The rules that no case ever fired, with their places."""
    fired = {each for verdict in verdicts for each in verdict.fired}
    return tuple(
        f"{rule.ref}: {rule.ref.name}"
        for table in (rules.routing, rules.automation)
        for rule in table.rules
        if (rule.ref.file, rule.ref.name) not in fired
    )
