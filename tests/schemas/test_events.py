"""What the stages really publish is what the published schemas say."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest

from agents.hop import Limits, LoadedHop, Result
from agents.pipeline import FUSED, hops, topics
from agents.stage import Resources
from schemas.cloudevents import event_type
from schemas.documents import event_schema, event_schemas
from schemas.topics import CLEAN, DROPPED, ENRICHED, RAW, TAGGED
from tests.schemas.samples import validator

RECEIVED_MS = 1_795_287_600_000

ARTICLES: dict[str, dict[str, Any]] = {
    "de": {
        "content": "Wir verwenden Cookies. Alle akzeptieren\n"
        "Außenminister Sergej Lawrow ist am Samstag in Nordkorea eingetroffen. Er will dort über Handel und "
        "Sicherheit sprechen, wie das Ministerium in Moskau mitteilte.",
        "url": "https://news.example/de/1",
        "published_at": "2026-11-21T18:30:00+01:00",
    },
    "ro": {
        "content": "Şeful diplomaţiei ruse, Serghei Lavrov, a sosit sâmbătă în Coreea de Nord, unde va "
        "discuta despre comerţ. Vizita durează două zile şi a fost anunţată la Moscova.",
        "metadata": {"section": "lume"},
    },
    "pt": {
        "content": "O ministro russo chegou no sábado à Coreia do Norte para falar de comércio e segurança.",
        "revision": 3,
    },
    "it": {
        "content": "<html><head><title>Lavrov a Pyongyang</title></head><body><nav>Home Sport</nav><article>"
        "<h1>Lavrov a Pyongyang</h1><p>Il ministro degli Esteri russo Sergej Lavrov è arrivato sabato in "
        "Corea del Nord per parlare di commercio e di sicurezza con il governo locale.</p>"
        "<p>La visita dura due giorni.</p></article></body></html>",
        "content_type": "text/html",
    },
    "tl": {
        "content": "Dumating noong Sabado sa Hilagang Korea ang ministro ng Rusya para sa kalakalan.",
        "id": "tl-1",
    },
    "ja": {
        "content": "ロシアのラブロフ外相は土曜日、北朝鮮に到着した。貿易と安全保障について話し合う予定だ。",
        "source": "news.example",
    },
    "zxx": {"content": "12 345 678 90 — 11:45 — 3,14"},
    "empty": {"content": " \n "},
}


@pytest.fixture(scope="module")
def staged() -> list[LoadedHop]:
    return [LoadedHop(hop, Resources(), Limits(), time.monotonic) for hop in hops()]


@pytest.fixture(scope="module")
def fused() -> LoadedHop:
    return LoadedHop(hops(FUSED)[0], Resources(), Limits(), time.monotonic)


def through(staged: list[LoadedHop], article: dict[str, Any]) -> list[tuple[str, Result]]:
    """The topic and result of each hop an article passes."""
    value, results = json.dumps(article).encode(), []
    for hop in staged:
        result = hop(value, None, RECEIVED_MS)
        results.append((hop.hop.output.name, result))
        if result.outcome != "published":
            break
        assert result.value is not None
        value = result.value
    return results


@pytest.mark.parametrize("name", ARTICLES)
def test_every_event_is_valid_by_its_schema(staged: list[LoadedHop], name: str) -> None:
    assert validator(event_schema(RAW)).is_valid(ARTICLES[name])
    schemas = event_schemas(topics())
    results = through(staged, ARTICLES[name])
    if name in ("empty", "zxx"):  # numbers alone are no article
        assert [result.outcome for _, result in results] == ["dropped"]
    else:
        assert [topic for topic, _ in results] == [CLEAN.name, TAGGED.name, ENRICHED.name]
    for topic, result in results:
        kind = event_type(DROPPED.name if result.outcome == "dropped" else topic)
        value = json.loads(result.value or b"null")
        assert [error.message for error in validator(schemas[kind]).iter_errors(value)] == []


@pytest.mark.parametrize("name", ARTICLES)
def test_an_event_of_a_later_topic_can_be_read_as_one_of_an_earlier(
    staged: list[LoadedHop], name: str
) -> None:
    last = through(staged, ARTICLES[name])[-1][1]
    if last.outcome == "published":
        value = json.loads(last.value or b"null")
        for topic in (CLEAN, TAGGED, ENRICHED):
            assert validator(event_schema(topic)).is_valid(value)


@pytest.mark.parametrize("name", ARTICLES)
def test_staged_and_fused_give_the_same_bytes(staged: list[LoadedHop], fused: LoadedHop, name: str) -> None:
    last = through(staged, ARTICLES[name])[-1][1]
    at_once = fused(json.dumps(ARTICLES[name]).encode(), None, RECEIVED_MS)
    assert (at_once.outcome, at_once.value) == (last.outcome, last.value)
    assert (at_once.event and at_once.event.id) == (last.event and last.event.id)


def test_a_broken_event_is_not_valid(staged: list[LoadedHop]) -> None:
    value = json.loads(through(staged, ARTICLES["de"])[-1][1].value or b"null")
    check = validator(event_schema(ENRICHED))
    for name in ("id", "text", "language", "provenance"):
        assert not check.is_valid({key: inner for key, inner in value.items() if key != name})
    assert not check.is_valid({**value, "received_at": "yesterday"})
    assert not check.is_valid({**value, "mentions": [{"start": 0}]})
    assert not check.is_valid({**value, "language": {**value["language"], "confidence": 1.5}})


def test_every_field_is_written_every_time(staged: list[LoadedHop]) -> None:
    for article in ARTICLES.values():
        for topic, result in through(staged, article):
            if result.outcome == "published":
                kind = next(known for known in topics() if known.name == topic)
                assert list(json.loads(result.value or b"null")) == list(event_schema(kind)["properties"])
