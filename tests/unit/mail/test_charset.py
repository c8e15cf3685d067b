"""Bytes to text, whatever their label says."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daemon.mail import charset, guess

_KOREAN = "안녕하세요, 프린터가 고장났습니다. 똠방각하"
_JAPANESE = "日本語のメールです。プリンターが壊れました"
_SIMPLIFIED = "你好，打印机坏了，请帮忙处理一下"
_TRADITIONAL = "你好，印表機壞了，請幫忙處理"
_RUSSIAN = "Привет, принтер сломался, помогите"
_UKRAINIAN = "Доброго дня, принтер зламався, допоможіть"
_WRONG = ["", "us-ascii", "iso-8859-1", "x-unknown", "unknown-8bit", "utf-8"]


@pytest.mark.parametrize("label", _WRONG)
@pytest.mark.parametrize(
    ("text", "real"),
    [
        (_KOREAN, "cp949"),
        (_JAPANESE, "euc_jp"),
        (_JAPANESE, "cp932"),
        (_SIMPLIFIED, "gb18030"),
        (_TRADITIONAL, "cp950"),
        (_RUSSIAN, "koi8_r"),
        (_RUSSIAN, "cp1251"),
        (_UKRAINIAN, "koi8_u"),
    ],
)
def test_text_without_a_true_label_is_read(text: str, real: str, label: str) -> None:
    found, warning = charset.decode(text.encode(real), label)

    assert found == text
    assert warning


@pytest.mark.parametrize(
    ("text", "real"),
    [
        ("Müller grüßt für äußerst schöne Tüte", "cp1252"),
        ("Ça a été créé à l'été, où être élève naïf", "cp1252"),
        ("“quoted” – dash… €", "cp1252"),
        ("¡Hola! ¿Qué tal? ñandú", "cp1252"),
        ("ÅÄÖ ÅÄÖ åäö", "cp1252"),
        ("æøå ÆØÅ blåbærgrød", "cp1252"),
    ],
)
def test_western_text_is_taken_for_nothing_else(text: str, real: str) -> None:
    assert guess.charset(text.encode(real)) == ""
    assert charset.decode(text.encode(real), "iso-8859-1") == (text, "")


@pytest.mark.parametrize(
    ("name", "codec"),
    [
        ("charset=utf-8", "utf_8"),
        ("utf-8//translit", "utf_8"),
        ("iso_8859-1:1987", "cp1252"),
        ("iso88591", "cp1252"),
        ("windows1252", "cp1252"),
        ("win1251", "cp1251"),
        ("x-windows-949", "cp949"),
        ("ms-949", "cp949"),
        ("ks_c_5601-1987", "cp949"),
        ("koi8-u", "koi8_u"),
        ("windows-1252;format=flowed", "cp1252"),
        ("ibm850", "cp850"),
        ("base64", ""),
        ("x-unknown", ""),
        ("", ""),
    ],
)
def test_names_that_mail_uses_are_known(name: str, codec: str) -> None:
    assert charset.codec(name) == codec


@pytest.mark.parametrize("real", ["cp949", "gb18030", "euc_jp", "koi8_r"])
@pytest.mark.parametrize("declared", ["", "utf-8", "iso-8859-1"])
@given(at=st.integers(0, 60), damage=st.binary(min_size=1, max_size=3))
def test_damaged_text_without_a_true_label_is_still_read(
    real: str, declared: str, at: int, damage: bytes
) -> None:
    said = {
        "cp949": "안녕하세요 프린터가 고장입니다 확인 부탁드립니다",
        "gb18030": "你好打印机坏了请帮忙看一下谢谢你们的帮助",
        "euc_jp": "プリンタがこわれていますので確認をおねがいします",
        "koi8_r": "привет принтер сломался посмотрите пожалуйста что с ним",
    }[real]
    data = said.encode(real)

    text, _ = charset.decode(data[:at] + damage + data[at:], declared)

    assert text
    assert text.encode("utf-8")


def test_mark_of_the_byte_order_is_no_text() -> None:
    assert charset.decode("\ufeffHello ä".encode(), "utf-8")[0] == "Hello ä"
