"""The log: it may fail, and nothing else fails with it."""

from __future__ import annotations

import io
import sys

import pytest

from daemon import log as logs


class _FullDisk(io.RawIOBase):
    """What the kernel says when there is no room."""

    def writable(self) -> bool:
        return True

    def write(self, _data: object) -> int:
        raise OSError(28, "No space left on device")


def test_a_log_on_a_full_disk_loses_lines_and_stops_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = io.TextIOWrapper(_FullDisk(), write_through=True)
    with pytest.raises(OSError, match="No space"):
        stream.write("a line\n")

    monkeypatch.setattr(sys, "stderr", stream)
    log = logs.configure("info", "json")

    log.error("not_stored", what="inbox")
    log.info("mail_taken_in", inbox_id=1)
