"""The key that signs reply addresses, Message-IDs and return paths."""

from __future__ import annotations

import contextlib
import os
import secrets
from pathlib import Path

from daemon.errors import SettingsError
from daemon.settings import Settings

_KEY_BYTES = 32


def secret_key(settings: Settings) -> bytes:
    """The key that signs addresses; made at first start. Raises SettingsError."""
    path = settings.secret_key_file
    if path is None:
        credential = Path(os.environ.get("CREDENTIALS_DIRECTORY", "/nonexistent")) / "secret.key"
        path = credential if credential.exists() else settings.data_dir / "secret.key"
    try:
        if not path.exists():
            _make_key(path)
        key = bytes.fromhex(path.read_text(encoding="ascii").strip())
    except OSError as err:
        raise SettingsError(f"secret_key_file: {path}: {err.strerror}") from err
    except ValueError as err:
        raise SettingsError(f"secret_key_file: {path} does not hold hexadecimal digits") from err
    if len(key) < _KEY_BYTES:
        raise SettingsError(f"secret_key_file: {path} holds less than {_KEY_BYTES} bytes")
    return key


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
