"""The local pipeline gives what the stream gives, byte for byte."""

from __future__ import annotations

import dataclasses
import time
from datetime import UTC, datetime, timedelta

import orjson
import pytest

from agents.hop import Limits, LoadedHop, Result
from agents.pipeline import FUSED, STAGED, hops
from agents.stage import Resources
from schemas.article import EnrichedArticle, RawArticle
from schemas.codec import decode
from schemas.ids import article_id
from streams.local import LocalPipeline
from streams.samples import ARTICLES
from streams.settings import Settings
from streams.sources.articles import Ready
from streams.sources.reading import inputs, read

MOMENT = datetime(2026, 11, 21, 19, 0, 0, 123_000, tzinfo=UTC)


@pytest.fixture(scope="module")
def pipeline() -> LocalPipeline:
    return LocalPipeline(Settings())


@pytest.fixture(scope="module")
def samples() -> list[Ready]:
    found = list(read(inputs([str(ARTICLES)]), 1 << 20))
    assert all(isinstance(record, Ready) for record in found)
    return [record for record in found if isinstance(record, Ready)]


def staged(record: Ready, loaded: list[LoadedHop]) -> Result:
    """Takes the record from topic to topic, as workers of a staged topology do."""
    value, timestamp = record.value, round(MOMENT.timestamp() * 1000)
    for hop in loaded:
        result = hop(value, record.id.encode(), timestamp)
        assert result.value is not None, result
        value, timestamp = result.value, timestamp + 17
    return result


def test_it_gives_the_bytes_and_the_event_of_the_staged_stream(
    pipeline: LocalPipeline, samples: list[Ready]
) -> None:
    loaded = [LoadedHop(hop, Resources(), Limits(), time.perf_counter) for hop in hops(STAGED)]
    for record in samples:
        here, there = pipeline(record, MOMENT), staged(record, loaded)
        assert here.value == there.value
        assert here.event == there.event


def test_the_time_of_receipt_is_the_callers_to_the_millisecond(
    pipeline: LocalPipeline, samples: list[Ready]
) -> None:
    later = MOMENT + timedelta(microseconds=999)
    results = [pipeline(samples[0], moment) for moment in (MOMENT, later, MOMENT + timedelta(seconds=1))]
    times = [decode(result.value or b"", EnrichedArticle).received_at for result in results]
    assert times == [MOMENT, MOMENT, MOMENT + timedelta(seconds=1)]
    assert len({result.event.id for result in results if result.event}) == 1


def test_limits_are_kept(samples: list[Ready]) -> None:
    old = LocalPipeline(Settings(max_age_hours=24))
    result = old(samples[1], MOMENT)  # the first has its date in the page, which only cleaning finds
    assert (result.outcome, result.reason) == ("dropped", "too_old")


def test_the_fused_topology_is_one_hop() -> None:
    assert [hop.name for hop in hops(FUSED)] == ["clean+language+entities"]


def test_the_samples_are_articles_in_many_languages_with_leftovers_to_clean(
    pipeline: LocalPipeline, samples: list[Ready]
) -> None:
    raw = [decode(record.value, RawArticle) for record in samples]
    enriched = [decode(pipeline(record, MOMENT).value or b"", EnrichedArticle) for record in samples]
    assert [article.language.tag for article in enriched] == [
        "en", "de", "fr", "es", "ro", "ru", "uk", "ar", "zh-Hans", "fil", "it", "pt",
    ]  # fmt: skip
    assert [article.content_type for article in raw].count("text/html") == 1
    lavrov = [article for article in enriched if "Q58217" in {entity.id for entity in article.entities}]
    assert len({article.language.tag for article in lavrov}) >= 8
    removed = {piece.reason for article in enriched for piece in article.removed}
    assert {"cookie_banner", "photo_credit", "related_teaser"} <= removed
    texts = " ".join(article.text for article in enriched)
    for leftover in ("Folosim cookie", "Foto: Beispiel", "newsletter", "Suscríbase", "We use cookies"):
        assert leftover not in texts
    assert all(article.id == article_id(dataclasses.replace(article, id=None)) for article in raw)


def test_the_samples_hold_nothing_that_is_not_in_the_contract() -> None:
    known = {item.name for item in dataclasses.fields(RawArticle)}
    for line in ARTICLES.read_bytes().splitlines():
        assert set(orjson.loads(line)) <= known
