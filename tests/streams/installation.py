"""One installation on a broker: its topics, and records put there as a worker would put them."""

from __future__ import annotations

import asyncio
import dataclasses
import itertools
import os
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import orjson
from aiokafka import TopicPartition

from agents.pipeline import STAGES, output_topic
from schemas import codec
from schemas.cloudevents import CloudEvent, event_type
from schemas.outcomes import INPUT_HEADER, DeadLetterHeaders, DroppedArticle, Header, Position
from schemas.topics import DEAD_LETTERS, DROPPED, RAW
from streams.broker import kafka, provision, records
from streams.cli.root import run
from streams.settings import Settings

RECEIVED_MS = 1_795_290_000_000
"""2026-11-21T19:40:00Z."""
_numbers = itertools.count()


@dataclass(slots=True)
class Installation:
    """Topics with a prefix of their own on somebody's broker."""

    settings: Settings
    received: list[Position] = field(default_factory=list)
    times: dict[Position, int] = field(default_factory=dict)
    """When the article of each record was received, milliseconds since 1970; what answers it says the same."""

    @classmethod
    async def create(cls, bootstrap: str, **more: Any) -> Installation:
        """Creates the topics under a new prefix."""
        prefix = more.pop("topic_prefix", f"t{os.getpid()}-{next(_numbers)}-")
        settings = Settings(bootstrap_servers=bootstrap, topic_prefix=prefix, partitions=2, **more)
        done = await provision.apply(settings, (await provision.plan(settings)).changes)
        assert all(item.applied for item in done), done
        return cls(settings)

    def topic(self, name: str) -> str:
        """The full name of ``raw``, ``dropped``, ``dead`` or of the topic a stage writes."""
        rows = {"raw": RAW, "dropped": DROPPED, "dead": DEAD_LETTERS}
        rows |= {stage.name: output_topic(stage) for stage in STAGES}
        return self.settings.topic(rows[name].name)

    async def put(
        self,
        topic: str,
        key: str,
        value: bytes,
        headers: Sequence[Header] = (),
        *,
        timestamp: int | None = None,
        partition: int | None = None,
    ) -> Position:
        """Puts one record on a topic (short name)."""
        # What the client says of a time of its own choosing can be a millisecond off (aiokafka 0.14.0).
        stamp = round(time.time() * 1000) if timestamp is None else timestamp
        async with kafka.producer(self.settings) as producer:
            place = await producer.send_and_wait(
                self.topic(topic),
                value,
                key=key.encode(),
                headers=list(headers),
                timestamp_ms=stamp,
                partition=partition,
            )
        position = Position(topic=place.topic, partition=place.partition, offset=place.offset)
        self.times[position] = stamp
        return position

    async def put_all(
        self, topic: str, rows: Sequence[tuple[str, bytes, Sequence[Header]]]
    ) -> list[Position]:
        """Puts many records (key, value, headers) on a topic at once."""
        stamp = round(time.time() * 1000)
        async with kafka.producer(self.settings) as producer:
            sends = [
                await producer.send(
                    self.topic(topic), value, key=key.encode(), headers=list(headers), timestamp_ms=stamp
                )
                for key, value, headers in rows
            ]
            places = await asyncio.gather(*sends)
        found = [
            Position(topic=place.topic, partition=place.partition, offset=place.offset) for place in places
        ]
        self.times |= dict.fromkeys(found, stamp)
        return found

    async def raw(self, *ids: str, content: str = "Some text.", **fields: Any) -> list[Position]:
        """Puts raw articles with these ids."""
        rows = [(name, orjson.dumps({"id": name, "content": content, **fields}), ()) for name in ids]
        places = await self.put_all("raw", rows)
        self.received += places
        return places

    async def published(
        self, answers: Position, key: str, *, stage: str, value: bytes | None = None, event: str = ""
    ) -> Position:
        """Puts the event that answers an input."""
        received = self.times.get(answers, RECEIVED_MS)
        event = event or f"{stage}-{key}-{answers.partition}-{answers.offset}"
        headers = [
            *self.event_headers(stage, key, event, received=received),
            (INPUT_HEADER, str(answers).encode()),
        ]
        place = await self.put(
            stage, key, value if value is not None else f'{{"id":"{key}"}}'.encode(), headers
        )
        self.times[place] = received
        return place

    def event_headers(
        self, stage: str, key: str, event: str, lang: str | None = None, *, received: int = RECEIVED_MS
    ) -> list[Header]:
        """The CloudEvents headers of a stage's event."""
        kind = event_type(self.topic(stage).removeprefix(self.settings.topic_prefix))
        return CloudEvent(
            id=event, source=f"/babelwire/{stage}", type=kind, subject=key, lang=lang,
            time=datetime.fromtimestamp(received / 1000, UTC), dataschema=f"/schemas/{kind}.json",
        ).to_headers()  # fmt: skip

    async def dropped(
        self, answers: Position, key: str, *, stage: str = "clean", reason: str = "no_text"
    ) -> Position:
        """Puts the line of a dropped article."""
        line = DroppedArticle(
            id=key,
            revision=1,
            stage=stage,
            reason=reason,
            received_at=datetime.fromtimestamp(self.times.get(answers, RECEIVED_MS) / 1000, UTC),
        )
        return await self.put("dropped", key, codec.encode(line), [(INPUT_HEADER, str(answers).encode())])

    async def rejected(
        self,
        answers: Position | str,
        key: str,
        value: bytes,
        *,
        stage: str = "clean",
        reason: str = "malformed_json",
        detail: str = "Expected JSON.",
        own: Sequence[Header] = (),
        timestamp: int | None = None,
    ) -> Position:
        """Puts a dead letter."""
        if timestamp is None:
            known = self.times.get(answers) if isinstance(answers, Position) else None
            timestamp = RECEIVED_MS if known is None else known
        why = DeadLetterHeaders(
            stage=stage,
            reason=reason,
            detail=detail,
            input=str(answers),
            timestamp=timestamp,
            pipeline="babelwire/0",
        )
        return await self.put("dead", key, value, [*own, *why.to_headers()])

    async def commit(self, offsets: Mapping[tuple[str, int], int]) -> None:
        """Commits offsets as the workers' group would; topics by short name."""
        async with kafka.consumer(self.settings, group_id=self.settings.group("articles")) as consumer:
            tps = {
                TopicPartition(self.topic(name), number): offset for (name, number), offset in offsets.items()
            }
            consumer.assign(list(tps))
            await consumer.commit(tps)

    async def commit_all(self, *names: str) -> None:
        """Commits everything that lies on these topics."""
        spans = await records.spans(self.settings, [self.topic(name) for name in names])
        short = {self.topic(name): name for name in names}
        await self.commit({(short[topic], number): end for (topic, number), (_, end) in spans.items()})

    async def read(self, name: str) -> list[records.Record]:
        """Everything that lies on a topic (short name)."""
        return [record async for record in records.scan(self.settings, [self.topic(name)])]

    async def cli(self, *arguments: str, **changed: Any) -> int:
        """Runs a command line against this installation and returns its exit code."""
        settings = dataclasses.replace(self.settings, **changed)
        return await asyncio.to_thread(with_environment, settings, lambda: run(list(arguments)))


def with_environment(settings: Settings, call: Callable[[], int]) -> int:
    """Calls with the settings in the environment."""
    before = dict(os.environ)
    os.environ.update(settings.environment())
    try:
        return call()
    finally:
        os.environ.clear()
        os.environ.update(before)
