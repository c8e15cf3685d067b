"""The rules in force: reloaded when their files change, never replaced by bad ones."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from threading import Lock, Thread

import structlog

from daemon.clock import Clock, SystemClock
from daemon.errors import PostdeskError
from workers.rules.kept import keep, last_good
from workers.rules.load import RuleSet, RulesInvalid, load, locate

#: Seconds between two looks at the files.
LOOK_EVERY = 2.0

#: What tells that a file has changed: path, time of change, size, inode.
_Stamp = tuple[str, int, int, int]


class RuleSource:
    """Holds the last good set of rules; any thread may ask."""

    def __init__(
        self,
        rules_dir: Path | None,
        log: structlog.typing.FilteringBoundLogger,
        on_bad: Callable[[RulesInvalid], None],
        *,
        clock: Clock | None = None,
        kept: Path | None = None,
    ) -> None:
        """Read the rules. Raises RulesInvalid when they are bad and no good set was ever kept.

        ``kept`` is the folder in which the last good set outlives the process.

        ``on_bad`` is called once for each bad content, in a thread of its own: whoever asked for
        the rules may be in the middle of a transaction.
        """
        self._rules_dir, self._log, self._on_bad = rules_dir, log, on_bad
        self._monotonic = (clock or SystemClock()).monotonic
        self._lock = Lock()
        self._is_wanted = False
        #: The contents that on_bad was called for since the last good ones.
        self._told: set[str] = set()
        self._stamps = self._look()
        self._next_look = self._monotonic() + LOOK_EVERY
        self._kept = kept
        self._rules = self._first()

    def _first(self) -> RuleSet:
        try:
            rules = load(self._rules_dir)
        except RulesInvalid as err:
            kept = last_good(self._kept) if self._kept else None
            if kept is None:
                raise
            self._rules = kept
            self._refuse(err)
            return kept
        self._keep(rules)
        return rules

    def _keep(self, rules: RuleSet) -> None:
        if self._kept:
            keep(rules, self._kept)

    def current(self) -> RuleSet:
        """The rules in force; looks at the files now and then."""
        is_due = self._is_wanted or self._monotonic() >= self._next_look
        # Whoever finds the lock taken goes on with what there is.
        if is_due and self._lock.acquire(blocking=False):
            try:
                self._refresh()
            finally:
                self._lock.release()
        return self._rules

    def reload(self) -> None:
        """Read the files at the next ``current()``, changed or not. Safe in a signal handler."""
        self._is_wanted = True

    def _refresh(self) -> None:
        self._next_look = self._monotonic() + LOOK_EVERY
        is_wanted, self._is_wanted = self._is_wanted, False
        # Stamps first: what changes while we read differs from them at the next look.
        stamps = self._look()
        if is_wanted or stamps != self._stamps:
            self._stamps = stamps
            self._load()

    def _load(self) -> None:
        try:
            rules = load(self._rules_dir)
        except RulesInvalid as err:
            self._refuse(err)
            return
        self._told.clear()
        if rules.version != self._rules.version:
            self._log.info("rules_loaded", version=rules.version, was=self._rules.version)
            self._rules = rules
            self._keep(rules)

    def _refuse(self, err: RulesInvalid) -> None:
        if err.version in self._told:
            return
        self._told.add(err.version)
        for each in err.errors:
            self._log.warning(
                "rules_bad",
                path=each.path,
                line=each.line,
                column=each.column,
                problem=each.message,
                expected=each.hint,
                kept=self._rules.version,
            )
        Thread(target=self._tell, args=(err,), name="rules-bad").start()

    def _tell(self, err: RulesInvalid) -> None:
        try:
            self._on_bad(err)
        except PostdeskError as failure:
            self._log.error("rules_bad_untold", error=str(failure))

    def _look(self) -> frozenset[_Stamp]:
        paths = set(locate(self._rules_dir))
        if self._rules_dir:
            paths.add(self._rules_dir)
        return frozenset(map(_stamp, paths))


def _stamp(path: Path) -> _Stamp:
    try:
        stat = path.stat()
    except OSError:
        return str(path), 0, 0, 0
    return str(path), stat.st_mtime_ns, stat.st_size, stat.st_ino
