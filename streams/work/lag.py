"""How far a worker is behind, per input partition, without asking the broker.

The high watermark comes with every fetch; end offsets asked for on their own are wrong on the embedded
broker.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from streams import metrics


class Lag:
    """Sets the lag metrics of the partitions one worker holds, and takes back those of partitions it lost."""

    def __init__(self, topics: Iterable[str]) -> None:
        """``topics`` are the topics the worker reads."""
        self._topics = frozenset(topics)
        self._held: set[tuple[str, int]] | None = None

    def observe(self, consumer: Any, assigned: set[Any]) -> None:
        """Sets the metrics.

        Args:
            consumer: Faust's consumer.
            assigned: its partitions.
        """
        if not assigned:
            return
        oldest: dict[str, float] = defaultdict(float)
        begins: dict[Any, int] = {}
        held = [message for message in consumer.unacked if not message.acked]
        now = time.time()
        for message in held:
            age = now - message.timestamp if message.timestamp else 0.0
            oldest[message.topic] = max(oldest[message.topic], age)
            begins[message.tp] = min(message.offset, begins.get(message.tp, message.offset))
        for tp in assigned:
            end = consumer.highwater(tp)
            committed = consumer._committed_offset[tp]
            if committed is not None:
                metrics.committed_offset.labels(tp.topic, str(tp.partition)).set(committed)
            if end is None:
                continue
            # Not [tp]: asking would make it a partition that has gone back to its offset.
            reached = committed if committed is not None else begins.get(tp, consumer._read_offset.get(tp))
            if reached is None:
                continue  # nothing read and nothing committed: where it begins is not known here
            metrics.consumer_lag.labels(tp.topic, str(tp.partition)).set(max(0, end - reached))
            metrics.consumer_lag_seconds.labels(tp.topic).set(oldest[tp.topic])
        self._release(consumer, {(tp.topic, tp.partition) for tp in assigned})

    def _release(self, consumer: Any, assigned: set[tuple[str, int]]) -> None:
        """Sets the lag of lost partitions to 0, once: from now on it is their new holder's to tell.

        A worker that was killed left values behind in its slot's files, so at first all others count as lost.
        """
        before = self._all_partitions(consumer) if self._held is None else self._held
        for topic, partition in before - assigned:
            metrics.consumer_lag.labels(topic, str(partition)).set(0)
        for topic in {topic for topic, _ in before} - {topic for topic, _ in assigned}:
            metrics.consumer_lag_seconds.labels(topic).set(0)
        self._held = assigned

    def _all_partitions(self, consumer: Any) -> set[tuple[str, int]]:
        client = consumer._thread._consumer
        return {
            (topic, number) for topic in self._topics for number in client.partitions_for_topic(topic) or ()
        }
