"""Rows of pictures: which ones a sender's mails have shown before."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import bindparam, select

from daemon.store.dialect import clean
from daemon.store.tables import pictures
from daemon.store.writes import Writes

_SEEN = select(pictures.c.sha256).where(
    pictures.c.address == bindparam("sender"),
    pictures.c.sha256.in_(bindparam("hashes", expanding=True)),
)


def meet(writes: Writes, address: str, hashes: Collection[str]) -> frozenset[str]:
    """Which of these the sender has shown before; the others are known from now on."""
    if not hashes:
        return frozenset()
    sender = clean(address)
    keys = [("picture", sender, each) for each in hashes]
    writes.before(keys)
    found = writes.tx.execute(_SEEN, {"sender": sender, "hashes": list(hashes)})
    seen = frozenset(row.sha256 for row in found)
    rows = [{"address": sender, "sha256": each} for each in hashes if each not in seen]
    writes.add(pictures, rows, *keys)
    return seen
