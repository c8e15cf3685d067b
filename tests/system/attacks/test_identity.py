"""The attacks of the threat model on who is who, each on a running desk."""

from __future__ import annotations

import pytest

from tests.system.attacks.identity import ATTACKS
from tests.system.attacks.scene import Attack, Scene


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: f"{attack.number}-{attack.title}")
def test_attack(scene: Scene, attack: Attack) -> None:
    attack.play(scene)
