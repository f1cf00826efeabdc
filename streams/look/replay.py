"""Replays: a stretch of a stage's input, put once more onto the end of the same topic.

A copy keeps the key, the headers and the timestamp of its original, so that the stages give it the same event
id and, at the same versions, the same bytes: readers that key on ids see nothing twice, and a newer version's
results get ids of their own. A copy names its original (``bw_replay_of``) and is never copied itself, so
replays of overlapping stretches do not multiply.
"""

from __future__ import annotations

from contextlib import aclosing
from dataclasses import dataclass
from typing import Any

from agents.pipeline import STAGES, hops
from agents.stage import Stage
from schemas.cloudevents import header
from schemas.errors import BrokerError, UsageError
from schemas.outcomes import REPLAY_HEADER, without_ours
from streams.broker import kafka, records, sending
from streams.broker.records import Progress, Record
from streams.settings import Settings

_CHUNK_RECORDS = 200
_CHUNK_BYTES = 16 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Replayed:
    """What a replay did."""

    topic: str
    found: int
    """Originals in the stretch."""
    copied: int
    copies_left_out: int
    """Records of the stretch that are copies themselves."""


def input_topic(settings: Settings, stage: str | None, stages: tuple[Stage, ...] = STAGES) -> str:
    """Returns the full name of the topic that the hop beginning with ``stage`` reads (or the first).

    Raises:
        UsageError: no hop of the topology begins with that stage.
    """
    all_hops = hops(settings.topology, stages)
    for hop in all_hops:
        if stage is None or hop.stages[0].name == stage:
            return settings.topic(hop.input.name)
    firsts = ", ".join(hop.stages[0].name for hop in all_hops)
    raise UsageError(
        f"Expected the first stage of a hop ({firsts}), got {stage!r}. The topology is {settings.topology!r}."
    )


async def replay(
    settings: Settings,
    *,
    from_ms: int,
    to_ms: int,
    stage: str | None = None,
    article: str | None = None,
    dry_run: bool = False,
    stages: tuple[Stage, ...] = STAGES,
    progress: Progress | None = None,
) -> Replayed:
    """Copies the records with a timestamp from ``from_ms`` up to, not including, ``to_ms``.

    Args:
        settings: the installation.
        from_ms: milliseconds since 1970.
        to_ms: milliseconds since 1970.
        stage: the stage to run again, with all after it; the first by default.
        article: only this article's records.
        dry_run: only count.
        stages: the pipeline.
        progress: told how far the reading is.

    Raises:
        BrokerError: a copy was not confirmed; those before it stand, and may be made again without harm.
    """
    topic = input_topic(settings, stage, stages)
    key = None if article is None else article.encode()
    found = copies = copied = size = 0
    waiting: list[Record] = []
    async with kafka.producer(settings) as producer:
        async with aclosing(
            records.scan(settings, [topic], since_ms=from_ms, key=key, progress=progress)
        ) as originals:
            async for record in originals:
                if record.timestamp >= to_ms or (key is not None and record.key != key):
                    continue
                if header(record.headers, REPLAY_HEADER) is not None:
                    copies += 1
                    continue
                found += 1
                if dry_run:
                    continue
                waiting.append(record)
                size += len(record.value or b"")
                if len(waiting) >= _CHUNK_RECORDS or size >= _CHUNK_BYTES:
                    copied += await _send(settings, producer, waiting)
                    waiting, size = [], 0
        copied += await _send(settings, producer, waiting)
    return Replayed(topic=topic, found=found, copied=copied, copies_left_out=copies)


async def _send(settings: Settings, producer: Any, originals: list[Record]) -> int:
    sends = (
        {
            "topic": record.topic,
            "value": record.value,
            "key": record.key,
            # By key, as every producer of ours does; what has no key stays where it is.
            "partition": None if record.key is not None else record.partition,
            "timestamp_ms": record.timestamp if record.timestamp >= 0 else None,
            "headers": [
                *without_ours(record.headers),
                (REPLAY_HEADER, str(record.position).encode()),
            ],
        }
        for record in originals
    )
    for place in await sending.send(settings, producer, sends):
        if isinstance(place, BrokerError):
            raise place
    return len(originals)
