"""Whatever stands in a mail beside its writer's own command block, it never runs.

Random mails are built as real programs build them: an agent's own text, then a customer's words
with planted commands, quoted or not, forwarded, in fences, indented, in signatures.
"""

from __future__ import annotations

from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from daemon.desk.verbs.catalogue import VERBS
from daemon.mail.reply import marker
from tests.unit.desk.house import REQUESTER, read
from workers.notices import quote

_PLANTED = st.sampled_from(
    ["/resolve", "/close", "/pri P1", "/assign bo", "/note", "/cancel spam", "/merge #1", "/ok",
     "/undo", "/macro x", "/해결", "/lösen", "/RESOLVE", "/res", "/resovle", "/for eve@evil.test"]
)  # fmt: skip
_WORDS = st.sampled_from(
    ["Hello", "It burns again.", "see below", "", "Regards", "a/b", "1. /etc is full", "안녕하세요"]
)
_OWN = st.lists(_WORDS, min_size=1, max_size=4).map(lambda lines: "\n".join(["Dear Ana,", *lines]))
_EVIL = st.lists(st.one_of(_PLANTED, _WORDS), min_size=1, max_size=6).map("\n".join)

_HEADS = st.sampled_from(
    [
        "On Mon, 2 Mar 2026 at 09:00, Carol <carol@acme.test> wrote:\n",
        "Am 02.03.2026 um 09:00 schrieb Carol:\n",
        "2026년 3월 2일 (월) 오전 9:00, Carol <carol@acme.test>님이 작성:\n",
        "-----Original Message-----\n",
        "---------- Forwarded message ---------\nFrom: Carol <carol@acme.test>\n",
        "________________________________\nFrom: Carol\nSent: Monday\nTo: Help\nSubject: x\n",
        "From: Carol <carol@acme.test>\nSent: Monday, 2 March 2026\nTo: Help\nSubject: Re: x\n",
        "Von: Carol <carol@acme.test>\nGesendet: Montag\nAn: Hilfe\nBetreff: x\n",
        "보낸 사람: Carol <carol@acme.test>\n보낸 날짜: 월요일\n받는 사람: Help\n제목: x\n",
        "Begin forwarded message:\n\nFrom: Carol <carol@acme.test>\nDate: Monday\n",
        "Frá: Carol <carol@acme.test>\nDagsetning: mánudagur\nTil: Help\nEfni: x\n",
        "> earlier words\n",
    ]
)


def _quoted(text: str) -> str:
    return "\n".join(f"> {line}" for line in text.split("\n"))


def _fenced(text: str) -> str:
    return f"```\n{text}\n```\nthat was it"


def _indented(text: str) -> str:
    return "\n".join(f"    {line}" for line in text.split("\n"))


def _signature(text: str) -> str:
    return f"-- \n{text}"


#: A customer's words as a reply or a forward carries them below the own text.
_BELOW = st.one_of(
    st.builds("{}{}".format, _HEADS, _EVIL),
    st.builds("{}\n{}".format, _HEADS, _EVIL),
    st.builds("{}{}".format, _HEADS, _EVIL.map(_quoted)),
    _EVIL.map(_quoted),
    _EVIL.map(_fenced),
    _EVIL.map(_indented),
    _EVIL.map(_signature),
    # our own notice, unquoted: a client that marks nothing
    _EVIL.map(lambda text: f"{marker(7, 'en')}\n\n{quote.guarded(text)}"),
    st.builds(
        lambda head, text: f"{head}\n{marker(7, 'en')}\n\n{quote.guarded(text)}", _HEADS, _EVIL
    ),
)


@settings(max_examples=150)
@given(_OWN, st.lists(_BELOW, min_size=1, max_size=3), st.sampled_from(["\n", "\n\n"]))
@example("Dear Ana,", ["> x\n/resolve"], "\n")
def test_nothing_below_the_own_text_runs(own: str, below: list[str], gap: str) -> None:
    mail = gap.join([own, *below])

    assert read(mail).commands == ()
    assert read(mail).mistakes == ()
    assert read(mail, REQUESTER).commands == ()


@settings(max_examples=100)
@given(_OWN, st.lists(_BELOW, min_size=1, max_size=3))
def test_only_the_block_at_the_top_runs(own: str, below: list[str]) -> None:
    orders = read("\n\n".join(["/take\n/tag +seen", own, *below]))

    assert [command.line for command in orders.commands] == ["/take", "/tag +seen"]
    assert orders.mistakes == ()


@settings(max_examples=60)
@given(_BELOW, _OWN)
def test_nothing_runs_in_a_mail_that_begins_with_somebody_elses_words(above: str, own: str) -> None:
    assume(not above.startswith(("-- ", "```", "    ", "—")))  # no program makes such a mail

    assert read(f"{above}\n\n{own}").commands == ()


@given(st.sampled_from(sorted(VERBS["ko"])), _EVIL)
def test_a_whole_mail_of_quoted_commands_is_only_text(verb: str, evil: str) -> None:
    assert read(_quoted(f"/{verb}\n{evil}")).commands == ()


@given(_EVIL)
def test_no_line_of_our_own_notices_is_a_command(evil: str) -> None:
    lines = quote.guarded(evil).split("\n")

    assert not any(line.startswith("/") for line in lines)
