"""Promise 1 to 3: whatever is killed whenever, each article ends in exactly one outcome, under one event id."""

from __future__ import annotations

import asyncio
import random
import time
from pathlib import Path

import pytest

from tests.faults.rig import FUSED, STAGED, running
from tests.kafka.cluster import KafkaCluster

pytestmark = [pytest.mark.kafka, pytest.mark.faults, pytest.mark.timeout(3600)]


@pytest.mark.parametrize("topology", [STAGED, FUSED], ids=["staged", "fused"])
async def test_workers_killed_and_broker_restarted_lose_nothing(
    kafka_fresh: KafkaCluster, tmp_path: Path, topology: str, long_form: bool
) -> None:
    count, kills = (20_000, 10) if long_form else (1_500, 4)
    choice = random.Random(20261121)
    async with running(kafka_fresh.bootstrap, tmp_path, topology=topology) as rig:
        seconds = 400.0 if long_form else 25.0
        feeding = asyncio.create_task(rig.feed(range(count), per_second=count / seconds))
        moments = sorted(
            [(choice.uniform(0.05, 0.95) * seconds, "worker") for _ in range(kills)]
            + [(0.35 * seconds, "broker"), (0.7 * seconds, "broker")]
        )
        started = time.monotonic()
        killed = 0
        for moment, what in moments:
            await asyncio.sleep(max(0.0, started + moment - time.monotonic()))
            if what == "broker":
                await asyncio.to_thread(kafka_fresh.stop)
                await asyncio.to_thread(kafka_fresh.start)
            else:
                while not (pids := await asyncio.to_thread(rig.pids)):
                    await asyncio.sleep(0.2)
                assert pids
                await asyncio.to_thread(rig.kill_one, choice)
                killed += 1
        await feeding
        found = await rig.settled(count, timeout=1800 if long_form else 120)
        assert killed == kills
        assert found.problems(count) == []
        code, text = await asyncio.to_thread(rig.audit)
        assert code == 0, text
        print(
            f"{topology}: {count} articles, {kills} kills, 2 broker restarts: 0 lost, {found.copies} copies by input"
        )


@pytest.mark.parametrize("topology", [STAGED, FUSED], ids=["staged", "fused"])
async def test_workers_that_join_and_leave_lose_nothing(
    kafka: KafkaCluster, tmp_path: Path, topology: str, long_form: bool
) -> None:
    count, rounds = (20_000, 6) if long_form else (1_000, 2)
    async with running(kafka.bootstrap, tmp_path / "first", topology=topology, processes=1) as rig:
        feeding = asyncio.create_task(
            rig.feed(range(count), per_second=count / (20 * rounds if long_form else 12))
        )
        for turn in range(rounds):
            guest = type(rig)(
                kafka.bootstrap, tmp_path / f"guest{turn}", topology=topology, processes=1,
                topic_prefix=rig.settings.topic_prefix,
            )  # fmt: skip
            await asyncio.to_thread(guest.start)
            try:
                await guest.ready()
                await asyncio.sleep(2)
                assert await asyncio.to_thread(guest.stop) == 0
            finally:
                await asyncio.to_thread(guest.close)
        await feeding
        found = await rig.settled(count, timeout=900 if long_form else 90)
        assert found.problems(count) == []
        code, text = await asyncio.to_thread(rig.audit)
        assert code == 0, text
