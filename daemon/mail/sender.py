"""Whether the one whom a mail names as its author sent it: every ground there is. Pure.

The grounds come from the road, from our own mail server's word, from signatures that were verified
before, and from what the admin configured. What a checked sender may do is ``proof.py``'s to say.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from daemon.arrival import Envelope, Source
from daemon.mail.mailbox import fold
from daemon.mail.message import Message
from daemon.mail.results import Result, Results, read, spoken_by
from daemon.settings import Authority

_POLICY: Final = re.compile(r"\bp\s*=\s*(?:reject|quarantine)\b", re.IGNORECASE)


class Ground(StrEnum):
    """What a sender was checked by."""

    NOTHING = "nothing"
    #: The configuration says that the road checks senders.
    ROAD = "road"
    #: He logged in at our submission port.
    LOGIN = "login"
    #: Our mail server says so in Authentication-Results.
    RESULTS = "authentication-results"
    #: A DKIM signature of his domain that we verified.
    DKIM = "dkim"
    #: A forwarder that the admin listed says so, under a seal that we verified.
    ARC = "arc"
    #: Mode ``trust-from``: nobody checked.
    FROM = "from"
    #: He answered our question at his registered address, for this mail or not long ago.
    REPLY = "reply"


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """How far the sender was checked, and why not further."""

    ground: Ground = Ground.NOTHING
    because: str = "nobody has checked the sender"
    #: Where it came from, as far as somebody whom we believe knows: ``dkim:example.org`` or
    #: ``peer:192.0.2.1``. Empty when that would be everybody's road.
    path: str = ""
    #: The domain in From says that this mail is not its own.
    is_refuted: bool = False

    @property
    def is_checked(self) -> bool:
        return self.ground is not Ground.NOTHING


@dataclass(frozen=True, slots=True, kw_only=True)
class Signatures:
    """What was verified on the bytes: domains of valid DKIM signatures, and of a valid seal."""

    dkim: tuple[str, ...] = ()
    #: The domain of the newest ARC seal of a chain that is valid.
    sealer: str = ""
    #: What that sealer found, as it wrote it.
    sealed_results: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trip:
    """One mail's way, and what may be believed of it."""

    message: Message
    #: Its header fields in their order.
    fields: Sequence[tuple[str, bytes]]
    envelope: Envelope
    source: Source
    authority: Authority
    signatures: Signatures = Signatures()
    #: Folded addresses of the agent who logged in.
    login_addresses: frozenset[str] = frozenset()

    @property
    def author(self) -> str:
        return fold(self.message.from_.address) if self.message.from_ else ""

    @property
    def domain(self) -> str:
        return self.author.rpartition("@")[2]

    @property
    def is_by_our_server(self) -> bool:
        """True when nobody but our own mail system can have handed it over."""
        return self.envelope.trusted or self.source is Source.IMAP


def check(trip: Trip) -> Checked:
    """The best ground on which the author in From may be believed."""
    if not trip.message.from_is_strict or not trip.author:
        return Checked(because="the From field can be read in two ways")
    if trip.envelope.login:
        return _by_login(trip)
    if trip.source is Source.INTAKE:
        return Checked(ground=Ground.ROAD, because="handed over on this machine")
    return _trusted_from(trip) or _by_evidence(trip)


def _by_login(trip: Trip) -> Checked:
    login = trip.envelope.login
    if trip.author in trip.login_addresses:
        return Checked(ground=Ground.LOGIN, because=f"logged in as {login}")
    return Checked(because=f"logged in as {login}, but From names somebody else")


def _trusted_from(trip: Trip) -> Checked | None:
    if trip.authority.mode == "trust-from" and is_within(trip.envelope.peer, trip.authority.relays):
        return Checked(ground=Ground.FROM, because="mode trust-from: nobody has checked the sender")
    return None


def _by_evidence(trip: Trip) -> Checked:
    path = _peer_path(trip)
    results: Results | None = None
    if trip.authority.authserv_id and trip.is_by_our_server:
        results, peer = spoken_by(trip.fields, trip.authority.authserv_id, trip.authority.server)
        path = f"peer:{peer}" if peer else ""
    if results:
        found = _judge(results, trip, path)
        if found.is_checked or found.is_refuted:
            return found
    return _by_signature(trip) or _by_seal(trip) or _by_road(trip, path, results)


def _judge(results: Results, trip: Trip, path: str) -> Checked:
    """DMARC's verdict where there is one, else an aligned DKIM signature or a login."""
    name = results.authserv_id
    for result in results.of("dmarc"):
        if result.outcome == "fail" and _is_strict_policy(result):
            return Checked(
                because=f"{name} says that {trip.domain} did not send it", is_refuted=True
            )
    verdicts = {result.outcome for result in results.of("dmarc")}
    if verdicts == {"pass"}:
        if all(_names(result, "header.from", trip.domain) for result in results.of("dmarc")):
            return _checked_by(results, f"{name} says dmarc=pass for {trip.domain}", trip, path)
    elif not verdicts - {"none", "bestguesspass"}:
        if any(
            result.outcome == "pass" and _is_aligned(result, trip) for result in results.of("dkim")
        ):
            return _checked_by(results, f"{name} says dkim=pass for {trip.domain}", trip, path)
        if any(_is_his_login(result, trip) for result in results.of("auth")):
            return _checked_by(results, f"{name} says auth=pass for {trip.author}", trip, path)
    return Checked(because=f"{name} does not vouch for {trip.domain}", path=path)


def _checked_by(results: Results, because: str, trip: Trip, path: str) -> Checked:
    signed = any(
        result.outcome == "pass" and _is_aligned(result, trip) for result in results.of("dkim")
    )
    return Checked(
        ground=Ground.RESULTS, because=because, path=f"dkim:{trip.domain}" if signed else path
    )


def _is_strict_policy(result: Result) -> bool:
    words = (result.comment, result.properties.get("policy.dmarc", ""))
    wanted = {"reject", "quarantine"}
    return bool(
        _POLICY.search(words[0])
        or words[1].lower() in wanted
        or result.properties.get("action", "").lower() in wanted
    )


def _names(result: Result, key: str, domain: str) -> bool:
    return result.properties.get(key, "").lower() == domain


def _is_aligned(result: Result, trip: Trip) -> bool:
    signer = result.properties.get("header.d") or result.properties.get("header.i", "")
    return aligned(signer.rpartition("@")[2], trip.domain)


def _is_his_login(result: Result, trip: Trip) -> bool:
    return result.outcome == "pass" and fold(result.properties.get("smtp.auth", "")) == trip.author


def aligned(signer: str, domain: str) -> bool:
    """True when a signature of ``signer`` speaks for ``domain``: the same, or one above it.

    RFC 7489 §3.1.1 lets a domain below speak as well; an agent's authority is not lent so far.
    """
    signer = signer.lower().rstrip(".")
    return "." in signer and (domain == signer or domain.endswith(f".{signer}"))


def _by_signature(trip: Trip) -> Checked | None:
    for signer in trip.signatures.dkim:
        if aligned(signer, trip.domain):
            because = f"a DKIM signature of {signer}, verified here"
            return Checked(ground=Ground.DKIM, because=because, path=f"dkim:{trip.domain}")
    return None


def _by_seal(trip: Trip) -> Checked | None:
    sealer = trip.signatures.sealer
    if not sealer or sealer not in trip.authority.sealers:
        return None
    # ``i=1; mx.example.org; dmarc=pass …``: the field without its instance is of the same kind.
    results = read(trip.signatures.sealed_results.partition(";")[2])
    found = _judge(results, trip, "") if results else Checked()
    if not found.is_checked:
        return None
    return Checked(ground=Ground.ARC, because=f"under the ARC seal of {sealer}: {found.because}")


def _by_road(trip: Trip, path: str, results: Results | None) -> Checked:
    if trip.envelope.trusted and not trip.authority.authserv_id:
        return Checked(ground=Ground.ROAD, because="by a road that checks senders")
    if results:
        return _judge(results, trip, path)
    if trip.authority.authserv_id and trip.is_by_our_server:
        because = f"no Authentication-Results of {trip.authority.authserv_id}"
        return Checked(because=because, path=path)
    return Checked(because="the road does not check senders", path=path)


def _peer_path(trip: Trip) -> str:
    """The peer, unless it is a relay of our own that everybody's mail comes by."""
    is_own = trip.envelope.trusted or trip.source not in {Source.SMTP, Source.LMTP}
    if is_own or is_within(trip.envelope.peer, ("127.0.0.0/8", "::1")):
        return ""
    return f"peer:{trip.envelope.peer}"


def is_within(peer: str, networks: Sequence[str]) -> bool:
    """True when the address is in one of the networks."""
    try:
        address = ipaddress.ip_address(peer.strip("[]").removeprefix("IPv6:"))
    except ValueError:
        return False
    mapped = getattr(address, "ipv4_mapped", None)
    return any((mapped or address) in ipaddress.ip_network(each, strict=False) for each in networks)
