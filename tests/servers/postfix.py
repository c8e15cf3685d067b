"""A real Postfix that hands the desk's mail to an LMTP listener and everything else to a smarthost.

It has its own configuration, queue and log; it must be started by root, as every Postfix.
"""

from __future__ import annotations

import os
import shutil
import smtplib
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.servers.ports import free_port
from tests.servers.process import Process, as_user, folder

_MAIN = """\
compatibility_level = 3.6
queue_directory = {home}/queue
data_directory = {home}/data
command_directory = /usr/sbin
daemon_directory = /usr/lib/postfix/sbin
maillog_file = {home}/mail.log
maillog_file_prefixes = {home}
mail_owner = postfix
setgid_group = postdrop
myhostname = mta.{domain}
mydestination = {domain}
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
mynetworks = 127.0.0.0/8
alias_maps =
alias_database =
local_recipient_maps =
local_transport = lmtp:inet:127.0.0.1:{lmtp_port}
relayhost = {relayhost}
default_transport = {default}
smtp_tls_security_level = none
smtp_dns_support_level = disabled
smtp_host_lookup = native
smtputf8_enable = yes
biff = no
queue_run_delay = 1s
minimal_backoff_time = 1s
maximal_backoff_time = 2s
lmtp_connect_timeout = 5s
message_size_limit = 52428800
"""

_MASTER = """\
127.0.0.1:{port} inet n - n - 20 smtpd
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
smtp unix - - n - - smtp
relay unix - - n - - smtp
showq unix n - n - - showq
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
lmtp unix - - n - - lmtp
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Postfix:
    """A running MTA; mail for ``domain`` goes to the LMTP listener."""

    port: int
    domain: str
    process: Process
    home: Path

    @property
    def url(self) -> str:
        """Its listener, as a smarthost."""
        return f"smtp://127.0.0.1:{self.port}"

    @property
    def log(self) -> str:
        """What it has written about its deliveries."""
        path = self.home / "mail.log"
        return path.read_text(errors="replace") if path.exists() else ""

    @property
    def queue(self) -> str:
        """What waits in it, a JSON object a line."""
        return _postfix(self.home, "postqueue", "-j").stdout


@contextmanager
def running(
    *, lmtp_port: int = 1, domain: str = "desk.test", smarthost_port: int | None = None
) -> Iterator[Postfix]:
    """A Postfix of one's own; without a smarthost it discards what is not for the domain."""
    if os.geteuid() != 0:
        raise PermissionError("Postfix can be started by root only: run these tests as root")
    port = free_port()
    with folder("postfix") as home:
        home.chmod(0o755)
        _configure(home, port=port, lmtp_port=lmtp_port, domain=domain, smarthost=smarthost_port)
        # "postfix start" leaves its master in a session of its own, out of reach of a kill.
        command = ["/usr/lib/postfix/sbin/master", "-c", str(home), "-d"]
        env = {"MAIL_CONFIG": str(home)}
        log = home / "start.log"
        with Process(command, log=log, ready=lambda: _answers(port), env=env) as process:
            yield Postfix(port=port, domain=domain, process=process, home=home)


def _configure(
    home: Path, *, port: int, lmtp_port: int, domain: str, smarthost: int | None
) -> None:
    (home / "queue").mkdir()
    (home / "data").mkdir()
    shutil.chown(home / "data", "postfix", "postfix")
    relayhost, default = (f"[127.0.0.1]:{smarthost}", "smtp") if smarthost else ("", "discard")
    settings = {"home": home, "lmtp_port": lmtp_port, "domain": domain}
    (home / "main.cf").write_text(_MAIN.format(relayhost=relayhost, default=default, **settings))
    (home / "master.cf").write_text(_MASTER.format(port=port))
    # Makes the folders of the queue.
    result = _postfix(home, "postfix", "check")
    if result.returncode:
        raise RuntimeError(f"postfix check failed:\n{result.stdout}{result.stderr}")


def _postfix(home: Path, program: str, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*as_user(None), program, "-c", str(home), *words],
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip


def _answers(port: int) -> bool:
    try:
        with smtplib.SMTP("127.0.0.1", port, local_hostname="tests", timeout=5) as client:
            return client.noop()[0] == 250
    except (OSError, smtplib.SMTPException):
        return False
