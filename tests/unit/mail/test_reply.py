"""What the sender newly wrote."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daemon.mail.reply import MARKER, marker, newly_written

_HISTORIES = {
    "english": "On Mon, 1 Jan 2024 at 10:00, Help Desk <help@example.org> wrote:\n\n> Old",
    "wrapped": "On Mon, 1 Jan 2024 at 10:00, Help Desk\n<help@example.org>\nwrote:\n\n> Old",
    "korean": "2024년 1월 1일 (월) 오전 10:00, 도움 <help@example.org>님이 작성:\n\n> Old",
    "german": "Am Mo., 1. Jan. 2024 um 10:00 Uhr schrieb Help <help@example.org>:\n\n> Old",
    "french": "Le lun. 1 janv. 2024 à 10:00, Help <help@example.org> a écrit :\n\n> Old",
    "spanish": "El lun, 1 ene 2024 a las 10:00, Help (<help@example.org>) escribió:\n\n> Old",
    "japanese": "2024年1月1日(月) 10:00 Help <help@example.org>:\n\n> Old",
    "chinese": "Help <help@example.org> 于2024年1月1日周一 10:00写道：\n\n> Old",
    "outlook": "From: Help\nSent: Monday, 1 January 2024\nTo: Jane\nSubject: Printer\n\nOld",
    "outlook-ko": "보낸 사람: 도움\n보낸 날짜: 2024년 1월 1일\n받는 사람: 제인\n제목: 인쇄\n\nOld",
    "outlook-de": "Von: Help\nGesendet: Montag\nAn: Jane\nBetreff: Drucker\n\nOld",
    "outlook-fr": "De : Help\nEnvoyé : lundi\nÀ : Jane\nObjet : Imprimante\n\nOld",
    "outlook-es": "De: Help\nEnviado: lunes\nPara: Jane\nAsunto: Impresora\n\nOld",
    "outlook-ja": "差出人: Help\n送信日時: 2024年\n宛先: Jane\n件名: プリンタ\n\nOld",
    "outlook-zh": "发件人: Help\n发送时间: 2024年\n收件人: Jane\n主题: 打印机\n\nOld",
    "bold": "*From:* Help\n*Sent:* Monday\n*To:* Jane\n*Subject:* Printer\n\nOld",
    "original": "-----Original Message-----\nFrom: Help\nSubject: x\n\nOld",
    "underscores": "________________________________\nFrom: H\nSent: M\nTo: J\nSubject: P\n\nOld",
    "unquoted": "On Mon, 1 Jan 2024 at 10:00, Help <help@example.org> wrote:\n\nOld, not marked",
    "quote": "> Old\n> older",
    "signature": "-- \nJane\nExample Ltd",
    "phone": "Sent from my iPhone",
}


@pytest.mark.parametrize("history", _HISTORIES.values(), ids=_HISTORIES.keys())
def test_history_is_left_out(history: str) -> None:
    assert newly_written(f"It works now.\n\nThanks\n\n{history}\n") == "It works now.\n\nThanks"


def _named(name: str) -> list[object]:
    """Entries of a file of samples: a line ``= name``, then their lines."""
    text = (Path(__file__).parents[2] / "mails" / f"{name}.txt").read_text(encoding="utf-8")
    entries = (entry.partition("\n") for entry in text.removeprefix("= ").split("\n\n= "))
    return [pytest.param(rest.strip("\n"), id=first) for first, _, rest in entries]


@pytest.mark.parametrize("attribution", _named("attributions"))
def test_attribution_of_every_language_goes_with_what_it_announces(attribution: str) -> None:
    answer = "It works now.\n\nThanks"

    assert newly_written(f"{answer}\n\n{attribution}\n\n> Old\n> older\n") == answer
    assert newly_written(f"{answer}\n\n{attribution}\n\nOld, not marked\n") == answer


@pytest.mark.parametrize("attribution", _named("attributions"))
def test_wrapped_attribution_is_still_one(attribution: str) -> None:
    if "\n" not in attribution and len(attribution) > 50:
        at = attribution.rfind(" ", 0, 45)
        attribution = f"{attribution[:at]}\n{attribution[at + 1 :]}"

    assert newly_written(f"It works now.\n\n{attribution}\n> Old\n") == "It works now."


@pytest.mark.parametrize("head", _named("heads"))
@pytest.mark.parametrize("shape", ["plain", "ruled", "bold"])
def test_head_of_every_language_ends_the_answer(head: str, shape: str) -> None:
    if shape == "bold":
        head = re.sub(r"^([^:]+:)", r"*\1*", head, flags=re.MULTILINE)
    rule = "________________________________\n" if shape == "ruled" else ""

    assert newly_written(f"It works now.\n\n{rule}{head}\n\nOld\n") == "It works now."


@pytest.mark.parametrize("ending", _named("endings"))
def test_endings_are_left_out(ending: str) -> None:
    assert newly_written(f"It works now.\n\n{ending}\n") == "It works now."


_SIGNED = (
    "-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\nYes\n"
    "-----BEGIN PGP SIGNATURE-----\n\nabc\n-----END PGP SIGNATURE-----"
)
_FORWARDED = "---------- Forwarded message ---------\nFrom: A <a@x.org>\nDate: Mon, 1 Jan 2024\n"


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("Yes\n\n---- On Tue, 01 Jan 2024 10:00:00 H <h@x.org> wrote ----\n\nOld", "Yes"),
        ("Yes\n\n---- John Smith wrote ----\n\nOld", "Yes"),
        ("Yes-----Original Message-----\n\nOld", "Yes"),
        ("Yes\n\n  _____  \n\nFrom: H\nSent: Mon\nTo: J\nSubject: x\n\nOld", "Yes"),
        ("Yes\n\n_____\nვისგან: H <h@x.org>\nდრო: 1\nვის: J\nთემა: x\n\nOld", "Yes"),
        ("Yes\n\nmore\n##- Please type your reply above this line -##\nOld", "Yes\n\nmore"),
        ("> A?\nYes\n> B?\nNo\n-- \nJane", "Yes\nNo"),
        ("H <h@x.org> wrote:\n> Old\n>\n> Old\n\nMine.\n", "Mine."),
        ("Look\n>>> http://x.org <<<\nat it", "Look\n>>> http://x.org <<<\nat it"),
        (f"FYI\n\n{_FORWARDED}Subject: x\n\nBody", "FYI"),
        (f"{_FORWARDED}Subject: x\n\nBody\n> old", f"{_FORWARDED}Subject: x\n\nBody\n> old"),
        (_SIGNED, "Yes"),
    ],
)
def test_shapes_of_answers(text: str, answer: str) -> None:
    assert newly_written(text) == answer


@pytest.mark.parametrize("language", ["en", "ko", "de", "fr"])
@pytest.mark.parametrize("prefix", ["", "> ", "  "])
def test_marker_ends_the_answer(language: str, prefix: str) -> None:
    text = f"Yes please.\n\nAn odd line of history\n{prefix}{marker(42, language)}\nOld"

    assert newly_written(text).startswith("Yes please.")
    assert "Old" not in newly_written(text)
    assert "42" not in newly_written(text)


def test_marker_is_found_in_what_mail_programs_make_of_it() -> None:
    found = MARKER.search("> -- write above this line · #7 --")

    assert found is not None
    assert found[1] == "7"


def test_answer_below_the_marker_is_kept() -> None:
    text = f"> {marker(42, 'en')}\n> Is it fixed?\n\nYes, it is."

    assert newly_written(text) == "Yes, it is."


def test_inline_answers_are_kept() -> None:
    text = (
        "On Mon, 1 Jan 2024 at 10:00, H <h@x> wrote:\n> Which floor?\n\nThe third.\n\n"
        "> Which printer?\n\nThe big one.\n"
    )

    assert newly_written(text).split() == ["The", "third.", "The", "big", "one."]


@pytest.mark.parametrize(
    "text",
    [
        "> only a quotation",
        "-- \nonly a signature",
        "---------- Forwarded message ---------\nFrom: A\nDate: x\nSubject: y\n\nforwarded",
        "From: A\nSent: x\nTo: y\nSubject: z\n\nforwarded",
        "Sent from my iPhone",
    ],
)
def test_reply_is_never_empty(text: str) -> None:
    assert newly_written(text)


@pytest.mark.parametrize(
    "text",
    [
        "On Monday the printer wrote: paper jam.",
        "From: the third floor\nto the second it is broken",
        "Please note:\n- it is slow\n- it is loud",
        "It fails.\n\nI use Outlook for Android",
        "It fails.\n\nPlease forgive my mistakes",
        "It fails.\n\nSent by Joe yesterday",
        "다시 됩니다.\n\n来自上海的客户",
        "Look at what I wrote\nlast week",
        "Quoting the manual:\n\nturn it off first",
        "Fill in:\nTo\nwhom\nSubject\nwhat",
        "Sent from my desk, which is easier than the phone.",
        "```\n# code\n```",
        "I wrote to joe@x.org on 2024-01-01 10:00 as follows:\n\nPlease help.",
        "The log of 2024-01-01 10:00:\n\nerror 5",
        "1. On 1 Jan 2024 at 10:00 I restarted it. Then this:\n\nIt failed",
        "Hi,\n\nmeeting 2024-05-01 10:00 with Joe <joe@example.org>:\n\nwe agreed.",
        "Contact Joe <joe@x.org>, phone 12:30, 2024:\n\nplease add him",
        "He said:\nno way",
        "Hello\n\nThis message is not confidential. Please add joe to the list.",
        "Hello\n\nIs this email confidential? I need to know.",
        "Hello\n\nDisclaimer: I am no expert.\nBut it is broken.",
        "Date: 2024-01-01\nUser: joe\nSubject: x\nplease reset",
        "Error: 12:30 failed",
    ],
)
def test_own_text_stays_whole(text: str) -> None:
    assert newly_written(text) == text


_LINE = st.one_of(
    st.sampled_from(
        [
            "",
            "text",
            "> quoted",
            "-- ",
            "On 1 Jan 2024 at 10:00, a@b.c wrote:",
            "On 1 Jan",
            "you wrote:",
            ">:",
            "From: a",
            "Sent: b",
            "To: c",
            "Subject: d",
            "-----Original Message-----",
            "Begin forwarded message:",
            "____________",
            "Sent from my iPhone",
            "a--- On 1 Jan 2024 at 10:00, a@b.c wrote:",
            marker(7, "en"),
            "> " + marker(8, "ko"),
            "\u00a0",
            "ᐧ",
        ]
    ),
    st.text(max_size=20),
)


@given(st.lists(_LINE, max_size=25).map("\n".join))
def test_reply_is_idempotent_and_never_empty(text: str) -> None:
    once = newly_written(text)

    assert newly_written(once) == once
    assert bool(once.strip()) == bool(text.replace("\u200b", "").strip())
