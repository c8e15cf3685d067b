"""Templates: every kind and language, the admin's folder, and what goes wrong in it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daemon.desk.ticket import State
from daemon.errors import SettingsError, TemplateError
from daemon.mail.reply import marker, newly_written
from tests.unit.notices.conftest import KEY, fail, settings
from workers.notices.compose import Rendered
from workers.notices.identity import DeskIdentity
from workers.notices.notice import Due, Kind
from workers.notices.render import Renderer
from workers.notices.sample import sample, samples

LANGUAGES = ("en", "ko")
EVERY = pytest.mark.parametrize(
    ("kind", "language"),
    [(kind, language) for kind in Kind for language in LANGUAGES],
    ids=str,
)
MARKUP = "<script>alert(1)</script> {{ 7*7 }} {% raw %} &amp;"


def columns(line: str) -> int:
    return sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in line)


def visible(html: str) -> str:
    body = re.sub(r"<style>.*?</style>", "", html, flags=re.DOTALL)
    return re.sub(r"<[^>]+>", "", body)


def test_shipped_templates_have_no_fault(renderer: Renderer) -> None:
    assert renderer.check() == ()


@EVERY
def test_notice_reads_well_at_72_columns(renderer: Renderer, kind: Kind, language: str) -> None:
    notice = replace(sample(kind, language), text="short", details=("a@b.example", "550 no"))

    text = renderer.render(notice).text

    assert [line for line in text.split("\n") if columns(line) > 72] == []
    assert "\n\n\n" not in text
    assert text.endswith("\n")


@EVERY
def test_notice_is_html_without_remote_content(
    renderer: Renderer, kind: Kind, language: str
) -> None:
    html = renderer.render(sample(kind, language)).html

    assert html.startswith("<!DOCTYPE html>")
    assert f'<html lang="{language}">' in html
    assert not re.search(r"<(img|script|link|iframe|form)|url\(|https?://|@import", html)
    assert set(re.findall(r'(?:src|href)="([a-z]+):', html)) <= {"mailto"}
    assert 'name="color-scheme"' in html


@EVERY
def test_peoples_words_are_values_and_never_markup_or_template(
    renderer: Renderer, kind: Kind, language: str
) -> None:
    notice = sample(kind, language)
    ticket = replace(notice.ticket, subject=MARKUP, service=MARKUP) if notice.ticket else None
    hostile = replace(
        notice,
        ticket=ticket,
        text=MARKUP,
        author=MARKUP,
        requester=MARKUP,
        handler=MARKUP,
        details=(MARKUP, MARKUP),
        to=replace(notice.to, name=MARKUP),
    )

    rendered = renderer.render(hostile)

    assert "<script>" not in rendered.html
    assert "49" not in re.sub(r"#[0-9a-f]{6}|help%2B\S+", "", rendered.text + rendered.html)
    assert "{{ 7*7 }}" in rendered.text
    assert "&lt;script&gt;" in rendered.html


@EVERY
def test_notice_carries_the_line_above_which_one_answers(
    renderer: Renderer, kind: Kind, language: str
) -> None:
    notice = sample(kind, language)
    rendered = renderer.render(notice)

    if notice.ticket:
        line = marker(notice.ticket.number, language)
        assert rendered.text.startswith(f"{line}\n\n")
        assert line in rendered.html
        answer = f"It works.\n\n{rendered.text}"
        assert newly_written(answer) == "It works."
    else:
        assert "—" not in rendered.text


@EVERY
def test_notice_says_at_its_foot_why_it_came(renderer: Renderer, kind: Kind, language: str) -> None:
    foot = renderer.render(sample(kind, language)).text.rpartition("\n-- \n")[2]

    assert ("You get this because" if language == "en" else "보내 드립니다") in foot


@given(st.text(max_size=200))
def test_no_line_of_repeated_words_begins_with_a_slash(text: str) -> None:
    rendered = _RENDERER.render(replace(sample(Kind.NEW_TICKET), text=f"/resolve\n{text}\n/take"))

    before_verbs = rendered.text.partition("\nAt the top of your answer")[0]
    assert not any(line.lstrip().startswith("/") for line in before_verbs.splitlines())
    assert not re.search(r"(^|>)\s*/", visible(rendered.html), re.MULTILINE)


def test_acknowledgement_promises_when(renderer: Renderer) -> None:
    english = renderer.render(sample(Kind.ACKNOWLEDGEMENT))
    korean = renderer.render(sample(Kind.ACKNOWLEDGEMENT, "ko"))

    assert "We will answer by Mon 9 Mar, 18:30\nand solve it by Tue 10 Mar, 01:30." in english.text
    assert "3월 9일 (월) 18:30" in korean.text
    assert "Korean Time" in english.text
    assert "incident, Printing / hardware, priority P3" in english.text


def test_due_time_of_another_year_names_it(renderer: Renderer) -> None:
    due = (Due(metric="resolve", at=datetime(2027, 1, 4, 1, tzinfo=UTC)),)

    text = renderer.render(replace(sample(Kind.ACKNOWLEDGEMENT), due=due)).text

    assert "We will solve it by Mon 4 Jan 2027, 10:00." in text


def test_metric_without_words_is_named_as_it_is(renderer: Renderer) -> None:
    due = (Due(metric="update", at=datetime(2026, 3, 9, 9, tzinfo=UTC)),)

    text = renderer.render(replace(sample(Kind.NEW_TICKET), due=due)).text

    assert "update: Mon 9 Mar, 18:00" in text


def test_agent_gets_the_verbs_that_are_legal_as_links(
    renderer: Renderer, desk: DeskIdentity
) -> None:
    notice = sample(Kind.NEW_TICKET)
    rendered = renderer.render(notice)

    address = desk.reply_address(notice).replace("+", "%2B")
    links = re.findall(r'href="([^"]+)"', rendered.html)
    assert [link.rpartition("body=")[2] for link in links] == [
        "%2Ftake%0D%0A",
        "%2Fassign%20",
        "%2Fnote%0D%0A%0D%0A",
        "%2Fresolve%0D%0A%0D%0A",
    ]
    subject = "%5B%2348213%5D%20Printer%20on%20the%20third%20floor"
    assert all(link.startswith(f"mailto:{address}?subject={subject}&amp;") for link in links)
    assert "\n  /take         it is yours\n" in rendered.text


def test_verbs_that_are_not_legal_are_not_offered(renderer: Renderer) -> None:
    notice = sample(Kind.NOTE)
    assert notice.ticket is not None
    done = replace(notice, ticket=replace(notice.ticket, state=State.RESOLVED))
    cancelled = replace(notice, ticket=replace(notice.ticket, state=State.CANCELLED))

    assert "/resolve" not in renderer.render(done).text
    assert "/take" in renderer.render(done).text
    assert "/take" not in renderer.render(cancelled).text


def test_requester_is_not_offered_verbs(renderer: Renderer) -> None:
    assert "/take" not in renderer.render(sample(Kind.ACKNOWLEDGEMENT)).text


def test_links_without_plus_addresses_carry_the_message_id() -> None:
    bare = settings(plus_addresses=False)
    renderer = Renderer(bare, DeskIdentity.of(bare, KEY), fail)

    html = renderer.render(sample(Kind.NEW_TICKET)).html

    assert "mailto:help@example.org?" in html
    assert "in-reply-to=%3C48213.r7.0." in html


def test_audience_of_an_answer_is_named(renderer: Renderer) -> None:
    assert "goes to Ana Kim." in renderer.render(sample(Kind.REQUESTER_REPLIED)).text
    note = renderer.render(sample(Kind.NOTE))
    assert "internal too: Ana Kim does not see it." in note.text
    assert "INTERNAL" in note.subject
    assert "INTERNAL" in renderer.render(sample(Kind.NOTE, "ko")).subject


def test_command_error_lists_what_was_wrong(renderer: Renderer) -> None:
    text = renderer.render(sample(Kind.COMMAND_ERROR)).text

    assert "Nothing was changed, and your text was NOT sent" in text
    assert "  1. /resovle fixed: no such command. Did you mean /resolve?\n  2. /assign" in text


def test_unverified_links_are_defanged(renderer: Renderer) -> None:
    notice = replace(sample(Kind.UNVERIFIED), text="see https://evil.example/x")

    rendered = renderer.render(notice)

    assert "https:" not in rendered.text + rendered.html
    assert "hxxps://evil.example/x" in rendered.text


def test_undeliverable_names_who_has_not_got_it(renderer: Renderer) -> None:
    text = renderer.render(sample(Kind.UNDELIVERABLE)).text

    assert "ana@example.org has NOT received a mail of this ticket" in text
    assert "Reason: 550 5.1.1 no such mailbox" in text


def test_long_words_are_cut_and_it_is_said(renderer: Renderer) -> None:
    rendered = renderer.render(replace(sample(Kind.NEW_TICKET), text='"' * 1_000_000))

    assert "[952000 more characters were left out here" in rendered.text
    assert len(rendered.html) < 400_000


def test_long_answer_of_an_agent_arrives_whole(renderer: Renderer) -> None:
    answer = "한 줄 <&>\n" * 15_000

    assert answer.strip() in renderer.render(replace(sample(Kind.PUBLIC_REPLY), text=answer)).text


def test_html_keeps_line_ends_and_indents(renderer: Renderer) -> None:
    html = renderer.render(replace(sample(Kind.PUBLIC_REPLY), text="a\n  b < c")).html

    assert "a<br>\n&nbsp; b &lt; c" in html


@pytest.mark.parametrize("language", ["de", "", "../en", "EN", "ko-KR", "x" * 500])
def test_language_that_there_is_not_is_english(renderer: Renderer, language: str) -> None:
    notice = sample(Kind.ACKNOWLEDGEMENT)
    text = renderer.render(replace(notice, to=replace(notice.to, language=language))).text

    assert ("안녕하세요" if language == "ko-KR" else "Hello Ana Kim,") in text


def test_unknown_time_zone_is_the_admins_mistake() -> None:
    with pytest.raises(SettingsError, match="Asia/Soul"):
        Renderer(settings(timezone="Asia/Soul"), DeskIdentity.of(settings(), KEY), fail)


# ------------------------------------------------------------------ the admin's folder

Override = Callable[..., tuple[Renderer, list[TemplateError]]]


@pytest.fixture
def override(tmp_path: Path) -> Override:
    """A renderer over a folder with these files, and the faults that it reports."""

    def made(**files: str) -> tuple[Renderer, list[TemplateError]]:
        for name, text in files.items():
            path = tmp_path / name.replace("__", "/")
            path = path.with_name(
                f"{path.name.replace('_html', '.html').replace('_txt', '.txt')}.j2"
            )
            path.parent.mkdir(exist_ok=True)
            path.write_text(text, encoding="utf-8")
        keys = settings(templates_dir=tmp_path)
        errors: list[TemplateError] = []
        return Renderer(keys, DeskIdentity.of(keys, KEY), errors.append), errors

    return made


def rendered(
    renderer: Renderer, kind: Kind = Kind.ACKNOWLEDGEMENT, language: str = "en"
) -> Rendered:
    return renderer.render(sample(kind, language))


def test_admins_template_wins_and_the_rest_is_shipped(override: Override) -> None:
    renderer, errors = override(
        en__acknowledgement_txt='{% extends "layout.txt.j2" %}{% block subject %}Hi{% endblock %}'
        "{% block body %}Ours: {{ number }}{% endblock %}{% block quote %}{% endblock %}"
    )

    mine = rendered(renderer)

    assert mine.subject == "Hi"
    assert "Ours: 48213" in mine.text
    assert "We have your message" in mine.html
    assert "Assigned" in rendered(renderer, Kind.ASSIGNED).subject
    assert errors == []
    assert renderer.check() == ()


def test_admins_layout_serves_every_notice(override: Override) -> None:
    renderer, _ = override(
        layout_html="<p>ACME</p>{% block head %}{% block title %}{% endblock %}{% endblock %}"
        "{% block body %}{% endblock %}{% block quote %}{% block quoted %}{% endblock %}"
        "{% endblock %}{% block after %}{% endblock %}"
    )

    assert rendered(renderer, Kind.RESOLUTION, "ko").html.startswith("<p>ACME</p>")


def test_admins_new_language_needs_no_code(override: Override) -> None:
    renderer, errors = override(
        de__words='{% set times = "Zeiten in %s." %}'
        '{% set because = {"acknowledgement": "Sie haben %(desk)s geschrieben."} %}',
        de__acknowledgement_txt='{% extends "layout.txt.j2" %}'
        "{% block subject %}Hallo{% endblock %}{% block quote %}{% endblock %}"
        "{% block body %}Antwort bis {{ respond_by }}{% endblock %}",
        de__acknowledgement_html="<p>{{ respond_by }}</p>",
    )

    text = rendered(renderer, language="de").text

    assert "Antwort bis 09.03.2026, 18:30:00" in text
    assert "Sie haben IT 헬프데스크 geschrieben." in text
    assert "Zeiten in " in text
    assert rendered(renderer, Kind.ASSIGNED, "de").subject.startswith("Assigned")
    assert renderer.check() == ()
    assert errors == []


@pytest.mark.parametrize(
    ("body", "line", "words"),
    [
        ("{% block body %}\n\n{{ numbr }}{% endblock %}", 4, "'numbr' is undefined"),
        ("\n{% if %}", 3, "Expected an expression"),
        ("{% block body %}\n{{ ''.__class__ }}{% endblock %}", 3, "__class__"),
        ("{% block body %}{{ 'x' * 10**7 }}{% endblock %}", 2, "small numbers"),
        ("{% block body %}{{ 2 ** 100000 }}{% endblock %}", 2, "small numbers"),
        ("{% block body %}{{ details.append(1) }}{% endblock %}", 2, "append"),
        ("{% block body %}{{ 1 / 0 }}{% endblock %}", 2, "division"),
        ("{% block body %}{% include 'nothing.j2' %}{% endblock %}", 2, "nothing.j2"),
        ("{% block body %}{{ words.nothing }}{% endblock %}", 2, "nothing"),
        ("{% block body %}{{ words._x }}{% endblock %}", 2, "_x"),
        (
            "{% block body %}{% for x in range(90000) %}aaaa{% endfor %}{% endblock %}",
            0,
            "more than 256 KB",
        ),
    ],
    ids=lambda value: str(value)[:40],
)
def test_broken_template_is_reported_once_and_the_shipped_one_is_used(
    override: Override, body: str, line: int, words: str
) -> None:
    head = '{% extends "layout.txt.j2" %}{% block subject %}S{% endblock %}\n'
    renderer, errors = override(en__acknowledgement_txt=head + body)

    for _ in range(3):
        assert "We understood it as" in rendered(renderer).text

    assert len(errors) == 1
    assert errors[0].line == line
    assert "en/acknowledgement.txt.j2" in errors[0].path or not line
    assert words in str(errors[0])
    assert any(words in str(err) for err in renderer.check())


def test_template_without_subject_is_reported(override: Override) -> None:
    renderer, errors = override(en__acknowledgement_txt='{% extends "layout.txt.j2" %}')

    assert rendered(renderer).subject == "Printer on the third floor"
    assert "subject" in str(errors[0])


def test_file_that_no_notice_reads_is_found_by_check(override: Override, tmp_path: Path) -> None:
    renderer, _ = override(
        en__acknowledgment_txt="x", fr__alarm_txt="x", English__alarm_html="x", en__my_own_part="x"
    )

    told = [str(err) for err in renderer.check()]

    assert any(
        "acknowledgment.txt.j2" in line and "acknowledgement.txt.j2?" in line for line in told
    )
    assert any("fr/alarm.txt.j2" in line and "missing" in line for line in told)
    assert any("English" in line and "no language" in line for line in told)
    assert len(told) == 3


def test_folder_that_is_not_there_is_found_by_check_and_harms_nobody(tmp_path: Path) -> None:
    keys = settings(templates_dir=tmp_path / "nothing")
    renderer = Renderer(keys, DeskIdentity.of(keys, KEY), fail)

    assert "Hello" in rendered(renderer).text
    assert "no such folder" in str(renderer.check()[0])


def test_shared_macro_cannot_smuggle_markup(override: Override) -> None:
    renderer, errors = override(
        shared="{% macro show(text) %}{{ text }}{% endmacro %}",
        en__public_reply_html='{% import "shared.j2" as shared %}<p>{{ shared.show(text) }}</p>',
    )

    html = renderer.render(replace(sample(Kind.PUBLIC_REPLY), text="<script>")).html

    assert html == "<p>&lt;script&gt;</p>"
    assert errors == []


def test_every_kind_has_samples() -> None:
    assert {notice.kind for notice in samples()} == set(Kind)


_RENDERER = Renderer(settings(), DeskIdentity.of(settings(), KEY), fail)


@pytest.mark.parametrize("language", LANGUAGES)
def test_notice_without_words_still_reads_well(renderer: Renderer, language: str) -> None:
    for notice in samples(language):
        rendered = renderer.render(notice)

        assert rendered.subject
        assert not rendered.subject.endswith(":")
        if notice.text or notice.kind is not Kind.PUBLIC_REPLY:
            assert "\n\n\n" not in rendered.text
        assert " <>" not in rendered.text
