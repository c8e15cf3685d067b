"""A short run of what ``python -m scripts.chaos`` does at length."""

from __future__ import annotations

import pytest

from scripts.chaos.run import Options, run

_RUNS = {
    "sqlite": Options(kills=12, seed=1),
    "postgresql-redis": Options(kills=8, store="postgresql", broker="redis", seed=2),
}


@pytest.mark.parametrize("options", _RUNS.values(), ids=_RUNS)
def test_killed_desk_loses_and_doubles_nothing(options: Options) -> None:
    report = run(options)

    assert sum(report.killer.kills.values()) == options.kills
    assert report.mails > options.kills
    assert report.findings == (), "\n".join(report.lines)
