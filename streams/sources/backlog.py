"""How many articles wait in the raw topic for the workers, measured every two seconds.

The end of a partition is the high watermark that comes with a fetch: the embedded broker's answer to a plain
question for it is wrong after batched writes. So a consumer that joins no group stands at the end of every
partition, and each measurement moves it there again. It reads a batch or two per partition and measurement,
however much is produced.
"""

from __future__ import annotations

import asyncio
import time
from typing import Any

import structlog
from aiokafka import TopicPartition
from aiokafka.errors import GroupAuthorizationFailedError, KafkaError

from schemas.errors import BrokerError
from schemas.topics import RAW
from streams.broker import kafka, layout
from streams.settings import Settings

log = structlog.get_logger(__name__)

MEASURE_SECONDS = 2.0
_ANSWER_SECONDS = 10.0
_STALE_SECONDS = 15.0
_FETCH_BYTES = 1 << 10
_MEASUREMENTS = 150
"""Measurements after which the partitions are listed anew: some may have been added."""


class Backlog:
    """Knows how far the workers' group is behind, and whether the broker answers."""

    def __init__(self, settings: Settings) -> None:
        """Measures nothing until :meth:`run`."""
        self._settings = settings
        self._topic = settings.topic(RAW.name)
        self._group = settings.group("articles")
        self._answered = float("-inf")
        self.measured = asyncio.Event()
        """Set when the first measurement is done."""
        self.articles = 0
        """Articles that the workers have not committed yet."""

    @property
    def broker_answers(self) -> bool:
        """Whether a measurement succeeded within the last 15 seconds and none has failed since."""
        return self.measured.is_set() and time.monotonic() - self._answered < _STALE_SECONDS

    @property
    def too_long(self) -> bool:
        """Whether more articles wait than ``max_lag`` allows."""
        return bool(self._settings.max_lag) and self.articles > self._settings.max_lag

    async def run(self) -> None:
        """Measures until it is cancelled; a broker that goes away is asked again and again.

        Raises:
            BrokerError: the first measurement failed, or we may not read the group's offsets.
        """
        while True:
            try:
                await self._watch()
                continue
            except GroupAuthorizationFailedError:
                raise BrokerError(
                    f"Expected to be allowed to read the offsets of the group {self._group}, which max_lag "
                    "needs. Grant DESCRIBE on it, or do without the limit: BABELWIRE_MAX_LAG=0."
                ) from None
            except (BrokerError, KafkaError, OSError, TimeoutError) as error:
                if not self.measured.is_set():
                    raise error if isinstance(error, BrokerError) else self._unreachable(error) from None
                log.warning("backlog_unknown", error=f"{type(error).__name__}: {error}")
            self._answered = float("-inf")
            await asyncio.sleep(MEASURE_SECONDS)

    def _unreachable(self, error: Exception) -> BrokerError:
        return kafka.unreachable(self._settings, error)

    async def _watch(self) -> None:
        found = await layout.existing(self._settings, [self._topic])
        tps = [TopicPartition(self._topic, number) for number in found[self._topic]]
        if self._settings.max_lag:
            await self._coordinated()
        async with kafka.consumer(
            self._settings,
            group_id=self._group if self._settings.max_lag else None,
            auto_offset_reset="earliest",
            max_partition_fetch_bytes=_FETCH_BYTES,
        ) as consumer:
            if self._settings.max_lag:
                consumer.assign(tps)
                async with asyncio.timeout(_ANSWER_SECONDS):
                    for tp, end in (await consumer.end_offsets(tps)).items():
                        consumer.seek(
                            tp, end
                        )  # where it falls short lies a record, and with it comes the end
            for _ in range(_MEASUREMENTS):
                async with asyncio.timeout(_ANSWER_SECONDS):
                    self.articles = await self._measure(consumer, tps)
                self._answered = time.monotonic()
                self.measured.set()
                await asyncio.sleep(MEASURE_SECONDS)

    async def _coordinated(self) -> None:
        """Waits until the group has a coordinator; on a new cluster that takes seconds, and each try is an error.

        aiokafka's consumer would tell of every one of them.
        """
        async with kafka.admin(self._settings) as client:
            async for attempt in layout.patiently():
                with attempt:
                    await client.find_coordinator(self._group)

    async def _measure(self, consumer: Any, tps: list[TopicPartition]) -> int:
        if not self._settings.max_lag:
            await consumer.end_offsets(tps)  # whether the broker answers is all there is to know
            return 0
        ends = await self._ends(consumer, tps)
        offsets = await asyncio.gather(*map(consumer.committed, tps))
        committed = dict(zip(tps, offsets, strict=True))
        never = [tp for tp, offset in committed.items() if offset is None]
        first = await consumer.beginning_offsets(never) if never else {}
        return sum(max(0, end - (committed[tp] or first.get(tp, 0))) for tp, end in ends.items())

    @staticmethod
    async def _ends(consumer: Any, tps: list[TopicPartition]) -> dict[TopicPartition, int]:
        asked = time.time() * 1000
        ends: dict[TopicPartition, int] = {}
        while len(ends) < len(tps):
            await consumer.getmany(timeout_ms=20)
            for tp in tps:
                end, polled = consumer.highwater(tp), consumer.last_poll_timestamp(tp)
                if tp not in ends and end is not None and polled is not None and polled >= asked:
                    ends[tp] = end
                    consumer.seek(tp, end)
        return ends
