"""The rules in force: reloaded when their files change, never replaced by bad ones.

With a register all processes agree: whoever sees a change of its files enters the new set there,
and everybody takes what was entered last.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from threading import Event, Lock, Thread
from typing import Protocol, TypeVar

import structlog

from daemon.clock import Clock, SystemClock
from daemon.errors import PostdeskError
from workers.rules.kept import keep, last_good
from workers.rules.load import load, locate
from workers.rules.ruleset import RuleSet, RulesInvalid, read_kept

#: Seconds between two looks at the files.
LOOK_EVERY = 2.0

_Told = TypeVar("_Told")
#: What tells that a file has changed: path, time of change, size, inode.
_Stamp = tuple[str, int, int, int]


class Register(Protocol):
    """What all processes of the desk agree by; the store keeps it."""

    def latest(self) -> str:
        """The version in force; empty before the first."""
        ...

    def files(self, version: str) -> Mapping[str, str] | None:
        """What the files of a version said, if it ever was in force."""
        ...

    def entered_at(self, version: str) -> datetime | None:
        """When a version last came into force."""
        ...

    def enter(self, version: str, files: Mapping[str, str]) -> None:
        """From now on this version counts."""
        ...


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
        register: Register | None = None,
    ) -> None:
        """Read the rules. Raises RulesInvalid when they are bad and no good set was ever kept.

        ``kept`` is the folder in which the last good set outlives the process; ``register`` is
        what the desk's processes agree by.

        ``on_bad`` is called once for each bad content, in a thread of its own: whoever asked for
        the rules may be in the middle of a transaction.
        """
        self._rules_dir, self._log, self._on_bad = rules_dir, log, on_bad
        self._monotonic = (clock or SystemClock()).monotonic
        self._lock = Lock()
        self._is_wanted = False
        #: A version in the register that this program does not understand.
        self._foreign = ""
        #: The contents that on_bad was called for since the last good ones.
        self._told: set[str] = set()
        self._stamps = self._look()
        self._next_look = self._monotonic() + LOOK_EVERY
        self._kept, self._register = kept, register
        #: Set while a new set of ours is being entered: until then the register is behind.
        self._is_entering = Event()
        self._rules = self._first()
        if register:
            self._agree_at_start(register)

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
        elif self._register and not self._is_entering.is_set():
            self._follow(self._register)

    def _load(self) -> None:
        try:
            rules = load(self._rules_dir)
        except RulesInvalid as err:
            self._refuse(err)
            return
        self._told.clear()
        if rules.version != self._rules.version:
            self._put_in_force(rules)
            self._keep(rules)
            if self._register:
                self._is_entering.set()
                Thread(target=self._enter, args=(self._register, rules), name="rules").start()

    def _put_in_force(self, rules: RuleSet) -> None:
        self._log.info("rules_loaded", version=rules.version, was=self._rules.version)
        self._rules = rules

    def _agree_at_start(self, register: Register) -> None:
        """Files that changed since the last set was entered are news; others are old ones."""
        latest = self._told_by(register.latest)
        if latest == self._rules.version:
            return
        entered_at = self._told_by(lambda: register.entered_at(latest)) if latest else None
        is_known = self._told_by(lambda: register.files(self._rules.version)) is not None
        changed_at = datetime.fromtimestamp(max(stamp[1] for stamp in self._stamps) / 1e9, UTC)
        if entered_at and is_known and changed_at <= entered_at:
            self._follow(register)
        else:
            self._enter(register, self._rules)

    def _follow(self, register: Register) -> None:
        """Another process entered a set: take it, unless this program does not understand it."""
        latest = self._told_by(register.latest)
        if not latest or latest in {self._rules.version, self._foreign}:
            return
        files = self._told_by(lambda: register.files(latest))
        try:
            rules = read_kept(files or {})
        except RulesInvalid as err:
            self._foreign = latest
            self._log.warning("rules_not_understood", version=latest, error=str(err))
        else:
            self._put_in_force(rules)

    def _enter(self, register: Register, rules: RuleSet) -> None:
        """In a thread of its own, as whoever asked may be in the middle of a transaction."""
        try:
            register.enter(rules.version, rules.by_name)
        except PostdeskError as err:
            self._log.warning("rules_not_entered", version=rules.version, error=str(err))
        finally:
            self._is_entering.clear()

    def _told_by(self, ask: Callable[[], _Told]) -> _Told | None:
        """What the register says; nothing while the store is away."""
        try:
            return ask()
        except PostdeskError as err:
            self._log.warning("rules_register_away", error=str(err))
            return None

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
