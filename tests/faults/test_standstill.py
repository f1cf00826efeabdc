"""A worker that stands still says so and ends; one that is slow, or in a rebalance, does not."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from aiokafka.consumer.group_coordinator import CoordinatorGroupRebalance
from aiokafka.errors import GroupAuthorizationFailedError, KafkaError

from streams.work import driver
from streams.work.standstill import Standstill
from tests.faults.membership import STOP_SECONDS, Member, another, installation, running, until, within
from tests.kafka.cluster import KafkaCluster

pytestmark = [pytest.mark.kafka, pytest.mark.faults]

BEAT = 0.1


async def watched(member: Member, *, idle: bool, beats: int = 100, rebalancing: int = 40) -> str | None:
    """Returns what stands still, or None after so many beats."""
    standstill = Standstill(waiting=20, rebalancing=rebalancing)
    for _ in range(beats):
        if (found := standstill.observe(member.app, [member.raw] if idle else [])) is not None:
            return found
        await asyncio.sleep(BEAT)
    return None


async def test_an_article_that_nobody_treats_is_noticed_unless_its_hop_is_busy(
    kafka: KafkaCluster, tmp_path: Path
) -> None:
    member = Member(await installation(kafka, partitions=1), tmp_path)
    async with running(member):
        await until(lambda: member.held == {0} and not member.app.rebalancing)
        pass_on = member.app.consumer.callback

        async def lose(message: Any) -> None:
            if message.offset != 3:
                await pass_on(message)

        member.app.consumer.callback = lose
        assert await watched(member, idle=True, beats=30) is None
        await member.send(0, 10)
        await until(lambda: len(member.treated) == 9)
        assert await watched(member, idle=False, beats=30) is None
        found = await watched(member, idle=True)
        assert found == f"an article waits and nobody treats it: {member.raw}, partition 0, offset 3"


async def test_work_that_goes_on_slowly_and_rebalances_are_no_standstill(
    kafka: KafkaCluster, tmp_path: Path
) -> None:
    settings = await installation(kafka, partitions=2)
    member = Member(settings, tmp_path, each=0.5)
    async with running(member):
        await member.send(0, 8)
        await member.send(1, 8)
        # A rebalance takes the two seconds to the next heartbeat, and more where the broker is slow.
        watching = asyncio.create_task(watched(member, idle=True, rebalancing=300))
        async with another(settings):
            await until(lambda: member.held == {1} and not member.app.rebalancing)
        assert await watching is None


async def test_a_rebalance_that_does_not_end_is_noticed(
    kafka: KafkaCluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def never(thread: Any) -> Any:
        await asyncio.Event().wait()

    settings = await installation(kafka, partitions=2)
    member = Member(settings, tmp_path)
    async with running(member):
        monkeypatch.setattr(driver._Thread, "seek_to_committed", never)
        async with another(settings):
            await until(lambda: member.held == {1})
            assert await watched(member, idle=True, beats=30) is None
            generation = member.app.consumer_generation_id
            assert await watched(member, idle=True) == f"rebalance {generation} does not end"


async def test_a_client_whose_error_nobody_takes_note_of_is_noticed(
    kafka: KafkaCluster, tmp_path: Path
) -> None:
    member = Member(await installation(kafka, partitions=1), tmp_path, each=0.2, stream_buffer_maxsize=4)
    async with running(member):
        await member.send(0, 300)
        await until(lambda: bool(member.treated) and not member.app.consumer._active_partitions)
        assert await watched(member, idle=False, beats=5) is None

        async def refused() -> bool:
            raise GroupAuthorizationFailedError("articles")

        member.client._coordinator._do_heartbeat = refused
        found = await watched(member, idle=False)
        assert found is not None
        assert "GroupAuthorizationFailedError" in found


async def test_a_group_that_cannot_be_joined_is_noticed(
    kafka: KafkaCluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def join(self: Any) -> None:
        raise KafkaError("an answer that nobody expects")

    member = Member(await installation(kafka, partitions=1), tmp_path)
    monkeypatch.setattr(CoordinatorGroupRebalance, "perform_group_join", join)
    starting = asyncio.create_task(member.app.start())
    try:
        found = await watched(member, idle=True)
        assert found == "aiokafka's consumer is broken: KafkaError('an answer that nobody expects')"
    finally:
        await within(STOP_SECONDS, member.app.stop())
        starting.cancel()
        await asyncio.wait([starting], timeout=STOP_SECONDS)
