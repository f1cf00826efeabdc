"""Each record that an operator has sent gets an answer of its own, on both brokers."""

from __future__ import annotations

from aiokafka import AIOKafkaProducer

from schemas.errors import BrokerError
from schemas.outcomes import Position
from streams.broker import kafka, sending
from tests.streams.installation import Installation


async def test_what_is_refused_is_told_in_its_place_and_the_rest_is_sent(installation: Installation) -> None:
    raw = installation.topic("raw")
    producer = AIOKafkaProducer(**kafka.connection(installation.settings), max_request_size=2000)
    await producer.start()
    try:
        values = (b"first", bytes(3000), b"last")
        sends = [{"topic": raw, "value": value, "key": b"key", "partition": 1} for value in values]
        first, refused, last = await sending.send(installation.settings, producer, sends)
    finally:
        await producer.stop()
    assert (first, last) == (
        Position(topic=raw, partition=1, offset=0),
        Position(topic=raw, partition=1, offset=1),
    )
    assert isinstance(refused, BrokerError)
    assert "max.message.bytes" in str(refused)
    assert [record.value for record in await installation.read("raw")] == [b"first", b"last"]
