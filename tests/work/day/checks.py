"""What is looked at when the day is over."""

from __future__ import annotations

from collections import Counter, defaultdict

from sqlalchemy import select

from daemon.store.tables import messages, people, tickets
from tests.work.day.cast import AGENTS
from tests.work.day.day import Day, Ending, Sent

#: Who was told what about which ticket (0: about none), and how often.
Told = Counter[tuple[int, str, str]]
#: What the desk says by return to whoever asked it, so to himself.
_BY_RETURN = frozenset({"acknowledgement", "answer", "command_error"})
_ROLES = ("requester", "owner", "other agents", "colleagues")


def tickets_of(day: Day) -> dict[int, dict[str, object]]:
    """Every ticket that there is."""
    work = day.work
    counts: Counter[tuple[int, str]] = Counter(
        (row.ticket, row.visibility) for row in work.rows(messages)
    )
    with work.store.read() as tx:
        address = {row.id: row.address for row in tx.execute(select(people.c.id, people.c.address))}
    return {
        row.number: {
            "state": row.state,
            "owner": row.owner,
            "team": row.team,
            "requester": address[row.requester],
            "public": counts[row.number, "public"],
            "notes": counts[row.number, "internal"],
        }
        for row in work.rows(tickets)
    }


def wanted_tickets(day: Day) -> dict[int, dict[str, object]]:
    """Every ticket, as its story ends."""
    names = ("state", "owner", "team", "requester", "public", "notes")
    return {one.ticket: {name: getattr(one, name) for name in names} for one in day.endings}


def told(day: Day) -> Told:
    """Every mail that somebody got."""
    return Counter((each.ticket, each.recipient, each.kind) for each in day.mails())


def wanted_mails(day: Day) -> Told:
    """Every mail that the stories speak of."""
    wanted: Told = Counter()
    for one in day.endings:
        for who, kinds in one.told.items():
            for kind, count in kinds.items():
                wanted[one.ticket, who, kind] += count
    for who, kinds in day.reports.items():
        for kind, count in kinds.items():
            wanted[0, who, kind] += count
    return wanted


def spoilt(day: Day) -> list[tuple[str, object]]:
    """Words that are not kept as they were written: without commands, without the history."""
    kept: dict[int, list[str]] = defaultdict(list)
    for row in day.work.rows(messages):
        kept[row.inbox_id].append(row.reply.strip())
    found: list[tuple[str, object]] = []
    for came in day.came:
        own = "\n".join(line for line in came.text.splitlines() if line[0:1] not in {"/", "#"})
        if own and own not in kept[came.mail]:
            found.append((own, kept[came.mail]))
    return found


def superfluous(day: Day) -> list[tuple[str, Sent]]:
    """Mails that break a rule which holds for all of them."""
    found: list[tuple[str, Sent]] = []
    seen: set[tuple[object, ...]] = set()
    for each in day.mails():
        cause = each.cause
        if cause and cause.writer == each.recipient and each.kind not in _BY_RETURN:
            found.append(("told of what he did himself", each))
        if cause and cause.is_automatic:
            found.append(("caused by a machine", each))
        if each.kind == "acknowledgement":
            found += [("acknowledged twice", each)] * ((each.ticket, "ack") in seen)
            seen.add((each.ticket, "ack"))
        event = (id(cause), each.recipient, each.ticket)
        if cause:
            found += [("told twice of one event", each)] * (event in seen)
            seen.add(event)
    return found


def by_role(day: Day) -> dict[str, dict[str, float]]:
    """Mails per ticket by role: a row for each kind of story, and one for all."""
    endings = {one.ticket: one for one in day.endings}
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for each in day.mails():
        if one := endings.get(each.ticket):
            counts[one.story][_role(each.recipient, one)] += 1
    tickets_per = Counter(one.story for one in day.endings)
    table = {
        story: {role: counts[story][role] / many for role in _ROLES}
        for story, many in tickets_per.items()
    }
    every = sum(counts.values(), Counter[str]())
    return {
        **dict(sorted(table.items())),
        "all": {role: every[role] / len(day.endings) for role in _ROLES},
    }


def _role(address: str, one: Ending) -> str:
    if address == one.requester:
        return "requester"
    login = next((agent.login for agent in AGENTS if agent.address == address), "")
    if not login:
        return "colleagues"
    return "owner" if login == one.owner else "other agents"


def shown(day: Day) -> str:
    """The table as people read it."""
    tickets_per = Counter(one.story for one in day.endings)
    lines = [
        f"{len(day.came)} mails in, {len(day.endings)} tickets, {len(list(day.mails()))} mails out",
        f"{'story':22}tickets" + "".join(f"{role:>14}" for role in (*_ROLES, "in all")),
    ]
    for story, row in by_role(day).items():
        many = tickets_per.get(story, len(day.endings))
        numbers = "".join(f"{number:14.2f}" for number in (*row.values(), sum(row.values())))
        lines.append(f"{story:22}{many:7}{numbers}")
    return "\n".join(lines)
