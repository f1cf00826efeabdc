"""Promise 1 to 3: whatever is killed whenever, each article ends in exactly one outcome, under one event id."""

from __future__ import annotations

import asyncio
import random
import time
from pathlib import Path

import orjson
import pytest

from schemas import topics
from schemas.cloudevents import header
from streams.broker import kafka as clients
from streams.broker import records
from tests.faults.rig import FUSED, STAGED, running
from tests.kafka.cluster import KafkaCluster

pytestmark = [pytest.mark.kafka, pytest.mark.faults, pytest.mark.timeout(3600)]


@pytest.mark.lasts(48)
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
        for moment, what in moments:
            await asyncio.sleep(max(0.0, started + moment - time.monotonic()))
            if what == "broker":
                await asyncio.to_thread(kafka_fresh.stop)
                await asyncio.to_thread(kafka_fresh.start)
            else:
                await asyncio.to_thread(rig.kill_one, choice.choice)
        await feeding
        found = await rig.whole(count, timeout=1800 if long_form else 120)
        print(
            f"{topology}: {count} articles, {kills} kills, 2 broker restarts: 0 lost, {found.copies} copies by input"
        )


@pytest.mark.parametrize("topology", [STAGED, FUSED], ids=["staged", "fused"])
async def test_revisions_never_overtake_each_other(
    kafka: KafkaCluster, tmp_path: Path, topology: str, long_form: bool
) -> None:
    articles, revisions, kills = (8, 500, 6) if long_form else (8, 60, 2)
    choice = random.Random(7)
    async with running(kafka.bootstrap, tmp_path, topology=topology) as rig:
        raw = rig.settings.topic(topics.RAW.name)

        async def send() -> None:
            async with clients.producer(rig.settings) as producer:
                for revision in range(1, revisions + 1):
                    for name in range(articles):
                        text = f"The council of Graz met for the {revision}th time on matter {name}."
                        value = orjson.dumps({"id": f"a{name}", "revision": revision, "content": text})
                        await producer.send(raw, value, key=f"a{name}".encode())
                    await asyncio.sleep(0.1)

        sending = asyncio.create_task(send())
        for _ in range(kills):
            await asyncio.sleep(choice.uniform(1, 2))
            await asyncio.to_thread(rig.kill_one, choice.choice)
        await sending
        enriched = rig.settings.topic(topics.ENRICHED.name)
        for _ in range(120):
            seen: set[str | None] = set()
            order: dict[bytes | None, list[int]] = {}
            async for record in records.scan(rig.settings, [enriched]):
                event = header(record.headers, "ce_id")
                if event not in seen:  # a consumer that keys on the event id
                    seen.add(event)
                    order.setdefault(record.key, []).append(orjson.loads(record.value or b"")["revision"])
            if len(seen) == articles * revisions:
                break
            await asyncio.sleep(1)
        assert len(order) == articles
        for key, found in order.items():
            assert found == list(range(1, revisions + 1)), key


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
        await rig.whole(count, timeout=900 if long_form else 90)
