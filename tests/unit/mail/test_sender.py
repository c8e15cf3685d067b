"""Who sent a mail: every ground, and what is none."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from daemon.arrival import Envelope, Source
from daemon.mail.address import Purpose, Token
from daemon.mail.message import Address, Message
from daemon.mail.proof import Level, confirmed, prove, prove_agent
from daemon.mail.sender import Checked, Ground, Signatures, Trip, aligned, check, is_within
from daemon.settings import Authority

ANN = frozenset({"ann@desk.test"})
MX = Authority(authserv_id="mx.desk.test")
RECEIVED = ("received", b"from o (o [192.0.2.7]) by mx.desk.test with ESMTPS; Mon")


def trip(**fields: Any) -> Trip:
    values: dict[str, Any] = {
        "message": Message(from_=Address("Ann@Desk.test"), from_is_strict=True),
        "fields": (),
        "envelope": Envelope(sender="ann@desk.test", recipients=(), peer="192.0.2.9"),
        "source": Source.SMTP,
        "authority": Authority(),
    }
    return Trip(**(values | fields))


def by_server(results: str, **fields: Any) -> Trip:
    said = ("authentication-results", f"mx.desk.test; {results}".encode())
    envelope = Envelope(sender="", recipients=(), peer="127.0.0.1", trusted=True)
    values: dict[str, Any] = {"fields": (said, RECEIVED), "authority": MX, "envelope": envelope}
    return trip(**(values | fields))


TRUSTED = Envelope(sender="", recipients=(), peer="127.0.0.1", trusted=True)
LOGIN = Envelope(sender="", recipients=(), peer="192.0.2.9", login="ann")
OPEN = Authority(mode="trust-from", relays=("192.0.2.0/24", "::1"))
LOOSE = Message(from_=Address("ann@desk.test"))


@pytest.mark.parametrize(
    ("case", "ground"),
    [
        (trip(), Ground.NOTHING),
        (trip(envelope=TRUSTED), Ground.ROAD),
        (trip(envelope=TRUSTED, message=LOOSE), Ground.NOTHING),
        (trip(envelope=TRUSTED, message=Message(from_is_strict=True)), Ground.NOTHING),
        # An admin whose server writes results wants them to decide.
        (trip(envelope=TRUSTED, authority=MX), Ground.NOTHING),
        (trip(envelope=TRUSTED, authority=MX, source=Source.INTAKE), Ground.ROAD),
        (trip(envelope=LOGIN, login_addresses=ANN), Ground.LOGIN),
        (trip(envelope=LOGIN, login_addresses=frozenset({"bo@desk.test"})), Ground.NOTHING),
        (trip(envelope=LOGIN), Ground.NOTHING),
        (trip(authority=OPEN), Ground.FROM),
        (trip(authority=OPEN, message=LOOSE), Ground.NOTHING),
        (trip(authority=Authority(mode="trust-from")), Ground.NOTHING),
        (trip(authority=Authority(relays=("192.0.2.0/24",))), Ground.NOTHING),
        (by_server("dmarc=pass header.from=desk.test"), Ground.RESULTS),
        (by_server("dmarc=pass header.from=other.test"), Ground.NOTHING),
        (by_server("dmarc=pass"), Ground.NOTHING),
        (by_server("dmarc=fail header.from=desk.test; dkim=pass header.d=desk.test"),
         Ground.NOTHING),
        (by_server("dmarc=pass header.from=desk.test; dmarc=fail header.from=desk.test"),
         Ground.NOTHING),
        (by_server("dmarc=none header.from=desk.test; dkim=pass header.d=desk.test"),
         Ground.RESULTS),
        (by_server("dkim=pass header.d=Desk.Test"), Ground.RESULTS),
        (by_server("dkim=pass header.i=@desk.test"), Ground.RESULTS),
        (by_server("dkim=pass header.d=evil.test"), Ground.NOTHING),
        (by_server("dkim=pass header.d=test"), Ground.NOTHING),
        (by_server("dkim=pass header.d=mail.desk.test"), Ground.NOTHING),
        (by_server("dkim=fail header.d=desk.test; spf=pass smtp.mailfrom=desk.test"),
         Ground.NOTHING),
        (by_server("auth=pass (plain) smtp.auth=ann@desk.test"), Ground.RESULTS),
        (by_server("auth=pass smtp.auth=mallory@desk.test"), Ground.NOTHING),
        # A stranger who speaks to our port himself can write every field.
        (by_server("dmarc=pass header.from=desk.test", envelope=trip().envelope), Ground.NOTHING),
        # What lies in a mailbox came by its server.
        (by_server("dmarc=pass header.from=desk.test", source=Source.IMAP,
                   envelope=Envelope(sender="", recipients=(), peer="main")), Ground.RESULTS),
        (trip(signatures=Signatures(dkim=("desk.test",))), Ground.DKIM),
        (trip(signatures=Signatures(dkim=("evil.test",))), Ground.NOTHING),
        (by_server("dkim=none", signatures=Signatures(dkim=("desk.test",))), Ground.DKIM),
        (by_server("dmarc=fail (p=reject) header.from=desk.test",
                   signatures=Signatures(dkim=("desk.test",))), Ground.NOTHING),
    ],
)  # fmt: skip
def test_ground_of_a_sender(case: Trip, ground: Ground) -> None:
    found = check(case)

    assert found.ground is ground
    assert found.because


SEAL = Signatures(
    sealer="lists.test",
    sealed_results="i=1; mx.lists.test; dmarc=pass header.from=desk.test",
)


@pytest.mark.parametrize(
    ("sealers", "signatures", "is_checked"),
    [
        (("lists.test",), SEAL, True),
        ((), SEAL, False),
        (("other.test",), SEAL, False),
        (("lists.test",), replace(SEAL, sealed_results="i=1; mx; dmarc=fail"), False),
        (("lists.test",), replace(SEAL, sealed_results="i=1"), False),
    ],
)
def test_seal_counts_of_listed_forwarders_only(
    sealers: tuple[str, ...], signatures: Signatures, is_checked: bool
) -> None:
    found = check(trip(authority=Authority(sealers=sealers), signatures=signatures))

    assert found.is_checked is is_checked


@pytest.mark.parametrize(
    ("results", "is_refuted"),
    [
        ("dmarc=fail (p=REJECT sp=NONE dis=REJECT) header.from=desk.test", True),
        ("dmarc=fail (p=quarantine dis=none) header.from=desk.test", True),
        ("dmarc=fail policy.dmarc=reject header.from=desk.test", True),
        ("dmarc=fail action=quarantine header.from=desk.test", True),
        ("dmarc=fail (p=none sp=reject) header.from=desk.test", False),
        ("dmarc=pass (p=reject) header.from=desk.test", False),
        ("spf=fail", False),
    ],
)
def test_domain_may_say_that_it_did_not_send(results: str, is_refuted: bool) -> None:
    assert check(by_server(results)).is_refuted is is_refuted


@pytest.mark.parametrize(
    ("case", "path"),
    [
        (trip(), "peer:192.0.2.9"),
        (trip(envelope=TRUSTED), ""),
        (trip(source=Source.IMAP), ""),
        (by_server("spf=fail"), "peer:192.0.2.7"),
        (by_server("dkim=pass header.d=desk.test"), "dkim:desk.test"),
        (trip(envelope=Envelope(sender="", recipients=(), peer="127.0.0.1")), ""),
    ],
)
def test_path_is_what_somebody_believable_saw(case: Trip, path: str) -> None:
    found = check(case)

    assert found.path == path or found.ground is Ground.ROAD


@pytest.mark.parametrize(
    ("peer", "is_inside"),
    [
        ("192.0.2.9", True),
        ("::ffff:192.0.2.9", True),
        ("198.51.100.1", False),
        ("main", False),
        ("", False),
    ],
)
def test_networks(peer: str, is_inside: bool) -> None:
    assert is_within(peer, ("192.0.2.0/24",)) is is_inside


def test_alignment_is_the_domain_or_one_above_it() -> None:
    assert aligned("desk.test", "desk.test")
    assert aligned("desk.test", "mail.desk.test")
    assert not aligned("mail.desk.test", "desk.test")
    assert not aligned("k.test", "desk.test")
    assert not aligned("test", "desk.test")
    assert not aligned("", "desk.test")


TOKEN = Token(Purpose.REPLY, 7, 3)
YES = Checked(ground=Ground.ROAD, because="by a road that checks senders")
ANN_WROTE = Message(from_=Address("ANN@desk.test"), from_is_strict=True)


@pytest.mark.parametrize(
    ("message", "checked", "token", "generation", "level"),
    [
        (ANN_WROTE, YES, TOKEN, 0, Level.AGENT),
        (ANN_WROTE, Checked(), TOKEN, 0, Level.PARTICIPANT),
        (ANN_WROTE, YES, None, 0, Level.NONE),
        (ANN_WROTE, Checked(), TOKEN, 1, Level.NONE),
        (ANN_WROTE, YES, TOKEN, 1, Level.AGENT),
        (ANN_WROTE, YES, Token(Purpose.REPLY, 7, 3, 1), 1, Level.AGENT),
        (LOOSE, YES, TOKEN, 0, Level.NONE),
        (Message(), YES, TOKEN, 0, Level.NONE),
        (Message(from_=Address("evil@x.test"), from_is_strict=True), YES, TOKEN, 0, Level.NONE),
    ],
)
def test_proof_needs_token_strict_from_and_a_checked_sender(
    message: Message, checked: Checked, token: Token | None, generation: int, level: Level
) -> None:
    proof = prove(message, checked, token, ANN, generation=generation)

    assert proof.level is level
    assert proof.because


def test_agent_at_the_control_address_needs_a_checked_sender() -> None:
    assert prove_agent(ANN_WROTE, YES, ANN).level is Level.AGENT
    assert prove_agent(ANN_WROTE, Checked(), ANN).level is Level.NONE
    assert prove_agent(LOOSE, YES, ANN).level is Level.NONE
    assert prove_agent(ANN_WROTE, YES, frozenset({"bo@desk.test"})).level is Level.NONE


def test_confirmation_is_the_highest_level() -> None:
    proof = confirmed(prove(ANN_WROTE, YES, TOKEN, ANN), "confirmed by reply")

    assert proof.level is Level.CONFIRMED
    assert "confirmed by reply" in proof.because
