"""Articles in a steady stream, some languages of which can be turned off, and some of which can be poisoned."""

from __future__ import annotations

import asyncio
import itertools
import threading
import time
from types import TracebackType
from typing import Self

import orjson
from aiokafka.errors import KafkaError

from schemas.errors import BrokerError
from schemas.topics import RAW
from streams.broker import kafka as clients
from streams.samples import ARTICLES
from streams.settings import Settings

LANGUAGES = ("de", "fr", "es")


class Feeder:
    """Sends sample articles to the raw topic from a thread of its own, as their producers would."""

    def __init__(self, settings: Settings, per_second: float = 6.0) -> None:
        """``per_second`` counts all languages together."""
        self._settings = settings
        self._pause = len(LANGUAGES) / per_second
        self._stop = threading.Event()
        self._extra: list[tuple[bytes, bytes]] = []
        self.silent: set[str] = set()
        self.sent = 0
        samples = [orjson.loads(line) for line in ARTICLES.read_bytes().splitlines()]
        self._samples = {lang: next(s for s in samples if s["language_hint"] == lang) for lang in LANGUAGES}
        self._thread = threading.Thread(target=lambda: asyncio.run(self._run()), daemon=True)

    def __enter__(self) -> Self:
        """Starts sending."""
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        self.stop()

    def stop(self) -> None:
        """Sends no more."""
        self._stop.set()
        self._thread.join(30)

    def poison(self, count: int) -> None:
        """Sends ``count`` articles that are cut off in the middle."""
        self.add(
            *((f"poison-{self.sent}-{index}".encode(), b'{"content": "cut off') for index in range(count))
        )

    def add(self, *records: tuple[bytes, bytes]) -> None:
        """Sends records of key and value too, in the next round."""
        self._extra.extend(records)

    async def _run(self) -> None:
        numbers = itertools.count()
        while not self._stop.is_set():
            try:
                async with clients.producer(self._settings) as producer:
                    while not self._stop.is_set():
                        await self._round(producer, next(numbers))
                        await asyncio.sleep(self._pause)
            except (KafkaError, OSError, TimeoutError, BrokerError):
                await asyncio.sleep(0.5)

    async def _round(self, producer: object, number: int) -> None:
        topic = self._settings.topic(RAW.name)
        values: list[tuple[bytes, bytes]] = []
        for lang in LANGUAGES:
            if lang not in self.silent:
                sample = self._samples[lang]
                article = {"id": f"{lang}-{number:06d}", "content": f"{sample['content']}\n{number}"}
                values.append((article["id"].encode(), orjson.dumps({**article, "source": "rig.example"})))
        extra, self._extra = self._extra, []
        stamp = int(time.time() * 1000)
        for key, value in values + extra:
            await producer.send(topic, value, key=key, timestamp_ms=stamp)  # type: ignore[attr-defined]
            self.sent += 1
