"""Reading mail: the library call beside the standard library's own parse, and hostile mails."""

from __future__ import annotations

import base64
import gc
import os
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from email import message_from_bytes
from email.policy import compat32
from functools import partial
from multiprocessing import get_context
from statistics import median
from typing import Final

from daemon.mail.parse import parse
from scripts.bench import usage

_WORDS: Final = (
    "The printer on the third floor says paper jam, and it has none; please have a look. "
)
_HEAD: Final = (
    "Return-Path: <jane@example.com>\n"
    + "".join(
        f"Received: from relay{hop}.example.com (relay{hop}.example.com [192.0.2.{hop}])\n"
        f"\tby mx{hop}.example.org (Postfix) with ESMTPS id 4T0{hop}\n"
        "\tfor <desk@example.org>; Mon, 1 Jan 2024 10:00:00 +0900 (KST)\n"
        for hop in (1, 2, 3)
    )
    + "From: =?utf-8?b?7ZmN6ri464+Z?= <jane@example.com>\nTo: Help Desk <desk@example.org>\n"
    "Cc: Joe <joe@example.com>, Ann <ann@example.com>\nSubject: Re: Printer on the third floor\n"
    "Date: Mon, 1 Jan 2024 10:00:00 +0900\nMessage-ID: <one@example.com>\n"
    "In-Reply-To: <two@example.org>\nReferences: <three@example.org> <two@example.org>\n"
    "MIME-Version: 1.0\nX-Mailer: Example Mail 1.0\n"
)
_ATTRIBUTION: Final = "On Mon, 1 Jan 2024 at 09:00, Help Desk <desk@example.org> wrote:"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sizes:
    """How often each is read."""

    small: int
    large: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What reading one mail takes, in seconds."""

    size: int
    ours: float
    standard: float

    @property
    def allowed(self) -> float:
        """The most that ours may take."""
        return 2 * self.standard + 0.0005


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """What a hostile mail costs."""

    size: int
    seconds: float
    megabytes: float


def mails() -> Mapping[str, bytes]:
    """The ordinary mails by name."""
    return {
        "3 KB plain": plain(3_000),
        "30 KB alternative": alternative(30_000),
        "1 MB attachment": attached(1_000_000),
        "25 MB attachment": attached(25_000_000),
    }


def plain(size: int) -> bytes:
    """A reply in plain text, about so long."""
    lines = [_WORDS.strip()] * 4 + ["", _ATTRIBUTION, ""]
    head = f"{_HEAD}Content-Type: text/plain; charset=utf-8\n\n"
    room = size - len(head) - sum(len(line) + 1 for line in lines)
    lines += [f"> {_WORDS.strip()}"] * max(1, room // (len(_WORDS) + 3))
    return (head + "\n".join(lines) + "\n").replace("\n", "\r\n").encode()


def alternative(size: int) -> bytes:
    """Plain text and HTML of the same words, a quotation below."""
    count = size // 3 // len(_WORDS)
    text = "\n".join(
        [_WORDS.strip()] * (count // 2) + [_ATTRIBUTION] + [f"> {_WORDS}"] * (count // 2)
    )
    own = "".join(f"<p style='margin:0'>{_WORDS}<br></p>" for _ in range(count // 2))
    old = "".join(f"<div>{_WORDS}<b>now</b></div>" for _ in range(count // 2))
    page = f"<html><body>{own}<div>{_ATTRIBUTION}</div><blockquote>{old}</blockquote></body></html>"
    return _parts("alternative", ("text/plain", text.encode()), ("text/html", page.encode()))


def attached(size: int) -> bytes:
    """A short text and a file, about so long on the wire."""
    data = bytes(range(256)) * (size * 3 // 4 // 256)
    coded = base64.encodebytes(data).replace(b"\n", b"\r\n")
    name = 'application/pdf; name="report.pdf"\nContent-Transfer-Encoding: base64'
    return _parts("mixed", ("text/plain", _WORDS.encode()), (name, coded))


def _parts(kind: str, *parts: tuple[str, bytes]) -> bytes:
    out = [f"{_HEAD}Content-Type: multipart/{kind}; boundary=b1\n\n".encode()]
    for content_type, body in parts:
        out.append(f"--b1\nContent-Type: {content_type}\n\n".encode() + body + b"\n")
    return b"".join(out) + b"--b1--\n"


def measure(sizes: Sizes) -> dict[str, Reading]:
    """Ours and the standard library's in turn, so that the machine's moods meet both alike."""
    found = {}
    for name, raw in mails().items():
        rounds = sizes.small if len(raw) < 100_000 else sizes.large
        ours, standard = [], []
        for _ in range(rounds):
            ours.append(_seconds(partial(parse, raw)))
            standard.append(_seconds(partial(message_from_bytes, raw, policy=compat32)))
        found[name] = Reading(size=len(raw), ours=median(ours), standard=median(standard))
    return found


def _seconds(call: Callable[[], object]) -> float:
    """CPU time, so that whatever else the machine does is left out."""
    gc.collect(0)
    start = time.thread_time()
    call()
    return time.thread_time() - start


@dataclass(frozen=True, slots=True, kw_only=True)
class Hostile:
    """A mail that costs a careless reader minutes or gigabytes (security.md §1, §3)."""

    head: str
    piece: bytes
    times: int
    #: The piece has the number of its place in it.
    is_numbered: bool = False

    def raw(self) -> bytes:
        """The mail, made only when it is to be read."""
        if self.is_numbered:
            return self.head.encode() + b"".join(self.piece % (i, i) for i in range(self.times))
        return self.head.encode() + self.piece * self.times


_NEST: Final = b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n"
_MIXED: Final = f"{_HEAD}Content-Type: multipart/mixed; boundary=b1\n\n"
_CODED: Final = f"{_HEAD}Content-Transfer-Encoding: base64\n\n"
_HTML: Final = f"{_HEAD}Content-Type: text/html; charset=utf-8\n\n"
_PART: Final = b"--b1\nContent-Type: text/plain\n\n" + b"x" * 20_000 + b"\n"
HOSTILE: Final = {
    "3,000 levels, none closed": Hostile(head=_HEAD, piece=_NEST, times=3_000, is_numbered=True),
    "1,000 parts of 20 KB": Hostile(head=_MIXED, piece=_PART, times=1_000),
    "25 MB of lines like boundaries": Hostile(head=_MIXED, piece=b"--b2\n", times=5_000_000),
    "100 KB of encoded words": Hostile(head="Subject: ", piece=b"=?utf-8?b?7ZmN?= ", times=6_000),
    "1 MB of addresses": Hostile(head="To: ", piece=b"a@b.example, ", times=80_000),
    "100,000 brackets": Hostile(head="To: ", piece=b"(", times=100_000),
    "5,000 nested divisions": Hostile(head=_HTML, piece=b"<div>", times=5_000),
    "1 MB of open fonts": Hostile(head=_HTML, piece=b"<font><b>x", times=100_000),
    "2 MB of attributes": Hostile(head=f"{_HTML}<a ", piece=b"x=1 ", times=500_000),
    "200 KB of On On On": Hostile(head=f"{_HEAD}\n", piece=b"On ", times=70_000),
    "200 KB of colons": Hostile(head=f"{_HEAD}\n", piece=b"On 1 Jan 2024 10:00:", times=10_000),
    "200 KB of openings": Hostile(head=f"{_HEAD}\n", piece=b"On 1 Jan 2024 1:00:\n", times=10_000),
    "200 KB of labels": Hostile(
        head=f"{_HEAD}\n", piece=b"From: a Sent: b To: c Sent: d\n", times=7_000
    ),
    "one line of 25 MB": Hostile(head=f"{_HEAD}\n", piece=b"x", times=25_000_000),
    "25 MB of empty lines": Hostile(head=f"{_HEAD}\n", piece=b"\n", times=25_000_000),
    "8 MB of broken base64": Hostile(head=_CODED, piece=b"QQ=\n", times=2_000_000),
}


def endure() -> dict[str, Cost]:
    """Each hostile mail read once, in a process of its own."""
    found = {}
    for name in HOSTILE:
        # A fresh interpreter, whose peak of memory is the mail's own.
        with ProcessPoolExecutor(max_workers=1, mp_context=get_context("spawn")) as pool:
            found[name] = pool.submit(_cost, name).result(timeout=120)
    return found


def _cost(name: str) -> Cost:
    raw = HOSTILE[name].raw()
    parse(alternative(30_000))  # what only the first mail with HTML pays
    before = _peak()
    seconds = _seconds(partial(parse, raw))
    return Cost(size=len(raw), seconds=seconds, megabytes=_peak() - before)


def _peak() -> float:
    return usage.peak_megabytes({os.getpid(): "parse"})["parse"]
