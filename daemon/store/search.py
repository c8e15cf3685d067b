"""The full-text index of messages: SQLite's FTS5, PostgreSQL's tsvector, over the same words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from sqlalchemy import text

from daemon.desk.words import telling, words
from daemon.store.engine import Tx
from daemon.store.tables import search
from daemon.store.writes import Writes

#: How many of the newest messages are looked through for similar ones: a mail waits for it.
_REACH: Final = 20_000
#: Words that a search for similar ones uses: the rarest tell most and cost least.
_RAREST: Final = 8
#: A word in more messages than this tells one ticket from no other.
_COMMON: Final = 400

_SQLITE: Final = "SELECT ticket, bm25(search) AS rank FROM search WHERE search MATCH :query"
# The words are lexemes already: no parser of the server may look at them again.
_POSTGRES: Final = (
    "SELECT ticket, -ts_rank(vector, CAST(:query AS tsquery)) AS rank FROM search"
    " WHERE vector @@ CAST(:query AS tsquery)"
)
_BEST: Final = """\
SELECT tickets.number FROM tickets JOIN (
  SELECT ticket, min(rank) AS best FROM (
    {found} {newest} ORDER BY rank LIMIT 400
  ) AS hits GROUP BY ticket
) AS ranked ON ranked.ticket = tickets.number
{where} ORDER BY ranked.best, tickets.number DESC LIMIT :most"""
_COUNT: Final = "SELECT count(*) FROM ({found} LIMIT :most) AS hits"
_NEWEST: Final = (
    "AND {key} > (SELECT {key} FROM search ORDER BY {key} DESC LIMIT 1) - CAST(:reach AS BIGINT)"
)
_SOLVED: Final = "WHERE tickets.state IN ('resolved', 'closed') AND tickets.number != :but"


def index(writes: Writes, ticket: int, *texts: str) -> None:
    """Make a message's words findable."""
    found = words("\n".join(texts))
    if found:
        writes.add(search, [{"ticket": ticket, "tokens": " ".join(found)}])


def find(tx: Tx, wanted: str, *, most: int = 50) -> tuple[int, ...]:
    """Numbers of the tickets with a message that has all of these words, best first."""
    query = _query(tx, words(wanted), " AND ", " & ")
    if not query:
        return ()
    statement = _BEST.format(found=_found(tx), newest="", where="")
    return tuple(tx.execute(text(statement), {"query": query, "most": most}).scalars())


def similar(tx: Tx, wanted: str, *, but: int, most: int = 3) -> tuple[int, ...]:
    """Numbers of solved tickets that share the rarest of these words, best first."""
    rarest = _rarest(tx, telling(wanted)[:16])
    query = _query(tx, rarest, " OR ", " | ")
    if not query:
        return ()
    newest = _NEWEST.format(key="rowid" if _is_sqlite(tx) else "id")
    statement = _BEST.format(found=_found(tx), newest=newest, where=_SOLVED)
    values = {"query": query, "most": most, "but": but, "reach": _REACH}
    return tuple(tx.execute(text(statement), values).scalars())


def _is_sqlite(tx: Tx) -> bool:
    return tx.dialect.name == "sqlite"


def _found(tx: Tx) -> str:
    return _SQLITE if _is_sqlite(tx) else _POSTGRES


def _query(tx: Tx, found: Sequence[str], sqlite: str, postgres: str) -> str:
    """In the database's own language; the words have nothing in them that it could obey."""
    if _is_sqlite(tx):
        return sqlite.join(f'"{word}"' for word in found)
    return postgres.join(f"'{word}'" for word in found)


def _rarest(tx: Tx, found: Sequence[str]) -> list[str]:
    """The words that few messages have, rarest first."""
    counts = {word: _count(tx, word) for word in found}
    known = [word for word in found if 0 < counts[word] <= _COMMON]
    return sorted(known, key=lambda word: counts[word])[:_RAREST]


def _count(tx: Tx, word: str) -> int:
    """How many messages have a word, counted no further than matters."""
    values = {"query": _query(tx, [word], "", ""), "most": _COMMON + 1}
    return int(tx.execute(text(_COUNT.format(found=_found(tx))), values).scalar_one())
