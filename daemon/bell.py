"""The doorbell: what the daemon rings after a commit. A lost ring costs latency, nothing else."""

from __future__ import annotations

from collections.abc import Callable

#: Called with a job's name and a row's id. Never raises, never blocks.
Bell = Callable[[str, int], None]


def silent(job: str, row_id: int) -> None:
    """A bell for tools that leave the ringing to the relay."""
