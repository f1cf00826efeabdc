"""One article, one trace, on a real Kafka: also when its worker is killed and others of its records come again."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from pathlib import Path

import pytest

from agents.pipeline import hops
from schemas import topics
from schemas.cloudevents import header
from schemas.outcomes import Position, input_of
from streams import tracing
from streams.broker import records
from tests.faults.rig import STAGED, Rig, running
from tests.kafka.cluster import KafkaCluster
from tests.streams.otlp import Collector

pytestmark = [pytest.mark.kafka, pytest.mark.faults, pytest.mark.timeout(300)]
COUNT = 240


async def test_an_article_is_one_trace_through_a_kill_and_a_redelivery(
    kafka: KafkaCluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Collector() as collector:
        for name, value in collector.environment.items():
            monkeypatch.setenv(name, value)
        # What is treated before the kill is not committed yet, so it comes again.
        more = {"traces": "otlp", "commit_seconds": 30}
        async with running(kafka.bootstrap, tmp_path, topology=STAGED, processes=1, **more) as rig:
            await rig.feed(range(COUNT // 2))
            await rig.settled(20, timeout=90)
            await asyncio.to_thread(rig.kill_one, random.Random(1).choice)
            await rig.feed(range(COUNT // 2, COUNT))
            found = await rig.settled(COUNT, timeout=150)
            assert found.problems(COUNT) == []
            assert found.copies > 0, "nothing came again: the kill missed"
            assert await asyncio.to_thread(rig.stop) == 0
            answers, wrong = await _answers(rig)
    assert wrong == []
    again = {position for position, count in answers.items() if count > 1}
    assert again
    spans = {
        (str(span.attributes["babelwire.hop"]), _place(span.attributes)): span
        for span in collector.spans
        if span.kind == "CONSUMER"
    }
    told = {position for _, position in spans}
    assert again <= told, "who was treated again after the kill has a span, and the same one"
    # What was treated in the last fifth of a second before the kill was told to nobody.
    assert len(answers.keys() - told) < len(answers) // 4
    by_id = {span.id: span for span in spans.values()}
    assert len(by_id) == len(spans), "no two records share a span"
    traces = Counter(span.trace for span in spans.values() if not span.parent)
    assert set(traces.values()) == {1}, "a trace begins once"
    whole = 0
    for (hop, _), span in spans.items():
        if hop == "entities":
            language = by_id.get(span.parent)
            clean = language and by_id.get(language.parent)
            if language and clean:
                assert [clean.attributes["babelwire.hop"], clean.parent] == ["clean", ""]
                assert {clean.trace, language.trace} == {span.trace}
                assert {one.attributes["babelwire.article"] for one in (clean, language)} == {
                    span.attributes["babelwire.article"]
                }
                whole += 1
    assert whole > COUNT // 2


def _place(attributes: dict[str, object]) -> Position:
    return Position(
        topic=str(attributes["messaging.destination.name"]),
        partition=int(str(attributes["messaging.destination.partition.id"])),
        offset=int(str(attributes["messaging.kafka.offset"])),
    )


async def _answers(rig: Rig) -> tuple[Counter[Position], list[str]]:
    """Counts the outcomes of each input record, and says which of them have another trace context than they must."""
    by_input = {rig.settings.topic(hop.input.name): hop for hop in hops(rig.settings.topology)}
    names = [rig.settings.topic(topic.name) for topic in topics.TOPICS]
    every = {record.position: record async for record in records.scan(rig.settings, names)}
    answers: Counter[Position] = Counter()
    wrong: list[str] = []
    for record in every.values():
        place = input_of(record.headers)
        if place is None:
            continue
        answers[place] += 1
        asked, hop = every[place], by_input[place.topic]
        first = hop.input is topics.RAW
        article = header(record.headers, "ce_subject") or record.key_text
        received = tracing.received(asked.headers, asked.timestamp, first=first)
        origin = tracing.origin(asked.headers, article, received)
        expected = tracing.text(origin.trace, tracing.span_id(origin, hop.name, str(place)), sampled=True)
        if header(record.headers, "traceparent") != expected:
            wrong.append(f"{record.position}: {header(record.headers, 'traceparent')}, expected {expected}")
    return answers, wrong
