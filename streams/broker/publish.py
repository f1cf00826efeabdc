"""Publishing results so that none is lost and none overtakes another.

``publish`` returns only when the broker has confirmed every record with all in-sync replicas. Three rules:

1. Records of one key go out in waves: the second is sent when the first is confirmed. aiokafka keeps the order
   within a partition while it retries by itself, but a record that timed out and is sent again here would come
   after a later one that did not.
2. After any failure the whole wave is sent again. Records are deterministic, so a copy is harmless.
3. Producing is not idempotent in Kafka's sense. Event ids make copies recognisable end to end, which covers
   restarts too; Kafka's sequence numbers would add a way to fail for good (a gap after a timeout) and no promise.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import structlog
from aiokafka import AIOKafkaProducer
from aiokafka.errors import (
    InvalidTopicError,
    KafkaError,
    MessageSizeTooLargeError,
    RecordListTooLargeError,
    SaslAuthenticationFailed,
    TopicAuthorizationFailedError,
)
from tenacity import (
    AsyncRetrying,
    RetryCallState,
    retry_if_exception,
    stop_after_delay,
    wait_random_exponential,
)

from schemas.errors import PublishFailed
from schemas.outcomes import Header

log = structlog.get_logger(__name__)

_HOPELESS = (
    InvalidTopicError,
    MessageSizeTooLargeError,
    RecordListTooLargeError,
    SaslAuthenticationFailed,
    TopicAuthorizationFailedError,
)
"""Errors that the same request will meet again, however often it is sent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outgoing:
    """One record to publish."""

    topic: str
    key: bytes
    value: bytes
    headers: Sequence[Header]


class Publisher:
    """Publishes batches through one producer; not for concurrent use."""

    def __init__(
        self, producer: AIOKafkaProducer, *, give_up_after: float, on_retry: Callable[[], None] = lambda: None
    ) -> None:
        """``give_up_after`` is the number of seconds after which a failing batch is given up."""
        self._producer = producer
        self._give_up_after = give_up_after
        self._on_retry = on_retry

    async def publish(self, records: Sequence[Outgoing]) -> None:
        """Publishes ``records`` and waits until the broker has confirmed each.

        Raises:
            PublishFailed: the broker refused for good, or went on failing for ``give_up_after`` seconds. Some of
                the records may have been published; the caller must not commit their inputs.
        """
        for wave in waves(records):
            try:
                async for attempt in AsyncRetrying(
                    retry=retry_if_exception(_worth_retrying),
                    wait=wait_random_exponential(multiplier=0.2, max=10),
                    stop=stop_after_delay(self._give_up_after),
                    before_sleep=partial(self._note, wave),
                    reraise=True,
                ):
                    with attempt:
                        await self._send(wave)
            except (KafkaError, OSError) as error:
                raise PublishFailed(
                    f"Expected the broker to take {len(wave)} records for {wave[0].topic}: "
                    f"{type(error).__name__}: {error}. Nothing of this batch is committed; it is taken again after "
                    "the restart."
                ) from error

    async def _send(self, wave: Sequence[Outgoing]) -> None:
        confirmations = [
            await self._producer.send(
                record.topic, record.value, key=record.key, headers=list(record.headers)
            )
            for record in wave
        ]
        results = await asyncio.gather(*confirmations, return_exceptions=True)
        for result in results:
            if isinstance(result, BaseException):
                raise result

    def _note(self, wave: Sequence[Outgoing], state: RetryCallState) -> None:
        self._on_retry()
        error = state.outcome.exception() if state.outcome else None
        log.warning(
            "publish_retry",
            attempt=state.attempt_number,
            error=f"{type(error).__name__}: {error}",
            articles=len(wave),
            topic=wave[0].topic,
        )


_WAVE_BYTES = 32 << 20
"""aiokafka puts one batch of each partition into a request, however large that makes it, and a broker closes the
connection on requests over ``socket.request.max.bytes`` (100 MiB)."""


def waves(records: Sequence[Outgoing]) -> list[list[Outgoing]]:
    """Splits records so that no wave holds two of one topic and key, or much over 32 MiB, keeping their order."""
    result: list[list[Outgoing]] = []
    seen: dict[tuple[str, bytes], int] = {}
    for record in records:
        index = seen.get((record.topic, record.key), 0)
        seen[record.topic, record.key] = index + 1
        if index == len(result):
            result.append([])
        result[index].append(record)
    return [part for wave in result for part in _parts(wave)]


def _parts(wave: list[Outgoing]) -> list[list[Outgoing]]:
    parts: list[list[Outgoing]] = [[]]
    size = 0
    for record in wave:
        if parts[-1] and size + len(record.value) > _WAVE_BYTES:
            parts.append([])
            size = 0
        parts[-1].append(record)
        size += len(record.value)
    return parts


def _worth_retrying(error: BaseException) -> bool:
    return isinstance(error, KafkaError | OSError) and not isinstance(error, _HOPELESS)
