"""Everything on one machine: the embedded broker, the topics, the workers, the ingest server, the events.

This is the demo and the first thing a newcomer runs. It needs no Docker, no JVM and no account, and it forgets
every article when it stops, because its broker keeps them in memory.
"""

from __future__ import annotations

import asyncio
import dataclasses
import os
import signal
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from schemas.errors import BabelwireError, BrokerError
from streams.broker import provision, records
from streams.broker.embedded import EmbeddedBroker
from streams.look.tail import DEAD_LETTERS_NAME, DROPPED_NAME, LAST, WATCHED, Seen, is_marker, parsed
from streams.samples import ARTICLES
from streams.settings import Settings
from streams.sources import reading
from streams.sources.ingest import Summary, ingest
from streams.work import slots
from streams.work.supervisor import Supervisor

SAMPLE_SECONDS = 120.0
_PARTITIONS = 4
_TRIES = 3
"""How often a worker may end in a row: here nobody waits for a machine or a release to get well."""
_LOOK_SECONDS = 0.3


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Addresses:
    """Where things listen."""

    broker: str
    ingest: str
    metrics: str


def embedded(settings: Settings, bootstrap_servers: str) -> Settings:
    """Returns the settings for the embedded broker.

    It parks a joining worker for half the session timeout and answers a waiting fetch at its end, so both are short.
    Nothing to do takes 13 % of a core with fetches of 0.1 s (an article 155 ms), 26 % with 0.02 s (85 ms).
    """
    return dataclasses.replace(
        settings,
        bootstrap_servers=bootstrap_servers,
        security_protocol="PLAINTEXT",
        partitions=settings.partitions or _PARTITIONS,
        replication_factor=1,
        session_timeout=3.0,
        fetch_wait=0.1,
    )


@asynccontextmanager
async def running(
    settings: Settings, stop: asyncio.Event
) -> AsyncIterator[tuple[Settings, Addresses, asyncio.Task[None]]]:
    """Broker, topics, workers and servers, until the block ends; then all are stopped in the right order.

    The task never returns; it raises when one of them ended by itself, which ends the rest of the block's use.
    SIGHUP restarts the workers one after another; where it means that the terminal was closed, it sets ``stop``,
    which is for the block to follow.
    """
    log_file = slots.folder(settings.data_dir, slots.MAIN) / "broker.log"
    with EmbeddedBroker(log_file) as broker:
        settings = embedded(settings, broker.bootstrap_servers)
        supervisor = Supervisor(settings, tries=_TRIES)
        _on_hang_up(supervisor, stop)
        # The workers start first: they take a second to come to the topics, which are made meanwhile, and so is the
        # import of what serves HTTP.
        workers = asyncio.create_task(supervisor.run())
        served = asyncio.Event()
        tasks: list[asyncio.Task[None]] = []
        try:
            plan = await provision.plan(settings)
            await provision.apply(settings, plan.changes)
            from streams.sources import server
            from streams.work import health

            async with health.of(supervisor) as metrics_address:
                started: asyncio.Future[str] = asyncio.get_running_loop().create_future()
                serving = asyncio.create_task(
                    server.serve(
                        settings,
                        stop=served,
                        started=started.set_result,
                        metrics_folder=str(slots.metrics_folder(settings.data_dir)),
                    )
                )
                tasks.append(serving)
                first: list[asyncio.Future[Any]] = [serving, started]
                await asyncio.wait(first, return_when=asyncio.FIRST_COMPLETED)
                if serving.done():
                    serving.result()
                watching = asyncio.create_task(_watch(broker, workers, serving))
                tasks.append(watching)
                yield (
                    settings,
                    Addresses(
                        broker=broker.bootstrap_servers, ingest=started.result(), metrics=metrics_address
                    ),
                    watching,
                )
                served.set()
                await serving
        finally:
            served.set()
            supervisor.stop(drain=broker.alive())  # without a broker nothing can be finished
            for task in tasks:
                task.cancel()
            await asyncio.wait([workers, *tasks])


async def _watch(broker: EmbeddedBroker, *parts: asyncio.Task[None]) -> None:
    """Raises what ended a part that should run on."""
    while True:
        if not broker.alive():
            raise BrokerError(
                "The embedded broker ended by itself, and what it held is gone. Start `babelwire up` again; its last "
                f"words: {broker.last_words()!r}"
            )
        for part in parts:
            if part.done():
                part.result()
                raise BabelwireError("A part of `babelwire up` ended by itself; the log above says which.")
        await asyncio.sleep(_LOOK_SECONDS)


async def send_samples(settings: Settings) -> int:
    """Sends our sample articles to the raw topic and returns how many."""
    summary = Summary()
    found = reading.read(reading.inputs([str(ARTICLES)]), settings.max_article_bytes)
    await ingest(settings, found, summary)
    if summary.rejected:
        raise BabelwireError(f"Expected every sample to be taken: {summary.document()}")
    return summary.sent


async def follow(settings: Settings, show: Callable[[Seen, str], None], count: int | None) -> None:
    """Shows every outcome as it comes, with the stage it is watched under; returns after ``count``, or never."""
    stages = {settings.topic(WATCHED[name].name): name for name in (LAST, DROPPED_NAME, DEAD_LETTERS_NAME)}
    seen = 0
    async for record in records.scan(settings, stages, follow=True):
        if is_marker(record):
            continue
        show(Seen(record, parsed(record)), stages[record.topic])
        seen += 1
        if seen == count:
            break


def stop_on_signals(event: asyncio.Event) -> None:
    """Sets ``event`` at SIGINT and SIGTERM."""
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, event.set)


def _on_hang_up(supervisor: Supervisor, stop: asyncio.Event) -> None:
    """Lets SIGHUP restart the workers, or set ``stop`` when it means that the terminal was closed."""
    terminal = sys.stderr.fileno() if sys.stderr.isatty() else None

    def hang_up() -> None:
        if terminal is not None and not os.isatty(terminal):  # the kernel takes it away, then signals
            stop.set()
        else:
            supervisor.restart()

    asyncio.get_running_loop().add_signal_handler(signal.SIGHUP, hang_up)
