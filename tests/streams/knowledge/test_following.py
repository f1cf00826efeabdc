"""Every worker reads all additions before it takes articles, and goes on reading: on both brokers."""

from __future__ import annotations

import asyncio
import dataclasses
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from prometheus_client import REGISTRY

from schemas import codec
from schemas.additions import Addition
from schemas.topics import ENTITIES
from streams.broker import kafka as clients
from streams.broker import provision, records
from streams.knowledge import curation
from streams.knowledge.additions import Handover
from streams.knowledge.book import Book
from streams.knowledge.following import Follower
from streams.settings import Settings
from tests.kafka.cluster import KafkaCluster
from tests.pauses import pauses
from tests.streams.installation import Installation


def addition(number: int) -> Addition:
    return Addition(id=f"cur:bleekov-{number:03d}", type="PER", name=f"Levan Bleekov {number}")


async def put(settings: Settings, key: str | None, value: bytes | None) -> None:
    async with clients.producer(settings) as producer:
        await producer.send_and_wait(settings.topic(ENTITIES.name), value, key=key and key.encode())


async def write(settings: Settings, *additions: Addition) -> None:
    await curation.write(settings, {one.id: one for one in additions})


@asynccontextmanager
async def follower(settings: Settings, folder: Path) -> AsyncIterator[tuple[Follower, Handover]]:
    made = Follower(settings, folder)
    running = asyncio.create_task(made.run())
    try:
        yield made, Handover(folder)
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


async def until(condition: Callable[[], bool], seconds: float = 60) -> float:
    """Waits until ``condition`` holds and returns how long that took; fails after ``seconds``."""
    started = time.monotonic()
    while not condition():
        assert time.monotonic() - started < seconds
        await asyncio.sleep(0.01)
    return time.monotonic() - started


def metric(name: str, **labels: str) -> float:
    return REGISTRY.get_sample_value(f"babelwire_{name}", labels) or 0.0


async def test_the_topic_is_read_to_its_end_and_then_followed(
    installation: Installation, tmp_path: Path
) -> None:
    settings, folder = installation.settings, tmp_path / "w7"
    folder.mkdir()
    many = [addition(number) for number in range(300)]
    await write(settings, *many)
    await curation.write(settings, {many[0].id: None})
    async with follower(settings, folder) as (made, stage), pauses() as lost:
        await asyncio.wait_for(made.known.wait(), 60)
        assert stage.take() == tuple(many[1:]), "all of them, and what was taken back is not"
        assert metric("additions", worker="w7") == 299
        assert metric("additions_followed", worker="w7") == 1
        taken: list[tuple[Addition, ...]] = []

        def changed() -> bool:
            found = stage.take()
            taken.extend([] if found is None else [found])
            return found is not None

        waited = asyncio.create_task(until(changed))
        await write(settings, dataclasses.replace(many[1], merged_into=many[2].id))
        assert await waited < 2 + lost()
        assert taken[-1][0].merged_into == many[2].id
        waited = asyncio.create_task(until(changed))
        await curation.write(settings, {many[1].id: None})
        assert await waited < 2 + lost()
        assert taken[-1] == tuple(many[2:])
        assert time.time() - metric("additions_timestamp_seconds", worker="w7") < 5 + lost()


async def test_an_empty_topic_keeps_no_worker_waiting(installation: Installation, tmp_path: Path) -> None:
    async with follower(installation.settings, tmp_path) as (made, stage), pauses() as lost:
        assert await until(made.known.is_set) < 3 + lost()
        assert stage.take() == ()


async def test_a_topic_that_is_made_later_is_waited_for(installation: Installation, tmp_path: Path) -> None:
    settings = dataclasses.replace(
        installation.settings, topic_prefix=f"later-{installation.settings.topic_prefix}"
    )
    async with follower(settings, tmp_path) as (made, stage):
        await asyncio.sleep(0.5)
        assert not made.known.is_set()
        await provision.apply(settings, (await provision.plan(settings)).changes)
        await until(made.known.is_set)
        assert stage.take() == ()


async def test_a_bad_record_is_counted_once_and_changes_nothing(
    installation: Installation, tmp_path: Path
) -> None:
    settings = installation.settings
    before = {
        reason: metric("additions_refused_total", reason=reason)
        for reason in ("malformed_json", "bad_encoding", "invalid_field")
    }
    one, other = addition(1), addition(2)
    await write(settings, one)
    await put(settings, one.id, b"{ not json")
    await put(settings, one.id, b"\xff\xfe")
    await put(settings, "cur:other", b'{"id": "cur:other", "type": "XYZ", "name": "x"}')
    await put(settings, "cur:wrong-key", codec.encode(other))
    for folder in (tmp_path / "a", tmp_path / "a"):
        folder.mkdir(exist_ok=True)
        async with follower(settings, folder) as (made, stage):
            await until(made.known.is_set)
            assert stage.take() == (one,)
            await until(lambda: made._told != set())
    book = await Book.read(settings)
    assert [error.reason for _, error in book.refused] == [
        "malformed_json", "bad_encoding", "invalid_field", "invalid_field",
    ]  # fmt: skip
    after = {reason: metric("additions_refused_total", reason=reason) for reason in before}
    assert {reason: after[reason] - before[reason] for reason in before} == {
        "malformed_json": 2, "bad_encoding": 2, "invalid_field": 4,
    }, "once by each of the two workers"  # fmt: skip


@pytest.mark.kafka
@pytest.mark.timeout(180)
async def test_a_broker_that_comes_back_is_followed_again(kafka_fresh: KafkaCluster, tmp_path: Path) -> None:
    installation = await Installation.create(kafka_fresh.bootstrap)
    settings = installation.settings
    await write(settings, addition(1))
    async with follower(settings, tmp_path) as (made, stage):
        await until(made.known.is_set)
        assert stage.take() == (addition(1),)
        await asyncio.to_thread(kafka_fresh.kill)
        await asyncio.sleep(2)
        assert stage.take() is None, "what was known stays in use"
        await asyncio.to_thread(kafka_fresh.start)
        await write(settings, addition(2))
        taken: list[tuple[Addition, ...]] = []
        await until(lambda: (found := stage.take()) is not None and not taken.append(found), 60)
        assert taken == [(addition(1), addition(2))]


@pytest.mark.kafka
@pytest.mark.timeout(180)
async def test_what_compaction_left_is_read_as_the_whole_truth(kafka: KafkaCluster, tmp_path: Path) -> None:
    """Kafka removes all but the last record of each key; the rest gives the same additions."""
    installation = await Installation.create(kafka.bootstrap)
    settings = installation.settings
    topic = settings.topic(ENTITIES.name)
    eager = {
        "cleanup.policy": "compact", "segment.ms": "100", "min.cleanable.dirty.ratio": "0.001",
        "max.compaction.lag.ms": "100", "delete.retention.ms": "100",
    }  # fmt: skip
    async with clients.admin(settings) as client:
        await client.alter_configs([ConfigResource(ConfigResourceType.TOPIC, topic, eager)])
    one, other = addition(1), addition(2)
    for number in range(20):
        await write(settings, dataclasses.replace(one, kind=f"kind {number}"))
        await write(settings, other)
        await asyncio.sleep(0.15)
    await curation.write(settings, {other.id: None})
    left = 41
    for _ in range(600):
        left = len([record async for record in records.scan(settings, [topic])])
        if left < 20:
            break
        await asyncio.sleep(0.1)
    assert left < 20, "the log cleaner has run"
    async with follower(settings, tmp_path) as (made, stage):
        await until(made.known.is_set)
        assert stage.take() == (dataclasses.replace(one, kind="kind 19"),)
