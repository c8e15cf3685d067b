"""Mail out without a smarthost: into a Maildir, for trying the desk and for tests."""

from __future__ import annotations

import os
from pathlib import Path

from daemon.errors import Unreachable
from daemon.store.outbox import Leased


class Maildir:
    """The way out into a folder. Delivering the same mail again changes nothing."""

    is_open = True

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def open(self) -> None:
        """Be there. Raises Unreachable."""
        try:
            for name in ("tmp", "new", "cur"):
                (self._folder / name).mkdir(parents=True, exist_ok=True)
        except OSError as err:
            raise Unreachable(f"{self._folder}: {err.strerror}") from err

    def send(self, mail: Leased) -> str:
        """Write, sync, rename, sync the folder: there or not there, never half."""
        name = f"{mail.id:010}.postdesk"
        try:
            path = self._folder / "tmp" / name
            with path.open("wb") as file:
                file.write(mail.raw.replace(b"\r\n", b"\n"))
                file.flush()
                os.fsync(file.fileno())
            path.rename(self._folder / "new" / name)
            folder = os.open(self._folder / "new", os.O_RDONLY)
            try:
                os.fsync(folder)
            finally:
                os.close(folder)
        except OSError as err:
            raise Unreachable(f"{self._folder}: {err.strerror}") from err
        return f"250 written to {self._folder.name}/new/{name}"

    def close(self) -> None:
        """Nothing is kept open."""
