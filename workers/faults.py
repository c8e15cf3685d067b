"""Templates that could not be used, until an admin has been told."""

from __future__ import annotations

import hashlib
import threading
from pathlib import Path

from daemon.errors import TemplateError


class Faults:
    """Filled where notices are written, emptied where admins are told; for many threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._found: dict[str, TemplateError] = {}

    def add(self, fault: TemplateError) -> None:
        """Somebody must be told of this."""
        with self._lock:
            self._found[_key(fault)] = fault

    def take(self) -> dict[str, TemplateError]:
        """What nobody took before: each fault by what makes it one, in every process."""
        if not self._found:
            return {}
        with self._lock:
            found, self._found = self._found, {}
        return found


def _key(fault: TemplateError) -> str:
    """The same for the same fault in the same version of a file."""
    try:
        changed = Path(fault.path).stat().st_mtime_ns
    except OSError:
        changed = 0
    return hashlib.sha256(f"{fault}\n{changed}".encode()).hexdigest()[:16]
