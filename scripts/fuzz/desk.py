"""Damaged mails through a running desk: each is accepted, accounted for, and breaks nothing."""

from __future__ import annotations

import json
import smtplib
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from daemon.errors import StoreError
from scripts.bench import sink as sinks
from scripts.bench.desk import ADDRESS, Layout, Plan, build
from scripts.chaos import verify
from scripts.chaos.verify import Ledger
from scripts.fuzz.mutate import mutated
from tests.servers.process import folder, wait_until

ROOT = Path(__file__).parents[2]
_PROBE = (
    b"From: probe%d@probe.test\r\nSubject: Probe\r\n"
    b"Message-ID: <probe-%d@probe.test>\r\n\r\nHello.\r\n"
)
_PROBE_EVERY = 100
_PATIENCE_SECONDS = 600.0
#: Held by one of these the mail is accounted for; by anything else the code has a mistake.
_RIGHTLY_HELD = (
    "the mail's structure cannot be read",
    "the mail names no sender",
    "it was received",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What came out."""

    sent: int
    fates: Counter[str]
    seconds: float
    slowest_reply: float
    findings: tuple[str, ...]

    @property
    def lines(self) -> list[str]:
        """For a reader."""
        told = ", ".join(f"{count} {fate}" for fate, count in self.fates.most_common())
        head = f"{self.sent} mails in {self.seconds:.0f} s: {told}"
        slow = f"slowest answer of the door: {self.slowest_reply * 1000:.0f} ms"
        return [head, slow, *(self.findings or ("no finding",))]


def mails() -> list[bytes]:
    """What is damaged: the samples, and the corpus that the guided fuzzer left."""
    corpus = sorted((ROOT / "tests/unit/mail/corpus").glob("*"))
    samples = sorted((ROOT / "scripts/samples").glob("*.eml"))
    return [*(path.read_bytes() for path in samples), *(path.read_bytes()[1:] for path in corpus)]


def run(count: int, *, seed: int, originals: Sequence[bytes]) -> Report:
    """Send so many through a desk of its own, and count."""
    with folder("fuzz") as home, sinks.running(home) as sink:
        with build(Plan(smarthost=sink.url)) as layout:
            layout.start()
            began = time.monotonic()
            refused, slowest = _send(layout, list(mutated(originals, count, seed)))
            ledger = _settled(layout)
            seconds = time.monotonic() - began
            log = "".join(program.log for program in layout.programs)
        sent = count + count // _PROBE_EVERY
        return Report(
            sent=sent,
            fates=Counter(row.fate or row.state for row in ledger.inbox),
            seconds=seconds,
            slowest_reply=slowest,
            findings=(*refused, *_findings(ledger, sent), *_mistakes(log)),
        )


def _send(layout: Layout, damaged: Sequence[bytes]) -> tuple[list[str], float]:
    """Hand all in, with a harmless one among every hundred; what was refused, and how slow it was.

    A sender of its own for each: nobody's brakes hide another's mail.
    """
    refused, slowest = [], 0.0
    with smtplib.SMTP("127.0.0.1", layout.port, timeout=60) as client:
        for number, mail in enumerate(damaged):
            offers = [(f"from{number}@fuzz.test", mail)]
            if (number + 1) % _PROBE_EVERY == 0:
                offers.append((f"probe{number}@probe.test", _PROBE % (number, number)))
            for sender, raw in offers:
                began = time.monotonic()
                try:
                    client.sendmail(sender, [ADDRESS], raw)
                except smtplib.SMTPException as err:
                    refused.append(f"mail {number} was refused: {err}")
                slowest = max(slowest, time.monotonic() - began)
    return refused, slowest


def _settled(layout: Layout) -> Ledger:
    found: list[Ledger] = []

    def is_settled() -> bool:
        try:
            with layout.store() as store:
                found[:] = [verify.read(store)]
        except StoreError:
            return False
        return found[0].is_settled

    wait_until(is_settled, seconds=_PATIENCE_SECONDS, what="every mail settled")
    return found[0]


def _findings(ledger: Ledger, sent: int) -> Iterator[str]:
    if len(ledger.inbox) != sent:
        yield f"{sent} mails were accepted, {len(ledger.inbox)} are in the ledger"
    numbers: set[int] = {ticket.number for ticket in ledger.tickets}
    for row in ledger.inbox:
        yield from _account(row, numbers)
    for row in ledger.outbox:
        if row.state != "sent":
            yield f"mail {row.id} to {row.recipient} is {row.state}: {row.last_reply}"
    for ticket, told in zip(ledger.tickets, ledger.told, strict=True):
        if ticket != told:
            yield f"ticket {ticket.number} is not the sum of its events"


def _account(row: Any, numbers: set[int]) -> Iterator[str]:
    if row.state == "held" and not str(row.error).startswith(_RIGHTLY_HELD):
        yield f"arrival {row.id} is held: {row.error}"
    if row.state == "done" and not row.fate:
        yield f"arrival {row.id} is done without a fate"
    if row.ticket is not None and row.ticket not in numbers:
        yield f"arrival {row.id} names ticket {row.ticket}, which is none"
    if row.message_id.startswith("probe-") and row.fate != "ticket":
        yield f"the harmless mail {row.message_id} is {row.fate or row.state}"


def _mistakes(log: str) -> Iterator[str]:
    """Whatever the log calls an error, and whatever is no line of a log."""
    for line in log.splitlines():
        if not line.startswith("{"):
            yield f"on the standard error: {line}"
        elif json.loads(line).get("level") in {"error", "critical"}:
            yield f"in the log: {line[:2000]}"
