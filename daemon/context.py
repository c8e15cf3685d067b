"""The one object that is passed: what every shell of the desk needs."""

from __future__ import annotations

from dataclasses import dataclass

import structlog

from daemon.bell import Bell
from daemon.clock import Clock
from daemon.mail.address import Keys
from daemon.settings import Settings
from daemon.store.engine import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """Collaborators of a process, made once by the composition root."""

    settings: Settings
    clock: Clock
    store: Store
    log: structlog.typing.FilteringBoundLogger
    ring: Bell
    #: What reply addresses, Message-IDs and return paths are signed with.
    keys: Keys
