"""A real RabbitMQ server: own node, own ports, own port mapper."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pika
from pika.exceptions import AMQPError

from tests.servers.ports import free_port, is_listening
from tests.servers.process import Process, folder

_USER = "rabbitmq"
# The wrapper in PATH insists on the package's own environment; this one takes ours.
_SERVER = "/usr/lib/rabbitmq/bin/rabbitmq-server"


@dataclass(frozen=True, slots=True, kw_only=True)
class RabbitMQ:
    """A running server; ``process`` stops and starts it again with its durable queues."""

    port: int
    process: Process

    @property
    def url(self) -> str:
        """Its default virtual host, as the settings take it."""
        return f"amqp://guest:guest@127.0.0.1:{self.port}"


@contextmanager
def running() -> Iterator[RabbitMQ]:
    """A RabbitMQ server of one's own; it takes several seconds to start."""
    port, mapper = free_port(), free_port()
    with folder("rabbitmq", user=_USER) as home:
        env = _environment(home, port, mapper)
        # Ours, so that the node does not leave one of its own behind.
        mapping = Process(
            ["epmd", "-port", str(mapper), "-address", "127.0.0.1"],
            log=home / "epmd.log",
            ready=lambda: is_listening(mapper),
            user=_USER,
        )
        node = Process(
            [_SERVER],
            log=home / "node.log",
            ready=lambda: _answers(port),
            user=_USER,
            env=env,
            seconds=90,
        )
        with mapping, node:
            yield RabbitMQ(port=port, process=node)


def _environment(home: Path, port: int, mapper: int) -> dict[str, str]:
    (home / "rabbitmq.conf").write_text(
        "log.console = true\nlog.console.level = warning\nlog.file = false\n"
        # The machine may have little room; these tests need none.
        "disk_free_limit.absolute = 1MB\nvm_memory_high_watermark.absolute = 512MB\n"
    )
    (home / "none").write_text("")
    (home / "plugins").write_text("[].\n")
    for path in home.iterdir():
        path.chmod(0o644)
    return {
        "HOME": str(home),
        "ERL_EPMD_PORT": str(mapper),
        "ERL_EPMD_ADDRESS": "127.0.0.1",
        # Two schedulers: a node for tests must not take the machine.
        "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "+S 2:2 +sbwt none",
        "RABBITMQ_CONF_ENV_FILE": str(home / "none"),
        "RABBITMQ_CONFIG_FILE": str(home / "rabbitmq.conf"),
        "RABBITMQ_ENABLED_PLUGINS_FILE": str(home / "plugins"),
        "RABBITMQ_NODENAME": f"desk{port}@localhost",
        "RABBITMQ_NODE_IP_ADDRESS": "127.0.0.1",
        "RABBITMQ_NODE_PORT": str(port),
        "RABBITMQ_DIST_PORT": str(free_port()),
        "RABBITMQ_MNESIA_BASE": str(home / "mnesia"),
        "RABBITMQ_LOG_BASE": str(home / "log"),
        "RABBITMQ_PID_FILE": str(home / "pid"),
    }


def _answers(port: int) -> bool:
    if not is_listening(port):
        return False
    parameters = pika.ConnectionParameters(
        host="127.0.0.1", port=port, socket_timeout=5, blocked_connection_timeout=5
    )
    try:
        pika.BlockingConnection(parameters).close()
    except (AMQPError, OSError):
        return False
    return True
