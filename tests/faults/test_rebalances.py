"""Rebalances that follow each other closely, with a group coordinator that answers late."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from tests.faults.membership import Member, another, installation, late, running, until
from tests.kafka.cluster import KafkaCluster

pytestmark = [pytest.mark.kafka, pytest.mark.faults]

PARTITIONS, RECORDS = 4, 300
"""Partitions, and records in each."""

LATE = 2.0
"""Seconds until the committed offsets arrive."""


async def test_no_partition_stands_still_after_two_rebalances_in_a_row(
    kafka: KafkaCluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = await installation(kafka, PARTITIONS)
    member = Member(settings, tmp_path, each=0.01)
    for partition in range(PARTITIONS):
        await member.send(partition, RECORDS)

    def done() -> bool:
        held, committed = member.consumer.assignment(), member.consumer._committed_offset
        treated = all(member.has_treated(tp.partition, RECORDS) for tp in held)
        whole = treated and all(committed[tp] == RECORDS for tp in held)
        return not member.app.rebalancing and 0 < len(held) < PARTITIONS and whole

    async with running(member), AsyncExitStack() as others:
        await until(lambda: len(member.treated) > 100)
        late(monkeypatch, "seek_to_committed", after=lambda: asyncio.sleep(LATE))
        for _ in range(2):
            await others.enter_async_context(another(settings))
            await asyncio.sleep(LATE / 2)
        await until(done, seconds=120)
