"""Spans as they arrive where they are collected, of articles that went through real workers."""

from __future__ import annotations

import asyncio
import time
import urllib.request
from pathlib import Path

import orjson
import pytest
from aiokafka import AIOKafkaProducer

from schemas.topics import CLEAN, DEAD_LETTERS, DROPPED, ENRICHED, RAW, TAGGED
from streams.broker import records
from streams.samples import ARTICLES
from streams.settings import Settings
from streams.tracing import Origin, of_headers
from tests.streams.living import up
from tests.streams.otlp import Collector, Span

pytestmark = [pytest.mark.embedded, pytest.mark.timeout(240)]
FUSED = "clean + language + entities"
STAGED = "clean | language | entities"
PARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
INPUTS = {STAGED: (RAW, CLEAN, TAGGED), FUSED: (RAW,)}
STAGES = ["clean", "language", "entities"]


async def context(settings: Settings, topic: str, article: str) -> Origin | None:
    """What the record of ``article`` on ``topic`` says of its trace; waits until the record is there."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        async for record in records.scan(settings, [topic]):
            if record.key_text == article:
                return of_headers(record.headers)
        await asyncio.sleep(0.2)
    raise AssertionError(f"{article} never came to {topic}")


def path(spans: list[Span], last: str) -> list[Span]:
    """The spans from ``last`` up to where the trace begins, or to a parent that was not collected."""
    by_id = {span.id: span for span in spans}
    found = []
    while last in by_id:
        found.append(by_id[last])
        last = found[-1].parent
    return found


def post(address: str, body: bytes, **headers: str) -> None:
    request = urllib.request.Request(
        f"{address}/v1/articles", body, {"Content-Type": "application/json", **headers}
    )
    with urllib.request.urlopen(request, timeout=30) as answer:
        assert answer.status == 202


async def put(settings: Settings, key: bytes, value: bytes, headers: list[tuple[str, bytes]]) -> None:
    async with AIOKafkaProducer(bootstrap_servers=settings.bootstrap_servers) as producer:
        await producer.send_and_wait(RAW.name, value, key=key, headers=headers)


@pytest.mark.parametrize("topology", [STAGED, FUSED])
async def test_an_article_is_one_trace_from_the_caller_to_its_outcome(tmp_path: Path, topology: str) -> None:
    with Collector() as collector:
        with up(tmp_path, topology, collector.environment) as (settings, ingest):
            text = orjson.loads(ARTICLES.read_bytes().splitlines()[0])["content"]
            posted = orjson.dumps({"id": "posted", "content": text})
            await asyncio.to_thread(post, ingest, posted, traceparent=PARENT, tracestate="vendor=value")
            await asyncio.to_thread(post, ingest, orjson.dumps({"id": "alone", "content": text}))
            await put(settings, b"broken", b"{", [("traceparent", PARENT.encode())])
            await put(settings, b"empty", b'{"id":"empty","content":" "}', [("traceparent", PARENT.encode())])
            await put(
                settings,
                b"quiet",
                posted.replace(b"posted", b"quiet"),
                [("traceparent", PARENT[:-1].encode() + b"0")],
            )
            ends = {
                name: await context(settings, topic.name, name)
                for name, topic in (
                    ("posted", ENRICHED),
                    ("alone", ENRICHED),
                    ("quiet", ENRICHED),
                    ("broken", DEAD_LETTERS),
                    ("empty", DROPPED),
                )
            }
            samples = [record async for record in records.scan(settings, [ENRICHED.name])]
        spans = collector.spans  # the end of the processes has sent them all

    own = {record.key_text: of_headers(record.headers) for record in samples if record.key_text not in ends}
    assert len(own) == len(ARTICLES.read_bytes().splitlines())
    assert len({found.trace for found in own.values() if found}) == len(own), "a trace for each article"
    hops = [f"process {topic.name}" for topic in reversed(INPUTS[topology])]
    for found in own.values():
        assert found is not None
        way = path(spans, str(found.parent))
        assert [span.name for span in way] == hops
        assert {span.trace for span in way} == {found.trace}
        assert way[-1].parent == ""
        assert {
            span.trace
            for span in spans
            if span.attributes.get("babelwire.article") == way[0].attributes["babelwire.article"]
        } == {found.trace}

    way = path(spans, str(ends["posted"].parent))
    assert [span.name for span in way] == [*hops, f"send {RAW.name}"]
    assert [span.kind for span in way] == ["CONSUMER"] * len(hops) + ["PRODUCER"]
    assert way[-1].parent == "b7ad6b7169203331", "the caller's span"
    assert (ends["posted"].trace, ends["posted"].state) == (PARENT[3:35], "vendor=value")
    assert (
        way[0].attributes.items()
        >= {
            "messaging.system": "kafka",
            "messaging.destination.name": INPUTS[topology][-1].name,
            "messaging.consumer.group.name": "babelwire-articles",
            "babelwire.article": "posted",
            "babelwire.outcome": "published",
        }.items()
    )
    assert way[0].resource["service.name"] == "babelwire"
    assert all(span.begun_ns <= span.ended_ns and span.failed is None for span in way)
    inside = [
        span
        for span in reversed(way)
        for span in sorted(
            (s for s in spans if s.parent == span.id and s.kind == "INTERNAL"), key=lambda s: s.begun_ns
        )
    ]
    assert [span.name for span in inside] == STAGES
    assert all(span.ended_ns > span.begun_ns for span in inside)

    assert [span.name for span in path(spans, str(ends["alone"].parent))] == [*hops, f"send {RAW.name}"]

    [broken] = path(spans, str(ends["broken"].parent))
    assert broken.parent == "b7ad6b7169203331"
    assert broken.failed is not None
    assert broken.failed.startswith("malformed_json: ")
    assert broken.attributes["babelwire.reason"] == "malformed_json"
    [empty] = path(spans, str(ends["empty"].parent))
    assert (empty.failed, empty.attributes["babelwire.outcome"]) == (None, "dropped")

    assert not ends["quiet"].sampled, "the caller does not sample"
    assert not [span for span in spans if span.attributes.get("babelwire.article") == "quiet"]


def test_nobody_who_collects_costs_no_article_and_no_time_at_the_end(tmp_path: Path) -> None:
    nobody = {
        "BABELWIRE_TRACES": "otlp",
        "OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:9",
        "OTEL_BSP_SCHEDULE_DELAY": "200",
    }
    with up(tmp_path, FUSED, nobody):
        time.sleep(1)
        began = time.monotonic()
    assert time.monotonic() - began < 30
    said = (tmp_path / "err").read_text()
    assert "Traceback" not in said
    # A process tries a batch six times and says so once, and once that it gives up.
    lines = [orjson.loads(line) for line in said.splitlines() if line.startswith("{")]
    told = [
        (line["worker"], line["event"][:20]) for line in lines if "opentelemetry" in line.get("logger", "")
    ]
    assert len(told) == len(set(told)), told
    assert told
