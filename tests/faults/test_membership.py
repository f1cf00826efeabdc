"""What a member of the group must not do: leave for good, or stand still while it is alive."""

from __future__ import annotations

import asyncio
import threading
from pathlib import Path
from typing import Any

import pytest
from aiokafka import TopicPartition
from aiokafka.admin import AIOKafkaAdminClient

from streams.broker import kafka as clients
from streams.broker import layout, provision
from streams.work import driver
from tests.faults.membership import Member, another, installation, late, running, until, within
from tests.kafka.cluster import KafkaCluster

pytestmark = [pytest.mark.kafka, pytest.mark.faults]

LATE = 3.0
"""Seconds that an answer takes which comes late."""


async def test_a_worker_without_partitions_is_there_when_it_is_needed(
    kafka: KafkaCluster, tmp_path: Path
) -> None:
    settings = await installation(kafka, partitions=1)
    member = Member(settings, tmp_path)
    async with running(member):
        async with another(settings):
            await until(lambda: member.app.consumer_generation_id > 0 and not member.held)
            subscription = member.client._subscription
            await until(lambda: subscription.fetcher_idle_time > 0)
            subscription._last_fetch_ended -= 100_000  # a day without anything to do
            await asyncio.sleep(settings.session_timeout / 2)
        await member.send(0, 10)
        await until(lambda: member.has_treated(0, 10))


async def test_committed_offsets_that_come_very_late_end_nothing(
    kafka: KafkaCluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    waited = asyncio.Event()

    async def wait() -> None:
        await asyncio.sleep(LATE)
        waited.set()

    late(monkeypatch, "seek_to_committed", before=wait)
    settings = await installation(kafka, partitions=1)
    member = Member(settings, tmp_path, broker_request_timeout=LATE / 2)
    async with running(member):
        await member.send(0, 10)
        await until(lambda: member.has_treated(0, 10))
        assert waited.is_set()


async def test_the_first_records_of_a_partition_may_come_in_the_middle_of_a_rebalance(
    kafka: KafkaCluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = await installation(kafka, partitions=2)
    member = Member(settings, tmp_path)
    fetch = driver._Thread.getmany
    asked = asyncio.Event()

    async def wait() -> None:
        asked.set()
        await asyncio.sleep(LATE)

    async def getmany(thread: Any, active: Any, timeout: float) -> Any:
        return await fetch(thread, active, 4 * timeout)  # as long as on a slow machine

    monkeypatch.setattr(driver._Thread, "getmany", getmany)
    async with running(member):
        await until(lambda: member.held == {0, 1} and not member.app.rebalancing)
        late(monkeypatch, "seek_to_committed", after=wait)
        async with another(settings):
            await asyncio.wait_for(asked.wait(), 60)
            (mine,) = member.held
            await member.send(mine, 10)
            await until(lambda: member.has_treated(mine, 10))


async def test_a_commit_that_comes_too_late_for_its_partition_ends_nothing(
    kafka: KafkaCluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = await installation(kafka, partitions=2)
    member = Member(settings, tmp_path)
    under_way = asyncio.Event()

    async def wait() -> None:
        under_way.set()
        await until(lambda: 0 not in member.held)

    async with running(member):
        await until(lambda: member.held == {0, 1} and not member.app.rebalancing)
        late(monkeypatch, "commit", before=wait)
        await member.send(0, 10)
        await asyncio.wait_for(under_way.wait(), 60)
        async with another(settings):
            await until(lambda: member.held == {1} and not member.app.rebalancing)
            await member.send(1, 10)
            await until(lambda: member.has_treated(1, 10))
            await member.commits(1, 10)
            assert not member.app.should_stop


async def test_what_lies_before_a_committed_offset_past_the_end_is_treated(
    kafka: KafkaCluster, tmp_path: Path
) -> None:
    settings = await installation(kafka, partitions=1)
    member = Member(settings, tmp_path)
    raw = TopicPartition(member.raw, 0)
    async with another(settings) as before:  # a broker that loses its last records keeps what is committed
        await until(lambda: before.assignment() == {raw})
        await before.commit({raw: 40})
    async with running(member):
        await until(lambda: member.held == {0} and not member.app.rebalancing)
        await member.send(0, 10)
        await until(lambda: member.has_treated(0, 10))
        await member.send(0, 50)
        await until(lambda: member.has_treated(0, 60))
        await member.commits(0, 60)


async def test_a_commit_for_a_topic_that_is_gone_is_not_made_good_on_the_next_of_its_name(
    kafka: KafkaCluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = await installation(kafka, partitions=1)
    member = Member(settings, tmp_path)
    gone = asyncio.Event()

    async def delete() -> None:
        if not gone.is_set():
            async with clients.admin(settings) as admin:
                await admin.delete_topics([member.raw])
            gone.set()

    late(monkeypatch, "commit", before=delete)
    async with running(member):
        await until(lambda: member.held == {0} and not member.app.rebalancing)
        await member.send(0, 40)
        await asyncio.wait_for(gone.wait(), 60)
        await until(lambda: not member.held)
        await provision.apply(settings, (await provision.plan(settings)).changes)
        await asyncio.sleep(LATE)
        assert await member.committed() == {}


async def test_a_group_that_another_broker_coordinates_is_not_one_without_commits(
    kafka_three: KafkaCluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = await installation(kafka_three, partitions=1)
    async with another(settings) as member:
        await until(lambda: len(member.assignment()) == 1)
        (raw,) = member.assignment()
        await member.commit({raw: 5})
        coordinator = member._coordinator
        right = coordinator.coordinator_id
        wrong = next(node for node in range(kafka_three.nodes) if node != right)
        coordinator.coordinator_id = wrong  # as after a move that it was not told of
        assert await member.committed(raw) == 5
        assert coordinator.coordinator_id == right
        find = AIOKafkaAdminClient.find_coordinator
        answers = [wrong]

        async def found(self: AIOKafkaAdminClient, group: str) -> int:
            return answers.pop() if answers else await find(self, group)

        monkeypatch.setattr(AIOKafkaAdminClient, "find_coordinator", found)
        told = await layout.committed(settings, settings.group("articles"), [tuple(raw)])
        assert (told, answers) == ({tuple(raw): 5}, [])


async def test_a_failure_before_the_group_is_joined_ends_the_worker_at_once(
    kafka: KafkaCluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    joining = threading.Event()

    async def wait() -> None:  # in the thread; the worker fails meanwhile
        joining.set()
        while not member.app.crashed:
            await asyncio.sleep(0.05)

    late(monkeypatch, "on_partitions_revoked", before=wait)
    settings = await installation(kafka, partitions=1)
    member = Member(settings, tmp_path)
    starting = asyncio.create_task(member.app.start())
    await until(joining.is_set)
    await member.app.crash(RuntimeError("the disk is bad"))
    await within(10, member.app.stop())
    starting.cancel()
