"""What the sender newly wrote."""

from __future__ import annotations

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


@pytest.mark.parametrize("language", ["en", "ko", "fr"])
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
        "Sent from my desk, which is easier than the phone.",
        "```\n# code\n```",
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
