"""Bytes become text: byte order mark, UTF-8, then detection."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.errors import BadInput, RejectReason
from streams.sources.decoding import decode

RUSSIAN = "Министры иностранных дел обсудили в Москве торговлю через Чёрное море и безопасность судов."
CZECH = "Ministr zahraničí přiletěl včera do Prahy, kde se setká s předsedou vlády a řekne víc."
JAPANESE = "外務大臣は東京で会談し、海上輸送の安全について意見を交換した。会談は二時間続いた。"
GREEK = "Ο υπουργός Εξωτερικών έφτασε χθες στην Αθήνα για συνομιλίες με τον πρωθυπουργό της χώρας."

CHINESE = "外交部长星期一抵达维也纳，同各国代表举行会谈，讨论海上运输安全。会谈持续两个小时。"
FRENCH = "Le président à Genève a été reçu très chaleureusement par les députés élus à la fin de l’été. "


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
def test_unicode_is_read_with_its_mark_and_without_showing_it(encoding: str) -> None:
    assert decode(RUSSIAN.encode(encoding)) == RUSSIAN


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        (RUSSIAN, "cp1251"),
        (RUSSIAN, "koi8-r"),
        (CZECH, "cp1250"),
        (JAPANESE, "shift_jis"),
        (JAPANESE, "euc-jp"),
        (JAPANESE, "iso2022_jp"),
        (GREEK, "cp1253"),
    ],
)
def test_old_encodings_are_detected_in_plain_text(text: str, encoding: str) -> None:
    assert decode(text.encode(encoding)) == text


def test_a_page_says_its_encoding_itself() -> None:
    page = '<html><head><meta charset="windows-1251"></head><p>Да</p></html>'
    assert decode(page.encode("cp1251"), html=True) == page


def test_a_wrong_declaration_does_not_spoil_utf8() -> None:
    page = '<html><head><meta charset="iso-8859-1"></head><p>Lavrov à Genève</p></html>'
    assert decode(page.encode(), html=True) == page


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        (RUSSIAN, "cp1251"),
        (RUSSIAN, "koi8-r"),
        (JAPANESE, "shift_jis"),
        (CHINESE, "gb18030"),
        (FRENCH, "cp1252"),
    ],
)
def test_a_page_that_says_utf8_and_is_not_is_read_as_what_it_is(text: str, encoding: str) -> None:
    page = f'<html><head><meta charset="utf-8"><title>x</title></head><body><p>{text}</p></body></html>'
    assert decode(page.encode(encoding), html=True) == page


@pytest.mark.parametrize("share", [1, 5])
def test_a_page_of_utf8_with_bad_bytes_is_not_read_as_something_else(share: int) -> None:
    page = f'<html><head><meta charset="utf-8"></head><body>{FRENCH * 20}'.encode()
    with pytest.raises(BadInput) as refused:
        decode(page + FRENCH.encode("cp1252") * share, html=True)
    assert refused.value.reason is RejectReason.BAD_ENCODING


def test_nul_and_control_characters_in_valid_utf8_are_text() -> None:
    assert decode(b"one\x00two\x07") == "one\x00two\x07"


@pytest.mark.parametrize(
    "data",
    [
        b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x10\x00\x00\x00\x10\x08\x06"
        + bytes(range(128, 256)) * 4,
        b"\xff\xd8\xff\xe0\x00\x10JFIF" + bytes((i * 167 + 13) % 256 for i in range(3000)),
        b"\xff\xfeabc",
        "Stra\u00dfe ".encode() * 40 + b"\xff" + "Stra\u00dfe ".encode() * 40,
    ],
    ids=["png", "jpeg", "half a UTF-16 character", "one bad byte in UTF-8"],
)
def test_what_is_no_text_is_refused_by_name(data: bytes) -> None:
    with pytest.raises(BadInput) as refused:
        decode(data)
    assert refused.value.reason is RejectReason.BAD_ENCODING
    assert refused.value.detail.startswith("Expected ")


@given(st.binary(max_size=300), st.booleans())
def test_any_bytes_are_text_or_refused(data: bytes, html: bool) -> None:
    text = ""
    with contextlib.suppress(BadInput):
        text = decode(data, html=html)
    text.encode("utf-8")
