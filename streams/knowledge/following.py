"""Follows the topic of operators' additions: every worker reads all of it, first to its end, then as it grows.

No consumer group: each worker needs every record, and nothing is committed (docs/decisions/0006 says why this is
no Faust table). A connection that breaks is made anew and everything is read again, because compaction may have
taken records away meanwhile; what was known until then stays in use. A record that is no addition is logged and
counted once and changes nothing.
"""

from __future__ import annotations

import asyncio
import time
from contextlib import aclosing
from pathlib import Path

import structlog
from aiokafka.errors import KafkaError

from schemas.additions import Addition
from schemas.errors import BrokerError
from schemas.topics import ENTITIES
from streams import metrics
from streams.broker import layout, records
from streams.broker.layout import Partition
from streams.broker.records import Record
from streams.knowledge.additions import Handover
from streams.knowledge.book import Book
from streams.settings import Settings

log = structlog.get_logger(__name__)

_FETCH_WAIT = 0.5
"""Longest time a fetch is held open, seconds; it is answered as soon as there is a record."""
_GATHER_SECONDS = 0.1
"""Additions that come within this time are given to the stages together: each time costs them milliseconds."""
_PAUSES = (0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0)
"""Seconds between attempts to read the topic; the first are short because ``up`` makes the topics meanwhile."""
_QUIET_ATTEMPTS = 5
"""Attempts that may fail before it is worth a line in the log."""


class Follower:
    """Keeps the stage processes of one worker up to date."""

    def __init__(self, settings: Settings, folder: Path) -> None:
        """``folder`` is the worker's own, and its name the worker's in metrics."""
        self.known = asyncio.Event()
        """Set once the topic was read to its end: before that no article may be taken."""
        self._settings = settings
        self._topic = settings.topic(ENTITIES.name)
        self._handover = Handover(folder)
        self._worker = folder.name
        self._given: tuple[Addition, ...] | None = None
        self._told: set[tuple[int, int]] = set()
        self._failures = 0

    async def run(self) -> None:
        """Follows the topic until cancelled, whatever happens to the broker."""
        while True:
            try:
                await self._follow()
            except (BrokerError, KafkaError, OSError) as error:
                self._failures += 1
                metrics.additions_followed.labels(self._worker).set(0)
                if self._failures > _QUIET_ATTEMPTS or self.known.is_set():
                    log.warning("additions_not_followed", topic=self._topic, error=str(error))
            await asyncio.sleep(_PAUSES[min(self._failures, len(_PAUSES)) - 1])

    async def _follow(self) -> None:
        numbers = (await layout.existing(self._settings, [self._topic]))[self._topic]
        book = Book()
        start = {(self._topic, number): 0 for number in numbers}
        async for record in records.scan(self._settings, [self._topic]):
            self._take(book, record)
            start[record.topic, record.partition] = record.offset + 1
        await self._give(book)
        self.known.set()
        self._failures = 0
        metrics.additions_followed.labels(self._worker).set(1)
        changed = asyncio.Event()
        tasks = [
            asyncio.create_task(self._read_on(book, start, changed)),
            asyncio.create_task(self._give_changes(book, changed)),
        ]
        try:
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _read_on(self, book: Book, start: dict[Partition, int], changed: asyncio.Event) -> None:
        scan = records.scan(self._settings, [self._topic], start=start, follow=True, fetch_wait=_FETCH_WAIT)
        async with aclosing(scan) as found:
            async for record in found:
                self._take(book, record)
                changed.set()

    def _take(self, book: Book, record: Record) -> None:
        error = book.take(record)
        place = (record.partition, record.offset)
        if error is not None and place not in self._told:
            self._told.add(place)
            metrics.additions_refused.labels(error.reason).inc()
            log.warning(
                "addition_refused",
                key=record.key_text,
                reason=error.reason,
                detail=error.detail,
                topic=record.topic,
                partition=record.partition,
                offset=record.offset,
            )

    async def _give_changes(self, book: Book, changed: asyncio.Event) -> None:
        while True:
            await changed.wait()
            changed.clear()
            await self._give(book)
            await asyncio.sleep(_GATHER_SECONDS)

    async def _give(self, book: Book) -> None:
        additions = tuple(book)
        if additions == self._given:
            return
        await asyncio.to_thread(self._handover.give, additions)
        self._given = additions
        metrics.additions_known.labels(self._worker).set(len(additions))
        metrics.additions_timestamp.labels(self._worker).set(time.time())
        log.info("additions_taken", additions=len(additions))
