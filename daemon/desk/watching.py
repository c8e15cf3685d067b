"""Whom a mail's Cc brings into a ticket (security.md, attack 8). Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from daemon.desk.people import Directory, fold
from daemon.mail.message import Address
from daemon.mail.role import is_nobody

#: Where anybody has an address: to share such a domain is no acquaintance.
_ANYBODYS: Final = frozenset(
    {
        "gmail.com", "googlemail.com", "outlook.com", "hotmail.com", "live.com", "msn.com",
        "yahoo.com", "yahoo.co.jp", "ymail.com", "aol.com", "icloud.com", "me.com", "mac.com",
        "gmx.de", "gmx.net", "gmx.at", "web.de", "t-online.de", "freenet.de", "mail.ru",
        "yandex.ru", "naver.com", "daum.net", "hanmail.net", "kakao.com", "nate.com", "qq.com",
        "163.com",
        "126.com", "sina.com", "proton.me", "protonmail.com", "orange.fr", "free.fr", "wanadoo.fr",
        "laposte.net", "libero.it", "wp.pl", "o2.pl", "interia.pl", "comcast.net", "uol.com.br",
    }
)  # fmt: skip
_MOST: Final = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Invited:
    """Somebody whom a participant named in To or Cc."""

    address: str
    name: str
    #: False: an agent has to agree first.
    is_at_once: bool


def invited(
    named: Iterable[Address],
    by: str,
    directory: Directory,
    is_ours: Callable[[str], bool],
    *,
    is_requester: bool,
) -> Iterator[Invited]:
    """Who would watch from now on: a requester's own house at once, others when an agent agrees.

    No agent, who has his own ways to know; no list, no machine, not the desk, not the writer.
    """
    seen = set(map(directory.key, directory.same_as(by)))
    for one in named:
        key = directory.key(one.address)
        if "@" not in key or key in seen or len(seen) > _MOST or is_ours(one.address):
            continue
        seen.add(key)
        if directory.agent_at(key) or directory.is_list(key) or is_nobody(key):
            continue
        is_at_once = is_requester and _is_of_one_house(by, key, directory)
        yield Invited(address=fold(one.address), name=one.name, is_at_once=is_at_once)


def _is_of_one_house(one: str, other: str, directory: Directory) -> bool:
    house = directory.organisation_of(one)
    if house or directory.organisation_of(other):
        return house == directory.organisation_of(other)
    domain = fold(one).rpartition("@")[2]
    return domain == fold(other).rpartition("@")[2] and domain not in _ANYBODYS
