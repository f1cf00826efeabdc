"""A scan reads everything there was when it began, and nothing else, on both brokers."""

from __future__ import annotations

import asyncio
import os
import time

import psutil
import pytest
from aiokafka import AIOKafkaProducer

from schemas.errors import BrokerError
from schemas.outcomes import Position
from streams.broker import kafka as clients
from streams.broker import layout, records
from streams.settings import Settings
from tests.kafka.cluster import KafkaCluster
from tests.streams.installation import Installation

NOW = int(time.time() * 1000)


async def fill(installation: Installation, count: int, name: str = "raw", size: int = 0) -> None:
    async with clients.producer(installation.settings) as producer:
        sends = [
            await producer.send(
                installation.topic(name),
                b"%d" % number + bytes(size),
                key=b"k%d" % number,
                timestamp_ms=NOW + number,
            )
            for number in range(count)
        ]
        await asyncio.gather(*sends)


async def test_every_record_is_read_once_in_order_within_its_partition(installation: Installation) -> None:
    await fill(installation, 5000)
    told: list[tuple[int, int]] = []
    seen: dict[int, list[int]] = {}
    async for record in records.scan(
        installation.settings, [installation.topic("raw")], progress=lambda *now: told.append(now)
    ):
        seen.setdefault(record.partition, []).append(record.offset)
    assert sum(map(len, seen.values())) == 5000
    assert all(offsets == list(range(len(offsets))) for offsets in seen.values())
    assert told[-1] == (5000, 5000)


async def test_what_is_written_during_a_scan_is_not_read(installation: Installation) -> None:
    await fill(installation, 2000)
    read = 0
    async for _ in records.scan(installation.settings, [installation.topic("raw")]):
        if read == 0:
            await fill(installation, 2000)
        read += 1
    assert read == 2000


async def test_since_start_and_key_bound_a_scan(installation: Installation) -> None:
    await fill(installation, 1000)
    raw = installation.topic("raw")
    since = [r.value async for r in records.scan(installation.settings, [raw], since_ms=NOW + 990)]
    assert sorted(int(value or b"") for value in since) == list(range(990, 1000))
    spans = await records.spans(installation.settings, [raw])
    first, end = spans[raw, 1]
    tail = [r.offset async for r in records.scan(installation.settings, [raw], start={(raw, 1): end - 3})]
    assert (first, tail) == (0, [end - 3, end - 2, end - 1])
    same = {r.partition async for r in records.scan(installation.settings, [raw], key=b"k7")}
    keys = {r.key async for r in records.scan(installation.settings, [raw], key=b"k7")}
    assert len(same) == 1
    assert b"k7" in keys


async def test_empty_topics_end_at_once(installation: Installation) -> None:
    started = time.monotonic()
    assert await installation.read("raw") == []
    assert time.monotonic() - started < 5


async def test_one_record_is_read_by_its_position(installation: Installation) -> None:
    (place,) = await installation.raw("a")
    found = await records.read_one(installation.settings, place)
    assert found is not None
    assert (found.position, found.key_text) == (place, "a")
    for wrong in (
        Position(topic=place.topic, partition=place.partition, offset=99),
        Position(topic=place.topic, partition=99, offset=0),
        Position(topic="no-such-topic", partition=0, offset=0),
    ):
        assert await records.read_one(installation.settings, wrong) is None


async def test_a_missing_topic_is_said_and_not_created(installation: Installation) -> None:
    with pytest.raises(BrokerError, match="Expected the topic nothing-of-that-name"):
        await anext(records.scan(installation.settings, ["nothing-of-that-name"]))
    assert await layout.partitions(installation.settings, ["nothing-of-that-name"]) == {}


async def test_a_broker_that_is_away_is_said_in_words() -> None:
    with pytest.raises(BrokerError, match=r"Expected a Kafka broker at 127\.0\.0\.1:1"):
        await anext(records.scan(Settings(bootstrap_servers="127.0.0.1:1"), ["x"]))


@pytest.mark.kafka
async def test_transaction_markers_at_the_end_do_not_keep_a_scan_waiting(kafka: KafkaCluster) -> None:
    installation = await Installation.create(kafka.bootstrap)
    producer = AIOKafkaProducer(bootstrap_servers=kafka.bootstrap, transactional_id=f"t-{os.getpid()}")
    await producer.start()
    try:
        async with producer.transaction():
            await producer.send_and_wait(installation.topic("raw"), b"in a transaction", partition=0)
    finally:
        await producer.stop()
    started = time.monotonic()
    assert [record.value for record in await installation.read("raw")] == [b"in a transaction"]
    assert time.monotonic() - started < 10


@pytest.mark.kafka
async def test_a_scan_holds_little_memory_however_much_it_reads(kafka: KafkaCluster) -> None:
    installation = await Installation.create(kafka.bootstrap)
    for _ in range(6):
        await fill(installation, 400, size=100_000)
    process = psutil.Process()
    before = process.memory_info().rss
    peak = read = 0
    async for _ in records.scan(installation.settings, [installation.topic("raw")]):
        read += 1
        peak = max(peak, process.memory_info().rss)
    assert read == 2400
    assert peak - before < 120 << 20, "240 MB were read"
