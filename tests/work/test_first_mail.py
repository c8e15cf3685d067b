"""The first mail of README.md: its answer by the shipped rules reads as it is shown there."""

from __future__ import annotations

import shutil
from pathlib import Path
from textwrap import dedent

from daemon import shipped
from tests.work.conftest import Work
from tests.work.test_confirming import notices

README = Path(__file__).parents[2] / "README.md"
MAIL = (
    b"From: anna@example.org\r\nSubject: The printer is on fire\r\n\r\nRoom 101, please hurry.\r\n"
)


def test_answer_to_the_first_mail_reads_as_in_the_readme(work: Work) -> None:
    for path in shipped.folder("rules").glob("*.yaml"):
        shutil.copy(path, work.folder / "rules")
    work.desk.reload()
    work.arrive(MAIL, sender="anna@example.org")

    work.take_in()

    [answer] = notices(work, "acknowledgement")
    whole = f"Subject: {answer['Subject']}\n\n{answer.text}".replace("\r", "")
    example = README.read_text(encoding="utf-8").partition("reads:\n\n")[2].partition("## ")[0]
    assert whole.partition("\n-- \n")[0].strip() == dedent(example).strip()
