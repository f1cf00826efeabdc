"""How far a worker is behind, per input partition, without asking the broker.

The high watermark comes with every fetch; end offsets asked for on their own are wrong on the embedded broker.
"""

from __future__ import annotations

import time
from collections import defaultdict
from typing import Any

from streams import metrics


def observe(consumer: Any, assigned: set[Any]) -> None:
    """Sets the lag metrics of the partitions this worker holds.

    Args:
        consumer: Faust's consumer.
        assigned: its partitions.
    """
    oldest: dict[str, float] = defaultdict(float)
    held = [message for message in consumer.unacked if not message.acked]
    now = time.time()
    for message in held:
        age = now - message.timestamp if message.timestamp else 0.0
        oldest[message.topic] = max(oldest[message.topic], age)
    for tp in assigned:
        end = consumer.highwater(tp)
        committed = consumer._committed_offset[tp]
        if end is None:
            continue
        metrics.consumer_lag.labels(tp.topic, str(tp.partition)).set(max(0, end - (committed or 0)))
        metrics.consumer_lag_seconds.labels(tp.topic).set(oldest[tp.topic])
