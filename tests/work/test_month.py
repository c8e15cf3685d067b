"""A month in which workers die and the time jumps: everything is told once, in its minute.

``python -m scripts.chaos month --tickets 2000`` is the same at full size.
"""

from __future__ import annotations

from pathlib import Path

from scripts.chaos.month import Month
from scripts.chaos.month_verdict import verdict


def test_a_month_of_deaths_naps_and_jumps_tells_everything_once(tmp_path: Path) -> None:
    month = Month(tmp_path, seed=4)

    month.run(60)

    assert verdict(month) == []
    assert month.store.deaths > 20
    assert month.naps > 3
    assert month.jumps > 10
    assert len(month.oracle.told) > 200
