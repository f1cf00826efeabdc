"""The JSON Schemas say everything about every field, and hold one coherent example."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from schemas import codec
from schemas.article import CleanArticle, EnrichedArticle, RawArticle
from schemas.cloudevents import event_type
from schemas.documents import Schema, definitions, event_schema, event_schemas, example, from_outside, render
from schemas.offsets import to_raw
from schemas.topics import RAW, TOPICS, Topic, article_topic
from tests.schemas.samples import validator

TYPED = [topic for topic in TOPICS if topic.value is not bytes]


def fields(schema: Schema) -> Iterator[tuple[str, Schema]]:
    for name, kind in {schema["title"]: schema, **schema.get("$defs", {})}.items():
        for field, described in kind["properties"].items():
            yield f"{name}.{field}", described


@pytest.mark.parametrize("topic", TYPED, ids=lambda topic: topic.name)
def test_every_field_says_what_it_is(topic: Topic) -> None:
    for name, field in fields(event_schema(topic)):
        assert field["description"].endswith("."), name
        assert len(field["description"]) > 10, name
        assert "type" in field or "$ref" in field, name
        holds_objects = "$ref" in field or "$ref" in field.get("items", {})
        assert holds_objects or field["examples"], name
        if field.get("type") in ("integer", "number"):
            assert field["x-unit"], name
        if field.get("type") == "string" and name.endswith("_at"):
            assert field["format"] == "date-time", name


@pytest.mark.parametrize("topic", TYPED, ids=lambda topic: topic.name)
def test_every_class_is_described(topic: Topic) -> None:
    schema = event_schema(topic)
    for kind in (schema, *schema.get("$defs", {}).values()):
        assert kind["description"].endswith(".")
        assert "(" not in kind["description"].split()[0]  # Python's own docstring of a dataclass


@pytest.mark.parametrize("topic", TYPED, ids=lambda topic: topic.name)
def test_fields_stand_in_the_order_of_the_wire(topic: Topic) -> None:
    wire = list(json.loads(codec.encode(codec.convert(example(topic.value), topic.value))))
    assert list(event_schema(topic)["properties"]) == wire


@pytest.mark.parametrize("topic", TYPED, ids=lambda topic: topic.name)
def test_what_python_requires_is_required(topic: Topic) -> None:
    missing = (dataclasses.MISSING, dataclasses.MISSING)
    required = [
        item.name
        for item in dataclasses.fields(topic.value)
        if (item.default, item.default_factory) == missing
    ]
    assert event_schema(topic)["required"] == required


@pytest.mark.parametrize("topic", TYPED, ids=lambda topic: topic.name)
def test_every_example_is_valid(topic: Topic) -> None:
    schema = event_schema(topic)
    Draft202012Validator.check_schema(schema)
    assert not list(validator(schema).iter_errors(schema["examples"][0]))
    for name, field in fields(schema):
        for value in field.get("examples", ()):
            errors = list(validator({**field, "$defs": schema.get("$defs", {})}).iter_errors(value))
            assert not errors, (name, value)


@pytest.mark.parametrize("topic", TYPED, ids=lambda topic: topic.name)
def test_a_default_is_valid_and_is_what_the_codec_fills_in(topic: Topic) -> None:
    schema = event_schema(topic)
    least = {name: value for name, value in example(topic.value).items() if name in schema["required"]}
    filled = json.loads(codec.encode(codec.convert(least, topic.value)))
    for name, field in schema["properties"].items():
        if name not in schema["required"]:
            assert filled[name] == field["default"], name


def test_a_schema_is_named_by_its_event_type() -> None:
    found = event_schemas(TOPICS)
    articles = [f"babelwire.article.{name}.v1" for name in ("raw", "clean", "tagged", "enriched", "dropped")]
    assert list(found) == [*articles, "babelwire.entities.v1"]
    for event, schema in found.items():
        assert schema["$id"] == f"urn:babelwire:schema:{event}"
        assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"


def test_a_topic_the_table_does_not_know_has_a_schema_too() -> None:
    topic = article_topic("quotes", EnrichedArticle, "Articles with their quotes.")
    schema = event_schemas([topic])["babelwire.article.quotes.v1"]
    assert schema["$id"].endswith("babelwire.article.quotes.v1")
    assert schema["title"] == "EnrichedArticle"


def test_every_reference_leads_somewhere_and_nothing_is_left_over() -> None:
    for schema in event_schemas(TOPICS).values():
        text = render(schema)
        for name in schema.get("$defs", {}):
            assert f'"#/$defs/{name}"' in text
        assert text.count('"$ref"') == sum(
            text.count(f'"#/$defs/{name}"') for name in schema.get("$defs", {})
        )


def test_rendering_is_the_same_every_time() -> None:
    first = [render(schema) for schema in event_schemas(TOPICS).values()]
    assert first == [render(schema) for schema in event_schemas(TOPICS).values()]
    assert all(text.endswith("}\n") and "\\u0219" not in text for text in first)


def test_only_raw_articles_come_from_outside() -> None:
    assert [topic for topic in TOPICS if from_outside(topic)] == [RAW]


def test_the_example_is_one_coherent_article() -> None:
    raw = codec.convert(example(RawArticle), RawArticle)
    article = codec.convert(example(EnrichedArticle), EnrichedArticle)
    (mention,) = article.mentions
    assert article.text[mention.start : mention.end] == mention.text
    assert raw.content[mention.raw_start : mention.raw_end] == mention.text
    assert to_raw(article.alignment, mention.start, mention.end) == (mention.raw_start, mention.raw_end)
    for run in article.alignment:
        copied = raw.content[run.raw : run.raw + run.length]
        assert article.text[run.clean : run.clean + run.length] == copied
    for piece in (*article.removed, *article.repairs):
        assert raw.content[piece.start : piece.end] == piece.text
    (entity,) = article.entities
    assert (entity.id, entity.mentions, entity.first) == (mention.entity_id, 1, mention.start)
    assert article.language.segments[0].end == len(article.text)
    assert article.language.tag == article.language.segments[0].tag == raw.language_hint
    assert article.id == raw.id
    assert isinstance(article, CleanArticle)


def test_a_python_pattern_is_written_as_json_schema_spells_it() -> None:
    pattern = event_schema(RAW)["properties"]["id"]["pattern"]
    assert pattern.endswith("$")
    assert r"\Z" not in pattern


def test_open_lists_are_open_and_closed_lists_are_closed() -> None:
    found: dict[str, Any] = definitions([EnrichedArticle], "{name}")
    assert "cookie_banner" in found["Removed"]["properties"]["reason"]["x-extensible-enum"]
    assert "enum" not in found["Removed"]["properties"]["reason"]
    assert found["Mention"]["properties"]["type"]["enum"] == ["LOC", "MISC", "NORP", "ORG", "PER"]
    assert event_type(RAW.name) == "babelwire.article.raw.v1"
