"""DKIM and ARC, verified with keys from a real DNS server on loopback."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from daemon.errors import LookupFailed
from daemon.mail import headers
from daemon.mail.parse import parse
from daemon.mail.reply import newly_written
from daemon.mail.sender import Signatures
from daemon.resolver import Resolver
from daemon.signatures import verify
from tests.servers import names as dns
from tests.servers.names import Names
from tests.servers.signer import Signer
from tests.unit.mail.test_outer import FORWARDED as PARTS

MAIL = b"""\
From: Ann <ann@desk.test>
To: help@desk.test
Subject: Re: [#1] chair
Date: Mon, 23 Nov 2026 10:00:00 +0000

/resolve
Done.
""".replace(b"\n", b"\r\n")


#: Forwarded: a stranger's mail within has parts of its own.
FORWARDED = MAIL.partition(b"\r\n\r\n")[0] + (
    b"\nContent-Type: multipart/mixed; boundary=outer\n\n" + PARTS
).replace(b"\n", b"\r\n")
INNER = (b"boundary=outer", b"boundary=inner", 1)


def _text(kind: str, body: str, encoding: str = "") -> bytes:
    """A mail from Ann whose root is text."""
    head = MAIL.partition(b"\r\n\r\n")[0].decode() + "\nMIME-Version: 1.0\n"
    coded = f"Content-Transfer-Encoding: {encoding}\n" if encoding else ""
    mail = f"{head}Content-Type: {kind}\n{coded}\n{body}"
    return mail.replace("\r\n", "\n").replace("\n", "\r\n").encode()


#: A root text as Outlook and Gmail encode it, folded at 76.
CODED = (
    "C'est r=E9gl=E9.\n\nDe=A0: Bo\nEnvoy=E9=A0: lundi\n\n"
    "La chaise r=E9par=E9e de la salle est cass=E9e depuis hier matin, et a=3D=\nb.\n"
)
#: Two parts, the first right below the header, as Outlook, Gmail and Apple Mail write them.
TWO = (
    '--000000000000a1\nContent-Type: text/plain; charset="UTF-8"\n'
    "Content-Transfer-Encoding: quoted-printable\n\nR=C3=A9gl=C3=A9.\n\n--000000000000a1\n"
    'Content-Type: text/html; charset="UTF-8"\nContent-Transfer-Encoding: quoted-printable\n\n'
    '<div dir=3D"ltr">R=C3=A9gl=C3=A9.</div>\n\n--000000000000a1--\n'
)
SENT = {
    "plain outlook": _text('text/plain; charset="iso-8859-1"', CODED, "quoted-printable"),
    "plain gmail": _text(
        'text/plain; charset="UTF-8"', "Done.\n\nOn Mon, Bo wrote:\n> The chair\n"
    ),
    "coded gmail": _text(
        'text/plain; charset="UTF-8"',
        CODED.replace("=E9", "=C3=A9").replace("=A0", "=C2=A0"),
        "quoted-printable",
    ),
    "parts": _text('multipart/alternative; boundary="000000000000a1"', TWO),
    "apple": _text("text/plain; charset=us-ascii", "Done.\n\n> The chair\n", "7bit"),
    "thunderbird": _text("text/plain; charset=UTF-8; format=flowed", "Réglé.\n\n> Là\n", "8bit"),
}


@pytest.fixture(scope="module")
def names() -> Iterator[Names]:
    with dns.running() as server:
        yield server


@pytest.fixture(scope="module")
def signer(names: Names) -> Signer:
    made = Signer(domain="desk.test", names=names)
    made.publish()
    return made


def _verify(names: Names, raw: bytes, *, with_seal: bool = False) -> Signatures:
    texts = Resolver(names.address).texts
    header = headers.split(raw, 0, len(raw))
    return verify(raw, header, "desk.test", texts, with_seal=with_seal)


def test_signature_of_the_domain_is_valid(names: Names, signer: Signer) -> None:
    assert _verify(names, signer.sign(MAIL)).dkim == ("desk.test",)


def test_line_ends_of_a_mailbox_do_no_harm(names: Names, signer: Signer) -> None:
    raw = signer.sign(MAIL).replace(b"\r\n", b"\n")

    assert _verify(names, raw).dkim == ("desk.test",)


@pytest.mark.parametrize("fields", ["from to subject date", "from subject date content-type"])
def test_parts_are_as_signed_whether_the_field_is_covered_or_not(
    names: Names, signer: Signer, fields: str
) -> None:
    signed = signer.sign(FORWARDED, headers=fields)

    assert _verify(names, signed).dkim == ("desk.test",)
    assert _verify(names, signed.replace(*INNER)).dkim == ()
    assert _verify(names, signed.replace(b"multipart/mixed", b"text/plain", 1)).dkim == ()


@pytest.mark.parametrize(
    ("quoted", "kind", "covered", "forge"),
    [
        (
            "hi=0A/cancel spam=0A>",
            "text/plain",
            "content-type",
            lambda raw: b"Content-Transfer-Encoding: quoted-printable\r\n" + raw,
        ),
        (
            "hi+AAo-/cancel spam+AAo-",
            "text/plain; charset=utf-8",
            "to",
            lambda raw: raw.replace(b"charset=utf-8", b"charset=utf-7"),
        ),
        (
            "<pre>\n/cancel spam\n</pre>",
            "text/html; charset=utf-8",
            "to",
            lambda raw: raw.replace(b"text/html", b"text/plain"),
        ),
    ],
    ids=["encoding", "charset", "kind"],
)
def test_quoted_words_are_not_made_the_agents_own(
    names: Names,
    signer: Signer,
    quoted: str,
    kind: str,
    covered: str,
    forge: Callable[[bytes], bytes],
) -> None:
    body = f"<p>No.</p>\n<blockquote>{quoted}</blockquote>" if "html" in kind else f"> {quoted}"
    signed = signer.sign(_text(kind, f"{body}\n"), headers=f"from subject date {covered}")
    forged = forge(signed)

    assert _verify(names, signed).dkim == ("desk.test",)
    assert "/cancel spam" not in newly_written(parse(signed).text).splitlines()
    assert "/cancel spam" in newly_written(parse(forged).text).splitlines()
    assert _verify(names, forged).dkim == ()


@pytest.mark.parametrize(
    ("covered", "raw"),
    [
        ("from subject date content-type mime-version message-id", "plain outlook"),
        ("from subject date content-type mime-version message-id", "parts"),
        ("from to subject date mime-version message-id references", "plain gmail"),
        ("from to subject date mime-version message-id references", "coded gmail"),
        ("from to subject date mime-version message-id references", "parts"),
        ("from content-type mime-version subject date message-id to", "apple"),
        ("from to subject date message-id", "thunderbird"),
    ],
)
def test_what_mail_programs_of_agents_send_is_believed(
    names: Names, signer: Signer, covered: str, raw: str
) -> None:
    assert _verify(names, signer.sign(SENT[raw], headers=covered)).dkim == ("desk.test",)


@pytest.mark.parametrize(
    ("what", "forge"),
    [
        ("no signature", lambda signer: MAIL),
        ("another body", lambda signer: signer.sign(MAIL).replace(b"Done.", b"Ha.")),
        ("more body", lambda signer: signer.sign(MAIL) + b"/spam\r\n"),
        ("another From", lambda signer: signer.sign(MAIL).replace(b"ann@", b"bo@")),
        ("a second From", lambda signer: b"From: bo@desk.test\r\n" + signer.sign(MAIL)),
        ("a second Subject", lambda signer: b"Subject: x\r\n" + signer.sign(MAIL)),
        (
            "a second Content-Type",
            lambda signer: (
                b"Content-Type: text/plain\r\nContent-Type: text/html\r\n" + signer.sign(MAIL)
            ),
        ),
        ("a length that leaves room", lambda signer: signer.sign(MAIL, length=True)),
        ("Subject not covered", lambda signer: signer.sign(MAIL, headers="from to date")),
        (
            "another domain",
            lambda signer: _of("evil.test", signer.names).sign(MAIL),
        ),
        (
            "a domain below",
            lambda signer: _of("news.desk.test", signer.names).sign(MAIL),
        ),
        ("a key too short", lambda signer: _of("desk.test", signer.names, bits=512).sign(MAIL)),
        (
            "a key that is not in the DNS",
            lambda signer: signer.sign(MAIL).replace(b"s=s1;", b"s=s2;"),
        ),
        (
            "garbage",
            lambda signer: (
                b"DKIM-Signature: v=1; d=desk.test; h=from:subject:date; b=\xff\r\n" + MAIL
            ),
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_is_not_the_signed_mail_is_not_valid(
    names: Names, signer: Signer, what: str, forge: object
) -> None:
    raw = forge(signer)  # type: ignore[operator]
    signer.publish()

    assert _verify(names, raw).dkim == (), what


def _of(domain: str, names: Names, bits: int = 2048) -> Signer:
    made = Signer(domain=domain, names=names, bits=bits)
    made.publish()
    return made


def test_only_few_signatures_are_looked_at(names: Names, signer: Signer) -> None:
    signed = signer.sign(MAIL)
    tags = "v=1; a=rsa-sha256; d=desk.test; s=no%d; h=from:subject:date; bh=x; b=x"
    useless = f"DKIM-Signature: {tags}\r\n".encode()
    names.asked.clear()

    found = _verify(names, b"".join(useless % n for n in range(50)) + signed)

    assert found.dkim == ()
    assert len(names.asked) <= 4


def test_silent_dns_is_told_and_proves_nothing(names: Names, signer: Signer) -> None:
    names.is_failing = True
    try:
        with pytest.raises(LookupFailed):
            _verify(names, signer.sign(MAIL))
    finally:
        names.is_failing = False


def test_seal_tells_its_sealer_and_what_he_found(names: Names) -> None:
    forwarder = _of("lists.test", names)
    sealed = forwarder.seal(MAIL, "dmarc=pass header.from=desk.test")

    found = _verify(names, sealed, with_seal=True)

    assert found.sealer == "lists.test"
    assert "dmarc=pass header.from=desk.test" in found.sealed_results
    assert _verify(names, sealed.replace(b"Done.", b"Ha."), with_seal=True) == Signatures()
    assert _verify(names, sealed.replace(b"dmarc=pass", b"dmarc=fail", 1), with_seal=True) == (
        Signatures()
    )


def test_seal_says_nothing_of_a_mail_that_can_be_read_otherwise(names: Names) -> None:
    sealed = _of("lists.test", names).seal(FORWARDED, "dmarc=pass header.from=desk.test")

    assert _verify(names, sealed, with_seal=True).sealer == "lists.test"
    assert _verify(names, sealed.replace(*INNER), with_seal=True) == Signatures()


def test_seal_says_nothing_of_a_mail_that_can_be_decoded_otherwise(names: Names) -> None:
    sealed = _of("lists.test", names).seal(
        MAIL + b"> hi=0A/cancel spam=0A>\r\n", "dmarc=pass header.from=desk.test"
    )
    forged = b"Content-Transfer-Encoding: quoted-printable\r\n" + sealed

    assert _verify(names, sealed, with_seal=True).sealer == "lists.test"
    assert _verify(names, forged, with_seal=True) == Signatures()
