"""Reads topics from a start to their end as it was when the reading began, in constant memory.

Everything that looks at the stream (audit, dead letters, replay, explain, tail) reads through here. It joins
no consumer group and commits nothing, so looking never moves a worker.

* **The end** of a partition is the greater of ListOffsets and the high watermark of the first fetch: the
  embedded broker's ListOffsets falls short after batched writes, its fetches do not (measured, Tansu 0.6.0).
* **Topics are listed, never named,** before they are read: the embedded broker, and a Kafka with
  ``auto.create.topics.enable``, creates a topic that a client asks about by name.
* **Times** bound a scan from below by offset (the first record at or after the time); records after that may
  still carry an earlier time, as a redriven one keeps its own, and are left out.
"""

from __future__ import annotations

import dataclasses
import time
from collections.abc import AsyncGenerator, Callable, Iterable, Mapping
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition

from schemas.errors import BrokerError
from schemas.outcomes import Header, Position
from streams.broker import kafka, layout
from streams.broker.layout import Partition
from streams.settings import Settings

Progress = Callable[[int, int], None]
"""Called with the records read so far and the records there are to read."""

_STALLED_SECONDS = 60.0
"""A broker that gives nothing for this long, with records still to read, is taken for gone."""
_POLL_MS = 100
_POLL_RECORDS = 500
_FETCH_WAIT = 0.1
"""Longest time an empty fetch is held open, seconds: the end of a scan is told by one."""
_FETCH_BYTES = 16 << 20
"""Most that one fetch brings (one larger record still comes whole): what bounds the memory of a scan."""


@dataclass(frozen=True, slots=True)
class Record:
    """One record as it lies on a topic."""

    topic: str
    partition: int
    offset: int
    timestamp: int
    """Milliseconds since 1970: when it was received (raw topic) or published."""
    key: bytes | None
    value: bytes | None
    headers: tuple[Header, ...]

    @property
    def position(self) -> Position:
        """Where it lies."""
        return Position(topic=self.topic, partition=self.partition, offset=self.offset)

    @property
    def key_text(self) -> str:
        """The key for people: the article's id."""
        return (self.key or b"").decode("utf-8", "replace")


async def spans(settings: Settings, topics: Iterable[str]) -> dict[Partition, tuple[int, int]]:
    """Returns the first offset and the end (one past the last offset) of each partition of ``topics``."""
    found = await layout.existing(settings, topics)
    tps = [TopicPartition(topic, number) for topic, numbers in found.items() for number in numbers]
    impatient = dataclasses.replace(settings, fetch_wait=min(settings.fetch_wait, _FETCH_WAIT))
    async with kafka.consumer(
        impatient, auto_offset_reset="earliest", fetch_max_bytes=_FETCH_BYTES
    ) as client:
        with kafka.in_words(settings):
            client.assign(tps)
            run = _Run(client, tps, follow=False, from_end=True, progress=None)
            await run.seek(None, None)
            while not run.finished:
                await run.fetch()
            return {(tp.topic, tp.partition): span for tp, span in run.spans().items()}


async def scan(
    settings: Settings,
    topics: Iterable[str],
    *,
    since_ms: int | None = None,
    start: Mapping[Partition, int] | None = None,
    key: bytes | None = None,
    follow: bool = False,
    from_end: bool = False,
    fetch_wait: float | None = None,
    progress: Progress | None = None,
) -> AsyncGenerator[Record, None]:
    """Yields the records of ``topics`` (full names), in order within each partition.

    Args:
        settings: where the broker is.
        topics: full names; all must exist.
        since_ms: leave out records with a timestamp before this, milliseconds since 1970.
        start: read only these partitions, each from its offset.
        key: read only the partition that records with this key go to (the records of other keys in it too).
        follow: go on for ever instead of stopping at the end.
        from_end: begin at the end (with ``follow``).
        fetch_wait: longest time an empty fetch is held open, seconds; short by default, so that the end is told soon.
        progress: told how far the scan is, about once a fetch.

    Raises:
        BrokerError: the broker is away, a topic is missing, or we may not read it.
    """
    found = await layout.existing(settings, topics)
    chosen = {
        topic: (layout.partition_of(key, numbers),) if key is not None else numbers
        for topic, numbers in found.items()
    }
    tps = [TopicPartition(topic, number) for topic, numbers in chosen.items() for number in numbers]
    if start is not None:
        tps = [tp for tp in tps if (tp.topic, tp.partition) in start]
    if not tps:
        return
    wait = min(settings.fetch_wait, _FETCH_WAIT) if fetch_wait is None else fetch_wait
    impatient = dataclasses.replace(settings, fetch_wait=wait)
    async with kafka.consumer(
        impatient, auto_offset_reset="earliest", max_poll_records=_POLL_RECORDS, fetch_max_bytes=_FETCH_BYTES
    ) as client:
        with kafka.in_words(settings):
            client.assign(tps)
            run = _Run(client, tps, follow=follow, from_end=from_end, progress=progress)
            await run.seek(since_ms, start)
        while not run.finished:
            with kafka.in_words(settings):
                batch = await run.fetch()
            for item in batch:
                if since_ms is None or item.timestamp >= since_ms:
                    yield Record(
                        item.topic, item.partition, item.offset, item.timestamp, item.key, item.value,
                        tuple(item.headers),
                    )  # fmt: skip


async def read_one(settings: Settings, position: Position) -> Record | None:
    """Returns the record at ``position``, or None when there is none (any more)."""
    partition = (position.topic, position.partition)
    if position.partition not in (await layout.partitions(settings, [position.topic])).get(
        position.topic, ()
    ):
        return None
    async with aclosing(scan(settings, [position.topic], start={partition: position.offset})) as found:
        async for record in found:
            return record if record.offset == position.offset else None
    return None


class _Run:
    """One scan's consumer, with the ends it runs towards."""

    def __init__(
        self,
        client: AIOKafkaConsumer,
        tps: list[Any],
        *,
        follow: bool,
        from_end: bool,
        progress: Progress | None,
    ) -> None:
        self._client = client
        self._follow = follow
        self._from_end = from_end
        self._progress = progress
        self._open = set(tps)
        self._listed: dict[Any, int] = {}
        self._earliest: dict[Any, int] = {}
        self._first: dict[Any, int] = {}
        self._ends: dict[Any, int] = {}
        self._last_news = time.monotonic()

    @property
    def finished(self) -> bool:
        return not self._open

    def spans(self) -> dict[Any, tuple[int, int]]:
        """Returns what lies on each partition: the earliest offset and the end."""
        return {tp: (first, self._ends.get(tp, self._listed[tp])) for tp, first in self._earliest.items()}

    async def seek(self, since_ms: int | None, start: Mapping[Partition, int] | None) -> None:
        """Sets every partition's start; a start that retention has taken becomes the earliest there is."""
        tps = list(self._open)
        self._listed = await self._client.end_offsets(tps)
        self._earliest = await self._client.beginning_offsets(tps)
        self._first = dict(self._earliest)
        if not self._follow:
            self._open = {tp for tp in tps if self._listed[tp] > self._first[tp]}
            self._client.pause(*(set(tps) - self._open))
        if start is not None:
            for tp in tps:
                self._first[tp] = max(self._first[tp], start[(tp.topic, tp.partition)])
        elif self._from_end:
            self._first = dict(self._listed)
        elif since_ms is not None:
            times = await self._client.offsets_for_times({tp: max(0, since_ms) for tp in tps})
            for tp in tps:
                found = times.get(tp)
                self._first[tp] = max(self._first[tp], found.offset if found else self._listed[tp])
        for tp in tps:
            self._client.seek(tp, self._first[tp])

    async def fetch(self) -> list[Any]:
        """Returns the next records, none at or past the end, and closes the partitions that are done."""
        batch = await self._client.getmany(*self._open, timeout_ms=_POLL_MS)
        now = time.monotonic()
        if batch or self._follow:
            self._last_news = now
        records: list[Any] = []
        done = set()
        for tp in self._open:
            mark = self._client.highwater(tp)
            if tp not in self._ends:
                if mark is None and tp not in batch:
                    continue
                self._ends[tp] = max(self._listed[tp], mark or 0)
                self._last_news = now
            end = self._ends[tp]
            if self._follow:
                lower = end if self._from_end else 0
                records.extend(item for item in batch.get(tp, ()) if item.offset >= lower)
                continue
            records.extend(item for item in batch.get(tp, ()) if item.offset < end)
            if await self._client.position(tp) >= end:
                done.add(tp)
        if done:
            self._client.pause(*done)
            self._open -= done
        if self._progress is not None:
            await self._tell(self._progress)
        if self._open and now - self._last_news > _STALLED_SECONDS:
            names = ", ".join(f"{tp.topic}/{tp.partition}" for tp in sorted(self._open)[:5])
            raise BrokerError(
                f"Expected records from {names} within {_STALLED_SECONDS:.0f} s, got none: the broker "
                "stopped answering. `babelwire doctor` looks closer."
            )
        return records

    async def _tell(self, progress: Progress) -> None:
        read = total = 0
        for tp, first in self._first.items():
            end = self._ends.get(tp, self._listed[tp])
            total += max(0, end - first)
            read += min(max(0, await self._client.position(tp) - first), max(0, end - first))
        progress(read, total)
