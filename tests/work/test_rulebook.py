"""All processes agree on one set of rules; a decision is explained by the set of its time."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import structlog
from click.testing import CliRunner, Result

from daemon.store import rulesets
from scripts.rules import command
from tests.servers.desk import mail
from tests.work.conftest import Work
from workers.rulebook import Rulebook
from workers.rules.source import RuleSource


def _folder(work: Work, name: str, service: str) -> Path:
    folder = work.folder / name
    folder.mkdir(exist_ok=True)
    rule = f"{{name: {service}, when: always, set: {{category: {service}}}}}"
    (folder / "routing.yaml").write_text(f"rules: [{rule}]")
    return folder


def _source(work: Work, folder: Path) -> RuleSource:
    register = Rulebook(work.store, work.clock)
    log = structlog.get_logger()
    return RuleSource(folder, log, lambda _: None, clock=work.clock, register=register)


def _rule(source: RuleSource) -> str:
    return source.current().routing.rules[0].ref.name


def _until(claim: Callable[[], bool]) -> None:
    end = time.monotonic() + 10
    while not claim():
        assert time.monotonic() < end
        time.sleep(0.005)


def test_change_that_one_process_sees_is_in_force_in_all(work: Work) -> None:
    here = _source(work, _folder(work, "here", "one"))
    there = _source(work, _folder(work, "there", "one"))
    work.clock.advance(timedelta(seconds=2))

    _folder(work, "here", "two")
    changed = here.current().version
    _until(lambda: Rulebook(work.store, work.clock).latest() == changed)
    work.clock.advance(timedelta(seconds=2))

    assert (_rule(here), _rule(there)) == ("two", "two")
    assert here.current().version == there.current().version
    work.clock.advance(timedelta(seconds=2))
    assert _rule(here) == "two"


def test_process_that_starts_with_old_files_takes_what_is_in_force(work: Work) -> None:
    old = _folder(work, "old", "one")
    _source(work, old)
    work.clock.advance(timedelta(days=365))
    _source(work, _folder(work, "new", "two"))
    long_ago = work.clock.now().timestamp() - 10**7
    for path in (old, *old.iterdir()):
        os.utime(path, (long_ago, long_ago))

    assert _rule(_source(work, old)) == "two"


def test_admin_who_goes_back_to_an_old_set_gets_it(work: Work) -> None:
    folder = _folder(work, "rules-of-old", "one")
    _source(work, folder)
    _folder(work, "rules-of-old", "two")
    _source(work, folder)
    _folder(work, "rules-of-old", "one")

    assert _rule(_source(work, folder)) == "one"


def test_every_set_that_was_in_force_is_kept(work: Work) -> None:
    folder = _folder(work, "kept", "one")
    versions = [_source(work, folder).current().version]
    _folder(work, "kept", "two")
    versions.append(_source(work, folder).current().version)

    with work.store.read() as tx:
        kept = [rulesets.get(tx, version) for version in versions]
    assert ["one" in each.files["routing.yaml"] if each else None for each in kept] == [True, False]


def _postdesk(work: Work, *words: str) -> Result:
    environ = {
        "POSTDESK_DATABASE_URL": work.store.url.render_as_string(hide_password=False),
        "POSTDESK_DATA_DIR": str(work.folder / "data"),
        "POSTDESK_RULES_DIR": str(work.folder / "rules"),
    }
    return CliRunner().invoke(command, words, obj=None, env=environ)


def test_ticket_is_explained_by_the_rules_of_its_time(work: Work) -> None:
    work.arrive(bytes(mail("carol@acme.test", "VPN down", "It is down.")))
    work.take_in()
    version = work.desk.rules.current().version
    (work.folder / "rules" / "routing.yaml").write_text("rules: []")
    work.desk.rules.reload()
    later = work.desk.rules.current().version
    _until(lambda: Rulebook(work.store, work.clock).latest() == later)

    result = _postdesk(work, "explain", "1")

    lines = result.output.splitlines()
    assert lines[0] == "#1 VPN down, opened 2026-03-02 09:00:00Z"
    assert lines[1] == f"rules {version}"
    assert lines[4].split() == (
        "routing.yaml:2 network FIRED team network, service network, category vpn".split()  # noqa: SIM905
    )
    assert result.exit_code == 0


def test_what_rules_did_later_is_explained_too(work: Work) -> None:
    (work.folder / "rules" / "automation.yaml").write_text(
        "rules: [{name: old, on: {after: 2d}, set: {tags: [old]}}]"
    )
    work.desk.rules.reload()
    work.arrive(bytes(mail("carol@acme.test", "Chair", "Broken.")))
    work.take_in()
    work.clock.advance(timedelta(days=2))
    work.ring()

    result = _postdesk(work, "explain", "#1")

    assert result.output.splitlines()[-1] == (
        "2026-03-04 09:00:00Z  automation.yaml:1  old: tags ['old']"
    )


def test_unknown_ticket_is_told(work: Work) -> None:
    assert "there is no ticket #7" in str(_postdesk(work, "explain", "7").exception)


def test_replay_shows_what_would_differ_and_touches_nothing(work: Work) -> None:
    for subject in ("VPN down", "Chair"):
        work.arrive(bytes(mail("carol@acme.test", subject, "It is broken.")))
    work.take_in()
    changed = work.folder / "changed"
    changed.mkdir()
    for name in ("people", "routing"):
        text = (work.folder / "rules" / f"{name}.yaml").read_text()
        (changed / f"{name}.yaml").write_text(text.replace("[vpn, network]", "[chair]"))

    result = _postdesk(work, "replay", "--since", "9999d", "--rules-dir", str(changed))
    same = _postdesk(work, "replay", "--since", "9999d")

    rows = [line.split() for line in result.output.splitlines()]
    assert rows[0][:3] == ["TICKET", "SUBJECT", "FIELD"]
    assert ["#1", "VPN", "down", "team", "network", "desk"] in rows
    assert ["#2", "Chair", "team", "desk", "network"] in rows
    assert result.output.splitlines()[-1] == "2 mails replayed, 2 tickets would differ"
    assert same.output == "2 mails replayed, no tickets would differ\n"
