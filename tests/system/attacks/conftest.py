"""One running desk for the attacks of a file, all seen from outside."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator

import pytest

from tests.servers import desk as desks
from tests.servers import sink as sinks
from tests.system.attacks.scene import MX, PEOPLE_WITH_DEE, ROUTING, Scene


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    """A desk whose mail server writes Authentication-Results."""
    folder = tmp_path_factory.mktemp("attacks")
    paths = {"cert": str(folder / "cert.pem"), "key": str(folder / "key.pem")}
    subprocess.run(
        [
            *("openssl", "req", "-x509", "-nodes", "-days", "2", "-newkey", "ec"),
            *("-pkeyopt", "ec_paramgen_curve:prime256v1", "-subj", "/CN=localhost"),
            *("-addext", "subjectAltName=DNS:localhost"),
            *("-out", paths["cert"], "-keyout", paths["key"]),
        ],
        check=True,
        capture_output=True,
    )
    more = {
        "POSTDESK_AUTHORITY__AUTHSERV_ID": MX,
        "POSTDESK_SMTP__TLS_CERTIFICATE": paths["cert"],
        "POSTDESK_SMTP__TLS_KEY": paths["key"],
        "POSTDESK_LIMITS__CONNECTIONS_PER_PEER": "60",
    }
    rules = {"people.yaml": PEOPLE_WITH_DEE, "routing.yaml": ROUTING}
    with sinks.running() as sink, desks.running(sink, more=more, rules=rules) as desk:
        yield Scene(desk=desk, folder=folder)
        print(desk.log)  # shown by pytest only beside a failure
