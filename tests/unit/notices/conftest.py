"""A desk to write from."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from daemon.errors import TemplateError
from daemon.settings import Settings
from workers.notices.compose import compose
from workers.notices.identity import DeskIdentity
from workers.notices.notice import Composed, Notice
from workers.notices.render import Renderer

KEY = (b"k" * 32,)


def fail(err: TemplateError) -> None:
    raise AssertionError(err)


@pytest.fixture(scope="session")
def desk() -> DeskIdentity:
    return DeskIdentity.of(settings(), KEY)


def settings(**keys: object) -> Settings:
    known = {"name": "IT 헬프데스크", "addresses": ("help@example.org",), "timezone": "Asia/Seoul"}
    return Settings.model_validate({**known, **keys})


@pytest.fixture(scope="session")
def renderer(desk: DeskIdentity) -> Renderer:
    return Renderer(settings(), desk, fail)


@pytest.fixture(scope="session")
def write(renderer: Renderer, desk: DeskIdentity) -> Callable[[Notice], Composed]:
    return lambda notice: compose(notice, renderer.render(notice), desk)
