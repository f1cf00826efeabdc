"""A broker that cannot be reached, and a publish that fails for good."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType

from schemas import topics
from streams.broker import kafka as clients
from streams.broker import layout
from tests.faults.rig import FUSED, STAGED, Rig, running
from tests.kafka.cluster import KafkaCluster

pytestmark = [pytest.mark.kafka, pytest.mark.faults, pytest.mark.timeout(1800)]


@pytest.mark.lasts(37)
@pytest.mark.parametrize("topology", [STAGED, FUSED], ids=["staged", "fused"])
async def test_a_broker_out_of_reach_stops_nothing_and_loses_nothing(
    kafka_fresh: KafkaCluster, tmp_path: Path, topology: str, long_form: bool
) -> None:
    count, away = (20_000, 60.0) if long_form else (600, 20.0)
    async with running(kafka_fresh.bootstrap, tmp_path, topology=topology) as rig:
        feeding = asyncio.create_task(rig.feed(range(count), per_second=count / (away if long_form else 6)))
        await asyncio.sleep(2)
        await asyncio.to_thread(kafka_fresh.pause)
        await asyncio.sleep(away)
        await asyncio.to_thread(kafka_fresh.resume)
        await feeding
        await rig.whole(count, timeout=900 if long_form else 120)
        assert rig.logged("worker_stands_still") == 0


@pytest.mark.lasts(42)
async def test_a_killed_broker_of_three_stops_nothing_and_loses_nothing(
    kafka_three: KafkaCluster, tmp_path: Path, long_form: bool
) -> None:
    count, rounds = (20_000, 6) if long_form else (600, 2)
    async with running(kafka_three.bootstrap, tmp_path, topology=STAGED, replication_factor=3) as rig:
        feeding = asyncio.create_task(rig.feed(range(count), per_second=count / (15 * rounds)))
        for turn in range(rounds):
            await asyncio.sleep(2)
            await asyncio.to_thread(kafka_three.kill, turn % 3)
            await asyncio.sleep(5)
            await asyncio.to_thread(kafka_three.start, turn % 3)
            await asyncio.to_thread(kafka_three.wait_in_sync)
        await feeding
        await rig.whole(count, 600 if long_form else 120)


@pytest.mark.parametrize("topology", [STAGED, FUSED], ids=["staged", "fused"])
async def test_a_publish_that_fails_for_good_stops_the_worker_with_nothing_committed(
    kafka: KafkaCluster, tmp_path: Path, topology: str
) -> None:
    rig = Rig(kafka.bootstrap, tmp_path, topology=topology, processes=1)
    await rig.provision()
    first_output = rig.settings.topic((topics.CLEAN if topology == STAGED else topics.ENRICHED).name)
    await _allow(rig, first_output, "100")  # no event fits: the broker refuses every one of them
    try:
        await asyncio.to_thread(rig.start)
        await rig.feed(range(40))
        for _ in range(600):
            if rig.logged("worker_ended") >= 1:
                break
            await asyncio.sleep(0.1)
        assert rig.logged("worker_stops") >= 1, rig.log_end()
        assert rig.logged("worker_ended") >= 1, rig.log_end()
        raw = rig.settings.topic(topics.RAW.name)
        wanted = [(raw, partition) for partition in range(4)]
        committed = await layout.committed(rig.settings, rig.settings.group("articles"), wanted)
        assert sum(committed.values()) == 0

        await _allow(
            rig, first_output, str(8 << 20)
        )  # the operator mends it; the supervisor's next try succeeds
        found = await rig.settled(40, timeout=90)
        assert found.problems(40) == []
    finally:
        await asyncio.to_thread(rig.close)


async def _allow(rig: Rig, topic: str, size: str) -> None:
    async with clients.admin(rig.settings) as admin:
        await admin.alter_configs(
            [ConfigResource(ConfigResourceType.TOPIC, topic, {"max.message.bytes": size})]
        )
