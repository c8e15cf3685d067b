"""The keys that sign reply addresses, Message-IDs and return paths: one a line, newest first."""

from __future__ import annotations

import contextlib
import os
import secrets
from pathlib import Path

from daemon.errors import SettingsError
from daemon.mail.address import Keys
from daemon.settings import Settings

_KEY_BYTES = 32


def secret_keys(settings: Settings) -> Keys:
    """The keys, one made at first start. Raises SettingsError.

    A key is replaced by writing a new one above it; the old one goes when no thread needs it.
    """
    path = settings.secret_key_file
    if path is None:
        credential = Path(os.environ.get("CREDENTIALS_DIRECTORY", "/nonexistent")) / "secret.key"
        path = credential if credential.exists() else settings.data_dir / "secret.key"
    try:
        if not path.exists():
            _make_key(path)
        keys = tuple(map(bytes.fromhex, path.read_text(encoding="ascii").split()))
    except OSError as err:
        raise SettingsError(f"secret_key_file: {path}: {err.strerror}") from err
    except ValueError as err:
        raise SettingsError(f"secret_key_file: {path} does not hold hexadecimal digits") from err
    if not keys or min(map(len, keys)) < _KEY_BYTES:
        raise SettingsError(f"secret_key_file: {path} holds a key of less than {_KEY_BYTES} bytes")
    return keys


def _make_key(path: Path) -> None:
    """Whole or not at all, whoever else makes it at the same time."""
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(secrets.token_hex(_KEY_BYTES) + "\n")
        file.flush()
        os.fsync(file.fileno())
    with contextlib.suppress(FileExistsError):
        os.link(draft, path)
    draft.unlink()
