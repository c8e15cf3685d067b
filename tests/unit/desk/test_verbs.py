"""What each verb does to a ticket, and what it refuses with which words."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from daemon.desk.events import EventKind, evolve
from daemon.desk.links import Link, Relation
from daemon.desk.people import PersonId
from daemon.desk.tasks import Task, TaskState
from daemon.desk.ticket import State, TicketNumber, Type
from daemon.desk.verbs import every
from daemon.desk.verbs.around import Letter
from tests.unit.desk.house import (
    BO,
    CAROL,
    NOW,
    REQUESTER,
    WATCHER,
    House,
    Said,
    kept,
    say,
    ticket,
)

NEW = ticket(state=State.NEW)
RESOLVED = ticket(state=State.RESOLVED, resolved_at=NOW - timedelta(days=1))
CLOSED = ticket(state=State.CLOSED, closed_at=NOW - timedelta(days=20))
OURS = Letter(at=NOW, author="ann", is_ours=True, is_internal=False, text="Which printer?")
HIS = replace(OURS, is_ours=False)


def fields(said: Said, *names: str) -> tuple[object, ...]:
    assert said.mistakes == ()
    return tuple(getattr(said.ticket, name) for name in names)


def test_take_makes_it_yours_and_opens_it() -> None:
    assert fields(say("/take", NEW), "owner", "state") == ("ann", State.OPEN)


def test_take_leaves_what_waits_waiting() -> None:
    waits = ticket(state=State.WAITING, wait_reason="vendor")

    assert fields(say("/take", waits), "owner", "state") == ("ann", State.WAITING)


@pytest.mark.parametrize(
    ("line", "owner", "team"),
    [
        ("/assign bo", "bo", "desk"),
        ("/assign @bo", "bo", "desk"),
        ("/assign bo@home.test", "bo", "desk"),
        ("/assign Berg", "bo", "desk"),
        ('/assign "Bo Berg"', "bo", "desk"),
        ("/assign network", "", "network"),
        ("/assign none", "", "desk"),
        ("/assign niemand", "", "desk"),
    ],
)
def test_assign_knows_people_and_teams(line: str, owner: str, team: str) -> None:
    said = say(line, ticket(owner="ann", team="desk"))

    assert fields(said, "owner", "team", "reassign_count") == (owner, team, 1)
    assert said.deed.wishes.is_handed_over is (line.split()[1] not in ("none", "niemand"))


def test_assign_back_gives_it_to_whoever_had_it() -> None:
    house = House()
    first = kept(say("/assign bo", ticket(owner="ann", team="desk"), house), house)

    assert fields(say("/assign back", first, house), "owner") == ("ann",)


def test_assign_back_needs_somebody_before() -> None:
    assert "nobody had it before" in say("/assign back").messages


def test_a_cancelled_ticket_is_nobodys() -> None:
    said = say("/take", ticket(state=State.CANCELLED))

    assert "legal: none: it is at its end" in said.messages


@pytest.mark.parametrize(
    ("answer", "reason", "until"),
    [
        ("/wait\nWhich printer?", "customer", None),
        ("/wait vendor", "vendor", None),
        ("/wait 업체", "vendor", None),
        ("/wait vendor until fri 14:00", "vendor", datetime(2026, 3, 6, 14, tzinfo=UTC)),
        ("/wait until +3d\nWhich?", "customer", NOW + timedelta(days=3)),
        ("/warten lieferant bis 2026-03-09", "vendor", datetime(2026, 3, 9, 9, tzinfo=UTC)),
    ],
)
def test_wait_says_for_whom_and_how_long(answer: str, reason: str, until: datetime | None) -> None:
    found = fields(say(answer), "state", "wait_reason", "wait_until")

    assert found == (State.WAITING, reason, until)


def test_waiting_for_a_customer_who_knows_nothing_is_refused() -> None:
    assert "write below it what you need" in say("/wait", house=House(letters_=[HIS])).messages
    assert say("/wait", house=House(letters_=[OURS])).mistakes == ()
    assert "write below it" in say("/wait\nWhich?", is_public=False).messages


def test_open_ends_the_waiting() -> None:
    waits = ticket(state=State.WAITING, wait_reason="vendor", wait_until=NOW)

    found = fields(say("/open", waits), "state", "wait_reason", "wait_until")

    assert found == (State.OPEN, "", None)


def test_resolve_keeps_how_and_what_was_told() -> None:
    said = say("/resolve workaround\nUse the other printer.")

    found = fields(said, "state", "resolution_code", "resolution", "resolved_at")
    assert found == (State.RESOLVED, "workaround", "Use the other printer.", NOW)


def test_resolve_twice_is_refused_with_the_legal_moves() -> None:
    assert "legal: closed, open" in say("/resolve", RESOLVED).messages


def test_parts_and_duplicates_end_with_their_ticket() -> None:
    part = ticket(8, parent=TicketNumber(7))
    below = ticket(9, parent=TicketNumber(8))
    done = ticket(10, parent=TicketNumber(7), state=State.CANCELLED)
    same = ticket(11, state=State.WAITING, wait_reason="duplicate")
    link = Link(a=same.number, relation=Relation.DUPLICATE_OF, b=TicketNumber(7))
    others = {one.number: one for one in (part, below, done, same)}

    said = say("/resolve\nFixed.", house=House(tickets=dict(others), links_=[link]))

    changed = {number for number, change in said.deed.others.items() if change.events}
    assert changed == {8, 9, 11}
    assert {said.deed.others[number].ticket.state for number in changed} == {State.RESOLVED}
    assert {said.deed.others[number].ticket.resolution for number in changed} == {"Fixed."}


def test_close_is_the_end_of_what_is_resolved() -> None:
    assert fields(say("/close", RESOLVED), "state") == (State.CLOSED,)
    assert "legal: cancelled, resolved, waiting" in say("/close").messages


def test_the_requesters_close_resolves_his_own() -> None:
    said = say("/close", speaker=REQUESTER)

    assert fields(said, "state", "resolution_code") == (State.RESOLVED, "by-requester")


@pytest.mark.parametrize(
    ("line", "code"), [("/cancel spam", "spam"), ("/cancel test", "cancelled")]
)
def test_cancel_needs_a_reason(line: str, code: str) -> None:
    assert fields(say(line), "state", "resolution_code") == (State.CANCELLED, code)
    assert "why: duplicate" in say("/cancel").messages


def test_reopen_in_time_counts_and_forgets_the_end() -> None:
    found = fields(say("/reopen", RESOLVED), "state", "reopen_count", "resolved_at")

    assert found == (State.OPEN, 1, None)


def test_reopen_too_late_is_refused() -> None:
    assert "more than 14 days ago" in say("/reopen", CLOSED).messages
    assert "stays so" in say("/reopen", ticket(state=State.CANCELLED)).messages


def test_major_is_p1_until_it_ends() -> None:
    major = say("/major").ticket

    assert (major.major, major.priority) == (True, "P1")
    assert fields(say("/major end", major), "major", "priority") == (False, "P3")
    assert "is no major incident" in say("/major end").messages


def test_escalate_asks_for_help_and_ack_gives_rest() -> None:
    asked, rested = say("/escalate stuck"), say("/ack 2h")

    assert asked.deed.wishes.escalate == "stuck"
    [event] = rested.deed.change.events
    assert event.kind is EventKind.CLOCK
    assert event.data["until"] == (NOW + timedelta(hours=2)).isoformat()
    assert "at most 7 days" in say("/ack 9d").messages


@pytest.mark.parametrize(
    ("line", "name", "value"),
    [
        ("/type request", "type", Type.REQUEST),
        ("/type 요청", "type", Type.REQUEST),
        ("/pri P2", "priority", "P2"),
        ("/pri 2", "priority", "P2"),
        ("/impact site", "impact", "site"),
        ("/urgency krit", "urgency", "critical"),
        ("/service mail", "service", "mail"),
        ("/category disk", "category", "disk"),
        ("/title Printer 3 is out", "subject", "Printer 3 is out"),
        ('/title "Quoted"', "subject", "Quoted"),
        ("/tag +b -a c", "tags", ("b", "c")),
        ("/due fri 14:00", "due_at", datetime(2026, 3, 6, 14, tzinfo=UTC)),
        ("/due tomorrow", "due_at", datetime(2026, 3, 3, 17, tzinfo=UTC)),
        ("/due auto", "due_at", None),
        ("/lang ko", "language", "ko"),
        ("/why no spare parts", "breach_reason", "no spare parts"),
        ("/spent 1h30m", "spent_minutes", 90),
        ("/spent 20", "spent_minutes", 20),
        ("/via phone", "via", "phone"),
        ("/for dan@acme.test", "requester", 101),
    ],
)
def test_fields_take_what_is_said(line: str, name: str, value: object) -> None:
    assert fields(say(line, ticket(tags=("a",))), name) == (value,)


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("/pri P9", "none of: p1, p2, p3, p4, auto"),
        ("/due yesterday", "is no a time like"),
        ("/due 2026-02-30", "no day of the calendar"),
        ("/due 2026-01-01", "has passed already"),
        ("/due 9999-12-31 23:59", "is too far ahead"),
        ("/tag", "/tag needs words"),
        ("/title", "/title what?"),
        ("/lang korean", "two letters"),
        ("/spent soon", "no duration"),
        ("/spent 5x", "no unit of time"),
        ("/spent 0", "a minute at least"),
        ("/at 12:00 tomorrow", "is no a time like"),
        ("/for network", "is a team"),
        ("/merge printer", "needs a ticket like #12"),
        ("/merge #99", "there is no ticket #99"),
        ("/merge #7", "is this ticket"),
        ("/done 3", "has no task 3; there are: none"),
        ("/skip 3", "and why"),
        ("/task @bo", "needs a title"),
        ("/cc", "needs addresses"),
        ("/unlink #8", "are not linked"),
        ("/undo", "no command of yours"),
        ("/ok", "nothing of yours is held"),
        ("/at 08:00", "in the mail that opens"),
    ],
)
def test_what_cannot_be_done_is_said_in_words(line: str, words: str) -> None:
    house = House(tickets={8: ticket(8)})

    assert words in say(line, house=house).messages


def test_the_priority_follows_the_matrix_unless_somebody_set_it() -> None:
    assert fields(say("/impact site"), "priority") == ("P3",)
    by_hand = say("/pri P1").ticket
    assert fields(say("/impact site", by_hand), "priority") == ("P1",)
    assert fields(say("/pri auto", by_hand), "priority", "priority_reason") == ("P3", "")


def test_a_type_without_the_state_is_refused() -> None:
    waits = ticket(type=Type.REQUEST, state=State.APPROVAL)

    assert "cannot become an incident" in say("/type incident", waits).messages


def test_note_and_public_say_who_reads_it() -> None:
    assert not say("/note\nHe is wrong").deed.tells_requester
    assert say("/public\nHello", is_public=False).deed.tells_requester
    assert say("Hello").deed.tells_requester


def test_cc_adds_and_removes_watchers() -> None:
    said = say("/cc +dan@acme.test -eve@x.test bo")

    told = [(event.data["address"], event.data["what"]) for event in said.deed.change.events]
    assert told == [
        ("dan@acme.test", "added"), (BO.address, "added"), ("eve@x.test", "removed"),
    ]  # fmt: skip


def test_a_requester_brings_in_his_own_house_only() -> None:
    assert say("/cc dan@acme.test", speaker=REQUESTER).mistakes == ()
    assert "not of your organisation" in say("/cc x@evil.test", speaker=REQUESTER).messages


def test_watch_and_mute_are_about_oneself() -> None:
    [watch] = say("/watch").deed.change.events
    [mute] = say("/mute", speaker=WATCHER).deed.change.events

    assert (watch.data["address"], watch.data["what"]) == ("ann@desk.test", "added")
    assert (mute.data["address"], mute.data["what"]) == ("dan@acme.test", "removed")
    assert "it is your ticket" in say("/mute", speaker=REQUESTER).messages


def test_merge_ends_here_and_goes_on_there() -> None:
    other = replace(ticket(8), requester=WATCHER.person)
    said = say("/merge #8", ticket(owner="ann"), House(tickets={8: other}))

    found = fields(said, "merged_into", "state", "resolution_code", "owner")
    assert found == (8, State.CANCELLED, "merged", "")
    kinds = [event.kind for event in said.deed.others[8].events]
    assert kinds == [EventKind.MERGED, EventKind.WATCHED]


def test_merge_into_what_went_on_elsewhere_is_refused() -> None:
    other = ticket(8, merged_into=TicketNumber(9))

    assert "goes on in #9" in say("/merge #8", house=House(tickets={8: other})).messages


@pytest.mark.parametrize(
    ("organisation", "requester", "told"),
    [("Acme", 9, "It was the fuse."), ("Other", 9, ""), ("", 9, ""), ("Other", CAROL, "It was")],
)
def test_what_one_requester_was_told_stays_in_his_house(
    organisation: str, requester: int, told: str
) -> None:
    part = ticket(
        8, parent=TicketNumber(7), organisation=organisation, requester=PersonId(requester)
    )
    on = ticket(organisation="Acme")

    said = say("/resolve\n\nIt was the fuse.", on, House(tickets={8: part}))

    ended = said.deed.others[8].ticket
    assert ended.state is State.RESOLVED
    assert ended.resolution.startswith(told) if told else ended.resolution == ""


def test_a_duplicate_waits_for_the_other() -> None:
    said = say("/dup 8", house=House(tickets={8: ticket(8)}))

    assert fields(said, "state", "wait_reason") == (State.WAITING, "duplicate")
    assert said.deed.change.events[0].data["relation"] == "duplicate-of"


@pytest.mark.parametrize(
    ("line", "relation"),
    [
        ("/link #8", "relates"),
        ("/link blocks #8", "blocks"),
        ("/link blocked-by #8", "blocked-by"),
        ("/link follow 8", "follow-up-of"),
    ],
)
def test_link_says_how(line: str, relation: str) -> None:
    [event] = say(line, house=House(tickets={8: ticket(8)})).deed.change.events

    assert (event.kind, event.data["relation"]) == (EventKind.LINKED, relation)


def test_circles_are_refused() -> None:
    house = House(tickets={8: ticket(8)}, circles={(7, 8)})

    for line in ("/link blocks #8", "/parent #8", "/dup #8"):
        assert "a circle" in say(line, house=house).messages


def test_parent_and_child_are_said_from_either_side() -> None:
    house = House(tickets={8: ticket(8)})

    assert fields(say("/parent #8", house=house), "parent") == (8,)
    assert fields(say("/link parent 8", house=house), "parent") == (8,)
    assert say("/link child 8", house=house).deed.others[8].ticket.parent == 7
    assert fields(say("/parent none", ticket(parent=TicketNumber(8))), "parent") == (None,)


def test_unlink_ends_whatever_there_was() -> None:
    link = Link(a=TicketNumber(8), relation=Relation.BLOCKS, b=TicketNumber(7))
    house = House(tickets={8: ticket(8)}, links_=[link])
    below = House(tickets={8: ticket(8)})

    [event] = say("/unlink #8", house=house).deed.change.events
    assert (event.kind, event.data["relation"]) == (EventKind.UNLINKED, "blocked-by")
    assert fields(say("/unlink 8", ticket(parent=TicketNumber(8)), below), "parent") == (None,)


def test_split_wants_a_new_ticket() -> None:
    assert say('/split "Second matter"').deed.wishes.split == ["Second matter"]


def test_tasks_are_added_done_and_skipped() -> None:
    open_ = Task(ticket=TicketNumber(7), number=1, title="order")
    said = say(
        '/task "install it" @bo due fri\n/task call @network\n/done 1\n/skip 3 not needed',
        house=House(tasks_=[open_]),
    )

    told = [event.data for event in said.deed.change.events]
    assert [(one["task"], one["what"]) for one in told] == [
        (2, "added"), (3, "added"), (1, "done"), (3, "skipped"),
    ]  # fmt: skip
    assert (told[0]["title"], told[0]["owner"]) == ("install it", "bo")
    assert told[0]["due_at"] == datetime(2026, 3, 6, 17, tzinfo=UTC).isoformat()
    assert (told[1]["title"], told[1]["team"]) == ("call", "network")


def test_a_task_ends_once() -> None:
    done = Task(ticket=TicketNumber(7), number=1, title="order", state=TaskState.DONE)

    assert "is done already" in say("/done 1", house=House(tasks_=[done])).messages


def test_rate_keeps_stars_and_words() -> None:
    said = say("/rate 2 slow\nVery slow.", RESOLVED, speaker=REQUESTER)

    assert fields(said, "csat", "csat_comment", "state") == (2, "slow\nVery slow.", State.RESOLVED)
    assert said.deed.wishes.is_rating
    assert "not resolved yet" in say("/rate 5", speaker=REQUESTER).messages
    late = say("/rate 5", CLOSED, speaker=REQUESTER)
    assert "more than 14 days" in late.messages


def test_a_requester_changes_his_own_fields() -> None:
    said = say("/urgency high\n/type request\n/lang de", speaker=REQUESTER)

    assert fields(said, "urgency", "type", "language") == ("high", Type.REQUEST, "de")
    assert said.deed.wishes.own == {"language": "de"}


def test_away_and_digest_are_wishes_of_ones_own() -> None:
    away = say("/away until 2026-03-09", speaker=REQUESTER).deed.wishes.own

    assert away == {"away_until": datetime(2026, 3, 9, 9, tzinfo=UTC)}
    assert say("/away off").deed.wishes.own == {"away_until": None}
    assert say("/digest off").deed.wishes.own == {"digest": False}


def test_answers_are_lists_in_the_readers_language() -> None:
    korean = replace(REQUESTER, language="ko")
    [mine] = say("/mine", speaker=korean).deed.wishes.reports
    [status] = say("/status", ticket(owner="bo"), speaker=korean).deed.wishes.reports

    assert mine.title == "진행 중인 요청"
    assert mine.rows[0][:2] == ("#7", "처리 중")
    assert status.lines[0] == "#7: 처리 중"
    assert "담당: Bo Berg" in status.lines


def test_show_history_and_queue_answer() -> None:
    house = House(letters_=[HIS], tasks_=[Task(ticket=TicketNumber(7), number=1, title="order")])
    first = kept(say("/pri P1\n/task call", house=house), house)

    shown = say("/show", first, house).deed.wishes.reports
    [history] = say("/history", first, house).deed.wishes.reports
    [queue] = say("/queue all", first, house).deed.wishes.reports

    assert "priority: P1" in shown[0].lines
    assert shown[-1].lines == ("Which printer?",)
    assert history.rows[0][2] == "priority P4 → P1, priority reason /pri by ann (/pri)"
    assert queue.rows[0][0] == "#7"


def test_find_tells_what_the_desk_found_for_whoever_asks() -> None:
    [by_words] = say("/find Printer").deed.wishes.reports
    [own] = say("/find owner:ann").deed.wishes.reports
    [nothing] = say("/find nothing").deed.wishes.reports

    assert [len(report.rows) for report in (by_words, own, nothing)] == [1, 1, 0]


@pytest.mark.parametrize(
    ("query", "words"), [("", "/find what"), ("wrong", "unknown field 'wrong'")]
)
def test_a_query_with_a_mistake_is_told(query: str, words: str) -> None:
    assert words in say(f"/find {query}").messages


def test_help_is_asked() -> None:
    assert say("/help").deed.wishes.help == ""
    assert say("/help assign").deed.wishes.help == "assign"


def test_undo_takes_the_last_command_mail_back_everywhere() -> None:
    house = House(tickets={8: ticket(8, parent=TicketNumber(7))})
    before = ticket(state=State.NEW)
    house.tickets[7] = before
    after = kept(say("/resolve\n/tag +x\n/task call", before, house), house)

    said = say("/undo", after, house)

    assert fields(said, "state", "tags", "resolved_at") == (State.NEW, (), None)
    assert said.deed.others[8].ticket.state is State.OPEN
    assert said.deed.change.events[-1].kind is EventKind.UNDONE
    assert [event.data.get("what") for event in said.deed.change.events[:1]] == ["skipped"]
    assert "stay sent" in said.deed.wishes.reports[0].lines[-1]


def test_undo_is_refused_when_something_came_after_or_it_is_late() -> None:
    house = House()
    after = kept(say("/pri P1", house=house), house, mail_id=1)
    late = say("/undo", after, house, at=NOW + timedelta(hours=25))
    answer = replace(house.events[-1], seq=99, kind=EventKind.MESSAGE, mail_id=2, actor="person:3")
    house.events.append(answer)

    assert "24 hours ago" in late.messages
    assert "something came after it" in say("/undo", after, house).messages


def test_undo_is_not_for_another_persons_commands() -> None:
    house = House()
    kept(say("/pri P1", house=house), house)

    assert "agent:ann's" in say("/undo", house=house, speaker=REQUESTER).messages


def test_undo_does_not_close_a_ticket_that_a_split_opened() -> None:
    house = House()
    said = say("/note x", house=house)
    said.deed.record(EventKind.LINKED, relation="relates", ticket=8, why="/split")
    after = kept(said, house)

    assert "#8, which it opened, stays" in say("/undo", after, house).messages


def test_ok_finds_the_last_refusal_that_was_not_done() -> None:
    house = House()
    said = say("Hello", house=house)
    said.deed.record(EventKind.REFUSED, lines=["x"], corrected=["/take"])
    held = kept(said, house)

    assert say("/ok", held, house).deed.wishes.release == 2
    said.deed.record(EventKind.RELEASED, refused=2)
    house.events.append(said.deed.change.events[-1])
    assert "nothing of yours is held" in say("/ok", held, house).messages


def test_a_house_without_macros_has_none_to_say() -> None:
    """The rest of ``/macro`` is in test_macro.py."""
    assert "there are no macros here" in say("/macro reset").messages


def test_every_verb_is_tried_here() -> None:
    source = open(__file__, encoding="utf-8").read()  # noqa: SIM115, PTH123

    for verb in every.VERBS:
        assert f"/{verb.name}" in source, verb.name


def test_the_ticket_is_the_sum_of_its_events() -> None:
    said = say("/take\n/pri P1\n/wait vendor until fri\n/tag +a\n/due +3d\n/spent 5\n/major\nHi")

    folded = said.deed.change.before
    for event in said.deed.change.events:
        folded = evolve(folded, event)
    assert folded == said.ticket
    assert folded.requester == CAROL
