"""What ``postdesk check`` says of senders: how well this mail system proves who writes.

It looks at the mails that have come, for what a mail server writes is best learnt from it.
"""

from __future__ import annotations

import ipaddress
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from daemon.errors import LookupFailed, SettingsError, StoreError
from daemon.mail import headers
from daemon.mail.results import Results, read, received_by, spoken_by
from daemon.passwords import read as read_passwords
from daemon.resolver import Resolver
from daemon.settings import Settings
from daemon.store import listing
from daemon.store.engine import Store
from scripts.verdict import Verdict, ok, problem, warning
from workers.rules.load import RulesInvalid
from workers.rules.load import load as load_rules

_WHAT = "authority"
_NEWEST = 100
_GUIDE = "docs/authority.md says how"


@dataclass(frozen=True, slots=True, kw_only=True)
class Learnt:
    """What the newest mails say of the mail server that brought them."""

    mails: int = 0
    #: By their name: servers that wrote results at the top of a mail.
    servers: Counter[str]
    #: Who wrote the topmost Received.
    hosts: Counter[str]
    #: Mails with results that count by the settings, and those among them with a word on DMARC.
    counted: int = 0
    with_dmarc: int = 0


def authority(settings: Settings) -> Iterator[Verdict]:
    """By what an agent is proven, and what to switch on."""
    yield from _mode(settings)
    yield from _learnt(settings)
    yield from _dns(settings)
    yield from _logins(settings)


def _mode(settings: Settings) -> Iterator[Verdict]:
    if settings.authority.mode != "trust-from":
        return
    relays = settings.authority.relays
    message = f"trust-from: whoever writes from {', '.join(relays) or 'nowhere'} may be any agent"
    if any(not ipaddress.ip_network(each, strict=False).is_private for each in relays):
        yield problem(_WHAT, message, "name private networks only, or set proven-or-confirm")
    else:
        yield problem(_WHAT, message, "for a closed network only; else set proven-or-confirm")


def _learnt(settings: Settings) -> Iterator[Verdict]:
    store = Store(settings.store_url)
    try:
        if store.is_sqlite and not Path(str(store.url.database)).exists():
            return
        found = learn(settings, store)
    except StoreError:
        # Its own verdict says so.
        return
    finally:
        store.close()
    yield from judge(settings, found)


def learn(settings: Settings, store: Store) -> Learnt:
    """Look at the newest mails that came by our own mail server."""
    servers: Counter[str] = Counter()
    hosts: Counter[str] = Counter()
    found: list[Results | None] = []
    with store.read() as tx:
        raws = listing.newest_heads(tx, _NEWEST)
    for raw in raws:
        fields = headers.split(raw, 0, len(raw)).fields
        results, _ = spoken_by(fields, settings.authority.authserv_id, settings.authority.server)
        found.append(results)
        servers.update(_topmost(fields))
        hosts.update([next((received_by(value) for key, value in fields if key == "received"), "")])
    counted = [results for results in found if results]
    return Learnt(
        mails=len(found),
        servers=servers,
        hosts=hosts,
        counted=len(counted),
        with_dmarc=sum(bool(results.of("dmarc")) for results in counted),
    )


def _topmost(fields: tuple[tuple[str, bytes], ...]) -> list[str]:
    """The name in the first results above the first Received: what a border server writes."""
    for name, value in fields:
        if name == "received":
            break
        if name == "authentication-results":
            results = read(value.decode("utf-8", "replace"))
            return [results.authserv_id] if results else []
    return []


def judge(settings: Settings, found: Learnt) -> Iterator[Verdict]:
    """What the mails say, in words."""
    if settings.authority.authserv_id:
        yield _configured(settings, found)
        return
    [(server, times)] = found.servers.most_common(1) or [("", 0)]
    if server:
        yield warning(
            _WHAT,
            f"{times} of the last {found.mails} mails have results of {server}, which are not used",
            f'set authority.authserv_id = "{server}"{_own_mx(found, server)}',
        )
    elif settings.authority.verify_dkim or settings.submission.listen:
        yield ok(_WHAT, "agents are proven by " + " and ".join(_means(settings)))
    else:
        yield warning(
            _WHAT,
            "nothing here proves who writes, but the word of trusted roads; agents on others are"
            " asked to confirm",
            "let your mail server check DMARC and write Authentication-Results (rspamd, OpenDMARC),"
            f" or set authority.verify_dkim, or submission.listen; {_GUIDE}",
        )


def _means(settings: Settings) -> Iterator[str]:
    if settings.authority.verify_dkim:
        yield "DKIM, verified here"
    if settings.submission.listen:
        yield "their log-in"


def _own_mx(found: Learnt, server: str) -> str:
    [(host, _)] = found.hosts.most_common(1) or [("", 0)]
    return f' and own_mx = "{host}"' if host and host != server.lower() else ""


def _configured(settings: Settings, found: Learnt) -> Verdict:
    name, server = settings.authority.authserv_id, settings.authority.server
    if not found.mails:
        return ok(_WHAT, f"results of {name} count; no mail has come yet")
    share = f"{found.counted} of the last {found.mails} mails have results of {name} that count"
    if not found.counted:
        return warning(
            _WHAT,
            share,
            f"they must stand above 'Received: … by {server}'; seen: "
            f"{', '.join(found.servers) or 'none'}, by {', '.join(filter(None, found.hosts))}",
        )
    if found.with_dmarc < found.counted / 2:
        return warning(
            _WHAT, f"{share}, but few tell of DMARC", "let the server check DMARC, not SPF alone"
        )
    return ok(_WHAT, share)


def _dns(settings: Settings) -> Iterator[Verdict]:
    """The DNS answers, where keys are looked up."""
    if not settings.authority.verify_dkim:
        return
    domain = settings.address.rpartition("@")[2]
    try:
        Resolver(settings.authority.resolver).texts(f"_dmarc.{domain}")
    except LookupFailed as err:
        yield problem(_WHAT, f"the DNS does not answer: {err}", "see authority.resolver")
    else:
        yield ok(_WHAT, "the DNS answers: DKIM can be verified")


def _logins(settings: Settings) -> Iterator[Verdict]:
    """Who can log in is an agent."""
    path = settings.submission.passwords_file
    if path is None:
        return
    try:
        logins = read_passwords(path)
        directory = load_rules(settings.rules_dir).directory
    except SettingsError as err:
        yield problem("submission", str(err))
        return
    except RulesInvalid:
        # Their own verdict says so.
        return
    strangers = sorted(login for login in logins if not directory.agent(login))
    if strangers:
        yield warning(
            "submission",
            f"no agent of people.yaml: {', '.join(strangers)}",
            "their mails prove nothing; take them out of submission.passwords_file",
        )
    else:
        yield ok("submission", f"{len(logins)} agents can log in")
