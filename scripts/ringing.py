"""Which bell reaches the workers of this desk from another process."""

from __future__ import annotations

from daemon.bell import Bell
from scripts.processes import Process
from workers.doorway import SocketBell


def bell_to_workers(process: Process) -> Bell:
    """To the workers of this machine, or through the broker, which only then is loaded."""
    settings = process.settings
    if settings.has_local_broker:
        return SocketBell(settings.data_dir).ring
    from workers import broker
    from workers.bells import BrokerBell

    return BrokerBell(broker.make(settings.broker_url, process.log), process.log).ring
