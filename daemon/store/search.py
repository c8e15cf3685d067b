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
#: Words that a search for similar ones looks at, and uses: the rarest tell most and cost least.
_LOOKED_AT: Final = 16
_RAREST: Final = 8
#: A word in more messages than this tells one ticket from no other.
_COMMON: Final = 400
#: Common words that one process keeps in mind.
_REMEMBERED: Final = 20_000

# The words are lexemes already: no parser of the server may look at them again.
_MATCHES: Final = {
    "sqlite": "search MATCH :{query}",
    "postgresql": "vector @@ CAST(:{query} AS tsquery)",
}
_RANK: Final = {
    "sqlite": "bm25(search)",
    "postgresql": "-ts_rank(vector, CAST(:query AS tsquery))",
}
_FOUND: Final = "SELECT ticket, {rank} AS rank FROM search WHERE {matches}"
#: Their numbers are asked for one by one.
_MANY: Final = 10_000
_EVERY: Final = "SELECT DISTINCT ticket FROM ({found}) AS hits ORDER BY ticket DESC LIMIT :most"
#: One word's messages, counted no further than matters.
_COUNT: Final = (
    "(SELECT count(*) FROM (SELECT 1 FROM search WHERE {matches} LIMIT :most) AS hits) AS {query}"
)
_BEST: Final = """\
SELECT tickets.number FROM tickets JOIN (
  SELECT ticket, min(rank) AS best FROM (
    {found} {newest} ORDER BY rank LIMIT 400
  ) AS hits GROUP BY ticket
) AS ranked ON ranked.ticket = tickets.number
{where} ORDER BY ranked.best, tickets.number DESC LIMIT :most"""
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


def every(tx: Tx, wanted: str) -> frozenset[int]:
    """Numbers of all tickets that ``find`` would find; of very many, the newest."""
    query = _query(tx, words(wanted), " AND ", " & ")
    if not query:
        return frozenset()
    statement = text(_EVERY.format(found=_found(tx)))
    return frozenset(tx.execute(statement, {"query": query, "most": _MANY}).scalars())


class Similar:
    """Finds solved tickets that are like a new one; remembers which words tell nothing."""

    def __init__(self) -> None:
        # Messages are never fewer: a word that was common stays so, and is not counted again.
        self._common: set[str] = set()

    def find(self, tx: Tx, wanted: str, *, but: int, most: int = 3) -> tuple[int, ...]:
        """Numbers of solved tickets that share the rarest of these words, best first."""
        query = _query(tx, self._rarest(tx, telling(wanted)), " OR ", " | ")
        if not query:
            return ()
        newest = _NEWEST.format(key="rowid" if _is_sqlite(tx) else "id")
        statement = _BEST.format(found=_found(tx), newest=newest, where=_SOLVED)
        values = {"query": query, "most": most, "but": but, "reach": _REACH}
        return tuple(tx.execute(text(statement), values).scalars())

    def _rarest(self, tx: Tx, found: Sequence[str]) -> list[str]:
        """The words that few messages have, rarest first."""
        unknown = [word for word in found if word not in self._common][:_LOOKED_AT]
        if not unknown:
            return []
        counts = dict(zip(unknown, _counts(tx, unknown), strict=True))
        if len(self._common) < _REMEMBERED:
            self._common.update(word for word, count in counts.items() if count > _COMMON)
        known = [word for word in unknown if 0 < counts[word] <= _COMMON]
        return sorted(known, key=lambda word: counts[word])[:_RAREST]


def _is_sqlite(tx: Tx) -> bool:
    return tx.dialect.name == "sqlite"


def _found(tx: Tx) -> str:
    dialect = tx.dialect.name
    matches = _MATCHES[dialect].format(query="query")
    return _FOUND.format(rank=_RANK[dialect], matches=matches)


def _query(tx: Tx, found: Sequence[str], sqlite: str, postgres: str) -> str:
    """In the database's own language; the words have nothing in them that it could obey."""
    if _is_sqlite(tx):
        return sqlite.join(f'"{word}"' for word in found)
    return postgres.join(f"'{word}'" for word in found)


def _counts(tx: Tx, wanted: Sequence[str]) -> tuple[int, ...]:
    """How many messages have each of the words, counted no further than matters, in one query."""
    names = [f"word{place}" for place in range(len(wanted))]
    matches = _MATCHES[tx.dialect.name]
    counts = (_COUNT.format(matches=matches.format(query=name), query=name) for name in names)
    values: dict[str, str | int] = {"most": _COMMON + 1}
    for name, word in zip(names, wanted, strict=True):
        values[name] = _query(tx, [word], "", "")
    return tuple(tx.execute(text(f"SELECT {', '.join(counts)}"), values).one())
