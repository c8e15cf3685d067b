"""The demo's desk, its sample mails, and what each must become."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib import resources
from typing import Final

from daemon.store import listing, messages
from daemon.store.engine import Tx
from daemon.store.listing import Arrived, Sent

ADDRESS: Final = "help@desk.example"
#: The rule files of the demo; the others are as shipped.
RULES: Final[Mapping[str, str]] = {
    "people.yaml": """\
agents:
  ann: {full_name: Ann Archer, addresses: [ann@desk.example]}
  bo: {full_name: Bo Berg, addresses: [bo@desk.example]}
teams:
  desk: {members: [ann, bo], lead: ann}
  network: {members: [bo]}
organisations:
  acme: {domains: [acme.example]}
  hanbit: {domains: [hanbit.example], language: ko}
vips: [ceo@acme.example]
default_team: desk
""",
    "routing.yaml": """\
rules:
  - name: network
    when: {subject: {contains: [vpn, network, 네트워크]}}
    set: {team: network, service: network}
  - name: password
    when: {subject: {contains: [password, 비밀번호]}}
    set: {service: accounts, type: request, urgency: high}
""",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """What a sample must become; what is empty is not looked at."""

    fate: str
    ticket: int | None
    #: Which notices to whom it causes.
    notices: tuple[str, ...] = ()
    subject: str = ""
    #: Stands in the message as it was understood.
    says: str = ""
    files: tuple[str, ...] = ()
    team: str = ""
    priority: str = ""
    state: str = ""
    language: str = ""


_ANN, _BO = "new_ticket to ann@desk.example", "new_ticket to bo@desk.example"


def _ack(address: str) -> str:
    return f"acknowledgement to {address}"


SAMPLES: Final[Mapping[str, Expected]] = {
    "01-plain": Expected(
        fate="ticket",
        ticket=1,
        notices=(_ack("carol@acme.example"), _ANN, _BO),
        subject="Printer on the third floor is jammed",
        says="takes no paper any more",
        team="desk",
        priority="P4",
        language="en",
    ),
    "02-html-only": Expected(
        fate="ticket",
        ticket=2,
        notices=(_ack("dan@acme.example"), _BO),
        says="“certificate expired”",
        team="network",
    ),
    "03-korean-euc-kr": Expected(
        fate="ticket",
        ticket=3,
        notices=(_ack("sujin@hanbit.example"), _BO),
        subject="무선 네트워크가 안 됩니다",
        team="network",
        language="ko",
    ),
    "04-korean-utf-8": Expected(
        fate="ticket",
        ticket=4,
        notices=(_ack("minho@hanbit.example"), _ANN, _BO),
        subject="비밀번호를 잊어버렸어요",
        priority="P3",
        language="ko",
    ),
    "05-attachment": Expected(
        fate="ticket",
        ticket=5,
        notices=(_ack("erin@acme.example"), _ANN, _BO),
        says="See the picture.",
        files=("error message.png",),
    ),
    "06-vip": Expected(
        fate="ticket",
        ticket=6,
        notices=(_ack("ceo@acme.example"), _ANN, _BO),
        priority="P3",
    ),
    "07-duplicate": Expected(fate="duplicate", ticket=1, state="new"),
    "08-out-of-office": Expected(fate="automatic", ticket=2, state="new"),
    "09-bounce": Expected(fate="bounce", ticket=None),
    "10-broken-mime": Expected(
        fate="ticket",
        ticket=7,
        notices=(_ack("frank@acme.example"), _ANN, _BO),
        says="My keyboard types",
    ),
    # A machine's mail may be about something, but it is not answered.
    "11-spam-like": Expected(fate="ticket", ticket=8, notices=(_ANN, _BO), says="CLICK"),
    "12-monitoring": Expected(fate="ticket", ticket=9, notices=(_ANN, _BO), says="web01"),
}
AGENTS_ANSWER: Final = Expected(
    fate="reply",
    ticket=2,
    notices=("resolution to dan@acme.example",),
    says="We have renewed your certificate.",
    state="resolved",
)
REQUESTERS_REPLY: Final = Expected(
    fate="reply",
    ticket=2,
    notices=("requester_replied to bo@desk.example",),
    says="Thank you, but at home it still fails.",
    state="open",
)


def raw_of(name: str) -> bytes:
    """The bytes of a sample."""
    return (resources.files("scripts") / "samples" / f"{name}.eml").read_bytes()


def differences(
    tx: Tx, arrived: Arrived, notices: list[Sent], expected: Expected
) -> tuple[str, ...]:
    """What of an arrival is not as expected, in words."""
    told = tuple(sorted(f"{mail.kind} to {mail.recipient}" for mail in notices))
    values = [
        ("fate", arrived.fate, expected.fate),
        ("ticket", arrived.ticket, expected.ticket),
        ("notices", told, tuple(sorted(expected.notices))),
        *_of_ticket(tx, arrived, expected),
    ]
    return tuple(
        f"{name} is {found!r}, expected {wanted!r}"
        for name, found, wanted in values
        if found != wanted
    )


def _of_ticket(
    tx: Tx, arrived: Arrived, expected: Expected
) -> Iterator[tuple[str, object, object]]:
    listed = listing.ticket(tx, arrived.ticket) if arrived.ticket else None
    if listed is None:
        return
    for name in ("subject", "team", "priority", "state", "language"):
        if wanted := getattr(expected, name):
            yield name, str(getattr(listed.ticket, name)), wanted
    (newest,) = messages.of(tx, listed.ticket.number)[-1:]
    text = newest.reply or newest.text
    if expected.says and expected.says not in text:
        yield "text", text, expected.says
    if expected.files:
        yield "files", tuple(each["filename"] for each in newest.attachments), expected.files
