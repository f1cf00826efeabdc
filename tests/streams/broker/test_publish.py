"""Waves keep the order of one key, retries send the whole wave again, and what is hopeless is given up at once."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from aiokafka.errors import KafkaTimeoutError, MessageSizeTooLargeError
from hypothesis import given
from hypothesis import strategies as st
from structlog.testing import capture_logs

from schemas.errors import PublishFailed
from streams.broker.publish import Outgoing, Publisher, waves


def record(key: str, value: str, topic: str = "t") -> Outgoing:
    return Outgoing(topic=topic, key=key.encode(), value=value.encode(), headers=())


class Broker:
    """Stands where aiokafka's producer stands and fails as told; the real broker is in tests/faults."""

    def __init__(self, *failures: Exception | None) -> None:
        self.failures = list(failures)
        self.taken: list[bytes] = []

    async def send(self, topic: str, value: bytes, *, key: bytes, headers: Any) -> asyncio.Future[None]:
        confirmation: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        failure = self.failures.pop(0) if self.failures else None
        if failure is None:
            self.taken.append(value)
            confirmation.set_result(None)
        else:
            confirmation.set_exception(failure)
        return confirmation


@given(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from("tu")), max_size=30))
def test_waves_hold_each_key_once_and_keep_its_order(keys: list[tuple[str, str]]) -> None:
    records = [record(key, str(index), topic) for index, (key, topic) in enumerate(keys)]
    split = waves(records)
    assert sorted(item.value for wave in split for item in wave) == sorted(item.value for item in records)
    for wave in split:
        names = [(item.topic, item.key) for item in wave]
        assert len(names) == len(set(names))
    for name in {(item.topic, item.key) for item in records}:
        sent = [int(item.value) for wave in split for item in wave if (item.topic, item.key) == name]
        assert sent == sorted(sent)


def test_different_articles_go_out_in_one_wave() -> None:
    assert len(waves([record(str(number), "v") for number in range(50)])) == 1


def test_a_wave_stays_below_what_a_broker_takes_in_one_request() -> None:
    large = "x" * (20 << 20)
    split = waves(
        [
            record("a", large),
            record("b", large),
            record("c", "small"),
            record("a", "next"),
            record("d", large),
        ]
    )
    assert [[item.key for item in wave] for wave in split] == [[b"a"], [b"b", b"c"], [b"d"], [b"a"]]
    assert all(sum(len(item.value) for item in wave) <= 32 << 20 for wave in split)


async def test_a_later_revision_waits_for_the_earlier_one() -> None:
    broker = Broker(KafkaTimeoutError())
    publisher = Publisher(broker, give_up_after=10)  # type: ignore[arg-type]
    await publisher.publish([record("a", "1"), record("a", "2")])
    assert broker.taken == [b"1", b"2"]


async def test_after_a_failure_the_whole_wave_is_sent_again() -> None:
    broker = Broker(None, KafkaTimeoutError())
    retries: list[int] = []
    publisher = Publisher(broker, give_up_after=10, on_retry=lambda: retries.append(1))  # type: ignore[arg-type]
    with capture_logs() as lines:
        await publisher.publish([record("a", "1"), record("b", "2")])
    assert broker.taken == [b"1", b"1", b"2"]
    assert len(retries) == 1
    [line] = lines
    assert (line["event"], line["articles"], line["topic"], line["attempt"]) == ("publish_retry", 2, "t", 1)
    assert line["error"].startswith("KafkaTimeoutError")


async def test_a_record_the_broker_will_never_take_is_not_tried_again() -> None:
    broker = Broker(MessageSizeTooLargeError())
    publisher = Publisher(broker, give_up_after=60)  # type: ignore[arg-type]
    with pytest.raises(PublishFailed, match="MessageSizeTooLarge"):
        await publisher.publish([record("a", "1")])
    assert broker.taken == []


async def test_a_broker_that_goes_on_failing_is_given_up() -> None:
    broker = Broker(*[KafkaTimeoutError() for _ in range(1000)])
    publisher = Publisher(broker, give_up_after=0.5)  # type: ignore[arg-type]
    with pytest.raises(PublishFailed, match="Nothing of this batch is committed"):
        await publisher.publish([record("a", "1")])
