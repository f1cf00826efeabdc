"""Promise 4: bad input is an answer. Each of 2,000 hostile records ends in exactly one outcome, explained."""

from __future__ import annotations

import asyncio
import json
from collections import Counter, defaultdict
from pathlib import Path

import pytest

from schemas import topics
from schemas.cloudevents import header
from schemas.errors import EXPLANATIONS
from schemas.outcomes import INPUT_HEADER
from streams.broker import kafka as clients
from streams.broker import records
from streams.look import dead_letters
from tests.faults.hostile import known, thought_up
from tests.faults.rig import FUSED, STAGED, Rig, running
from tests.kafka.cluster import KafkaCluster

pytestmark = [pytest.mark.kafka, pytest.mark.faults, pytest.mark.timeout(1800)]


async def outcomes_by_input(rig: Rig) -> dict[str, Counter[str]]:
    """Returns, for every input record of every hop, how often it had which outcome."""
    kinds = {
        rig.settings.topic(topic.name): "published"
        for topic in (topics.CLEAN, topics.TAGGED, topics.ENRICHED)
    }
    kinds[rig.settings.topic(topics.DROPPED.name)] = "dropped"
    kinds[rig.settings.topic(topics.DEAD_LETTERS.name)] = "rejected"
    found: dict[str, Counter[str]] = defaultdict(Counter)
    async for record in records.scan(rig.settings, kinds):
        found[str(header(record.headers, INPUT_HEADER))][kinds[record.topic]] += 1
    return found


@pytest.mark.lasts(45)
@pytest.mark.parametrize("topology", [FUSED, STAGED], ids=["fused", "staged"])
async def test_every_hostile_input_ends_in_exactly_one_explained_outcome(
    kafka: KafkaCluster, tmp_path: Path, topology: str, long_form: bool
) -> None:
    count, megabytes = (2_000, 50) if long_form or topology == FUSED else (500, 20)
    hostile = [*known(megabytes=megabytes)]
    hostile += thought_up(count - len(hostile))
    assert len(hostile) == count
    async with running(kafka.bootstrap, tmp_path, topology=topology) as rig:
        raw = rig.settings.topic(topics.RAW.name)
        sent: list[str] = []
        async with clients.producer(rig.settings) as producer:
            for key, value in hostile:
                at = await producer.send_and_wait(raw, value, key=key)
                sent.append(f"{at.topic}/{at.partition}/{at.offset}")
        for _ in range(240):
            found = await outcomes_by_input(rig)
            reached = [position for position in sent if position in found]
            if len(reached) == count and not await _in_flight(rig, found):
                break
            await asyncio.sleep(1)
        assert [position for position in sent if position not in found] == []
        several = {
            position: kinds for position, kinds in found.items() if len(kinds) != 1 or kinds.total() != 1
        }
        assert several == {}, "more than one outcome, though nothing was killed"
        assert rig.metric("babelwire_worker_restarts_total") == 0, rig.log_end()

        await rig.audited()
        letters = [letter async for letter in dead_letters.letters(rig.settings, dead_letters.Choice())]
        assert len(letters) > 100
        originals = Counter(value for _, value in hostile)
        for letter in letters:
            assert letter.why.reason in EXPLANATIONS
            assert letter.why.detail
            if letter.why.input.startswith(raw):
                assert originals[letter.value] > 0, "the original bytes, untouched"
        for letter in {letter.why.reason: letter for letter in letters}.values():
            shown = await asyncio.to_thread(rig.babelwire, "dlq", "show", str(letter.position))
            assert shown.returncode == 0, shown.stderr
            assert letter.why.reason in shown.stdout.decode()
            assert EXPLANATIONS[letter.why.reason].split(".")[0].split(";")[0] in " ".join(
                shown.stdout.decode().split()
            )
        reasons = Counter(letter.why.reason for letter in letters)
        print(f"{count} hostile inputs: {len(letters)} dead letters {dict(reasons)}")


async def _in_flight(rig: Rig, found: dict[str, Counter[str]]) -> bool:
    """Says whether a record between two stages has no outcome yet."""
    between = [rig.settings.topic(topic.name) for topic in (topics.CLEAN, topics.TAGGED)]
    async for record in records.scan(rig.settings, between):
        if str(record.position) not in found and rig.settings.topology == STAGED:
            return True
    return False


async def test_redrive_after_a_fix_publishes_once(kafka: KafkaCluster, tmp_path: Path) -> None:
    async with running(kafka.bootstrap, tmp_path, topology=FUSED, processes=1, max_article_bytes=2048) as rig:
        raw = rig.settings.topic(topics.RAW.name)
        body = json.dumps(
            {"id": "long-one", "content": "The river rose again in Passau overnight. " * 100}
        ).encode()
        async with clients.producer(rig.settings) as producer:
            await producer.send_and_wait(raw, body, key=b"long-one")
        found = await rig.settled(1, timeout=60)
        assert found.kinds["long-one"] == {"rejected"}
        assert await asyncio.to_thread(rig.stop) == 0

        fixed = Rig(
            kafka.bootstrap,
            tmp_path / "fixed",
            topology=FUSED,
            processes=1,
            topic_prefix=rig.settings.topic_prefix,
        )
        try:
            await asyncio.to_thread(fixed.start)
            for _ in range(2):
                done = await asyncio.to_thread(fixed.babelwire, "dlq", "redrive", "--reason", "too_large")
                assert done.returncode == 0, done.stderr
            for _ in range(60):
                found = await fixed.outcomes()
                if "published" in found.kinds["long-one"]:
                    break
                await asyncio.sleep(1)
            await asyncio.sleep(3)
            published = [
                record
                async for record in records.scan(fixed.settings, [fixed.settings.topic(topics.ENRICHED.name)])
            ]
            assert [record.key for record in published] == [b"long-one"]
            await fixed.audited()
        finally:
            await asyncio.to_thread(fixed.close)
