"""``postdesk templates``: what an admin sees of his templates before anybody else does."""

from __future__ import annotations

from pathlib import Path

import pytest

from daemon.store.engine import Store
from tests.system.commands.conftest import Command


@pytest.fixture
def folder(tmp_path: Path, postdesk: Command) -> Path:
    """The admin's templates."""
    found = tmp_path / "templates"
    found.mkdir()
    postdesk.environ["POSTDESK_TEMPLATES_DIR"] = str(found)
    return found


def test_shipped_templates_are_right_and_complete(postdesk: Command) -> None:
    result = postdesk("templates", "check")

    assert (result.code, result.out) == (0, "de: complete\nen: complete\nko: complete\n")


def test_mistake_is_named_with_its_line_and_the_shipped_one_is_shown(
    postdesk: Command, folder: Path
) -> None:
    mine = '{% extends "shipped/alarm.txt.j2" %}\n{% block body %}{{ headin }}{% endblock %}'
    (folder / "alarm.txt.j2").write_text(mine, encoding="utf-8")

    result = postdesk("templates", "check")
    shown = postdesk("templates", "show", "alarm", "--sample")

    assert result.code == 1
    assert "alarm.txt.j2:2: 'headin' is undefined" in result.out
    assert shown.code == 0
    assert "'headin' is undefined" in shown.err
    assert "A mail is held" in shown.out


def test_block_of_the_docs_is_shown(postdesk: Command, folder: Path) -> None:
    page = (Path(__file__).parents[3] / "docs/templates.md").read_text(encoding="utf-8")
    example = page.partition("```jinja\n")[2].partition("```")[0]
    (folder / "resolution.txt.j2").write_text(example, encoding="utf-8")

    text = postdesk("templates", "show", "resolution", "--sample", "--language", "ko").out
    html = postdesk("templates", "show", "resolution", "--sample", "--html").out

    assert text.startswith("Subject: [#48213] 해결됨: Printer on the third floor\n")
    assert "The desk is open from 9 to 18." in text
    assert "The desk is open from 9 to 18.</p>" in html


def test_ticket_of_the_desk_is_shown(postdesk: Command, filled: Store) -> None:
    found = postdesk("templates", "show", "new_ticket", "--ticket", 1)
    missing = postdesk("templates", "show", "new_ticket", "--ticket", 999)

    assert found.code == 0
    assert "[#1]" in found.out
    assert missing.code == 1
    assert "999" in missing.err


def test_new_language_begins_with_an_empty_catalogue(postdesk: Command, folder: Path) -> None:
    made = postdesk("templates", "catalogue", "fr")
    catalogue = folder / "locale" / "fr" / "postdesk.po"
    catalogue.parent.mkdir(parents=True)
    catalogue.write_text(
        made.out.replace('msgid "Hello,"\nmsgstr ""', 'msgid "Hello,"\nmsgstr "Bonjour,"')
    )

    result = postdesk("templates", "check")

    assert '"Language: fr\\n"' in made.out
    assert 'msgctxt "state"\nmsgid "waiting"\nmsgstr ""' in made.out
    assert 'msgid_plural "we have waited %(num)s business days' in made.out
    assert result.code == 0
    assert "fr: " in result.out
    assert "texts are not translated" in result.out
    assert postdesk("templates", "catalogue", "xx").code == 78
