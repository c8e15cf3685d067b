"""What mail programs quote in HTML, in languages that nobody told us."""

from __future__ import annotations

import pytest

from daemon.mail.html import readable
from daemon.mail.reply import newly_written

_LABELS = (
    "<b>Qqq:</b> Help &lt;help@example.org&gt;<br><b>Www:</b> 1.1.2024<br><b>Eee:</b> Jane<br>"
)
_STYLE = "border:none;border-top:solid #E1E1E1 1.0pt;padding:3.0pt 0cm 0cm 0cm"


@pytest.mark.parametrize(
    "history",
    [
        "<div><div class='gmail_attr'>Zzz qqq</div><blockquote>Old</blockquote></div>",
        "<div class='moz-cite-prefix'>Zzz qqq</div><blockquote>Old</blockquote>",
        "<div id='ydp1yahoo_quoted_1' class='ydp1yahoo_quoted'><div>Zzz qqq</div>Old</div>",
        "<div class='ntes-mailmaster-quote'><div>Zzz</div><div>Old</div></div>",
        f"<div class='x ms-outlook-mobile-reference-message'><hr>{_LABELS}Old</div>",
        f"<hr><div id='divRplyFwdMsg'>{_LABELS}</div><div>Old</div>",
        f"<div id='x_divRplyFwdMsg'>{_LABELS}</div><div>Old</div>",
        f"<hr id='zwchr'><div>{_LABELS}</div><div>Old</div>",
        f"<div><hr id='stopSpelling'>{_LABELS}<br>Old</div>",
        f"<div style='{_STYLE}'><p>{_LABELS}</p></div><p>Old</p>",
    ],
)
def test_history_is_known_by_its_element(history: str) -> None:
    text = readable(f"<html><body><div>It works now.</div>{history}</body></html>")

    assert newly_written(text) == "It works now."
    assert "Old" in text


def test_what_gmail_sends_on_is_no_quotation() -> None:
    text = readable(
        "<div class='gmail_quote'><div class='gmail_attr'>---------- Forwarded message ---------"
        "<br>From: A &lt;a@x.org&gt;<br>Date: Mon<br>Subject: Jam</div>It is broken.</div>"
    )

    assert "It is broken." in newly_written(text)
    assert "> " not in text
