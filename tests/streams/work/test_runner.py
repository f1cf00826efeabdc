"""What the runner answers, for inputs that no test on a broker can bring about cheaply."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

from structlog.testing import capture_logs

from agents.hop import Result
from agents.pipeline import hops
from schemas.errors import PublishFailed
from schemas.outcomes import DeadLetterHeaders, Position
from schemas.topics import LARGEST_LETTER
from streams.settings import Settings
from streams.work.runner import Runner


@dataclass(slots=True)
class Record:
    value: bytes
    headers: Any = None
    topic: str = "babelwire.articles.raw.v1"
    partition: int = 0
    offset: int = 7
    timestamp: float = 1.5
    key: bytes | None = b"k"


REJECTED = Result(outcome="rejected", stage="clean", article="a", reason="too_large", detail="too large")


def answer(record: Record) -> tuple[bytes, dict[str, bytes]]:
    runner = Runner(hops("clean | language | entities")[0], Settings(), None, None, lambda error: None)  # type: ignore[arg-type]
    position = Position(topic=record.topic, partition=record.partition, offset=record.offset)
    outgoing = runner._answer(record, position, REJECTED, [])
    assert outgoing.key == b"a"
    return outgoing.value, dict(outgoing.headers)


def test_a_dead_letter_holds_the_original_bytes_and_headers() -> None:
    value, headers = answer(
        Record(b"\xff raw", [("mine", b"\x01"), ("bw_input", b"old/0/1"), ("empty", None)])
    )
    assert value == b"\xff raw"
    assert headers["mine"] == b"\x01"
    assert "empty" not in headers
    why = DeadLetterHeaders.from_headers(list(headers.items()))
    assert (why.reason, why.input, why.timestamp) == ("too_large", "babelwire.articles.raw.v1/0/7", 1500)


def test_a_record_no_dead_letter_can_hold_is_named_instead_of_stopping_the_worker() -> None:
    value, headers = answer(Record(b"x" * (LARGEST_LETTER + 1)))
    assert value == b""
    assert headers["bw_truncated"] == str(LARGEST_LETTER + 1).encode()
    assert headers["bw_input"] == b"babelwire.articles.raw.v1/0/7"


def test_a_dead_letter_keeps_the_key_its_record_had() -> None:
    assert answer(Record(b"x", key=b"\xff\x00"))[1]["bw_key"] == b"\xff\x00"
    assert "bw_key" not in answer(Record(b"x", key=b"a"))[1], "the letter's own key says it"
    assert "bw_key" not in answer(Record(b"x", key=None))[1]


def test_headers_no_dead_letter_can_hold_are_left_where_they_lie() -> None:
    value, headers = answer(Record(b"x", [("mine", b"y" * LARGEST_LETTER)]))
    assert (value, headers["bw_truncated"]) == (b"", b"1")
    assert "mine" not in headers
    assert headers["bw_input"] == b"babelwire.articles.raw.v1/0/7"


class Stream:
    """One batch, as Faust's streams give it, and what was acknowledged of it."""

    def __init__(self, *records: Record) -> None:
        self.batch = [Event(record) for record in records]
        self.acknowledged: list[Event] = []

    def noack(self) -> Stream:
        return self

    async def noack_take(self, most: int, within: float) -> AsyncIterator[list[Event]]:
        yield self.batch

    async def ack(self, event: Event) -> None:
        self.acknowledged.append(event)


@dataclass(slots=True)
class Event:
    message: Record


class Nobody:
    async def treat(self, records: Any, positions: Any) -> list[Result]:
        return [REJECTED for _ in records]

    async def publish(self, records: Any) -> None:
        raise PublishFailed("nobody confirms")


async def test_what_cannot_be_published_is_one_line_and_nothing_is_acknowledged() -> None:
    stopped: list[BaseException] = []
    nobody = Nobody()
    runner = Runner(hops("clean | language | entities")[0], Settings(), nobody, nobody, stopped.append)  # type: ignore[arg-type]
    stream = Stream(Record(b"x"), Record(b"y", offset=8))
    with capture_logs() as lines:
        running = asyncio.create_task(runner.run(stream))
        while not stopped:
            await asyncio.sleep(0.01)
        running.cancel()
    assert lines == [
        {
            "log_level": "error",
            "event": "worker_stops",
            "stage": "clean",
            "error": "PublishFailed: nobody confirms",
            "articles": 2,
            "topic": "babelwire.articles.raw.v1",
            "partition": 0,
            "offset": 7,
        }
    ]
    assert stream.acknowledged == []
