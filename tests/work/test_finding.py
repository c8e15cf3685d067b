"""Queries: the database narrows down, the condition decides; both find the same."""

from __future__ import annotations

import json
from datetime import timedelta
from functools import partial

import pytest
from click.testing import CliRunner, Result

from daemon.store import search
from scripts.ticket import command
from tests.servers.desk import mail
from tests.work.conftest import Work
from workers import finding
from workers.rules.condition import Condition
from workers.rules.ruleset import RulesInvalid


@pytest.fixture
def full(work: Work) -> Work:
    """Three tickets: a VPN incident of two days ago, a chair, and one of a VIP."""
    work.arrive(bytes(mail("carol@acme.test", "VPN down", "It is down.")))
    work.take_in()
    work.clock.advance(timedelta(days=2))
    work.arrive(bytes(mail("carol@acme.test", "Chair", "Broken.")))
    work.arrive(bytes(mail("ceo@acme.test", "Desk", "Broken, too.")))
    work.take_in()
    work.clock.advance(timedelta(hours=1))
    return work


def _condition(work: Work, text: str, login: str = "") -> Condition:
    with work.store.read() as tx:
        index = partial(search.every, tx)
        return finding.condition_of(text, work.desk.rules.current(), index, login)


def _found(work: Work, text: str) -> list[int]:
    rules, now = work.desk.rules.current(), work.clock.now()
    condition = _condition(work, text, "ann")
    found = [listed.ticket.number for listed in finding.find(work.store, rules, condition, now)]
    with work.store.read() as tx:
        newest = finding.newest(tx, rules, condition, now)
    assert [ticket.number for ticket in newest] == found[::-1]
    return found


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("", [1, 2, 3]),
        ("team:network", [1]),
        ("-team:network", [2, 3]),
        ("type:incident state:new pri>=P4", [1, 2]),
        ("pri<=P3", [3]),
        ("vip:true", [3]),
        ("state:open,new team:desk", [2, 3]),
        ("age>2d", [1]),
        ("age<2h", [2, 3]),
        ("created>=2026-03-04", [2, 3]),
        ('"vpn"', [1]),
        ("chair", [2]),
        ("subject:desk,chair", [2, 3]),
        ("down", [1]),
        ("text:broken", [2, 3]),
        ('"broken, too"', [3]),
        ("-broken", [1]),
        ("broken -too", [2]),
        ("nowhere", []),
        ("owner:me", []),
        ("owner:none", [1, 2, 3]),
        ("-team:none pri:p3", [3]),
        ("type:장애 state:NEW", [1, 2, 3]),
        ("from:ceo@acme.test", [3]),
        ("org:acme due<8h", [1, 3]),
        ("reopened:0 service:network", [1]),
        ("owner:ann", []),
        ("impact:person urgency<high", [1, 2, 3]),
        ("idle>1bd", [1]),
    ],
)
def test_query_finds_what_it_asks_for(full: Work, text: str, numbers: list[int]) -> None:
    assert _found(full, text) == numbers


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("owner:me", "1:7: unknown owner 'me'"),
        ("stat:open", "1:1: unknown field 'stat' (did you mean 'state'?)"),
        ("state:oepn", "1:7: unknown state 'oepn' (did you mean 'open'?)"),
        ("team:desk team:netwrok", "1:16: unknown team 'netwrok' (did you mean 'network'?)"),
        ("team>desk", "1:1: 'team' cannot be asked with '>' (it takes is, in, exists)"),
        (
            "age>soon",
            "1:5: 'soon' is not a length of time (expected such as 30m, 4h, 2d, 1w, or in",
        ),
        ("pri<=P9", "1:6: unknown priority 'P9' (expected one of: P1, P2, P3, P4)"),
        ('a "b', "1:3: '\"b' is not understood (expected such as state:open, pri<=P2, age>2d, or"),
    ],
)
def test_mistake_in_a_query_names_its_column(work: Work, text: str, told: str) -> None:
    with pytest.raises(RulesInvalid) as caught:
        _condition(work, text)

    assert str(caught.value).startswith(f"query:{told}")


def test_list_takes_a_query(full: Work) -> None:
    environ = {
        "POSTDESK_DATABASE_URL": full.store.url.render_as_string(hide_password=False),
        "POSTDESK_DATA_DIR": str(full.folder / "data"),
        "POSTDESK_RULES_DIR": str(full.folder / "rules"),
    }

    def run(*words: str) -> Result:
        return CliRunner().invoke(command, ["list", "--json", *words], env=environ)

    assert json.loads(run("team:network", "pri<=P4").output)["number"] == 1
    wrong = run("tam:network")
    assert (wrong.exit_code, "query:1:1: unknown field 'tam'" in wrong.stderr) == (65, True)


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ("broken -org:none type:incident", "#2"),
        ("tam:network", "unknown field 'tam' (did you mean 'team'?)"),
        ("type>incident", "'type' cannot be asked with '>' (it takes is, in, exists)"),
    ],
)
def test_agent_asks_by_mail_in_the_same_words(full: Work, query: str, told: str) -> None:
    raw = bytes(mail("ann@desk.test", "Which?", f"/find {query}\n"))

    full.arrive(raw, sender="ann@desk.test")
    full.take_in()

    assert told in full.notices("ann@desk.test")[-1].text
