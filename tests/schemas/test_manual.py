"""The manual for consumers shows what is really sent."""

from __future__ import annotations

import json
import re
from pathlib import Path

from schemas import codec
from schemas.article import EnrichedArticle
from schemas.asyncapi import document
from schemas.documents import event_schema, event_schemas, field_tables
from schemas.topics import ENRICHED, TOPICS
from tests.schemas.samples import validator

MANUAL = (Path(__file__).parents[2] / "docs/events.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    """The code blocks of the manual in one language."""
    found = re.findall(r"^```(\w*)\n(.*?)^```$", MANUAL, re.DOTALL | re.MULTILINE)
    return [text for name, text in found if name == language]


def test_the_event_shown_is_a_valid_one_and_is_whole() -> None:
    (shown,) = blocks("json")
    event = json.loads(shown)
    assert list(event) == list(event_schema(ENRICHED)["properties"])
    assert [error.message for error in validator(event_schema(ENRICHED)).iter_errors(event)] == []
    article = codec.convert(event, EnrichedArticle)
    for mention in article.mentions:
        assert article.text[mention.start : mention.end] == mention.text
    assert article.title
    for named in article.title_mentions:
        assert article.title[named.start : named.end] == named.text


def test_the_headers_shown_are_those_that_are_sent() -> None:
    traits = document(TOPICS, ())["components"]["messageTraits"]
    event, letter = (set(re.findall(r"^([a-z_-]+)[:,]", block, re.MULTILINE)) for block in blocks(""))
    assert event | {"tracestate"} == set(traits["cloudEvent"]["headers"]["properties"]) | {"bw_input"}
    assert letter == set(traits["deadLetter"]["headers"]["properties"])


def test_every_topic_is_named() -> None:
    for topic in TOPICS:
        assert f"| `{topic.name}` |" in MANUAL


def test_the_tables_hold_every_field_of_every_class() -> None:
    for event, schema in event_schemas(TOPICS).items():
        tables = field_tables(schema)
        for kind in (schema, *schema.get("$defs", {}).values()):
            assert f"**{kind['title']}**: " in tables
            for name in kind["properties"]:
                assert f"\n| `{name}` | " in tables
        if f"<!-- fields of {event} -->" in MANUAL:
            assert tables in MANUAL


def test_a_field_is_put_into_words() -> None:
    tables = field_tables(event_schema(ENRICHED))
    assert "| `published_at` | time or null | When it was published; null when nobody said so. |" in tables
    assert "| `mentions` | list of Mention | Every mention, in order of position. |" in tables
    assert "| `length` | integer, code points | Length of the run. |" in tables
    assert "| `stages` | map of string | Version of each stage passed, in order. |" in tables
    assert "One of `LOC`, `MISC`, `NORP`, `ORG`, `PER`. |" in tables
    assert "Today one of `advertisement`" in tables
