"""A desk under measurement: its real processes in a folder of its own, in either layout."""

from __future__ import annotations

import contextlib
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from daemon.configuration import load
from daemon.settings import Settings
from daemon.store.engine import Store
from tests.servers import postgres, redis
from tests.servers.ports import free_port, is_listening
from tests.servers.process import as_user, wait_until

ADDRESS = "help@desk.test"
_STOP_SECONDS = 60.0
_T = TypeVar("_T")

_CONFIG = """\
addresses = ["{address}"]
data_dir = "{home}/data"
database_url = "{database_url}"
broker_url = "{broker_url}"
{rules}
[smtp]
listen = ["127.0.0.1:{port}"]
[delivery]
smarthost = "{smarthost}"
{delivery}
[limits]
connections = 500
connections_per_peer = 500
commands = 100000000
[log]
format = "json"
{more}
"""


class Program:
    """One ``postdesk`` process that can be killed and started again."""

    def __init__(self, name: str, words: Sequence[str], log: Path) -> None:
        self.name, self._words, self._log = name, words, log
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Begin; does not wait until it serves."""
        command = [sys.executable, "-P", "-m", "scripts.postdesk", *self._words]
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [*as_user(None), *command],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    @property
    def is_running(self) -> bool:
        """Whether it was started and has not ended."""
        return self._process is not None and self._process.poll() is None

    @property
    def pids(self) -> list[int]:
        """Its process and the children of that, the first first."""
        if self._process is None or self._process.poll() is not None:
            return []
        return [self._process.pid, *children(self._process.pid)]

    @property
    def log(self) -> str:
        """What it has written."""
        return self._log.read_text(errors="replace") if self._log.exists() else ""

    def kill(self) -> None:
        """``kill -9`` of the process itself; its children are left to themselves."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    def ask_to_stop(self) -> None:
        """SIGTERM."""
        if self._process is not None:
            with contextlib.suppress(ProcessLookupError):
                self._process.send_signal(signal.SIGTERM)

    def wait(self, seconds: float = _STOP_SECONDS) -> int | None:
        """Its exit code; None when it had to be killed."""
        if self._process is None:
            return None
        try:
            return self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.kill()
            return None


def children(pid: int) -> list[int]:
    """The child processes of a process."""
    try:
        text = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii")
    except OSError:
        return []
    return [int(word) for word in text.split()]


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """The processes of one desk, and where to reach it."""

    home: Path
    port: int
    config: Path
    programs: tuple[Program, ...]
    redis: redis.Redis | None = None
    postgres: postgres.Postgres | None = None

    @property
    def settings(self) -> Settings:
        """What it is configured to."""
        return load(self.config)

    def start(self) -> None:
        """Start all, and return when mail can be handed in."""
        for program in self.programs:
            program.start()
        wait_until(self.is_serving, seconds=60, what=f"the desk in {self.home}")

    def is_serving(self) -> bool:
        """Whether all run and somebody listens; raises with the log when one has ended."""
        for program in self.programs:
            if not program.is_running:
                raise RuntimeError(f"postdesk {program.name} has ended:\n{program.log[-4000:]}")
        return is_listening(self.port)

    def stop(self) -> None:
        """End all in good order."""
        for program in self.programs:
            program.ask_to_stop()
        for program in self.programs:
            program.wait()

    @property
    def pids(self) -> dict[int, str]:
        """Every process of the desk, and its name."""
        return {
            pid: program.name if number == 0 else process_name(pid)
            for program in self.programs
            for number, pid in enumerate(program.pids)
        }

    @contextmanager
    def store(self) -> Iterator[Store]:
        """The desk's database, for looking."""
        store = Store(self.settings.store_url)
        try:
            yield store
        finally:
            store.close()


def process_name(pid: int) -> str:
    """The sub-command that a process of ours runs; empty when it is gone."""
    try:
        words = Path(f"/proc/{pid}/cmdline").read_text(encoding="utf-8").rstrip("\0").split("\0")
    except OSError:
        return ""
    return words[-1]


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Which desk to build: its store, its broker, its processes, what the configuration adds."""

    store: str = "sqlite"
    broker: str = "local"
    #: Sub-commands; a number after a colon is how many of it.
    programs: tuple[str, ...] = ("run",)
    smarthost: str = ""
    #: Files of the rules by name; default the shipped ones.
    rules: Mapping[str, str] = field(default_factory=dict)
    #: More keys of ``[delivery]``.
    delivery: str = ""
    #: More tables of the configuration.
    more: str = ""
    #: Where it lives; default a temporary folder.
    home: Path | None = None
    servers: tuple[object, ...] = field(default=(), repr=False)


@contextmanager
def build(plan: Plan) -> Iterator[Layout]:
    """A desk by the plan with servers of its own, not started; everything is gone afterwards."""
    with ExitStack() as stack:
        home = plan.home or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="desk-")))
        database = _of(plan, postgres.Postgres)
        if plan.store == "postgresql" and database is None:
            database = stack.enter_context(postgres.running())
        broker = _of(plan, redis.Redis)
        if plan.broker == "redis" and broker is None:
            broker = stack.enter_context(redis.running())
        layout = _layout(plan, home, database, broker)
        try:
            yield layout
        finally:
            layout.stop()


def _of(plan: Plan, kind: type[_T]) -> _T | None:
    return next((server for server in plan.servers if isinstance(server, kind)), None)


def _layout(
    plan: Plan, home: Path, database: postgres.Postgres | None, broker: redis.Redis | None
) -> Layout:
    port, config = free_port(), home / "postdesk.toml"
    config.write_text(
        _CONFIG.format(
            address=ADDRESS,
            home=home,
            database_url=database.create_database() if database else "",
            broker_url=broker.url if broker else "local://",
            rules=_rules(plan, home),
            port=port,
            smarthost=plan.smarthost,
            delivery=plan.delivery,
            more=plan.more,
        ),
        encoding="utf-8",
    )
    programs = tuple(
        Program(name, ["--config", str(config), name], home / f"{name}-{number}.log")
        for name, _, times in (word.partition(":") for word in plan.programs)
        for number in range(int(times or 1))
    )
    return Layout(
        home=home,
        port=port,
        config=config,
        programs=programs,
        redis=broker,
        postgres=database,
    )


def _rules(plan: Plan, home: Path) -> str:
    """The line of the configuration that names the plan's own rules, once they are written."""
    if not plan.rules:
        return ""
    folder = home / "rules"
    folder.mkdir(exist_ok=True)
    for name, text in plan.rules.items():
        (folder / name).write_text(text, encoding="utf-8")
    return f'rules_dir = "{folder}"'
