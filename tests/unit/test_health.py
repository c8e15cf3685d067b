"""What a monitor is told, as Prometheus reads it."""

from __future__ import annotations

import re

from daemon.health import exposition
from daemon.store.counts import Counts

COUNTS = Counts(
    inbox={"received": 0, "held": 2},
    outbox={"queued": 1234567},
    tickets={"new": 3},
    overdue={"inbox": 1.5},
    mailboxes={'a"b\\c\nd/INBOX': True, "office/INBOX": False},
)


def test_exposition_is_one_sample_a_line_below_its_type() -> None:
    lines = exposition(COUNTS, 2**40).splitlines()

    sample = re.compile(r'postdesk_[a-z_]+(?:\{[a-z]+="(?:[^"\\]|\\.)*"\})? [0-9.e+]+')
    assert all(line.startswith("# ") or sample.fullmatch(line) for line in lines)
    assert 'postdesk_inbox_mails{state="held"} 2.0' in lines
    assert 'postdesk_outbox_mails{state="queued"} 1234567.0' in lines
    assert 'postdesk_overdue_seconds{table="inbox"} 1.5' in lines
    assert 'postdesk_mailbox_in_error{mailbox="office/INBOX"} 0.0' in lines
    assert 'postdesk_mailbox_in_error{mailbox="a\\"b\\\\c\\nd/INBOX"} 1.0' in lines
    assert f"postdesk_disk_free_bytes {2**40}" in lines
    assert lines.index("# TYPE postdesk_tickets gauge") + 1 == lines.index(
        'postdesk_tickets{state="new"} 3.0'
    )
