"""What operators add is used by running workers within two seconds, and by new ones before their first article.

The time is from the stamp of the addition's record to the stamp of the first event that says it; both are given by
the producers, on this machine. What the command takes before it writes (it starts Python) is printed too.
"""

from __future__ import annotations

import asyncio
import os
import signal
import time
from pathlib import Path
from typing import Any

import orjson
import pytest

from schemas import topics
from schemas.additions import Addition
from streams.broker import kafka as clients
from streams.broker import records
from streams.knowledge import curation
from tests.faults.rig import FUSED, STAGED, Rig, running
from tests.kafka.cluster import KafkaCluster

pytestmark = [pytest.mark.kafka, pytest.mark.faults, pytest.mark.timeout(300)]

SECONDS = 2.0
JANE = "cur:jane-bleekov"
ADD = ("entities", "add", "--type", "PER", "--name", "Jane Bleekov", "--country", "NZ")
_TEXT = "The minister Jane Bleekov arrived in Wellington on Monday and spoke about the harbour, case {n}."


async def send(rig: Rig, *names: str) -> None:
    """Sends articles that name Jane Bleekov."""
    async with clients.producer(rig.settings) as producer:
        for name in names:
            value = orjson.dumps({"id": name, "content": _TEXT.format(n=name)})
            await producer.send_and_wait(rig.settings.topic(topics.RAW.name), value, key=name.encode())


async def keep_sending(rig: Rig, per_second: float) -> None:
    async with clients.producer(rig.settings) as producer:
        number = 0
        while True:
            name = f"a{number:05d}"
            value = orjson.dumps({"id": name, "content": _TEXT.format(n=number)})
            await producer.send(rig.settings.topic(topics.RAW.name), value, key=name.encode())
            number += 1
            await asyncio.sleep(1 / per_second)


async def events(rig: Rig) -> list[tuple[int, dict[str, Any]]]:
    """Every enriched event, with the broker's stamp in milliseconds, in the order of the stamps."""
    found = [
        (record.timestamp, orjson.loads(record.value or b"{}"))
        async for record in records.scan(rig.settings, [rig.settings.topic(topics.ENRICHED.name)])
    ]
    return sorted(found, key=lambda one: one[0])


def ids(event: dict[str, Any]) -> set[str]:
    return {entity["id"] for entity in event["entities"]}


async def first_with(rig: Rig, wanted: str, since_ms: int) -> float:
    """Waits for the first event since then that names ``wanted``; returns how many seconds later it was."""
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        for stamp, event in await events(rig):
            if stamp >= since_ms and wanted in ids(event):
                return (stamp - since_ms) / 1000
        await asyncio.sleep(0.2)
    raise AssertionError(f"no event names {wanted}: {rig.log_end()}")


async def command(rig: Rig, *arguments: str) -> tuple[int, float]:
    """Runs a command; returns when its record was written, milliseconds since 1970, and the seconds before that."""
    begun = time.time()
    done = await asyncio.to_thread(rig.babelwire, *arguments)
    assert done.returncode == 0, done.stderr.decode()
    topic = rig.settings.topic(topics.ENTITIES.name)
    stamp = max([record.timestamp async for record in records.scan(rig.settings, [topic])])
    return stamp, stamp / 1000 - begun


@pytest.mark.parametrize("topology", [STAGED, FUSED])
async def test_running_workers_use_a_change_within_two_seconds(
    kafka: KafkaCluster, tmp_path: Path, topology: str, capfd: pytest.CaptureFixture[str]
) -> None:
    async with running(kafka.bootstrap, tmp_path, topology=topology) as rig:
        sending = asyncio.create_task(keep_sending(rig, 20))
        await asyncio.sleep(2)
        assert all(JANE not in ids(event) for _, event in await events(rig))
        written, before = await command(rig, *ADD)
        took = {"add": await first_with(rig, JANE, written)}
        written, _ = await command(rig, "entities", "merge", JANE, "Q58217")
        took["merge"] = await first_with(rig, "Q58217", written)
        written, _ = await command(rig, "entities", "rm", JANE)
        await asyncio.sleep(2 * SECONDS)
        sending.cancel()
        await asyncio.gather(sending, return_exceptions=True)
        late = [stamp for stamp, event in await events(rig) if ids(event) & {JANE, "Q58217"}]
        took["rm"] = max(0, max(late) - written) / 1000
        versions = {event["provenance"]["kb"] for _, event in await events(rig)}
        with capfd.disabled():
            shown = ", ".join(f"{name} {seconds:.2f}" for name, seconds in took.items())
            print(f"\n{topology}: record to event, seconds: {shown}; the command before that {before:.2f}")
        assert max(took.values()) < SECONDS, took
        assert len(versions) == 3, (
            "without, with her, merged: each names its knowledge, and the last is the first"
        )
        await rig.audited()
        assert rig.metric("babelwire_additions", worker="w0") == 0
        assert rig.metric("babelwire_additions_followed") == 2


async def test_a_new_worker_knows_every_addition_before_its_first_article(
    kafka: KafkaCluster, tmp_path: Path
) -> None:
    """Articles wait, additions too; whoever starts reads all additions to the end first."""
    rig = Rig(kafka.bootstrap, tmp_path, topology=FUSED, processes=2)
    await rig.provision()
    many = [
        Addition(id=f"cur:bleekov-{number}", type="PER", name=f"Levan Bleekov {number}")
        for number in range(3000)
    ]
    await curation.write(rig.settings, {one.id: one for one in many})
    await command(rig, *ADD)  # the last of them all
    await send(rig, *(f"a{number}" for number in range(60)))
    try:
        await asyncio.to_thread(rig.start)
        found = await settled(rig, 60)
        assert [event["id"] for event in found if JANE not in ids(event)] == []
        versions = {event["provenance"]["kb"] for event in found}
        assert len(versions) == 1
        # A worker that takes the place of a killed one does the same, with what came since.
        await command(rig, "entities", "merge", JANE, "Q58217")
        await rig.ready()
        for pid in rig.pids():
            os.kill(pid, signal.SIGKILL)
        await send(rig, *(f"b{number}" for number in range(60)))
        found = [event for event in await settled(rig, 120) if event["id"].startswith("b")]
        assert len({event["id"] for event in found}) == 60
        assert [event["id"] for event in found if "Q58217" not in ids(event)] == []
        assert len({event["provenance"]["kb"] for event in found}) == 1
    finally:
        await asyncio.to_thread(rig.close)


async def settled(rig: Rig, count: int) -> list[dict[str, Any]]:
    """Waits until ``count`` articles have come out and returns their events."""
    deadline = time.monotonic() + 90
    while time.monotonic() < deadline:
        found = [event for _, event in await events(rig)]
        if len({event["id"] for event in found}) >= count:
            return found
        await asyncio.sleep(0.5)
    raise AssertionError(f"{len(found)} of {count}: {rig.log_end()}")
