"""The runner: what happens to every article of every stage, in this order.

1. Take a batch of records; nothing is acknowledged yet.
2. Treat them in the stage process: decode, validate, check size and age, run the stages. Each record ends in
   exactly one outcome: published, dropped or rejected. This is the only place that catches everything.
3. Publish all outcomes, each naming the input it answers, and wait for the broker's confirmation of each.
4. Count.
5. Acknowledge the inputs, in offset order. Only what is acknowledged is ever committed.

If publishing fails it is tried again with growing pauses; if it goes on failing the worker stops with nothing of
the batch committed. So an article can be treated twice, never not at all; a copy has the same event id and the
same bytes. Nothing may escape :meth:`Runner.run`: Faust acknowledges what an agent raised on.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Protocol

import structlog

from agents.hop import Result
from agents.pipeline import Hop
from schemas import VERSION
from schemas.article import RawArticle
from schemas.errors import RejectReason
from schemas.outcomes import (
    INPUT_HEADER,
    KEY_HEADER,
    TRUNCATED_HEADER,
    DeadLetterHeaders,
    Header,
    Position,
    without_ours,
)
from schemas.topics import DEAD_LETTERS, DROPPED, LARGEST_LETTER
from streams import metrics, tracing
from streams.broker.publish import Outgoing, Publisher
from streams.settings import Settings
from streams.work.isolation import StageProcess

if TYPE_CHECKING:
    from streams.spans import Spans

log = structlog.get_logger(__name__)


class Message(Protocol):
    """What the runner needs of a Kafka record."""

    topic: str
    partition: int
    offset: int
    timestamp: float
    key: bytes | None
    value: bytes | None
    headers: Any


class Runner:
    """Treats the batches of one hop."""

    def __init__(
        self,
        hop: Hop,
        settings: Settings,
        process: StageProcess,
        publisher: Publisher,
        stop_worker: Callable[[BaseException], None],
        spans: Spans | None = None,
    ) -> None:
        """Binds the hop to what it runs on.

        ``stop_worker`` is called once, with the error, when the worker must stop without committing. ``spans`` is
        where tracing is on.
        """
        self.hop = hop
        self._settings = settings
        self._process = process
        self._publisher = publisher
        self._stop_worker = stop_worker
        self._spans = None if spans is None else spans.hop(hop, settings.group("articles"))
        self._draining = False
        self._idle = asyncio.Event()
        self._idle.set()

    @property
    def idle(self) -> bool:
        """Says whether there is no batch in hand."""
        return self._idle.is_set()

    async def run(self, stream: Any) -> None:
        """The body of the hop's agent: takes batches from a Faust stream until it is cancelled."""
        acknowledged = stream.noack()
        batches = acknowledged.noack_take(self._settings.batch_articles, within=self._settings.batch_seconds)
        async for events in batches:
            if self._draining:
                await asyncio.Event().wait()  # what is not acknowledged is taken again by the next worker
            self._idle.clear()
            try:
                await self.treat([event.message for event in events])
            except Exception as error:
                first = events[0].message
                log.error(
                    "worker_stops",
                    stage=self.hop.name,
                    error=f"{type(error).__name__}: {error}",
                    articles=len(events),
                    topic=first.topic,
                    partition=first.partition,
                    offset=first.offset,
                )
                self._stop_worker(error)
                await asyncio.Event().wait()
            for event in events:
                await acknowledged.ack(event)
            self._idle.set()

    async def drain(self) -> None:
        """Takes no further batch and returns when the one in hand is acknowledged."""
        self._draining = True
        await self._idle.wait()

    async def treat(self, messages: Sequence[Message]) -> None:
        """Gives every message its outcome and returns when the broker has confirmed all of them."""
        positions = [
            Position(topic=message.topic, partition=message.partition, offset=message.offset)
            for message in messages
        ]
        records = [
            (message.value or b"", message.key or None, _milliseconds(message)) for message in messages
        ]
        begun = time.time_ns()
        results = await self._process.treat(records, positions)
        spans = []
        if self._spans is not None:
            origins = [
                self._origin(message, result) for message, result in zip(messages, results, strict=True)
            ]
            spans = self._spans.batch(begun, list(zip(positions, origins, strict=True)), results)
            traces = [span.headers for span in spans]
        else:
            traces = [tracing.carried(_pairs(message.headers)) for message in messages]
        outgoing = [
            self._answer(message, position, result, trace)
            for message, position, result, trace in zip(messages, positions, results, traces, strict=True)
        ]
        await self._publisher.publish(outgoing)
        for span, result in zip(spans, results, strict=False):
            span.end(error=_failure(result))
        self._count(messages, results, positions)

    def _origin(self, message: Message, result: Result) -> tracing.Origin:
        headers = _pairs(message.headers)
        first = self.hop.input.value is RawArticle
        received = tracing.received(headers, _milliseconds(message), first=first)
        return tracing.origin(headers, result.article, received)

    def _answer(
        self, message: Message, position: Position, result: Result, trace: Sequence[Header]
    ) -> Outgoing:
        answers: Header = (INPUT_HEADER, str(position).encode())
        key = result.article.encode()
        if result.outcome == "published" and result.event is not None and result.value is not None:
            return Outgoing(
                topic=self._settings.topic(self.hop.output.name),
                key=key,
                value=result.value,
                headers=[*result.event.to_headers(), *trace, answers],
            )
        if result.outcome == "dropped" and result.value is not None:
            return Outgoing(
                topic=self._settings.topic(DROPPED.name),
                key=key,
                value=result.value,
                headers=[*trace, answers],
            )
        letter = DeadLetterHeaders(
            stage=result.stage,
            reason=result.reason,
            detail=result.detail,
            input=str(position),
            timestamp=_milliseconds(message),
            pipeline=f"babelwire/{VERSION}",
        )
        value, own = message.value or b"", without_ours(_pairs(message.headers))
        if self._spans is not None:
            own = [*(item for item in own if item[0] not in tracing.NAMES), *trace]
        if message.key and message.key != key:
            own.append((KEY_HEADER, message.key))
        headers = letter.to_headers()
        beside = sum(len(name) + len(data) for name, data in own)
        if len(value) + beside > LARGEST_LETTER:
            # Its producer compressed it: the broker took it, and will not take it from us. It stays where it lies.
            headers.append((TRUNCATED_HEADER, str(len(value)).encode()))
            value = b""
        if beside <= LARGEST_LETTER:
            headers = [*own, *headers]
        return Outgoing(topic=self._settings.topic(DEAD_LETTERS.name), key=key, value=value, headers=headers)

    def _count(
        self, messages: Sequence[Message], results: Sequence[Result], positions: Sequence[Position]
    ) -> None:
        now = datetime.now(UTC)
        last = self.hop.stages[-1].name
        received: Counter[str] = Counter()
        finished: Counter[tuple[str, str, str]] = Counter()
        for message, result, position in zip(messages, results, positions, strict=True):
            for stage, seconds in result.passed:
                received[stage] += 1
                metrics.stage_duration.labels(stage).observe(seconds)
                if stage != result.stage:
                    finished[stage, "published", ""] += 1
            finished[result.stage, result.outcome, result.reason] += 1
            if (
                result.outcome == "published"
                and result.entities is not None
                and result.received_at is not None
            ):
                lang = result.language or "und"
                metrics.entities_per_article.labels(lang).observe(result.entities)
                metrics.end_to_end_duration.labels(lang).observe(
                    max(0.0, (now - result.received_at).total_seconds())
                )
            elif result.outcome == "rejected":
                level = log.error if result.reason == RejectReason.STAGE_FAILED else log.warning
                level(
                    "article_rejected",
                    article=result.article,
                    stage=result.stage,
                    reason=result.reason,
                    detail=result.detail,
                    topic=position.topic,
                    partition=position.partition,
                    offset=position.offset,
                    trace_id=self._origin(message, result).trace,
                )
        for stage, count in received.items():
            metrics.articles_received.labels(stage).inc(count)
        for (stage, outcome, reason), count in finished.items():
            metrics.finish(stage, outcome, reason, count)
        metrics.heartbeat.labels(last).set(time.time())


def _pairs(headers: Any) -> list[Header]:
    """Faust hands headers over as a mapping or as pairs; a header without a value says nothing and is left out."""
    if not headers:
        return []
    pairs = headers.items() if hasattr(headers, "items") else headers
    return [(str(name), bytes(value)) for name, value in pairs if value is not None]


def _milliseconds(message: Message) -> int:
    """Faust keeps a record's timestamp in seconds."""
    return round(message.timestamp * 1000)


def _failure(result: Result) -> str | None:
    return f"{result.reason}: {result.detail}" if result.outcome == "rejected" else None
