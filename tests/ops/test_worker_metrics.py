"""What a worker tells of its partitions and of itself."""

from __future__ import annotations

import gc
from collections import defaultdict
from collections.abc import Collection
from types import SimpleNamespace
from typing import Any

from aiokafka import TopicPartition
from prometheus_client import REGISTRY

from schemas.errors import RejectReason
from streams import metrics
from streams.work.lag import Lag
from streams.work.usage import Usage

TOPIC = "worker-metrics"


class Consumer:
    """As much of Faust's consumer as the lag is read from."""

    def __init__(self, ends: dict[TopicPartition, int], committed: dict[TopicPartition, int]) -> None:
        self.unacked: Collection[Any] = ()
        self._ends = ends
        self._committed_offset = defaultdict(lambda: None, committed)
        self._read_offset = dict(ends)
        client = SimpleNamespace(
            partitions_for_topic=lambda topic: {tp.partition for tp in ends if tp.topic == topic}
        )
        self._thread = SimpleNamespace(_consumer=client)

    def highwater(self, tp: TopicPartition) -> int:
        return self._ends[tp]


def lag(partition: int) -> float | None:
    return REGISTRY.get_sample_value(
        "babelwire_consumer_lag_messages", {"topic": TOPIC, "partition": str(partition)}
    )


def test_a_partition_that_went_to_another_worker_is_no_longer_behind_here() -> None:
    first, second, third = (TopicPartition(TOPIC, number) for number in range(3))
    # A worker that was killed in this slot left its lag of the third partition behind.
    metrics.consumer_lag.labels(TOPIC, "2").set(500)
    consumer = Consumer({first: 100, second: 50, third: 10}, {first: 60, second: 50, third: 4})
    observed = Lag([TOPIC])
    observed.observe(consumer, set())
    assert lag(2) == 500
    observed.observe(consumer, {first, second})
    assert (lag(0), lag(1), lag(2)) == (40, 0, 0)
    observed.observe(consumer, {second, third})
    assert (lag(0), lag(1), lag(2)) == (0, 0, 6)
    offset = REGISTRY.get_sample_value("babelwire_committed_offset", {"topic": TOPIC, "partition": "2"})
    assert offset == 4


def test_a_partition_that_is_not_held_is_not_written_again() -> None:
    first, second = (TopicPartition("worker-metrics-2", number) for number in range(2))
    consumer = Consumer({first: 5, second: 5}, {first: 5, second: 0})
    observed = Lag(["worker-metrics-2"])
    observed.observe(consumer, {first})
    # Its new holder, a neighbour that shares the files, tells its lag from now on.
    metrics.consumer_lag.labels("worker-metrics-2", "1").set(5)
    observed.observe(consumer, {first})
    labels = {"topic": "worker-metrics-2", "partition": "1"}
    assert REGISTRY.get_sample_value("babelwire_consumer_lag_messages", labels) == 5


def test_what_is_in_hand_waits_though_nothing_was_ever_committed() -> None:
    first, second = (TopicPartition("worker-metrics-3", number) for number in range(2))
    consumer = Consumer({first: 7, second: 7}, {})
    consumer.unacked = [
        SimpleNamespace(tp=first, topic=first.topic, offset=offset, acked=offset < 2, timestamp=None)
        for offset in range(7)
    ]
    Lag(["worker-metrics-3"]).observe(consumer, {first, second})
    told = [
        REGISTRY.get_sample_value(
            "babelwire_consumer_lag_messages", {"topic": tp.topic, "partition": str(tp.partition)}
        )
        for tp in (first, second)
    ]
    assert told == [5, 0]


def test_cpu_memory_and_collections_are_told() -> None:
    usage = Usage("w-test")
    sum(number * number for number in range(300_000))
    gc.collect()
    usage.observe()
    gc.callbacks.remove(usage._collection)
    worker = {"worker": "w-test"}
    assert (REGISTRY.get_sample_value("babelwire_worker_cpu_seconds_total", worker) or 0) > 0.01
    assert (REGISTRY.get_sample_value("babelwire_worker_resident_memory_bytes", worker) or 0) > 10_000_000
    assert (REGISTRY.get_sample_value("babelwire_worker_gc_pause_seconds_total", worker) or 0) > 0


def test_counters_of_a_stage_begin_at_zero_so_that_a_first_burst_is_seen() -> None:
    metrics.prepare(["stage-of-the-test"])
    for reason in RejectReason:
        labels = {"stage": "stage-of-the-test", "reason": str(reason)}
        assert REGISTRY.get_sample_value("babelwire_dead_letters_total", labels) == 0
