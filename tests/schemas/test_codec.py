"""Bytes in, typed values out, or an error that says where and what."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas import codec
from schemas.article import CleanArticle, EnrichedArticle, RawArticle
from schemas.documents import example
from schemas.errors import BadInput, RejectReason
from schemas.outcomes import DroppedArticle


def refused(data: bytes, kind: type = RawArticle) -> BadInput:
    with pytest.raises(BadInput) as caught:
        codec.decode(data, kind)
    return caught.value


@pytest.mark.parametrize(
    ("changes", "path", "expected"),
    [
        ({"content": 5}, "$.content", "`str`, got `int`"),
        ({"content": None}, "$.content", "`str`, got `null`"),
        ({"content_type": "application/pdf"}, "$.content_type", "application/pdf"),
        ({"id": ""}, "$.id", "length >= 1"),
        ({"id": "two words"}, "$.id", "regex"),
        ({"id": "newline\n"}, "$.id", "regex"),
        ({"id": "x" * 201}, "$.id", "length <= 200"),
        ({"revision": 0}, "$.revision", ">= 1"),
        ({"revision": 2**31}, "$.revision", "<= 2147483647"),
        ({"revision": "1"}, "$.revision", "`int`, got `str`"),
        ({"revision": 1.0}, "$.revision", "`int`, got `float`"),
        ({"revision": True}, "$.revision", "`int`, got `bool`"),
        ({"url": "u" * 4097}, "$.url", "length <= 4096"),
        ({"title": ["a"]}, "$.title", "`str | null`, got `array`"),
        ({"published_at": "yesterday"}, "$.published_at", "RFC3339"),
        ({"published_at": "2026-11-21T18:30:00"}, "$.published_at", "timezone"),
        ({"published_at": 1795287600}, "$.published_at", "got `int`"),
        ({"metadata": {"k": 1}}, "$.metadata[...]", "`str`, got `int`"),
        ({"metadata": {"k" * 101: "v"}}, "`key` in `$.metadata`", "length <= 100"),
        ({"metadata": {str(n): "" for n in range(65)}}, "$.metadata", "length <= 64"),
    ],
)
def test_a_wrong_field_is_refused_with_its_json_path(
    changes: dict[str, Any], path: str, expected: str
) -> None:
    error = refused(json.dumps({"content": "x", **changes}).encode())
    assert error.reason is RejectReason.INVALID_FIELD
    assert path in error.detail
    assert expected in error.detail


def test_the_path_leads_into_lists() -> None:
    broken = example(EnrichedArticle)
    broken["mentions"][0]["start"] = -1
    error = refused(json.dumps(broken).encode(), EnrichedArticle)
    assert error.reason is RejectReason.INVALID_FIELD
    assert "$.mentions[0].start" in error.detail or "$.mentions[...].start" in error.detail
    assert ">= 0" in error.detail


def test_a_missing_field_is_named() -> None:
    error = refused(b"{}")
    assert error.reason is RejectReason.INVALID_FIELD
    assert "`content`" in error.detail


@pytest.mark.parametrize("data", [b"[]", b"null", b'"content"', b"1", b"true"])
def test_json_that_is_no_object_is_an_invalid_field(data: bytes) -> None:
    assert refused(data).reason is RejectReason.INVALID_FIELD


@pytest.mark.parametrize(
    ("data", "where"),
    [
        (b"", "character"),
        (b"{", "character"),
        (b'{"content": "x"} {}', "character"),
        (b'{"content": NaN}', "character"),
        (b'{"content": Infinity}', "character"),
        (b'{"content": "\\ud800"}', "surrogate"),
        (b'{"content": "\\ud800\\u0041"}', "surrogate"),
        (b'{"content": "a\x00b"}', "character"),
        (b"{'content': 'x'}", "character"),
        (b'{"content": ' + b"[" * 100_000 + b"]" * 100_000 + b"}", "character"),
        ('{"content": "x"}'.encode("utf-16"), ""),
    ],
)
def test_what_is_not_json_is_refused(data: bytes, where: str) -> None:
    error = refused(data)
    assert error.reason in (RejectReason.MALFORMED_JSON, RejectReason.BAD_ENCODING)
    assert where in error.detail


@pytest.mark.parametrize(
    ("data", "offset"),
    [
        (b'{"content": "\xff"}', 13),
        (b'{"content": "\xc3("}', 13),
        (b'{"content": "\xed\xa0\x80"}', 13),  # a surrogate in UTF-8
        (b'{"content": "\xc0\xaf"}', 13),  # an overlong slash
        (b'{"content": "Gr\xfc\xdfe"}', 15),  # Latin-1
    ],
)
def test_bad_utf8_is_refused_with_the_byte_and_its_offset(data: bytes, offset: int) -> None:
    error = refused(data)
    assert error.reason is RejectReason.BAD_ENCODING
    assert f"0x{data[offset]:02x} at offset {offset}" in error.detail


def test_unknown_fields_are_ignored() -> None:
    article = codec.decode(b'{"content": "x", "sentiment": {"score": 0.5}, "Content": 1}', RawArticle)
    assert article == RawArticle(content="x")


def test_control_characters_and_other_planes_pass_as_escapes_or_text() -> None:
    article = codec.decode('{"content": "a\\u0000\\u202e𝄞😀"}'.encode(), RawArticle)
    assert article.content == "a\x00\u202e𝄞😀"
    assert codec.decode(codec.encode(article), RawArticle) == article


def test_times_are_written_in_utc_with_a_z() -> None:
    paris = timezone(timedelta(hours=2))
    line = DroppedArticle(
        id="a",
        revision=1,
        stage="clean",
        reason="no_text",
        received_at=datetime(2026, 11, 21, 20, tzinfo=UTC),
    )
    assert b'"received_at":"2026-11-21T20:00:00Z"' in codec.encode(line)
    raw = RawArticle(content="x", published_at=datetime(2026, 11, 21, 20, tzinfo=paris))
    assert codec.decode(codec.encode(raw), RawArticle).published_at == raw.published_at


@pytest.mark.parametrize("kind", [RawArticle, CleanArticle, EnrichedArticle, DroppedArticle])
def test_a_value_survives_the_wire_and_equal_values_give_equal_bytes(kind: type) -> None:
    value = codec.convert(example(kind), kind)
    data = codec.encode(value)
    assert codec.decode(data, kind) == value
    assert codec.encode(codec.decode(data, kind)) == data
    assert json.loads(data) == example(kind)


@given(st.binary())
def test_any_bytes_are_an_article_or_a_reason(data: bytes) -> None:
    try:
        outcome: RawArticle | BadInput = codec.decode(data, RawArticle)
    except BadInput as error:
        outcome = error
    assert isinstance(outcome, RawArticle) or (outcome.detail and outcome.code == outcome.reason.value)


@given(st.text())
def test_any_text_is_an_article_or_a_reason(text: str) -> None:
    article = codec.decode(json.dumps({"content": text}, ensure_ascii=False).encode(), RawArticle)
    assert article.content == text


def test_an_open_list_takes_a_value_of_a_later_version() -> None:
    later = example(CleanArticle)
    later["removed"][0]["reason"] = "horoscope"
    assert codec.convert(later, CleanArticle).removed[0].reason == "horoscope"
