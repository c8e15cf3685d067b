"""How well a mail system proves its senders, learnt from the mails that came."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from daemon.passwords import hashed
from daemon.settings import Settings
from scripts import check_authority
from scripts.verdict import Level, Verdict
from tests.servers import names
from tests.work.conftest import Work

RECEIVED = "Received: from o (o [192.0.2.7]) by mx.desk.test with ESMTPS; Mon\r\n"
RESULTS = "Authentication-Results: mx.desk.test; {}\r\n"
MAIL = "From: carol@acme.test\r\nSubject: Chair\r\n\r\nBroken.\r\n"
DMARC = "dmarc=pass header.from=acme.test"


def verdicts(work: Work, *mails: str, **authority: Any) -> list[Verdict]:
    """What is said after these mails."""
    for number, raw in enumerate(mails):
        work.arrive(raw.encode(), key=f"mail {number}")
    settings = Settings.model_validate({"authority": authority})
    return list(check_authority.judge(settings, check_authority.learn(settings, work.store)))


@pytest.mark.parametrize(
    ("mails", "authority", "level", "words"),
    [
        ([MAIL], {}, Level.WARNING, "rspamd, OpenDMARC"),
        ([MAIL], {"verify_dkim": True}, Level.OK, "DKIM, verified here"),
        (
            [RESULTS.format(DMARC) + RECEIVED + MAIL, MAIL],
            {},
            Level.WARNING,
            'authority.authserv_id = "mx.desk.test"',
        ),
        (
            [RESULTS.format(DMARC).replace("mx.desk.test", "Desk") + RECEIVED + MAIL],
            {},
            Level.WARNING,
            'authserv_id = "Desk" and own_mx = "mx.desk.test"',
        ),
        ([], {"authserv_id": "mx.desk.test"}, Level.OK, "no mail has come yet"),
        (
            [RESULTS.format(DMARC) + RECEIVED + MAIL, MAIL],
            {"authserv_id": "mx.desk.test"},
            Level.OK,
            "1 of the last 2 mails",
        ),
        (
            [RESULTS.format("spf=pass smtp.mailfrom=acme.test") + RECEIVED + MAIL],
            {"authserv_id": "mx.desk.test"},
            Level.WARNING,
            "check DMARC",
        ),
        (
            [RESULTS.format(DMARC) + RECEIVED + MAIL],
            {"authserv_id": "mx.other.test"},
            Level.WARNING,
            "seen: mx.desk.test, by mx.desk.test",
        ),
        # A sender's own words teach nothing.
        ([RECEIVED + RESULTS.format(DMARC) + MAIL], {}, Level.WARNING, "nothing here proves"),
    ],
)
def test_admin_is_told_what_proves_and_what_to_switch_on(
    work: Work, mails: list[str], authority: dict[str, Any], level: Level, words: str
) -> None:
    [verdict] = verdicts(work, *mails, **authority)

    assert verdict.level is level
    assert words in f"{verdict.message} {verdict.advice}"


def _all(tmp_path: Path, **tree: Any) -> list[Verdict]:
    return list(
        check_authority.authority(Settings.model_validate({"data_dir": tmp_path / "none", **tree}))
    )


def test_trusting_every_from_is_a_problem(tmp_path: Path) -> None:
    mode = {"mode": "trust-from", "relays": ["10.0.0.0/8"]}

    [verdict] = _all(tmp_path, authority=mode)

    assert verdict.level is Level.PROBLEM
    assert "10.0.0.0/8" in verdict.message


def test_dns_that_does_not_answer_is_a_problem(tmp_path: Path) -> None:
    with names.running() as server:
        asked = {"verify_dkim": True, "resolver": server.address}
        [good] = _all(tmp_path, authority=asked)
        server.is_failing = True
        [bad] = _all(tmp_path, authority=asked)

    assert (good.level, bad.level) == (Level.OK, Level.PROBLEM)


def test_login_of_nobody_is_named(tmp_path: Path) -> None:
    rules = tmp_path / "rules"
    rules.mkdir()
    (rules / "people.yaml").write_text(
        "agents:\n  ann: {full_name: Ann, addresses: [ann@desk.test]}\n"
    )
    path = tmp_path / "passwords"
    path.write_text(f"ann:{hashed('long enough', b's' * 16)}\n")
    tree = {"rules_dir": str(rules), "submission": {"passwords_file": str(path)}}
    [known] = _all(tmp_path, **tree)
    path.write_text(path.read_text() + f"gone:{hashed('long enough', b's' * 16)}\n")
    [stranger] = _all(tmp_path, **tree)

    assert known.level is Level.OK
    assert stranger.level is Level.WARNING
    assert "gone" in stranger.message
