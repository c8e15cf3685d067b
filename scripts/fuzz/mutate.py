"""Real mails, damaged: by seed, so that a run can be made again."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from random import Random
from typing import Final

_WORDS: Final = Path(__file__).parent / "words.dict"
_ESCAPE: Final = re.compile(rb"\\x([0-9a-fA-F]{2})|\\(.)")
#: Of one mail.
_MOST_BYTES: Final = 512 * 1024


def words() -> tuple[bytes, ...]:
    """What mail is made of, as the dictionary of the guided fuzzer lists it."""
    lines = _WORDS.read_bytes().splitlines()
    return tuple(_ESCAPE.sub(_plain, line[1:-1]) for line in lines if line[:1] == b'"')


def _plain(found: re.Match[bytes]) -> bytes:
    return bytes([int(found[1], 16)]) if found[1] else found[2]


def mutated(mails: Sequence[bytes], count: int, seed: int) -> Iterator[bytes]:
    """So many mails, each one of these with one to six kinds of damage."""
    random = Random(seed)  # noqa: S311  a choice that can be repeated, no secret
    known = words()
    for _ in range(count):
        mail = random.choice(mails)
        for _ in range(random.randint(1, 6)):
            mail = random.choice(_DAMAGE)(random, mail, random.choice(mails), known)
        yield mail[:_MOST_BYTES]


def _flip(random: Random, mail: bytes, other: bytes, known: Sequence[bytes]) -> bytes:
    damaged = bytearray(mail)
    for _ in range(random.randint(1, 8) if damaged else 0):
        damaged[random.randrange(len(damaged))] = random.randrange(256)
    return bytes(damaged)


def _cut(random: Random, mail: bytes, _: bytes, __: Sequence[bytes]) -> bytes:
    start, end = _span(random, mail)
    return mail[:start] + mail[end:]


def _repeat(random: Random, mail: bytes, _: bytes, __: Sequence[bytes]) -> bytes:
    start, end = _span(random, mail)
    return mail[:end] + mail[start:end] * random.choice((1, 2, 50)) + mail[end:]


def _splice(random: Random, mail: bytes, other: bytes, _: Sequence[bytes]) -> bytes:
    start, end = _span(random, other)
    at = random.randint(0, len(mail))
    return mail[:at] + other[start:end] + mail[at:]


def _insert(random: Random, mail: bytes, _: bytes, known: Sequence[bytes]) -> bytes:
    at = random.randint(0, len(mail))
    return mail[:at] + random.choice(known) + mail[at:]


def _head(random: Random, mail: bytes, _: bytes, known: Sequence[bytes]) -> bytes:
    """A further line at the top, where it matters most."""
    return random.choice(known).strip(b"\r\n") + b" " + random.choice(known) + b"\r\n" + mail


def _ends(random: Random, mail: bytes, _: bytes, __: Sequence[bytes]) -> bytes:
    return mail.replace(b"\r\n", random.choice((b"\n", b"\r", b"\r\r\n", b"\n\r")))


def _span(random: Random, mail: bytes) -> tuple[int, int]:
    start = random.randint(0, len(mail))
    return start, min(len(mail), start + random.choice((1, 10, 100, 1000)))


_Damage = Callable[[Random, bytes, bytes, Sequence[bytes]], bytes]
_DAMAGE: Final[tuple[_Damage, ...]] = (_flip, _cut, _repeat, _splice, _insert, _head, _ends)
