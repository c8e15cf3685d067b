"""How the HTML looks: what can be read by day and by night, and hit by a thumb."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from html.parser import HTMLParser

import pytest

from workers.notices.lines import columns, stacked
from workers.notices.notice import Kind
from workers.notices.render import Renderer
from workers.notices.sample import sample

#: WCAG 2.2, 1.4.3, for text of any size.
CONTRAST = 4.5
#: What Apple's guidelines ask of something to touch, in CSS pixels.
THUMB = 44
EVERY = pytest.mark.parametrize("kind", list(Kind), ids=str)
RULE = re.compile(r"^([a-z]*)\.([a-z]+) \{([^}]*)\}", re.MULTILINE)
VOID = {"br", "meta", "hr"}


@dataclass(frozen=True)
class Look:
    """What an element's text inherits."""

    colour: str = "#000000"
    ground: str = "#ffffff"
    is_hidden: bool = False


class Painter(HTMLParser):
    """Every text of a page with its colours: inline ones, or those that a style sheet puts over."""

    def __init__(self, html: str, rules: list[tuple[str, str, str]]) -> None:
        super().__init__()
        self._rules = rules
        self._looks = [("", Look())]
        self.texts: list[tuple[str, Look]] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in VOID:
            return
        known = dict(attrs)
        styles = [f"background:{known.get('bgcolor')}", known.get("style") or ""]
        classes = (known.get("class") or "").split()
        styles += [css for of, name, css in self._rules if name in classes and of in {"", tag}]
        look = self._looks[-1][1]
        for css in styles:
            colour = re.search(r"(?:^|[; ])color: ?(#\w{6})", css)
            ground = re.search(r"background: ?(#\w{6})", css)
            look = Look(
                colour=colour[1] if colour else look.colour,
                ground=ground[1] if ground else look.ground,
                is_hidden=look.is_hidden or "display:none" in css or tag in {"style", "title"},
            )
        self._looks.append((tag, look))

    def handle_endtag(self, tag: str) -> None:
        opened, _ = self._looks.pop()
        assert opened == tag

    def handle_data(self, data: str) -> None:
        look = self._looks[-1][1]
        if data.strip() and not look.is_hidden:
            self.texts.append((data.strip(), look))


def contrast(look: Look) -> float:
    dark, light = sorted(map(luminance, (look.colour, look.ground)))
    return (light + 0.05) / (dark + 0.05)


def luminance(colour: str) -> float:
    """Of WCAG 2.2."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def night(html: str) -> list[tuple[str, str, str]]:
    sheet = html.partition("@media (prefers-color-scheme: dark) {")[2].partition("\n}\n")[0]
    return RULE.findall(sheet)


def html_of(renderer: Renderer, kind: Kind) -> str:
    """A notice with all that it can show."""
    return renderer.render(replace(sample(kind), similar=((47102, "Half pages"),))).html


@EVERY
def test_every_text_can_be_read_by_day_and_by_night(renderer: Renderer, kind: Kind) -> None:
    html = html_of(renderer, kind)
    dark = night(html)
    assert {name for _, name, _ in dark} >= {"card", "muted", "link", "alert", "button"}

    for rules in ([], dark):
        texts = Painter(html, rules).texts
        assert texts
        faint = [(text, look) for text, look in texts if contrast(look) < CONTRAST]
        assert faint == []


def test_contrast_is_that_of_wcag() -> None:
    assert contrast(Look("#000000", "#ffffff")) == pytest.approx(21)
    assert contrast(Look("#777777", "#ffffff")) == pytest.approx(4.48, abs=0.01)


@EVERY
def test_links_are_as_high_as_a_thumb_needs(renderer: Renderer, kind: Kind) -> None:
    links = re.findall(
        r'<a [^>]*style="([^"]*)"[^>]*>(.*?)</a>', html_of(renderer, kind), re.DOTALL
    )

    for css, inside in links:
        padding = re.search(r"padding:(\d+)px", css)
        assert padding
        assert "display:block" in css
        lines = inside.count("<br>") + 1
        height = 20 if lines == 1 else 18 * lines
        assert 2 * int(padding[1]) + height >= THUMB


def test_subject_that_ends_like_a_bar_is_a_subject(renderer: Renderer) -> None:
    notice = sample(Kind.DIGEST)
    [overdue, *others] = notice.blocks
    row = (*overdue.rows[0][:-1], "Disk at 95%")
    blocks = (replace(overdue, rows=(row,), links=overdue.links[:1]), *others)

    html = renderer.render(replace(notice, blocks=blocks)).html

    assert "#48207 Disk at 95%" in html
    assert 'width="95%"' not in html


def test_digest_says_everything_in_the_readers_language(renderer: Renderer) -> None:
    korean = renderer.render(sample(Kind.DIGEST, "ko"))
    german = renderer.render(sample(Kind.DIGEST, "de"))

    assert "기한이 지난 티켓 (5)" in korean.text
    assert "외 3건" in korean.text
    assert "  접수  ▂█▄  2" in korean.text
    assert "fällig 8 Mar 17:00" in german.html
    assert "und 3 weitere" in german.html


def test_stacked_rows_move_nothing_however_long_the_last_cell_is() -> None:
    rows = (("#7", "P1", "김아나", "x" * 90), ("#12345", "P2", "Li", "한글"))

    assert stacked(rows) == (
        f"  #7      P1  김아나\n          {'x' * 90}\n  #12345  P2  Li\n          한글"
    )
    assert stacked(()) == ""
    assert columns("한글") == 4
