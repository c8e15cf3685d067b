"""Templates: every kind and language, the admin's folder, and what goes wrong in it."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daemon import shipped
from daemon.desk.ticket import State
from daemon.errors import SettingsError, TemplateError
from daemon.mail.reply import marker, newly_written
from tests.unit.notices.conftest import KEY, fail, settings
from workers.notices.compose import Rendered
from workers.notices.identity import DeskIdentity
from workers.notices.lines import columns
from workers.notices.messages import missing
from workers.notices.notice import Act, Block, Due, Happening, Kind, Requester
from workers.notices.render import Renderer
from workers.notices.sample import sample, samples

LANGUAGES = ("de", "en", "ko")
EVERY = pytest.mark.parametrize(
    ("kind", "language"),
    [(kind, language) for kind in Kind for language in LANGUAGES],
    ids=str,
)
#: How the foot says why, and how to stop it.
WHY = {
    "en": (
        "You get this because",
        r"answer /mute|answer /close|It answers a mail of yours|stands in \w+|/digest off",
    ),
    "de": (
        "Sie erhalten diese Mail",
        r"antworten Sie /(?:mute|close)|weitere folgen nicht|steht in \w+|/digest off",
    ),
    "ko": (
        "보내 드립니다",
        r"/mute 라고 답장|/close 라고 답장|보내신 메일에 대한 답|\.toml|n\.yaml|/digest off",
    ),
}
MARKUP = "<script>alert(1)</script> {{ 7*7 }} {% raw %} &amp;"


def visible(html: str) -> str:
    body = re.sub(r"<style>.*?</style>", "", html, flags=re.DOTALL)
    return re.sub(r"<[^>]+>", "", body)


def test_shipped_templates_have_no_fault(renderer: Renderer) -> None:
    assert renderer.check() == ()


@EVERY
def test_notice_reads_well_at_72_columns(renderer: Renderer, kind: Kind, language: str) -> None:
    notice = sample(kind, language)
    notice = replace(
        notice, text="short" if notice.text else "", details=("a@b.example", "550 no"), acts=()
    )

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
        requester=Requester(name=MARKUP, address=MARKUP, site=MARKUP),
        title=MARKUP,
        acts=(Act(label=MARKUP, body=MARKUP),),
        blocks=(Block(title=MARKUP, lines=(MARKUP,), headings=(MARKUP,), rows=((MARKUP,),)),),
        similar=((7, MARKUP),),
        news=(Happening(kind=Kind.NOTE, at=notice.at, author=MARKUP, text=MARKUP),),
        handler=MARKUP,
        details=(MARKUP, MARKUP),
        to=replace(notice.to, name=MARKUP),
    )

    rendered = renderer.render(hostile)

    assert "<script>" not in rendered.html
    assert "49" not in re.sub(r"#[0-9a-f]{6}|mailto:\S+", "", rendered.text + rendered.html)
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
    foot = foot.replace("\n", " ")

    why, stop = WHY[language]
    assert why in foot
    assert re.search(stop, foot)


@given(st.text(max_size=200))
def test_no_line_of_repeated_words_begins_with_a_slash(text: str) -> None:
    rendered = _RENDERER.render(replace(sample(Kind.NEW_TICKET), text=f"/resolve\n{text}\n/take"))

    before_verbs = rendered.text.partition("\nAt the top of your answer")[0]
    assert not any(line.lstrip().startswith("/") for line in before_verbs.splitlines())
    assert not re.search(r"(^|>)\s*/", visible(rendered.html), re.MULTILINE)


def test_acknowledgement_promises_when(renderer: Renderer) -> None:
    english = renderer.render(sample(Kind.ACKNOWLEDGEMENT))
    korean = renderer.render(sample(Kind.ACKNOWLEDGEMENT, "ko"))

    assert "we will answer by Mon 9 Mar, 18:30 and solve it by Tue 10 Mar, 01:30." in english.text
    assert "<b>Mon 9 Mar, 18:30</b>" in english.html
    assert "3월 9일 (월) 18:30" in korean.text
    assert "Korean Time" in english.text
    assert "  Type      incident\n  About     Printing / hardware\n  Priority  P3\n" in english.text


def test_due_time_of_another_year_names_it(renderer: Renderer) -> None:
    due = (Due(metric="resolve", at=datetime(2027, 1, 4, 1, tzinfo=UTC)),)

    text = renderer.render(replace(sample(Kind.ACKNOWLEDGEMENT), due=due)).text

    assert "we will solve it by Mon 4 Jan 2027, 10:00." in text


def test_metric_without_words_is_named_as_it_is(renderer: Renderer) -> None:
    due = (Due(metric="tea", at=datetime(2026, 3, 9, 9, tzinfo=UTC)),)

    text = renderer.render(replace(sample(Kind.NEW_TICKET), due=due)).text

    assert "  tea        Mon 9 Mar, 18:00\n" in text


def test_agent_gets_the_verbs_that_are_legal_as_links(
    renderer: Renderer, desk: DeskIdentity
) -> None:
    notice = sample(Kind.NEW_TICKET)
    rendered = renderer.render(notice)

    address = desk.reply_address(notice).replace("+", "%2B")
    links = re.findall(r'href="([^"]+)"', rendered.html)
    assert [link.rpartition("body=")[2] for link in links] == [
        "%2Ftake%0D%0A",
        "%2Fresolve%0D%0A%0D%0A",
        "%2Fwait%20customer%0D%0A%0D%0A",
        "%2Fassign%20",
        "%2Fnote%0D%0A%0D%0A",
        "%2Fpri%20",
    ]
    subject = "%5B%2348213%5D%20Printer%20on%20the%20third%20floor"
    assert all(link.startswith(f"mailto:{address}?subject={subject}&amp;") for link in links)
    assert "\n  /take           it is yours\n" in rendered.text
    assert "/take" not in renderer.render(sample(Kind.CONFIRM)).text


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
    assert "1. /resovle fixed: no such command. Did you mean /resolve?\n2. /assign" in text
    assert "  Send with /resolve and /assign network: /resolve, /assign network\n" in text


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

    assert "[952000 more characters were left out here" in rendered.text.replace("\n", " ")
    assert len(rendered.html) < 400_000


def test_long_answer_of_an_agent_arrives_whole(renderer: Renderer) -> None:
    answer = "한 줄 <&>\n" * 15_000

    assert answer.strip() in renderer.render(replace(sample(Kind.PUBLIC_REPLY), text=answer)).text


def test_html_keeps_line_ends_and_indents(renderer: Renderer) -> None:
    html = renderer.render(replace(sample(Kind.PUBLIC_REPLY), text="a\n  b < c")).html

    assert "a<br>\n&nbsp; b &lt; c" in html


@pytest.mark.parametrize("language", ["fr", "", "../en", "EN", "ko-KR", "x" * 500])
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
            stem, _, kind = path.name.rpartition("_")
            path = path.with_name(f"{stem}.{kind}{'' if kind in {'po', 'j2'} else '.j2'}")
            path.parent.mkdir(parents=True, exist_ok=True)
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
        acknowledgement_txt='{% extends "layout.txt.j2" %}{% block subject %}Hi{% endblock %}'
        "{% block body %}Ours: {{ number }}{% endblock %}{% block quote %}{% endblock %}"
    )

    mine = rendered(renderer)

    assert mine.subject == "Hi"
    assert "Ours: 48213" in mine.text
    assert "<p>Ours: 48213</p>" in mine.html  # without a second file
    assert "Assigned" in rendered(renderer, Kind.ASSIGNED).subject
    assert errors == []
    assert renderer.check() == ()


def test_admins_single_block_changes_nothing_else(override: Override) -> None:
    renderer, errors = override(
        resolution_txt='{% extends "shipped/resolution.txt.j2" %}'
        '{% block after %}{{ super() }}{{ _("Hello,") }} from ACME{% endblock %}'
    )

    english, korean = (rendered(renderer, Kind.RESOLUTION, language) for language in ("en", "ko"))

    assert english.subject == "Resolved: Printer on the third floor"
    assert "we consider #48213" in english.text
    assert "How did we do?" in english.text
    assert "Hello, from ACME" in english.text
    assert "Hello, from ACME" in english.html
    assert "안녕하세요. from ACME" in korean.text
    assert errors == []
    assert renderer.check() == ()


def test_admins_layout_serves_every_notice(override: Override) -> None:
    renderer, errors = override(
        layout_html="<p>ACME</p>{% block head %}{{ title }}{% endblock %}"
        "{% block body %}{{ body|paragraphs }}{% endblock %}{% block quote %}{% endblock %}"
        "{% block after %}{% endblock %}{% block extra %}{% endblock %}",
        layout_txt='{% extends "shipped/layout.txt.j2" %}{% block facts %}{% endblock %}',
    )

    assert rendered(renderer, Kind.RESOLUTION, "ko").html.startswith("<p>ACME</p>해결되었습니다")
    assert "Requester" not in rendered(renderer, Kind.NEW_TICKET).text
    assert errors == []


def test_admins_catalogue_changes_words(override: Override) -> None:
    renderer, errors = override(
        locale__en__postdesk_po='msgid "Hello %(name)s,"\nmsgstr "Dear %(name)s,"\n\n'
        'msgctxt "type"\nmsgid "incident"\nmsgstr "fault"\n'
    )

    text = rendered(renderer).text

    assert "Dear Ana Kim," in text
    assert "Type      fault" in text
    assert renderer.check() == ()
    assert errors == []


def test_third_language_is_one_file(override: Override) -> None:
    renderer, errors = override(
        locale__fr__postdesk_po="""
msgid ""
msgstr ""
"Language: fr\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Plural-Forms: nplurals=2; plural=(n > 1);\\n"

msgctxt "date"
msgid "this year"
msgstr "EEE d MMM, HH:mm 'h'"

msgctxt "count"
msgid "open ticket"
msgid_plural "open ticket"
msgstr[0] "%(number)s ticket ouvert"
msgstr[1] "%(number)s tickets ouverts"

msgid "we will answer by %(respond_by)s and solve it by %(resolve_by)s."
msgstr "nous répondons avant %(respond_by)s, résolu avant %(resolve_by)s."
"""
    )

    text = rendered(renderer, language="fr-CA").text

    assert "nous répondons avant lun. 9 mars, 18:30 h" in text
    assert "We have your message" in text  # what is not translated is English
    assert "You get this because" in text
    assert "3 tickets ouverts" in rendered(renderer, Kind.NEW_TICKET, "fr").text
    assert renderer.check() == ()
    assert errors == []


@pytest.mark.parametrize(
    ("catalogue", "line", "words"),
    [
        ('msgid "Hello,"\nmsgstr "Bonjour %(nam)s"', 1, "%(nam)s is not in the original 'Hello,'"),
        ('mgid "Hello,"\nmsgstr "Bonjour"', 1, "misformatted keyword"),
    ],
)
def test_mistake_in_a_catalogue_has_its_place(
    override: Override, catalogue: str, line: int, words: str
) -> None:
    renderer, _ = override(locale__fr__postdesk_po=catalogue)

    found = [err for err in renderer.check() if words in str(err)]

    assert found[0].path.endswith("locale/fr/postdesk.po")
    assert found[0].line == line
    assert "Hello Ana Kim," in rendered(renderer, language="fr").text


@pytest.mark.parametrize("language", LANGUAGES)
def test_shipped_languages_are_complete(language: str) -> None:
    assert missing([shipped.folder("templates")], language) == []


def test_untranslated_text_is_found(override: Override, tmp_path: Path) -> None:
    override(alarm_txt='{% block subject %}{{ _("Wake up") }}{% endblock %}')

    assert missing([tmp_path, shipped.folder("templates")], "ko") == ["Wake up"]


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
        ("{% block body %}{{ _.__globals__ }}{% endblock %}", 2, "__globals__"),
        ("{% block body %}{{ facts[0]._replace() }}{% endblock %}", 2, "_replace"),
        ('{% block body %}{{ _("%(x)s") }}{% endblock %}', 2, "x"),
        (
            "{% block body %}{% for x in range(90000) %}aaaa{% endfor %}{% endblock %}",
            0,
            "more than 256 KB",
        ),
        (
            (
                "{% block body %}{% for x in range(90000) %}\n"
                "{% for y in range(90000) %}{% endfor %}{% endfor %}{% endblock %}"
            ),
            3,
            "more than 1,000,000 lines",
        ),
    ],
    ids=lambda value: str(value)[:40],
)
def test_broken_template_is_reported_once_and_the_shipped_one_is_used(
    override: Override, body: str, line: int, words: str
) -> None:
    head = '{% extends "layout.txt.j2" %}{% block subject %}S{% endblock %}\n'
    renderer, errors = override(acknowledgement_txt=head + body)

    for _ in range(3):
        assert "This is how we understood it" in rendered(renderer).text

    assert len(errors) == 1
    assert errors[0].line == line
    assert "acknowledgement.txt.j2" in errors[0].path or not line
    assert words in str(errors[0])
    assert any(words in str(err) for err in renderer.check())


def test_template_without_subject_is_reported(override: Override) -> None:
    renderer, errors = override(acknowledgement_txt='{% extends "layout.txt.j2" %}')

    assert rendered(renderer).subject == "Printer on the third floor"
    assert "subject" in str(errors[0])


def test_file_that_no_notice_reads_is_found_by_check(override: Override, tmp_path: Path) -> None:
    renderer, _ = override(
        acknowledgment_txt="x",
        en__alarm_html="x",
        locale__English__postdesk_po="",
        my_own_part_j2="x",
    )

    told = [str(err) for err in renderer.check()]

    assert "acknowledgment.txt.j2: no notice reads this file" in told[0]
    assert "did you mean acknowledgement.txt.j2?" in told[0]
    assert "en/alarm.html.j2" in told[1]
    assert "in the folder itself" in told[1]
    assert "English/postdesk.po" in told[2]
    assert len(told) == 3


def test_folder_that_is_not_there_is_found_by_check_and_harms_nobody(tmp_path: Path) -> None:
    keys = settings(templates_dir=tmp_path / "nothing")
    renderer = Renderer(keys, DeskIdentity.of(keys, KEY), fail)

    assert "Hello" in rendered(renderer).text
    assert "no such folder" in str(renderer.check()[0])


def test_shared_macro_cannot_smuggle_markup(override: Override) -> None:
    renderer, errors = override(
        shared_j2="{% macro show(text) %}{{ text }}{% endmacro %}",
        public_reply_html='{% import "shared.j2" as shared %}<p>{{ shared.show(text) }}</p>',
    )

    html = renderer.render(replace(sample(Kind.PUBLIC_REPLY), text="<script>")).html

    assert html == "<p>&lt;script&gt;</p>"
    assert errors == []


def test_what_a_sentence_is_filled_with_is_escaped(override: Override) -> None:
    renderer, errors = override(
        public_reply_html='{{ _("Hello %(name)s,", name=author) }} {% trans %}Hello,{% endtrans %}'
    )

    html = renderer.render(replace(sample(Kind.PUBLIC_REPLY, "ko"), author="<b>&")).html

    assert html == "&lt;b&gt;&amp; 님, 안녕하세요. 안녕하세요."
    assert errors == []


def test_seconds_are_written_where_a_language_says_them(override: Override) -> None:
    renderer, _ = override(
        locale__en__postdesk_po='msgctxt "date"\nmsgid "this year"\nmsgstr "HH:mm:ss"\n'
    )
    due = (Due(metric="respond", at=datetime(2026, 3, 9, 8, 30, 7, tzinfo=UTC)),)

    text = renderer.render(replace(sample(Kind.ACKNOWLEDGEMENT), due=due)).text

    assert "we will answer by 17:30:07." in text


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
