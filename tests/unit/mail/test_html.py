"""HTML: readable, harmless, and never slow; attachments' names; the command."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from daemon.mail import html, transfer
from daemon.mail.attachments import safe_name
from scripts.parse import command
from tests.unit.mail.mails import plain


@pytest.mark.parametrize(
    ("page", "text"),
    [
        ("<p>one<p>two", "one\n\ntwo"),
        ("one<br>two<br><br>three", "one\ntwo\n\nthree"),
        ("<div>one</div><div>two</div>", "one\ntwo"),
        ("<ul><li>one<li>two</ul>", "- one\n- two"),
        ("<pre>a\n  b</pre>", "a\n  b"),
        ("mine<blockquote>theirs</blockquote>", "mine\n\n> theirs"),
        ('<a href="https://x.org/">here</a>', "here <https://x.org/>"),
        ('<a href="https://x.org/">x.org</a>', "x.org"),
        ("<table><tr><td>a</td><td>b</td></tr></table>", "a b"),
        ("<style>x</style><script>y</script>z&nbsp;&amp;", "z &"),
        ("no mark-up at all", "no mark-up at all"),
        ("", ""),
    ],
)
def test_html_reads_as_text(page: str, text: str) -> None:
    assert html.readable(page) == text


@pytest.mark.parametrize(
    "page",
    [
        "<div>" * 100_000 + "x",
        "".join(f"<font size={size}><p>" for size in range(3000)) + "x",
        "<a " + " ".join(f"a{number}=1" for number in range(50_000)) + ">x</a>",
        "<p>x" * 200_000,
        '<a x=">"' + " a=1" * 50_000 + ">x",
        '<!-- <a y=" -->' + "<a " + " ".join(f"a{n}" for n in range(50_000)) + ">x",
    ],
    ids=["deep", "formatting", "attributes", "many", "hidden-by-quote", "hidden-by-comment"],
)
def test_costly_html_is_not_given_to_a_parser(page: str) -> None:
    assert not html.is_bounded(page)
    assert html.sanitise(page) is None
    assert "x" in html.readable(page)


@pytest.mark.parametrize(
    "page",
    [
        "<script>alert(1)</script>",
        '<img src=x onerror="alert(1)">',
        '<img src="https://tracker.example/pixel.gif">',
        '<a href="javascript:alert(1)">x</a>',
        '<a href="\u2028java&#10;script:alert(1)">x</a>',
        '<form action="https://x"><input></form>',
        "<iframe src=https://x></iframe>",
        '<div style="background:url(https://tracker.example/x)">x</div>',
    ],
)
def test_sanitised_html_is_harmless(page: str) -> None:
    clean = html.sanitise(page)

    assert clean is not None
    for word in ("script", "onerror", "tracker", "<form", "<input", "<iframe"):
        assert word not in clean


def test_sanitised_html_keeps_own_pictures() -> None:
    clean = html.sanitise('<img src="cid:logo">')

    assert clean is not None
    assert "cid:logo" in clean


@given(st.text())
def test_any_html_is_read(page: str) -> None:
    html.readable(page).encode("utf-8", "surrogatepass")
    html.sanitise(page)


@pytest.mark.parametrize(
    ("given_name", "name"),
    [
        ("report.pdf", "report.pdf"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\x\\a.txt", "a.txt"),
        ("x\u202egnp.exe", "xgnp.exe"),
        (".htaccess", "htaccess"),
        ("\u200b.htaccess", "htaccess"),
        ("a\x00b\r\n.txt", "ab.txt"),
        ("한글 문서.hwp", "한글 문서.hwp"),
        ("ｆｕｌｌ．txt", "full.txt"),
        ("..", ""),
        ("", ""),
    ],
)
def test_file_name_is_safe(given_name: str, name: str) -> None:
    assert safe_name(given_name) == name


@given(st.text())
def test_file_name_of_any_text_is_safe(given_name: str) -> None:
    name = safe_name(given_name)

    assert len(name.encode("utf-8")) <= 255
    assert "/" not in name
    assert "\\" not in name
    assert not name.startswith(".")
    assert safe_name(name) == name


@pytest.mark.parametrize(
    ("data", "encoding", "decoded"),
    [
        (b"aGVsbG8=", "base64", b"hello"),
        (b"aGVs\r\nbG8", "base64", b"hello"),
        (b"aGVs!!bG8=", "base64", b"hello"),
        (b"aGk=\r\naGk=", "base64", b"hihi"),
        (b"caf=E9=\r\n!", "quoted-printable", b"caf\xe9!"),
        (b"begin 644 x\n%:&5L;&\\\n`\nend\n", "x-uuencode", b"hello"),
        (b"as it is", "8bit", b"as it is"),
        (b"as it is", "no-such", b"as it is"),
    ],
)
def test_transfer_encoding_is_undone(data: bytes, encoding: str, decoded: bytes) -> None:
    assert transfer.decode(data, encoding) == decoded


@given(st.binary(), st.sampled_from(["base64", "quoted-printable", "x-uuencode", "7bit"]))
def test_transfer_encoding_of_any_bytes(data: bytes, encoding: str) -> None:
    transfer.decode(data, encoding)


def test_command_prints_a_line_for_each_mail(tmp_path: Path) -> None:
    mail = tmp_path / "mail.eml"
    mail.write_bytes(plain("안녕하세요\n"))

    result = CliRunner().invoke(command, [str(mail), "-"], input=b"\xff\x00")

    first, second = map(json.loads, result.output.splitlines())
    assert result.exit_code == 0
    assert first["from"] == {"address": "jane@example.com", "name": "Jane Doe"}
    assert (first["text"], first["language"], first["auto"]) == ("안녕하세요", "ko", None)
    assert set(first) == set(second)
    assert second["from"] is None


def test_command_reports_a_file_that_is_not_there(tmp_path: Path) -> None:
    result = CliRunner().invoke(command, [str(tmp_path / "none.eml")])

    assert result.exit_code == 1
    assert "error" in json.loads(result.output)
