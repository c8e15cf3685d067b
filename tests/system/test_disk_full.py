"""A disk that is full: 452 and no loss, and work again as soon as there is room.

The disk is a small one of the desk's own, in a mount namespace that ends with it.
"""

from __future__ import annotations

import smtplib
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.servers.desk import mail
from tests.servers.ports import free_port, is_listening
from tests.servers.process import folder, wait_until

_MEGABYTES = 24
_MOUNTED = f'mount -t tmpfs -o size={_MEGABYTES}m tmpfs "$1" && shift && exec "$@"'
_CONFIG = """\
addresses = ["help@desk.test"]
data_dir = "{disk}"
[smtp]
listen = ["127.0.0.1:{port}"]
"""


@contextmanager
def _desk(port: int) -> Iterator[Path]:
    """A desk whose data and log are on a disk of 24 MB; yields the disk, seen from outside."""
    with folder("full") as home:
        disk, config = home / "disk", home / "postdesk.toml"
        disk.mkdir()
        config.write_text(_CONFIG.format(disk=disk, port=port), encoding="utf-8")
        command = [sys.executable, "-P", "-m", "scripts.postdesk", "--config", str(config), "run"]
        shell = ["sh", "-c", f'{_MOUNTED} 2>"$0/log"', str(disk), str(disk), *command]
        process = subprocess.Popen(["unshare", "--user", "--map-root-user", "--mount", *shell])
        try:
            wait_until(lambda: is_listening(port), seconds=60, what="the desk on its small disk")
            yield Path(f"/proc/{process.pid}/root{disk}")
        finally:
            process.terminate()
            process.wait(30)


def _offer(port: int, number: int) -> int:
    raw = mail(f"user{number}@acme.test", f"Matter {number}", "It is broken.\n" * 300)
    with smtplib.SMTP("127.0.0.1", port, timeout=60) as smtp:
        try:
            smtp.sendmail(f"user{number}@acme.test", ["help@desk.test"], bytes(raw))
        except smtplib.SMTPResponseException as err:
            return err.smtp_code
    return 250


def _fill(disk: Path) -> Path:
    file = disk / "fill"
    with file.open("wb", buffering=0) as out:
        for size in (1 << 16, 1 << 12):
            try:
                while True:
                    out.write(b"\0" * size)
            except OSError:
                continue
    return file


def _sent(disk: Path) -> int:
    return sum(1 for _ in disk.glob("outgoing/new/*"))


def test_a_full_disk_refuses_for_now_loses_nothing_and_recovers() -> None:
    port = free_port()
    with _desk(port) as disk:
        before = [_offer(port, number) for number in range(3)]
        fill = _fill(disk)
        meanwhile = [_offer(port, number) for number in range(3, 13)]
        fill.unlink()
        wait_until(lambda: _offer(port, 99) == 250, seconds=60, what="a 250 with room again")
        accepted = before.count(250) + meanwhile.count(250) + 1
        what = f"{accepted} acknowledgements"
        wait_until(lambda: _sent(disk) >= accepted, seconds=60, what=what)

        assert before == [250, 250, 250]
        assert 452 in meanwhile
        assert set(meanwhile) <= {250, 451, 452}
        assert _sent(disk) == accepted
