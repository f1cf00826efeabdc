"""Records whose header names are not UTF-8: every reader goes on."""

from __future__ import annotations

import pytest
from aiokafka import AIOKafkaProducer
from aiokafka.producer import message_accumulator
from aiokafka.producer import producer as producer_module
from aiokafka.record.default_records import _DefaultRecordBatchBuilderPy

from streams import kafka
from tests.streams.installation import Installation


class NotUtf8(str):
    """A header name that aiokafka's builder in Python puts on the wire as other bytes."""

    def encode(self, encoding: str = "utf-8", errors: str = "strict") -> bytes:
        return b"na\xffme"


@pytest.mark.parametrize("compression", [None, "gzip"])
async def test_a_header_name_that_is_not_utf8_is_read_escaped(
    installation: Installation, monkeypatch: pytest.MonkeyPatch, compression: str | None
) -> None:
    for module in (message_accumulator, producer_module):
        monkeypatch.setattr(module, "DefaultRecordBatchBuilder", _DefaultRecordBatchBuilderPy)
    names = ["good", NotUtf8("bad"), "gut-ä", NotUtf8("bad"), "last"]
    topic = installation.topic("raw")
    async with AIOKafkaProducer(
        **kafka.connection(installation.settings), compression_type=compression, linger_ms=50
    ) as producer:
        sends = [
            await producer.send(topic, b"value", key=b"%d" % index, partition=0, headers=[(name, b"\xfe")])
            for index, name in enumerate(names)
        ]
        for sent in sends:
            await sent
    read = await installation.read("raw")
    assert [(record.offset, record.key, record.value) for record in read] == [
        (index, b"%d" % index, b"value") for index in range(5)
    ]
    escaped = "na\\xffme"
    assert [record.headers for record in read] == [
        ((name, b"\xfe"),) for name in ("good", escaped, "gut-ä", escaped, "last")
    ]
