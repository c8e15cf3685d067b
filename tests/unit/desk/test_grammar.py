"""Where commands stand in a mail, what is text, what is a mistake, and for whom."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daemon.desk.verbs import every
from daemon.desk.verbs.block import Writing
from daemon.desk.verbs.catalogue import VALUES, VERBS, verb_names
from daemon.desk.verbs.grammar import Reader
from daemon.desk.verbs.speaker import Role
from daemon.mail.reply import marker
from tests.unit.desk.house import AGENT, NOW, REQUESTER, WATCHER, read

OUTLOOK = """\
From: Help Desk <help@desk.test>
Sent: Monday, 2 March 2026 09:00
To: Ann Agent <ann@desk.test>
Subject: [#7] Printer

"""
MARKER = f"{marker(7, 'en')}\n\n"


def _names(answer: str) -> list[str]:
    return [command.verb.name for command in read(answer).commands]


@pytest.mark.parametrize(
    ("answer", "names", "text"),
    [
        ("Hello", [], "Hello"),
        ("/take\nHello", ["take"], "Hello"),
        ("/TAKE  \n\nHello", ["take"], "Hello"),
        ("/take\n\n/pri p2\n\nHello", ["take", "pri"], "Hello"),
        ("/take\n\n\n/pri p2", ["take"], "/pri p2"),
        ("\ufeff/take\nHello", ["take"], "Hello"),
        ("/assign Network\n/resolve\nDone", ["assign", "resolve"], "Done"),
        ("/res\nDone", ["resolve"], "Done"),
        ("/해결\n고쳤습니다", ["resolve"], "고쳤습니다"),
        ("/LÖSEN behoben\nFertig", ["resolve"], "Fertig"),
        ("/note\nFor us", ["note"], "For us"),
        ("/note He is wrong\nagain", ["note"], "He is wrong\nagain"),
        ("/note for us\n/resolve", ["note"], "for us\n/resolve"),
        (" /resolve", [], "/resolve"),
        ("\t/resolve", [], "/resolve"),
        ("> /resolve", [], "> /resolve"),
        ("```\n/resolve\n```", [], "```\n/resolve\n```"),
        ("/etc/passwd is broken", [], "/etc/passwd is broken"),
        ("/home is full", [], "/home is full"),
        ("/ is full", [], "/ is full"),
        # the last block, when nothing follows the own text
        ("Done\n/resolve", ["resolve"], "Done"),
        ("Done\n\n/resolve\n/tag +x", ["resolve", "tag"], "Done"),
        ("Done\n/resolve\n-- \nAnn", ["resolve"], "Done"),
        (f"Done\n/resolve\n\n{MARKER}Carol wrote", ["resolve"], "Done"),
        (f"Done\n/resolve\n\n{OUTLOOK}{MARKER}Carol", ["resolve"], "Done"),
        (f"/take\nDone\n/resolve\n{MARKER}", ["take"], "Done\n/resolve"),
        ("Look:\n```\n/resolve", [], "Look:\n```\n/resolve"),
    ],
)
def test_commands_are_the_first_block_or_the_last(answer: str, names: list[str], text: str) -> None:
    orders = read(answer)

    assert ([one.verb.name for one in orders.commands], orders.text) == (names, text)
    assert orders.mistakes == ()


@pytest.mark.parametrize(
    "answer",
    [
        # the end of the own text is not certain
        "Done\n/resolve\n> quoted",
        f"Done\n\n{OUTLOOK}Carol wrote\n/resolve",
        "Done\n\nVon: x@y.test\nBetreff: z\n\nHallo\n/resolve",
        "Done\n\nFrá: Jón <jon@x.test>\nSent: í dag\n\nhalló\n/resolve",
        "Done\n\nOn Monday Carol <carol@acme.test> wrote:\nhello\n/resolve",
        "FYI\n\n-------- Forwarded Message --------\nhello\n/resolve",
        "FYI\n\n________________________________\nhello\n/resolve",
        "Done\n-- \nAnn\n/resolve",
        f"> hello\n/resolve\n{MARKER}",
        "│ /take\n/resolve",
    ],
)
def test_what_may_be_somebody_elses_never_commands(answer: str) -> None:
    assert read(answer).commands == ()


def test_words_of_another_part_of_the_mail_never_command() -> None:
    writing = Writing(whole="Done\n/resolve", own="Done\n/resolve", is_one_part=False)

    assert Reader(speaker=AGENT, now=NOW, zone=NOW.tzinfo).read(writing).commands == ()  # type: ignore[arg-type]


def test_a_mail_that_begins_with_a_quotation_has_no_first_block() -> None:
    assert _names("> please help\n\n/resolve\n\nDone\nbye") == []


def test_an_agents_command_below_a_quotation_is_refused_and_not_sent() -> None:
    orders = read("On Monday Carol wrote:\n> please help\n\n/take\n/resolve\nDone\n/bye")

    assert [mistake.line for mistake in orders.mistakes] == ["/take", "/resolve"]
    assert "at the very top" in orders.mistakes[0].message
    assert (orders.commands, orders.text) == ((), "Done\n/bye")
    assert orders.corrected(orders.mistakes) == ()


@pytest.mark.parametrize(
    ("answer", "words", "instead"),
    [
        ("/resovle\nDone", "no such command", "/resolve"),
        ("/resovle fixed\nDone", "no such command", "/resolve fixed"),
        ("/assign netwrok", 'no team or agent "netwrok"', "/assign network"),
        ("/assign", "/assign whom?", ""),
        ("/assign zz", "Teams: network, desk. Agents: ann, bo.", ""),
        ("/take now", "/take has no words after it", "/take"),
        ("/resolve fixd", "fixed, workaround", "/resolve fixed"),
        ("/take\n/frobnicate\nText", "no such command", ""),
        ("/re", "/re can be /resolve, /reopen", ""),
        ("/rate 5", "/rate is for requesters", ""),
    ],
)
def test_an_agents_mistake_is_named_and_put_right(answer: str, words: str, instead: str) -> None:
    [mistake] = read(answer).mistakes

    assert words in mistake.message
    assert mistake.instead == instead


def test_the_corrected_block_is_offered_whole_or_not_at_all() -> None:
    good = read("/resovle fixed\n/tag +x\n/assign netwrok\nDone")
    bad = read("/resovle fixed\n/assign zz\nDone")

    assert good.corrected(good.mistakes) == ("/resolve fixed", "/tag +x", "/assign network")
    assert bad.corrected(bad.mistakes) == ()


@pytest.mark.parametrize(
    ("answer", "text"),
    [
        ("/resolve\nIt burns", "/resolve\nIt burns"),
        ("/assign ann\nIt burns", "/assign ann\nIt burns"),
        ("/urgency very\nIt burns", "/urgency very\nIt burns"),
        ("/xyzzy", "/xyzzy"),
    ],
)
def test_a_requesters_unusable_lines_stay_text(answer: str, text: str) -> None:
    orders = read(answer, REQUESTER)

    assert (orders.commands, orders.text, orders.mistakes) == ((), text, ())


def test_a_colleague_in_copy_cannot_end_the_requesters_ticket() -> None:
    assert read("/close", WATCHER).commands == ()
    assert [one.verb.name for one in read("/mute", WATCHER).commands] == ["mute"]


def test_every_name_is_one_verbs_in_every_language() -> None:
    names = [name for verb in every.VERBS for name in verb_names(verb.name)]

    assert len(names) == len(set(names))
    for language in VERBS:
        assert set(VERBS[language]) == {verb.name for verb in every.VERBS}


def test_every_value_has_one_meaning() -> None:
    words = [word for values in VALUES.values() for word in values.values()]

    assert len(words) == len(set(words))


@pytest.mark.parametrize("name", [verb.name for verb in every.VERBS])
def test_every_verb_is_found_by_its_name(name: str) -> None:
    for role in Role:
        [found] = every.named(name, role)
        assert found.name == name


@given(st.text())
def test_any_answer_is_read(answer: str) -> None:
    orders = read(answer)

    assert all(line in answer.replace("\u00a0", " ") for line in orders.lines)
