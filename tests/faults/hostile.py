"""Two thousand inputs that nobody should send: a list of the known kinds, and what hypothesis thinks up."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, timedelta

import orjson
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

Hostile = tuple[bytes | None, bytes]
"""Key and value of a raw record."""

GOOD = "The minister spoke in Vienna on Monday about the harvest, and the opposition answered."

_WRONG: tuple[object, ...] = (
    17,
    -1,
    1.5,
    True,
    [],
    {},
    {"a": []},
    "",
    "x" * 100_000,
    "\x00",
    "2024-13-45T99:99:99Z",
)


def _article(**fields: object) -> bytes:
    return orjson.dumps({"content": GOOD, **fields})


def known(*, megabytes: int) -> Iterator[Hostile]:
    """Yields one of each known kind; ``megabytes`` is the size of the largest."""
    # not JSON, or not UTF-8
    for value in (
        b"", b" ", b"\x00", b"null", b"true", b"17", b'"text"', b"[]", b"{}", b"{", b'{"content": "', b"\xff\xfe\x00",
        b'{"content": "caf\xe9"}', b'\xef\xbb\xbf{"content": "bom"}', b'{"content": "\\ud800"}',
        b'{"content": "\\udfff\\ud800"}', b'{"content": NaN}', b'{"content": "a"} {"content": "b"}', b"[" * 100_000,
        b'{"a":' * 5_000 + b"1" + b"}" * 5_000, b'{"content": "a",}', b"{'content': 'a'}", b'{"content": "\x01"}',
    ):  # fmt: skip
        yield None, value
    # the wrong type in every field
    for name in (
        "content", "content_type", "id", "revision", "url", "source", "title", "published_at", "fetched_at",
        "language_hint", "metadata",
    ):  # fmt: skip
        for wrong in _WRONG:
            yield b"wrong-type", _article(**{name: wrong})
    # clocks
    for moment in (
        "9999-12-31T23:59:59Z",
        "0001-01-01T00:00:00+23:59",
        "2099-01-01T00:00:00Z",
        "1970-01-01T00:00:00Z",
    ):
        yield b"clock", _article(published_at=moment)
    # characters
    for nasty in (
        "\x00" * 1000, "\u202e" + GOOD, "\u200b" * 10_000, "\ufeff" + GOOD, "\ufffe\uffff", "e" + "\u0301" * 20_000,
        "\U0001f469\u200d" * 2_000, "\u0600" * 5_000, "\r\n" * 20_000, "a" * 200_000, "ﷺ" * 20_000, "\t" * 50_000,
    ):  # fmt: skip
        yield b"characters", _article(content=nasty)
        yield b"characters", _article(content=GOOD + nasty + GOOD)
        yield b"characters", _article(content=f"<p>{GOOD}{nasty}</p>", content_type="text/html")
        yield b"characters", _article(title=nasty[:2000])
    # markup
    for page in (
        "<div>" * 20_000 + GOOD, "<a href='/x'>link</a>" * 20_000, "<p>" * 60_000, "<table><tr><td>" * 5_000 + GOOD,
        "<!--" + "x" * 200_000, "<script>" + "while(1);" * 20_000, "<p " + "a='b' " * 30_000 + ">" + GOOD,
        "<!DOCTYPE x [<!ENTITY a 'aaaaaaaaaa'><!ENTITY b '&a;&a;&a;&a;&a;'>]><p>&b;" + GOOD, "<p>" + "&amp;" * 50_000,
        "&#x0;&#xd800;&#99999999;" + GOOD, "<svg><style><p>" + GOOD, "<html" * 10_000, "<" * 200_000,
        GOOD + "<![CDATA[" * 5_000,
        "<p>" + "x" * 500_000 + "</p>", "<meta charset=utf-7>" + GOOD,
        "<time datetime='" + "9" * 10_000 + "'>" + f"<p>{GOOD}</p>",
    ):  # fmt: skip
        yield b"markup", _article(content=page, content_type="text/html")
    # keys and sizes
    for key in (None, b"", b"\xff\xfe", b"k" * 10_000, b"\x00", "ключ".encode()):
        yield key, _article()
        yield key, b"not json"
    yield b"big", _article(content="x " * (megabytes << 19))
    yield b"big", b"\xff" * (megabytes << 20)
    # the same article again and again, and two articles under one id
    for _ in range(20):
        yield b"again", _article(id="again")
    yield b"again", _article(id="again", content="Something else entirely happened in Oslo.")


_json = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**60), 2**60)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=30),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4),
    max_leaves=10,
)
_text = st.text(st.characters(exclude_categories=["Cs"]), max_size=400)
_fields = st.fixed_dictionaries(
    {"content": _text | _json},
    optional={
        "content_type": st.sampled_from(["text/plain", "text/html"]) | _json,
        "title": _text | _json,
        "url": _text | _json,
        "published_at": st.datetimes(timezones=st.timezones()).map(lambda moment: moment.isoformat()) | _json,
        "revision": st.integers(-5, 2**40) | _json,
        "metadata": st.dictionaries(st.text(max_size=5), _json, max_size=3) | _json,
        "language_hint": _json,
    },
)
_odd_but_valid = st.fixed_dictionaries(
    {"content": _text.map(lambda text: f"{GOOD}\n{text}\n{GOOD}")},
    optional={
        "content_type": st.sampled_from(["text/plain", "text/html"]),
        "title": _text,
        "published_at": st.datetimes(timezones=st.just(UTC)).map(lambda moment: moment.isoformat()),
        "revision": st.integers(1, 2**31 - 1),
        "metadata": st.dictionaries(st.text(max_size=5), st.text(max_size=20), max_size=3),
        "language_hint": st.text(max_size=35),
    },
)


def thought_up(count: int) -> list[Hostile]:
    """Returns ``count`` inputs made by hypothesis: bytes, JSON that is no article, odd articles."""
    found: list[Hostile] = []

    @settings(
        max_examples=count,
        derandomize=True,
        database=None,
        deadline=timedelta(seconds=60),
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(
        st.one_of(
            st.binary(max_size=300),
            *(kind.map(_dumps) for kind in (_json, _fields, _odd_but_valid, _odd_but_valid)),
        )
    )
    def collect(value: bytes) -> None:
        found.append((b"%d" % len(found), value))

    while len(found) < count:
        before = len(found)
        collect()
        if len(found) == before:
            break
    return found[:count]


def _dumps(value: object) -> bytes:
    import json

    return json.dumps(value).encode("utf-8", "surrogatepass")
