"""Producers may use transactions: their markers are holes in the offsets, and holes are looked at before believed."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from aiokafka import AIOKafkaProducer

from schemas import topics
from streams.broker import kafka as clients
from tests.faults.rig import FUSED, STAGED, article, running
from tests.kafka.cluster import KafkaCluster

pytestmark = [pytest.mark.kafka, pytest.mark.faults]

COUNT, EACH, PARTITIONS = 400, 5, 4


@pytest.mark.parametrize("topology", [STAGED, FUSED], ids=["staged", "fused"])
async def test_articles_sent_in_transactions_come_out_and_are_committed(
    kafka: KafkaCluster, tmp_path: Path, topology: str
) -> None:
    async with running(kafka.bootstrap, tmp_path, topology=topology, processes=1) as rig:
        raw = rig.settings.topic(topics.RAW.name)
        name = rig.settings.topic_prefix + "transactional"
        async with AIOKafkaProducer(**clients.connection(rig.settings), transactional_id=name) as producer:
            for begin in range(0, COUNT, EACH):
                async with producer.transaction():
                    for number in range(begin, begin + EACH):
                        key, value = article(number)
                        await producer.send(raw, value, key=key)
        found = await rig.settled(COUNT, timeout=120)
        assert found.problems(COUNT) == []
        # A marker may be the last record of a partition: nobody reads it, so nobody commits past it.
        for _ in range(60):
            lag = await asyncio.to_thread(rig.metric, "babelwire_consumer_lag_messages")
            if lag <= PARTITIONS:
                break
            await asyncio.sleep(1)
        assert lag <= PARTITIONS
