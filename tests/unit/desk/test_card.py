"""The reference page and the answer to ``/help`` are made of the same table."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

from daemon.desk.verbs import every
from daemon.desk.verbs.card import explain, reference
from daemon.desk.verbs.speaker import Role
from tests.unit.desk.house import AGENT, REQUESTER, read, ticket

DOCS = Path(__file__).parents[3] / "docs"


def test_the_agents_page_has_the_table_as_it_is() -> None:
    assert reference(Role.AGENT) in (DOCS / "agents.md").read_text(encoding="utf-8")


def test_help_lists_what_the_page_lists() -> None:
    listed = {row[0]: row[1] for row in explain("all", AGENT, None).rows}

    usages = {verb.usage for verb in every.VERBS if Role.AGENT in verb.who}
    # A house without macros has nothing to say with it.
    assert set(listed) == usages - {"/macro NAME [WORD=…]"}
    for usage, meaning in listed.items():
        escaped = [part.replace("|", "\\|") for part in (usage, meaning)]
        assert f"`{escaped[0]}` | {escaped[1]} |" in reference(Role.AGENT)


def test_help_about_a_ticket_lists_what_is_legal_now() -> None:
    listed = {row[0] for row in explain("", AGENT, ticket()).rows}

    assert "/resolve [CODE]" in listed
    assert "/reopen" not in listed


def test_help_about_one_verb_names_it_in_the_readers_language() -> None:
    [row] = explain("assign", replace(AGENT, language="ko"), None).rows

    assert row[0].startswith("/assign NAME")
    assert row[2] == "/배정"


def test_every_command_of_the_requesters_page_is_one() -> None:
    page = (DOCS / "requesters.md").read_text(encoding="utf-8")
    lines = re.findall(r"`(/[^`]+)`", page)

    assert len(lines) >= 10
    for line in lines:
        orders = read(line, REQUESTER)
        assert orders.commands, line
        assert not orders.text


def test_the_requesters_page_has_ten_lines() -> None:
    page = (DOCS / "requesters.md").read_text(encoding="utf-8")

    assert len(re.findall(r"^\d+\. ", page, re.MULTILINE)) == 10
