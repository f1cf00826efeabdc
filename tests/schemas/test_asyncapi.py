"""The AsyncAPI document is valid, complete, and says what goes over the wire."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft7Validator

from schemas.article import EnrichedArticle
from schemas.asyncapi import Agent, document
from schemas.cloudevents import CloudEvent
from schemas.documents import Schema, example
from schemas.outcomes import KEY_HEADER, TRUNCATED_HEADER, DeadLetterHeaders
from schemas.topics import CLEAN, RAW, TOPICS, article_topic
from tests.schemas.samples import formats

PACKAGE = Path(__file__).parents[1] / "asyncapi"
QUOTES = article_topic("quotes", EnrichedArticle, "Articles with their quotes.")
AGENTS = (
    Agent(name="clean", summary="Cleans.", group="g", reads=RAW, writes=CLEAN),
    Agent(name="quotes", summary="Finds quotes.", group="g", reads=CLEAN, writes=QUOTES),
)
DOCUMENT = document((*TOPICS, QUOTES), AGENTS)


@pytest.fixture(scope="session")
def official() -> Any:
    """A validator by the official schema of AsyncAPI 3.1, which npm has."""
    found = PACKAGE / "node_modules/@asyncapi/specs/schemas/3.1.0.json"
    if not found.exists():
        npm = shutil.which("npm")
        if npm is None:
            _missing("npm is not installed")
        command = [str(npm), "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
        done = subprocess.run(command, cwd=PACKAGE, capture_output=True, text=True, timeout=240)
        if done.returncode != 0:
            _missing(f"`npm ci` failed: {done.stderr.strip()[-300:]}")
    schema = json.loads(found.read_text(encoding="utf-8"))
    # The file names its parts by address; nothing is fetched.
    return Draft7Validator(schema)


def _missing(what: str) -> None:
    reason = f"the official AsyncAPI schema cannot be had: {what}"
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)


def test_the_document_is_valid_by_the_official_schema(official: Any) -> None:
    assert [error.message for error in official.iter_errors(DOCUMENT)] == []


@pytest.mark.parametrize(
    "path",
    [
        ("channels", "articlesRawV1", "bindings", "kafka", "partitions"),
        ("operations", "cleanReads", "action"),
        ("components", "messages", "articleRawV1", "payload"),
        ("components", "securitySchemes", "plain", "type"),
        ("servers", "open", "host"),
    ],
)
def test_the_official_schema_sees_a_fault(official: Any, path: tuple[str, ...]) -> None:
    broken = json.loads(json.dumps(DOCUMENT))
    place = broken
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = -1
    assert not official.is_valid(broken)


def references(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for name, inner in value.items():
            if name == "$ref":
                yield inner
            elif name not in ("examples", "default"):
                yield from references(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from references(inner)


def resolve(reference: str) -> Any:
    place: Any = DOCUMENT
    for step in reference.removeprefix("#/").split("/"):
        place = place[step]
    return place


def test_every_reference_leads_somewhere_and_every_part_is_used() -> None:
    found = set(references(DOCUMENT))
    assert all(resolve(reference) for reference in found)
    for kind, parts in DOCUMENT["components"].items():
        for name in parts:
            assert f"#/components/{kind}/{name}" in found, name


def test_nothing_stands_beside_a_reference() -> None:
    def check(value: Any) -> None:
        if isinstance(value, dict):
            assert "$ref" not in value or len(value) == 1, value
            for inner in value.values():
                check(inner)
        elif isinstance(value, list):
            for inner in value:
                check(inner)

    check(DOCUMENT)


def test_every_topic_is_a_channel_with_its_settings() -> None:
    channels = {channel["address"]: channel for channel in DOCUMENT["channels"].values()}
    assert list(channels) == [topic.name for topic in (*TOPICS, QUOTES)]
    for topic in (*TOPICS, QUOTES):
        kafka = channels[topic.name]["bindings"]["kafka"]
        assert kafka["topic"] == topic.name
        assert kafka["partitions"] == topic.partitions
        settings = {name: str(value) for name, value in kafka["topicConfiguration"].items()}
        assert settings == {**topic.config(), "cleanup.policy": str(topic.cleanup.split(","))}


def test_every_topic_is_written_and_read_as_the_agents_say() -> None:
    operations = DOCUMENT["operations"]
    assert operations["cleanReads"]["channel"] == {"$ref": "#/channels/articlesRawV1"}
    assert operations["cleanReads"]["bindings"]["kafka"]["groupId"]["enum"] == ["g"]
    assert operations["quotesWrites"]["channel"] == {"$ref": "#/channels/articlesQuotesV1"}
    sent = {
        operation["channel"]["$ref"] for operation in operations.values() if operation["action"] == "send"
    }
    assert sent == {f"#/channels/{name}" for name in DOCUMENT["channels"]} - {"#/channels/articlesRawV1"}


def traits(message: str) -> Schema:
    """All headers of a message, by its traits."""
    headers: Schema = {}
    for trait in DOCUMENT["components"]["messages"][message].get("traits", ()):
        headers |= resolve(trait["$ref"])["headers"]["properties"]
    return headers


def as_text(headers: list[tuple[str, bytes]]) -> dict[str, str]:
    return {name: value.decode() for name, value in headers}


def test_the_headers_of_an_event_are_those_on_the_wire() -> None:
    event = CloudEvent(
        id="i",
        source="/babelwire/clean",
        type="babelwire.article.clean.v1",
        time=datetime(2026, 11, 21, tzinfo=UTC),
        subject="a",
        dataschema="urn:babelwire:schema:babelwire.article.clean.v1",
        lang="de",
    )
    described = DOCUMENT["components"]["messageTraits"]["cloudEvent"]["headers"]
    sent = as_text(event.to_headers())
    assert sent.keys() | {"traceparent", "tracestate"} == described["properties"].keys()
    assert set(described["required"]) == sent.keys() - {"ce_lang"}
    assert Draft7Validator(described, format_checker=formats).is_valid(sent)
    assert not Draft7Validator(described, format_checker=formats).is_valid({**sent, "ce_time": "now"})
    assert "bw_input" in traits("articleEnrichedV1")


def test_the_headers_of_a_dead_letter_are_those_on_the_wire() -> None:
    letter = DeadLetterHeaders(
        stage="clean", reason="too_large", detail="d", input="t/0/1", timestamp=-1, pipeline="babelwire/0.1.0"
    )
    described = DOCUMENT["components"]["messageTraits"]["deadLetter"]["headers"]
    sent = as_text(letter.to_headers())
    assert sent.keys() == set(described["required"])
    assert described["properties"].keys() - sent.keys() == {KEY_HEADER, TRUNCATED_HEADER}
    assert Draft7Validator(described).is_valid(sent)
    trace = {"traceparent", "tracestate"}
    assert described["properties"].keys() | trace == traits("deadLettersV1").keys()
    assert traits("articleDroppedV1").keys() == trace | {"bw_input"}


def test_every_header_is_described_with_an_example() -> None:
    for trait in DOCUMENT["components"]["messageTraits"].values():
        for name, header in trait["headers"]["properties"].items():
            assert header["description"].endswith("."), name
            assert header["type"] == "string", name
            assert all(isinstance(value, str) for value in header["examples"]), name
            assert "x-optional" not in header, name


def test_payloads_are_the_types_and_their_examples_are_valid() -> None:
    for name, message in DOCUMENT["components"]["messages"].items():
        if message["contentType"] == "application/json":
            schema = {**message["payload"], "components": DOCUMENT["components"]}
            for shown in message["examples"]:
                assert Draft7Validator(schema, format_checker=formats).is_valid(shown["payload"]), name
            assert not Draft7Validator(schema).is_valid({})
    assert DOCUMENT["components"]["messages"]["articleEnrichedV1"]["examples"][0]["payload"] == example(
        EnrichedArticle
    )


def test_the_key_is_the_id_of_the_article_or_of_the_entity() -> None:
    for name, message in DOCUMENT["components"]["messages"].items():
        key = "entity id" if name == "entitiesV1" else "article id"
        assert re.search(key, message["bindings"]["kafka"]["key"]["description"])
