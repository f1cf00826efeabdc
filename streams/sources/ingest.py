"""Sends what was read to the raw topic, and what cannot be sent to the dead letters; each of them once.

The order of things, for every batch: leave out what the ledger knows; send; wait for the broker's
confirmation of each record; write the ledger. Reading goes on in a thread meanwhile. Revisions of one article
keep their order: batches go out one after the other, and no two records of one key are under way at once.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from aiokafka.errors import MessageSizeTooLargeError, RecordListTooLargeError

from schemas import VERSION
from schemas.errors import BrokerError, PublishFailed, RejectReason
from schemas.ids import digest
from schemas.outcomes import DeadLetterHeaders, Position
from schemas.topics import DEAD_LETTERS, RAW
from streams.broker import kafka, layout
from streams.broker.publish import Outgoing, Publisher
from streams.settings import Settings
from streams.sources.ahead import ReadAhead, Record
from streams.sources.articles import Ready, Refused
from streams.sources.ledger import Key, Ledger, key_of

STAGE = "ingest"
_NO_POSITION = Position(topic=STAGE, partition=-1, offset=-1)
_LISTED = 100
"""Rejections with a dead letter that a summary spells out; all of them are counted."""
_MAX_DETAIL = 1000
_WAIT_SECONDS = 5.0
_TOO_LARGE = (MessageSizeTooLargeError, RecordListTooLargeError)


@dataclass(slots=True)
class Summary:
    """What became of the records; grows while they are sent."""

    read: int = 0
    sent: int = 0
    """Articles the broker confirmed."""
    already_sent: int = 0
    rejected: Counter[str] = field(default_factory=Counter)
    """By reason."""
    dead_letters: int = 0
    """Dead letters the broker confirmed; less than rejected when one was sent before or has no bytes."""
    lost: list[Refused] = field(default_factory=list)
    """Rejections that leave no dead letter: all of them, since only the summary names them."""
    rejections: list[Refused] = field(default_factory=list)
    """The first hundred of the others, without their bytes."""
    seconds: float = 0.0

    @property
    def rejected_total(self) -> int:
        """How many were rejected."""
        return self.rejected.total()

    def document(self) -> dict[str, Any]:
        """Returns it for ``--json``."""
        return {
            "read": self.read,
            "sent": self.sent,
            "already_sent": self.already_sent,
            "rejected": self.rejected_total,
            "rejected_by_reason": dict(sorted(self.rejected.items())),
            "dead_letters": self.dead_letters,
            "rejections": [
                {"where": item.where, "reason": str(item.reason), "detail": item.detail}
                for item in (*self.lost, *self.rejections)
            ],
            "seconds": round(self.seconds, 3),
        }


async def ingest(
    settings: Settings,
    found: Iterator[Record],
    summary: Summary,
    *,
    again: bool = False,
    on_progress: Callable[[Summary], None] = lambda summary: None,
    on_wait: Callable[[], None] = lambda: None,
) -> None:
    """Sends every record of ``found`` and returns when the broker has confirmed them all.

    Args:
        settings: where the broker and the data folder are.
        found: what :func:`streams.sources.reading.read` gives; drawn from in a thread.
        summary: counts what was done, also when this ends by an error or by Ctrl-C.
        again: send what the ledger says was sent.
        on_progress: called after every batch.
        on_wait: called when the broker has not confirmed a batch after five seconds.

    Raises:
        BrokerError: the broker is away or refuses for longer than ``publish_timeout``. What ``summary`` calls
            sent is confirmed; running it again sends the rest.
    """
    started = time.monotonic()
    await layout.existing(settings, (settings.topic(RAW.name), settings.topic(DEAD_LETTERS.name)))
    async with kafka.admin(settings) as admin:
        cluster = str((await admin.describe_cluster())["cluster_id"])
    async with kafka.producer(settings) as producer:
        with Ledger(settings.data_dir, cluster, settings.topic_prefix) as ledger:
            publisher = Publisher(producer, give_up_after=settings.publish_timeout)
            run = _Run(settings, publisher, ledger, summary, on_wait, again=again)
            try:
                async for batch in ReadAhead(found).batches():
                    await run.take(batch)
                    summary.seconds = time.monotonic() - started
                    on_progress(summary)
            finally:
                summary.seconds = time.monotonic() - started


class _Run:
    def __init__(
        self,
        settings: Settings,
        publisher: Publisher,
        ledger: Ledger,
        summary: Summary,
        on_wait: Callable[[], None],
        *,
        again: bool,
    ) -> None:
        self._settings = settings
        self._publisher = publisher
        self._ledger = ledger
        self._summary = summary
        self._on_wait = on_wait
        self._again = again

    async def take(self, batch: Sequence[Record]) -> None:
        """Sends what of the batch is new, and remembers it."""
        fresh: list[tuple[Key, Record]] = []
        keys: set[Key] = set()
        for record in batch:
            self._summary.read += 1
            key = key_of(record)
            known = key is None or (not self._again and (key in keys or self._ledger.has(key)))
            if isinstance(record, Refused):
                self._count_rejection(record)
            elif known:
                self._summary.already_sent += 1
            if key is not None and not known:
                fresh.append((key, record))
                keys.add(key)
        if fresh:
            await self._send(fresh)

    async def _send(self, fresh: Sequence[tuple[Key, Record]]) -> None:
        alarm = asyncio.get_running_loop().call_later(_WAIT_SECONDS, self._on_wait)
        try:
            await self._publisher.publish([self._outgoing(record) for _, record in fresh])
        except PublishFailed as error:
            if not isinstance(error.__cause__, _TOO_LARGE):
                where = fresh[0][1].where
                cause = error.__cause__
                raise BrokerError(
                    f"Expected {self._settings.bootstrap_servers} to take the records from {where} on: "
                    f"{type(cause).__name__}: {cause}. Run the command again when the broker is well: "
                    "what was sent is not sent twice."
                ) from None
            if len(fresh) == 1:
                await self._refused_by_broker(fresh[0][1])
                return
            # One record has spoilt it for the others: find it, one at a time.
            for item in fresh:
                await self._send([item])
            return
        finally:
            alarm.cancel()
        self._ledger.add(key for key, _ in fresh)
        for _, record in fresh:
            if isinstance(record, Ready):
                self._summary.sent += 1
            else:
                self._summary.dead_letters += 1

    async def _refused_by_broker(self, record: Record) -> None:
        if isinstance(record, Refused):
            return  # too much for a dead letter as well: it is counted, and named in the summary
        detail = (
            f"Expected a topic that takes {len(record.value):,} bytes, the broker refuses them: its "
            "max.message.bytes is smaller than max_article_bytes. `babelwire topics plan` shows it."
        )
        letter = Refused(
            where=record.where, reason=RejectReason.TOO_LARGE, detail=detail, original=record.value
        )
        self._count_rejection(letter)
        key = key_of(letter)
        if key is not None and (self._again or not self._ledger.has(key)):
            await self._send([(key, letter)])

    def _count_rejection(self, record: Refused) -> None:
        self._summary.rejected[str(record.reason)] += 1
        if record.original is None:
            self._summary.lost.append(record)
        elif len(self._summary.rejections) < _LISTED:
            self._summary.rejections.append(replace(record, original=None))

    def _outgoing(self, record: Record) -> Outgoing:
        if isinstance(record, Ready):
            topic = self._settings.topic(RAW.name)
            return Outgoing(topic=topic, key=record.id.encode(), value=record.value, headers=[])
        original = record.original or b""
        letter = DeadLetterHeaders(
            stage=STAGE,
            reason=str(record.reason),
            detail=f"{record.where}: {record.detail}"[:_MAX_DETAIL].encode("utf-8", "replace").decode(),
            input=str(_NO_POSITION),
            timestamp=time.time_ns() // 1_000_000,
            pipeline=f"babelwire/{VERSION}",
        )
        return Outgoing(
            topic=self._settings.topic(DEAD_LETTERS.name),
            key=digest("bytes", original).encode(),
            value=original,
            headers=letter.to_headers(),
        )
