"""What holds for any input: the map, idempotence, the same bytes."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agents.clean.stage import STAGE
from agents.stage import Drop, Emit, Outcome, Resources
from schemas.article import CleanArticle, ContentType, RawArticle
from schemas.codec import decode, encode
from schemas.offsets import to_clean, to_raw

RECEIVED = datetime(2026, 11, 21, 19, 0, tzinfo=UTC)
PROCESS = STAGE.load(Resources())

_PIECES = st.sampled_from(
    [
        "The council of Porto met on Friday and voted for the new tram line along the river. ",
        "Der Rat der Stadt hat am Freitag für die neue Linie gestimmt, sagte die Sprecherin.",
        "Preşedinta ţării a ajuns la Iaşi.",
        "Rat der StadtDer Bürgermeister kam.",
        "River.The tram runs.",
        " -se ",
        ". . .",
        "We use cookies to improve this site.",
        "Read more",
        "Photo: Ana Lopes",
        "© 2026 All rights reserved",
        "(Reuters) – ",
        "Subscribe to our newsletter",
        "\n",
        "\n\n",
        "\t",
        "\u00ad",
        "\u200b",
        "\u202e",
        "\x00",
        "\ud800",
        "e\u0301",
        "ﬁ",
        "cafÃ©",
        "<p>",
        "</p>",
        "<b>",
        "&amp;",
        "&#x61;",
        "<",
        ">",
        "<!--",
        "-->",
        "<script>",
        "</script>",
        "ไทย",
        "日本語の文章です。",
        "مرحبا",
    ]
)
_ANY = st.text(st.characters(), max_size=40)
_CONTENT = st.lists(_PIECES | _ANY, max_size=14).map("".join)


def clean(content: str, kind: ContentType = "text/plain") -> Outcome:
    return PROCESS(RawArticle(id="a", content=content, content_type=kind, received_at=RECEIVED))


@pytest.mark.parametrize("kind", ["text/plain", "text/html"])
@settings(max_examples=250, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(content=_CONTENT)
def test_every_run_is_copied_and_positions_map_both_ways(content: str, kind: ContentType) -> None:
    outcome = clean(content, kind)
    if not isinstance(outcome, Emit):
        return
    article: CleanArticle = outcome.article
    clean_at = raw_at = 0
    for run in article.alignment:
        assert run.clean >= clean_at
        assert run.raw >= raw_at
        clean_at, raw_at = run.clean + run.length, run.raw + run.length
        assert article.text[run.clean : clean_at] == content[run.raw : raw_at]
        start, end = to_raw(article.alignment, run.clean, clean_at)
        assert (start, end) == (run.raw, raw_at)
        assert to_clean(article.alignment, start, end) == (run.clean, clean_at)
    assert clean_at <= len(article.text)
    assert raw_at <= len(content)


@settings(max_examples=250, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(content=_CONTENT)
def test_every_character_is_copied_removed_repaired_or_layout(content: str) -> None:
    outcome = clean(content)
    if not isinstance(outcome, Emit):
        return
    article: CleanArticle = outcome.article
    told = [False] * len(content)
    for start, end in (
        *((run.raw, run.raw + run.length) for run in article.alignment),
        *((item.start, item.end) for item in article.removed),
        *((item.start, item.end) for item in article.repairs),
    ):
        assert 0 <= start <= end <= len(content)
        told[start:end] = [True] * (end - start)
    lost = [
        character
        for character, known in zip(content, told, strict=True)
        if not known and not character.isspace()
    ]
    assert lost == []


@settings(max_examples=250, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(content=_CONTENT)
def test_cleaning_twice_changes_nothing_more(content: str) -> None:
    first = clean(content)
    if isinstance(first, Emit):
        second = clean(first.article.text)
        assert isinstance(second, Emit)
        assert second.article.text == first.article.text
        assert second.article.removed == ()
        assert second.article.repairs == ()


@pytest.mark.parametrize("kind", ["text/plain", "text/html"])
@settings(max_examples=100, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(content=_CONTENT)
def test_same_input_gives_the_same_bytes_and_reads_back(content: str, kind: ContentType) -> None:
    first, second = clean(content, kind), clean(content, kind)
    if isinstance(first, Emit):
        assert isinstance(second, Emit)
        assert encode(first.article) == encode(second.article)
        assert decode(encode(first.article), CleanArticle) == first.article
    else:
        assert first == second
        assert isinstance(first, Drop) or kind == "text/html"
