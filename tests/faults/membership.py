"""A worker's Faust app in the test's own loop, on a real Kafka, and other members of its group."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from aiokafka import AIOKafkaConsumer
from aiokafka.coordinator.assignors.roundrobin import RoundRobinPartitionAssignor

from schemas import topics
from streams.broker import kafka as clients
from streams.broker import layout, provision
from streams.settings import Settings, load
from streams.work import app as work
from streams.work import driver
from tests.kafka.cluster import KafkaCluster

START_SECONDS = 60.0
"""A start takes one or two seconds; the rest is for loaded machines."""
STOP_SECONDS = 60.0


class Member:
    """One app that reads the raw topic, and what it has treated: how often, by partition and offset."""

    def __init__(self, settings: Settings, folder: Path, *, each: float = 0.0, **more: Any) -> None:
        self.settings = settings
        self.treated: Counter[tuple[int, int]] = Counter()
        self.each = each
        self.app = work.App(
            settings,
            settings.group("articles"),
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
            **more,
        )
        topic = self.app.topic(self.raw, key_type=bytes, value_type=bytes, value_serializer="raw")
        self.app.agent(topic, concurrency=1)(self._treat)

    @property
    def raw(self) -> str:
        return self.settings.topic(topics.RAW.name)

    @property
    def held(self) -> set[int]:
        """The partitions it holds."""
        return {tp.partition for tp in self.consumer.assignment()}

    @property
    def consumer(self) -> Any:
        """Faust's consumer."""
        return self.app.consumer

    @property
    def client(self) -> Any:
        """aiokafka's consumer; it lives in a thread of its own."""
        return self.consumer._thread._consumer

    def has_treated(self, partition: int, count: int) -> bool:
        """Says whether every record of a partition that holds ``count`` was treated."""
        return all(self.treated[partition, offset] for offset in range(count))

    async def committed(self) -> dict[int, int]:
        """The offsets that the broker knows, by partition."""
        wanted = [(self.raw, partition) for partition in range(self.settings.partitions)]
        found = await layout.committed(self.settings, self.settings.group("articles"), wanted)
        return {partition: offset for (_, partition), offset in found.items()}

    async def commits(self, partition: int, offset: int, seconds: float = 30) -> None:
        """Waits until the broker knows this offset of a partition; fails after so many seconds."""
        deadline = time.monotonic() + seconds
        while (found := await self.committed()).get(partition) != offset:
            assert time.monotonic() < deadline, found
            await asyncio.sleep(0.2)

    async def send(self, partition: int, count: int) -> None:
        """Puts records into a partition of the raw topic."""
        async with clients.producer(self.settings) as producer:
            for number in range(count):
                await producer.send(self.raw, b"{}", key=b"%d" % number, partition=partition)

    async def _treat(self, stream: Any) -> None:
        unconfirmed = stream.noack()
        async for event in unconfirmed.events():
            await asyncio.sleep(self.each)
            self.treated[event.message.partition, event.message.offset] += 1
            await unconfirmed.ack(event)


async def installation(kafka: KafkaCluster, partitions: int) -> Settings:
    """The settings of an installation of its own, whose topics are made."""
    settings = load(
        {
            "bootstrap_servers": kafka.bootstrap,
            "partitions": partitions,
            "session_timeout": 6,
            "topic_prefix": f"member{time.time_ns()}.",
        },
        environ={},
    )
    await provision.apply(settings, (await provision.plan(settings)).changes)
    return settings


@asynccontextmanager
async def running(member: Member) -> AsyncIterator[Member]:
    """The member, started, until the block ends."""
    try:
        await within(START_SECONDS, member.app.start())
        yield member
    finally:
        await within(STOP_SECONDS, member.app.stop())


@asynccontextmanager
async def another(settings: Settings, *, first: bool = True) -> AsyncIterator[AIOKafkaConsumer]:
    """A member that takes its share and leaves it alone; ``first`` of all: of one partition it takes that one."""
    member = AIOKafkaConsumer(
        settings.topic(topics.RAW.name),
        **{**clients.connection(settings), "client_id": "a" if first else "z"},
        group_id=settings.group("articles"),
        enable_auto_commit=False,
        partition_assignment_strategy=[RoundRobinPartitionAssignor],
        session_timeout_ms=6000,
        rebalance_timeout_ms=30000,
    )
    try:
        await within(START_SECONDS, member.start())
        yield member
    finally:
        await within(STOP_SECONDS, member.stop())


async def within(seconds: float, ends: Awaitable[None]) -> None:
    """Awaits what must end; fails after so many seconds, also where it takes no notice of being cancelled."""
    task = asyncio.ensure_future(ends)
    done, _ = await asyncio.wait([task], timeout=seconds)
    task.cancel()
    assert done, f"not over after {seconds:g} s"
    await task


async def nothing() -> None:
    """Takes no time."""


def late(
    monkeypatch: pytest.MonkeyPatch,
    call: str,
    *,
    before: Callable[[], Awaitable[None]] = nothing,
    after: Callable[[], Awaitable[None]] = nothing,
) -> None:
    """Lets something happen before or after each ``call`` to Kafka, so that its answer comes late."""
    kept = getattr(driver._Thread, call)

    async def called(*given: Any) -> Any:
        await before()
        answer = await kept(*given)
        await after()
        return answer

    monkeypatch.setattr(driver._Thread, call, called)


async def until(reached: Callable[[], bool], seconds: float = 60) -> None:
    """Waits for it; fails after so many seconds."""
    deadline = time.monotonic() + seconds
    while not reached():
        assert time.monotonic() < deadline, "in vain"
        await asyncio.sleep(0.05)
