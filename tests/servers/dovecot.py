"""A real Dovecot with its own folder: any user name logs in with the one password."""

from __future__ import annotations

import getpass
import imaplib
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.servers.ports import free_port
from tests.servers.process import Process, as_user, folder

PASSWORD = "sesam-öffne-dich"

_CONFIG = """\
base_dir = {home}/run
state_dir = {home}/state
log_path = {home}/dovecot.log
protocols = imap
listen = 127.0.0.1
default_internal_user = {internal}
default_internal_group = {group}
default_login_user = {login}
mail_home = {home}/mail/%u
mail_location = maildir:~/Maildir
mail_uid = {owner}
mail_gid = {group_of_owner}
first_valid_uid = 1
first_valid_gid = 1
mail_fsync = never
disable_plaintext_auth = no
auth_mechanisms = plain login xoauth2 oauthbearer
auth_failure_delay = 0
auth_verbose = yes
mail_max_userip_connections = 1000
ssl = yes
ssl_cert = <{home}/certificate.pem
ssl_key = <{home}/key.pem
ssl_dh =
{oauth}
passdb {{
  driver = static
  args = password={{plain}}{password}
}}
userdb {{
  driver = static
  args = uid={owner} gid={group_of_owner} home={home}/mail/%u
}}
namespace inbox {{
  inbox = yes
}}
service auth {{
  client_limit = 2000
}}
service anvil {{
  chroot =
  # Its penalty makes wrong passwords wait, whoever has sent them.
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
service imap-login {{
  chroot =
  process_min_avail = 1
  service_count = 0
  inet_listener imap {{
    address = 127.0.0.1
    port = {port}
  }}
  inet_listener imaps {{
    address = 127.0.0.1
    port = {tls_port}
    ssl = yes
  }}
}}
service imap {{
  service_count = 0
  process_min_avail = 1
}}
service stats {{
  chroot =
}}
{more}
"""

_OAUTH = """\
passdb {{
  driver = oauth2
  mechanisms = xoauth2 oauthbearer
  args = {home}/oauth2.conf
}}
"""

_INTROSPECTION = """\
introspection_url = {url}
introspection_mode = post
force_introspection = yes
active_attribute = active
active_value = true
username_attribute = username
timeout_msecs = 5000
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Dovecot:
    """A running server; ``process`` stops and starts it again with its mail."""

    port: int
    tls_port: int
    home: Path
    process: Process

    @property
    def certificate(self) -> Path:
        """Its self-signed certificate: the authority to trust."""
        return self.home / "certificate.pem"

    @property
    def log(self) -> str:
        """What it has written."""
        path = self.home / "dovecot.log"
        return path.read_text(errors="replace") if path.exists() else ""

    def maildir(self, user: str) -> Path:
        """Where a user's mail lies."""
        return self.home / "mail" / user / "Maildir"


@contextmanager
def running(*, introspection_url: str = "", more: str = "") -> Iterator[Dovecot]:
    """A Dovecot of one's own; with an introspection URL it takes OAuth2 tokens too."""
    port, tls_port = free_port(), free_port()
    with folder("dovecot") as home:
        home.chmod(0o755)
        _configure(home, port=port, tls_port=tls_port, url=introspection_url, more=more)
        command = ["dovecot", "-F", "-c", str(home / "dovecot.conf")]
        process = Process(command, log=home / "start.log", ready=lambda: _answers(port))
        with process:
            yield Dovecot(port=port, tls_port=tls_port, home=home, process=process)


def _configure(home: Path, *, port: int, tls_port: int, url: str, more: str) -> None:
    is_root = os.geteuid() == 0
    me, group = getpass.getuser(), str(os.getegid())
    (home / "mail").mkdir()
    if is_root:
        shutil.chown(home / "mail", "nobody", "nogroup")
    _certify(home)
    if url:
        (home / "oauth2.conf").write_text(_INTROSPECTION.format(url=url))
    text = _CONFIG.format(
        home=home,
        port=port,
        tls_port=tls_port,
        password=PASSWORD,
        internal="dovecot" if is_root else me,
        group="dovecot" if is_root else group,
        login="dovenull" if is_root else me,
        owner="nobody" if is_root else me,
        group_of_owner="nogroup" if is_root else group,
        oauth=_OAUTH.format(home=home) if url else "",
        more=more,
    )
    (home / "dovecot.conf").write_text(text)


def _certify(home: Path) -> None:
    """A key and a certificate for the loopback, signed by itself."""
    subprocess.run(
        [
            *as_user(None), "openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes",
            "-keyout", str(home / "key.pem"), "-out", str(home / "certificate.pem"),
            "-days", "2", "-subj", "/CN=localhost",
            "-addext", "subjectAltName=IP:127.0.0.1,DNS:localhost",
        ],
        capture_output=True, timeout=60, check=True,
    )  # fmt: skip


def _answers(port: int) -> bool:
    try:
        with imaplib.IMAP4("127.0.0.1", port, timeout=5) as client:
            return client.noop()[0] == "OK"
    except (OSError, imaplib.IMAP4.error):
        return False
