"""What ``postdesk check`` looks at on this machine: folders, files, ports, packages."""

from __future__ import annotations

import errno
import os
import shutil
import socket
import stat
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.request import urlopen

from daemon.settings import Settings
from scripts.verdict import Verdict, ok, problem, warning

_LOW_PERCENT = 10
#: What our listeners say first; others add their program's name.
_GREETINGS = {"smtp": "ESMTP", "submission": "ESMTP", "lmtp": "LMTP"}
_SECRET_KEYS = ("password_file", "client_secret_file", "refresh_token_file")


def folder(settings: Settings) -> Iterator[Verdict]:
    """The data folder is there or can be made, is written to by us, and read by nobody else."""
    path = settings.data_dir
    if path.exists():
        yield from _owner(path) if _can_write(path) else [_unwritable(path)]
        return
    above = _nearest(path)
    if _can_write(above):
        yield ok("data folder", f"{path} will be made at the first start")
    else:
        yield problem(
            "data folder",
            f"{path} is not there and cannot be made in {above}",
            f"make it and give it to the desk's user: install -d -m 700 -o USER {path}",
        )


def _nearest(path: Path) -> Path:
    """The path, or the folder above it that is there."""
    return next(each for each in (path.absolute(), *path.absolute().parents) if each.exists())


def _can_write(folder: Path) -> bool:
    """Tried, because permissions alone tell nothing of a disk that is full or read-only."""
    try:
        with TemporaryDirectory(prefix=".postdesk-check-", dir=folder):
            return True
    except OSError:
        return False


def _unwritable(path: Path) -> Verdict:
    return problem(
        "data folder",
        f"{path} cannot be written to by user {os.geteuid()}",
        f"chown it to the user of the desk, or set data_dir; now it is {_mode(path)}",
    )


def _owner(path: Path) -> Iterator[Verdict]:
    found = path.stat()
    if found.st_mode & stat.S_IRWXO:
        yield warning(
            "data folder", f"{path} is open to every user ({_mode(path)})", f"chmod 700 {path}"
        )
    elif os.geteuid() == 0 and found.st_uid != 0:
        yield warning(
            "data folder",
            f"{path} belongs to user {found.st_uid}, and you are root: files that you make there"
            " the desk cannot write",
            "run the commands as the desk's user: runuser -u USER -- postdesk …",
        )
    else:
        yield ok("data folder", f"{path} can be written to")


def _mode(path: Path) -> str:
    found = path.stat()
    return f"mode {stat.S_IMODE(found.st_mode):o}, user {found.st_uid}"


def disk(settings: Settings) -> Iterator[Verdict]:
    """There is room for mail."""
    path = _nearest(settings.data_dir)
    usage = shutil.disk_usage(path)
    percent = 100 * usage.free // max(1, usage.total)
    free = f"{usage.free / 2**30:.1f} GiB free of {usage.total / 2**30:.1f} ({percent} %)"
    if percent < _LOW_PERCENT:
        yield warning("disk", f"only {free} at {path}", "a full disk means that mail is put off")
    else:
        yield ok("disk", free)


def secrets(settings: Settings, config: Path | None) -> Iterator[Verdict]:
    """Files of secrets are there and closed to other users."""
    found = 0
    for path in dict.fromkeys(_secret_files(settings, config)):
        if not path.exists():
            yield problem("secrets", f"{path} is not there", "make it, or take the key out")
        elif path.stat().st_mode & stat.S_IRWXO:
            yield problem("secrets", f"{path} can be read by every user", f"chmod o= {path}")
        else:
            found += 1
    yield ok("secrets", f"{found} file{'' if found == 1 else 's'} closed to others")


def _secret_files(settings: Settings, config: Path | None) -> Iterator[Path]:
    if config is not None and _holds_secrets(config):
        yield config
    key = settings.secret_key_file or settings.data_dir / "secret.key"
    # Made at the first start.
    if key.exists() or settings.secret_key_file:
        yield key
    for section in (settings.delivery, *settings.mailboxes, *(m.oauth for m in settings.mailboxes)):
        for name in _SECRET_KEYS:
            if path := getattr(section, name, None):
                yield path
    for path in (settings.smtp.tls_key, settings.submission.passwords_file):
        if path:
            yield path


def _holds_secrets(config: Path) -> bool:
    """True when a password stands in the configuration itself."""
    text = config.read_text(encoding="utf-8", errors="replace")
    lines = [line.strip() for line in text.splitlines() if not line.lstrip().startswith("#")]
    names = ("password", "client_secret", "refresh_token")
    urls = ("database_url", "broker_url")
    return any(
        line.partition("=")[0].strip() in names or (line.startswith(urls) and "@" in line)
        for line in lines
    )


def ports(settings: Settings) -> Iterator[Verdict]:
    """Where the desk listens is free, or taken by the desk itself."""
    wanted = [("smtp", each) for each in settings.smtp.listen]
    wanted += [("submission", each) for each in settings.submission.listen]
    wanted += [("lmtp", each) for each in settings.lmtp.listen]
    if settings.http.listen:
        wanted.append(("http", settings.http.listen))
    for protocol, address in wanted:
        if address.startswith("unix:"):
            yield _unix(protocol, Path(address.removeprefix("unix:")))
        else:
            yield _tcp(protocol, address, f"220 {_domain(settings)} {_GREETINGS.get(protocol)}")


def _domain(settings: Settings) -> str:
    return settings.address.rpartition("@")[2] or "localhost"


def _unix(protocol: str, path: Path) -> Verdict:
    if path.parent.is_dir() and os.access(path.parent, os.W_OK):
        return ok(protocol, f"the socket can be made at {path}")
    return problem(protocol, f"no socket can be made in {path.parent}", "make the folder writable")


def _tcp(protocol: str, address: str, greeting: str) -> Verdict:
    host, _, port = address.rpartition(":")
    host = host.strip("[]")
    if not port.isdigit():
        return problem(protocol, f"{address!r} is no address", "write host:port")
    try:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((host, int(port)))
    except OSError as err:
        return _refused(protocol, address, greeting, err)
    except OverflowError:
        return problem(protocol, f"there is no port {port}", "1 to 65535")
    return ok(protocol, f"{address} is free")


def _refused(protocol: str, address: str, greeting: str, err: OSError) -> Verdict:
    if err.errno == errno.EADDRINUSE:
        return _taken(protocol, address, greeting)
    if err.errno == errno.EACCES:
        return problem(
            protocol,
            f"user {os.geteuid()} may not listen on {address}",
            "use a port from 1024 upward, or systemd's socket unit",
        )
    return problem(protocol, f"cannot listen on {address}: {err.strerror}", "is it this machine's?")


def _taken(protocol: str, address: str, greeting: str) -> Verdict:
    host, _, port = address.rpartition(":")
    host = host.strip("[]")
    host = {"0.0.0.0": "127.0.0.1", "": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104
    is_ours = _is_our_page if protocol == "http" else _greets
    if is_ours(host, int(port), greeting):
        return ok(protocol, f"the desk listens on {address}")
    return problem(
        protocol,
        f"{address} is taken by another program",
        f"ss -ltnp 'sport = :{port}' tells by which; set {protocol}.listen to another one",
    )


def _is_our_page(host: str, port: int, _greeting: str) -> bool:
    try:
        with urlopen(f"http://{host}:{port}/healthz", timeout=5) as answer:
            return bool(answer.headers.get("Server") == "Postdesk")
    except (OSError, ValueError):
        return False


def _greets(host: str, port: int, greeting: str) -> bool:
    try:
        with socket.create_connection((host, port), timeout=5) as opened:
            return opened.recv(512).decode("utf-8", "replace").strip() == greeting
    except OSError:
        return False


def packages() -> Iterator[Verdict]:
    """Nobody else has put files into our packages: python-daemon, for one, is called daemon too."""
    owners = packages_distributions()
    for name in ("daemon", "workers", "scripts"):
        others = sorted({owner for owner in owners.get(name, []) if owner.lower() != "postdesk"})
        if others:
            yield problem(
                "packages",
                f"the package {name} belongs to {', '.join(others)} too",
                "install Postdesk into an environment of its own, as /opt/postdesk",
            )
            return
    yield ok("packages", "daemon, workers and scripts are ours alone")
