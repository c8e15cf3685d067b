"""The register of sets of rules: what the desk's processes agree by, in the store."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from daemon.clock import Clock
from daemon.store import rulesets
from daemon.store.engine import Store
from daemon.store.rulesets import KeptSet


class Rulebook:
    """Every set that was ever in force; the one that was entered last is."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store, self._clock = store, clock

    def latest(self) -> str:
        """The version in force; empty before the first."""
        with self._store.read() as tx:
            return rulesets.latest(tx)

    def files(self, version: str) -> Mapping[str, str] | None:
        """What the files of a version said, if it ever was in force."""
        kept = self._get(version)
        return kept.files if kept else None

    def entered_at(self, version: str) -> datetime | None:
        """When a version last came into force."""
        kept = self._get(version)
        return kept.in_force_at if kept else None

    def enter(self, version: str, files: Mapping[str, str]) -> None:
        """From now on this version counts."""
        kept = KeptSet(version=version, in_force_at=self._clock.now(), files=files)
        with self._store.begin() as tx:
            rulesets.put_in_force(tx, kept)

    def _get(self, version: str) -> KeptSet | None:
        with self._store.read() as tx:
            return rulesets.get(tx, version)
