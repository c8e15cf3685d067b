"""Rules are reloaded when they change; bad ones never replace good ones."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
import structlog
from structlog.testing import capture_logs

from daemon.clock import FixedClock
from daemon.errors import StoreBusy
from tests.unit.rules.conftest import Write
from workers.rules.load import RulesInvalid
from workers.rules.source import RuleSource

_GOOD = "rules: [{name: a, when: always, set: {service: %s}}]"


def _service(source: RuleSource) -> str:
    return str(source.current().routing.rules[0].sets[0][1])


def _wait(claim: Callable[[], bool]) -> None:
    end = time.monotonic() + 10
    while not claim():
        assert time.monotonic() < end
        threading.Event().wait(0.005)


class _Watched:
    """A source over a folder, with a clock that the test moves."""

    def __init__(self, write: Write, on_bad: Callable[[RulesInvalid], None] | None = None) -> None:
        self.told: list[RulesInvalid] = []
        self.clock = FixedClock(datetime(2026, 1, 1, tzinfo=UTC))
        folder = write(routing=_GOOD % "one")
        log = structlog.get_logger()
        self.source = RuleSource(folder, log, on_bad or self.told.append, clock=self.clock)

    def later(self) -> RuleSource:
        self.clock.advance(timedelta(seconds=2))
        return self.source


def test_changed_file_is_in_force_after_two_seconds(write: Write) -> None:
    watched = _Watched(write)

    write(routing=_GOOD % "another")

    assert _service(watched.source) == "one"
    assert _service(watched.later()) == "another"


def test_file_that_goes_away_gives_way_to_the_shipped_one(write: Write) -> None:
    watched = _Watched(write)

    (write() / "routing.yaml").unlink()

    assert watched.later().current().routing.rules[0].ref.name == "security"


def test_reload_does_not_wait(write: Write) -> None:
    watched = _Watched(write)
    write(routing=_GOOD % "another")

    watched.source.reload()

    assert _service(watched.source) == "another"


def test_bad_set_keeps_the_last_good_one_and_is_told_once(write: Write) -> None:
    watched = _Watched(write)
    version = watched.source.current().version

    write(routing="rules: [{name: a, wehn: always}]")
    with capture_logs() as logs:
        for _ in range(3):
            watched.source.reload()
            assert watched.source.current().version == version
            assert _service(watched.later()) == "one"

    _wait(lambda: len(watched.told) == 1)
    bad = [entry for entry in logs if entry["event"] == "rules_bad"]
    assert len(bad) == len(watched.told[0].errors) == 2
    assert {(entry["line"], entry["column"]) for entry in bad} == {(1, 9), (1, 19)}
    assert "did you mean 'when'?" in {entry["expected"] for entry in bad}


def test_other_bad_contents_are_told_again_and_so_are_the_same_after_good_ones(
    write: Write,
) -> None:
    watched = _Watched(write)
    bad, worse = "rules: [1]", "rules: [1, 2]"

    for number, text in enumerate((bad, worse, bad, _GOOD % "two", bad)):
        write(routing=text)
        watched.source.reload()
        expected = "two" if number >= 3 else "one"
        assert _service(watched.source) == expected

    _wait(lambda: len(watched.told) == 3)
    assert len({err.version for err in watched.told}) == 2


def test_mended_file_is_in_force_again(write: Write) -> None:
    watched = _Watched(write)
    write(routing="rules: [")
    assert _service(watched.later()) == "one"

    write(routing=_GOOD % "mended")

    assert _service(watched.later()) == "mended"


def test_failure_to_tell_is_logged_and_stops_nobody(write: Write) -> None:
    def fail(err: RulesInvalid) -> None:
        raise StoreBusy("locked")

    watched = _Watched(write, fail)
    write(routing="rules: [")

    with capture_logs() as logs:
        assert _service(watched.later()) == "one"
        _wait(lambda: any(entry["event"] == "rules_bad_untold" for entry in logs))


def test_bad_set_at_the_start_is_refused(write: Write) -> None:
    told: list[RulesInvalid] = []
    folder = write(routing="rules: [")

    with pytest.raises(RulesInvalid):
        RuleSource(folder, structlog.get_logger(), told.append)

    assert told == []


def test_many_threads_see_one_of_the_sets_and_in_the_end_the_new_one(write: Write) -> None:
    watched = _Watched(write)
    seen: set[str] = set()
    stop = threading.Event()

    def ask() -> None:
        while not stop.is_set():
            seen.add(_service(watched.source))

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    write(routing=_GOOD % "another")
    watched.source.reload()
    _wait(lambda: "another" in seen)
    stop.set()
    for thread in threads:
        thread.join()

    assert seen <= {"one", "another"}
    assert _service(watched.source) == "another"
