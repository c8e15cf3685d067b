"""What holds for every mail: nothing said is lost; our own come back as they were sent."""

from __future__ import annotations

import base64
import quopri
from dataclasses import dataclass
from itertools import count

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from daemon.mail.attachments import open_attachment
from daemon.mail.message import Kind as Sort
from daemon.mail.message import Message
from daemon.mail.parse import parse
from tests.unit.mail.mails import PLAIN
from tests.unit.notices.conftest import KEY
from tests.unit.notices.conftest import settings as settings_of
from workers.notices.compose import Rendered, compose
from workers.notices.identity import DeskIdentity
from workers.notices.notice import Notice
from workers.notices.sample import samples
from workers.notices.wire import one_line

#: A charset and what can be said in it.
_SAID = {
    "us-ascii": "hello",
    "utf-8": "안녕 привет ☺",
    "iso-8859-1": "Ünïcödé",
    "euc-kr": "안녕하세요",
    "iso-2022-jp": "日本語です",
    "shift_jis": "日本語です",
    "gb18030": "你好打印机",
    "koi8-r": "привет как дела",
    "utf-7": "Ünïcödé",
    "windows-1252": "“said” – €",
}


@dataclass(frozen=True)
class Leaf:
    """A text part: its type, charset, encoding, and whether it is offered as a file."""

    content_type: str
    charset: str
    encoding: str
    is_file: bool


@dataclass(frozen=True)
class Branch:
    """A multipart, and whether its last boundary is there."""

    kind: str
    parts: tuple[Leaf | Branch, ...]
    is_closed: bool


_LEAVES = st.builds(
    Leaf,
    st.sampled_from(["text/plain", "text/html"]),
    st.sampled_from(list(_SAID)),
    st.sampled_from(["8bit", "base64", "quoted-printable"]),
    st.booleans(),
)
_TREES = st.recursive(
    _LEAVES,
    lambda inner: st.builds(
        Branch,
        st.sampled_from(["mixed", "alternative", "related", "signed", "odd"]),
        st.lists(inner, min_size=1, max_size=4).map(tuple),
        st.booleans(),
    ),
    max_leaves=12,
)


class _Writer:
    """Writes a tree, each leaf with a word of its own."""

    def __init__(self) -> None:
        self.numbers = count()
        self.words: dict[str, Leaf] = {}

    def write(self, node: Leaf | Branch) -> bytes:
        number = next(self.numbers)
        if isinstance(node, Leaf):
            return self.leaf(node, f"word{number}x {_SAID[node.charset]}")
        boundary = f"=_boundary{number}_"
        out = f'Content-Type: multipart/{node.kind}; boundary="{boundary}"\r\n\r\n'.encode()
        for part in node.parts:
            out += f"--{boundary}\r\n".encode() + self.write(part) + b"\r\n"
        return out + (f"--{boundary}--\r\n".encode() if node.is_closed else b"")

    def leaf(self, leaf: Leaf, said: str) -> bytes:
        self.words[said] = leaf
        data = (said if leaf.content_type == "text/plain" else f"<p>{said}</p>").encode(
            leaf.charset
        )
        if leaf.encoding == "base64":
            data = base64.encodebytes(data)
        elif leaf.encoding == "quoted-printable":
            data = quopri.encodestring(data)
        disposition = "Content-Disposition: attachment; filename=a.txt\r\n" if leaf.is_file else ""
        head = (
            f"Content-Type: {leaf.content_type}; charset={leaf.charset}\r\n"
            f"Content-Transfer-Encoding: {leaf.encoding}\r\n{disposition}\r\n"
        )
        return head.encode() + data


def _everything(raw: bytes, message: Message) -> str:
    files = [
        open_attachment(raw, attachment.part).decode(charset, "replace")
        for attachment in message.attachments
        for charset in _SAID
    ]
    return "\n".join([message.text, message.html or "", *files])


@settings(max_examples=40)
@given(_TREES)
def test_nothing_that_can_be_read_is_lost(tree: Leaf | Branch) -> None:
    writer = _Writer()
    raw = PLAIN + writer.write(tree)

    message = parse(raw)

    found = _everything(raw, message)
    assert [said for said in writer.words if said not in found] == []


@settings(max_examples=40)
@given(_TREES, st.integers(min_value=0), st.binary(max_size=4))
def test_damage_takes_no_more_than_its_own_part(
    tree: Leaf | Branch, place: int, damage: bytes
) -> None:
    raw = PLAIN + _Writer().write(tree)
    at = len(PLAIN) + place % (len(raw) - len(PLAIN))

    message = parse(raw[:at] + damage + raw[at:])

    assert message.from_ is not None
    assert message.subject == "Printer"


@pytest.mark.parametrize(
    "notice", [*samples("en"), *samples("ko")], ids=lambda notice: notice.unique
)
def test_our_own_mail_is_read_without_a_warning(notice: Notice) -> None:
    identity = DeskIdentity.of(settings_of(), KEY)
    written = Rendered(
        subject="프린터 — 3층", text="안녕하세요\n\n고장입니다.\n", html="<p>고장</p>"
    )

    composed = compose(notice, written, identity)
    message = parse(composed.raw)

    assert message.warnings == ()
    assert message.message_id == composed.message_id
    assert message.text == written.text.rstrip("\n")
    assert message.html == written.html
    assert message.subject.endswith(written.subject)
    assert message.from_ is not None
    assert message.from_is_strict
    assert message.from_.address == "help@example.org"
    assert [one.address for one in message.to] == [notice.to.address]
    assert message.attachments == ()
    assert message.kind in {Sort.AUTO_REPLY, Sort.AUTO_GENERATED, Sort.PERSON}
    assert message.date == notice.at.replace(microsecond=0)


_WORDS = st.text(st.characters(codec="utf-8"), max_size=80)


@settings(max_examples=40)
@given(subject=_WORDS, text=_WORDS)
def test_what_we_compose_is_what_we_read(subject: str, text: str) -> None:
    notice = next(iter(samples("en")))
    identity = DeskIdentity.of(settings_of(), KEY)
    kept = " ".join(text.split())
    printable = "".join(sign for sign in kept if sign.isprintable())

    message = parse(
        compose(notice, Rendered(subject=subject, text=printable, html=""), identity).raw
    )

    assert message.warnings == ()
    assert message.text.strip() == printable.strip()
    cleaned = " ".join(one_line(subject, 200).split())
    assert " ".join(message.subject.split()).endswith(cleaned)
    assert message.references == notice.references[-len(message.references) :]
