"""Records whose header names are not UTF-8: every reader goes on."""

from __future__ import annotations

import asyncio
from pathlib import Path

import orjson
import pytest
from aiokafka import AIOKafkaProducer
from aiokafka.producer import message_accumulator
from aiokafka.producer import producer as producer_module
from aiokafka.record.default_records import _DefaultRecordBatchBuilderPy

from schemas.outcomes import input_of
from schemas.topics import DEAD_LETTERS, ENRICHED, RAW
from streams.broker import kafka, records
from streams.broker.records import Record
from tests.streams.installation import Installation
from tests.streams.living import up

FUSED = "clean + language + entities"


class NotUtf8(str):
    """A header name that aiokafka's builder in Python puts on the wire as other bytes."""

    def encode(self, encoding: str = "utf-8", errors: str = "strict") -> bytes:
        return b"na\xffme"


@pytest.fixture(autouse=True)
def builder_in_python(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (message_accumulator, producer_module):
        monkeypatch.setattr(module, "DefaultRecordBatchBuilder", _DefaultRecordBatchBuilderPy)


@pytest.mark.parametrize("compression", [None, "gzip"])
async def test_a_header_name_that_is_not_utf8_is_read_escaped(
    installation: Installation, compression: str | None
) -> None:
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


@pytest.mark.embedded
@pytest.mark.timeout(240)
async def test_a_worker_goes_on_and_every_record_has_its_outcome(tmp_path: Path) -> None:
    text = orjson.dumps({"content": "The harbour of Esbjerg opens again on Monday, the council said."})
    with up(tmp_path, FUSED, {}) as (settings, _):
        async with AIOKafkaProducer(**kafka.connection(settings)) as producer:
            for key, value, name in (
                (b"odd", text, NotUtf8("bad")),
                (b"broken", b"{", NotUtf8("bad")),
                (b"plain", text.replace(b"Monday", b"Friday"), "good"),
            ):
                await producer.send_and_wait(RAW.name, value, key=key, partition=0, headers=[(name, b"y")])
        found: dict[str, Record] = {}
        async with asyncio.timeout(60):
            while len(found) < 3:
                async for record in records.scan(settings, [ENRICHED.name, DEAD_LETTERS.name]):
                    if (place := input_of(record.headers)) and place.partition == 0:
                        asked = await records.read_one(settings, place)
                        if asked and asked.key in (b"odd", b"broken", b"plain"):
                            found[asked.key_text] = record
    assert {name: record.topic for name, record in found.items()} == {
        "odd": ENRICHED.name,
        "broken": DEAD_LETTERS.name,
        "plain": ENRICHED.name,
    }
    assert ("na\\xffme", b"y") in found["broken"].headers
