"""A listener on a free port for each test."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from daemon.settings import Settings
from tests.system.smtp.house import House, ListDoor, running


@pytest.fixture
def door() -> ListDoor:
    return ListDoor()


@pytest.fixture
def start(door: ListDoor) -> Iterator[Callable[..., House]]:
    """Start a listener of SMTP and LMTP with changed settings."""
    with ExitStack() as stack:

        def begin(*, loop: str = "uvloop", **changed: Any) -> House:
            tree: dict[str, Any] = {
                "smtp": {"listen": "127.0.0.1:0"},
                "lmtp": {"listen": "127.0.0.1:0"},
            }
            for name, value in changed.items():
                tree[name] = {**tree.get(name, {}), **value} if isinstance(value, dict) else value
            return stack.enter_context(running(Settings.model_validate(tree), door, loop=loop))

        yield begin


@pytest.fixture
def house(start: Callable[..., House]) -> House:
    return start()
