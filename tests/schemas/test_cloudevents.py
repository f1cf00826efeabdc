"""Events carry CloudEvents 1.0 attributes as Kafka record headers."""

from __future__ import annotations

from datetime import UTC, datetime
from urllib.parse import urlsplit

from schemas.cloudevents import CloudEvent, event_type, header, schema_uri
from schemas.topics import TOPICS

EVENT = CloudEvent(
    id="5d0e",
    source="/babelwire/entities",
    type="babelwire.article.enriched.v1",
    time=datetime(2026, 11, 21, 19, tzinfo=UTC),
    subject="a1",
    dataschema=schema_uri("babelwire.article.enriched.v1"),
    lang="ro",
)


def test_attributes_are_headers_of_the_kafka_binding() -> None:
    assert dict(EVENT.to_headers()) == {
        "ce_specversion": b"1.0",
        "ce_id": b"5d0e",
        "ce_source": b"/babelwire/entities",
        "ce_type": b"babelwire.article.enriched.v1",
        "ce_time": b"2026-11-21T19:00:00Z",
        "ce_subject": b"a1",
        "ce_dataschema": b"urn:babelwire:schema:babelwire.article.enriched.v1",
        "ce_lang": b"ro",
        "content-type": b"application/json",
    }


def test_an_unknown_language_has_no_header() -> None:
    event = CloudEvent(id="i", source="/s", type="t", time=EVENT.time, subject="a", dataschema="urn:x:y")
    assert header(event.to_headers(), "ce_lang") is None


def test_event_types_name_one_article_and_keep_the_version() -> None:
    assert event_type("babelwire.articles.enriched.v1") == "babelwire.article.enriched.v1"
    types = [event_type(topic.name) for topic in TOPICS]
    assert len(set(types)) == len(types)


def test_the_schema_of_an_event_is_an_absolute_uri() -> None:
    parts = urlsplit(schema_uri("babelwire.article.raw.v1"))
    assert parts.scheme == "urn"
    assert parts.path.endswith("babelwire.article.raw.v1")


def test_a_header_is_read_as_text() -> None:
    headers = [("a", b"1"), ("a", b"2"), ("b", b"\xff")]
    assert header(headers, "a") == "1"
    assert header(headers, "b") == "�"
    assert header(headers, "c") is None
    assert header(None, "a") is None
