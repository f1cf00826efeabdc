"""Rebalances that follow each other closely, with a group coordinator that answers late."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from aiokafka import AIOKafkaConsumer
from aiokafka.coordinator.assignors.roundrobin import RoundRobinPartitionAssignor

from schemas import topics
from streams.broker import kafka as clients
from streams.broker import provision
from streams.settings import Settings, load
from streams.work import app as work
from streams.work import driver
from tests.kafka.cluster import KafkaCluster

pytestmark = [pytest.mark.kafka, pytest.mark.faults]

PARTITIONS, RECORDS = 4, 1200
GROUP = "rebalances"
LATE = 2.0  # seconds until the committed offsets arrive
EACH = 0.01  # seconds an article takes


async def test_no_partition_stands_still_after_two_rebalances_in_a_row(
    kafka: KafkaCluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = load(
        {
            "bootstrap_servers": kafka.bootstrap,
            "partitions": PARTITIONS,
            "session_timeout": 6,
            "topic_prefix": f"{GROUP}{time.time_ns()}.",
        },
        environ={},
    )
    await provision.apply(settings, (await provision.plan(settings)).changes)
    raw = settings.topic(topics.RAW.name)
    async with clients.producer(settings) as producer:
        for number in range(RECORDS):
            await producer.send(raw, b"{}", key=b"%d" % number, partition=number % PARTITIONS)

    late = False
    arrive = driver._Thread.seek_to_committed

    async def seek_to_committed(thread: Any) -> Any:
        offsets = await arrive(thread)
        if late:
            await asyncio.sleep(LATE)
        return offsets

    monkeypatch.setattr(driver._Thread, "seek_to_committed", seek_to_committed)

    treated: Counter[tuple[int, int]] = Counter()
    app = _app(settings, tmp_path)

    async def treat(stream: Any) -> None:
        unconfirmed = stream.noack()
        async for event in unconfirmed.events():
            await asyncio.sleep(EACH)
            treated[event.message.partition, event.message.offset] += 1
            await unconfirmed.ack(event)

    app.agent(app.topic(raw, key_type=bytes, value_type=bytes, value_serializer="raw"), concurrency=1)(treat)
    others: list[AIOKafkaConsumer] = []
    await app.start()
    try:
        await _until(lambda: len(treated) > 100)
        late = True
        for _ in range(2):
            others.append(await _joins(settings, raw))
            await asyncio.sleep(LATE / 2)

        def done() -> bool:
            held = app.consumer.assignment()
            each = RECORDS // PARTITIONS
            whole = {(tp.partition, offset) for tp in held for offset in range(each)}
            committed = all(app.consumer._committed_offset[tp] == each for tp in held)
            return not app.rebalancing and 0 < len(held) < PARTITIONS and whole <= set(treated) and committed

        await _until(done, seconds=120)
    finally:
        await asyncio.gather(*(other.stop() for other in others))
        await app.stop()


def _app(settings: Settings, folder: Path) -> work.App:
    return work.App(
        settings,
        GROUP + settings.topic_prefix,
        broker=[f"kafka://{settings.bootstrap_servers}"],
        store="memory://",
        datadir=str(folder),
        stream_wait_empty=False,
        broker_commit_interval=0.5,
        broker_session_timeout=settings.session_timeout,
        topic_disable_leader=True,
        topic_allow_declare=False,
        web_enabled=False,
        TableManager=work.NoTables,
    )


async def _joins(settings: Settings, topic: str) -> AIOKafkaConsumer:
    """A member that takes its share of the partitions and leaves them alone."""
    member = AIOKafkaConsumer(
        topic,
        **clients.connection(settings),
        group_id=GROUP + settings.topic_prefix,
        enable_auto_commit=False,
        partition_assignment_strategy=[RoundRobinPartitionAssignor],
        session_timeout_ms=6000,
        rebalance_timeout_ms=30000,
    )
    await member.start()
    return member


async def _until(reached: Any, seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not reached():
        assert time.monotonic() < deadline
        await asyncio.sleep(0.1)
