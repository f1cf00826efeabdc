"""Builds the Faust app: one agent per hop of the topology, each around a runner."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import faust
from aiokafka import AIOKafkaProducer
from faust.tables.manager import TableManager
from faust.tables.recovery import Recovery

from agents.pipeline import STAGES, Hop, hops
from agents.stage import Stage
from schemas.errors import BabelwireError
from streams import metrics, tracing
from streams.broker import kafka, patience
from streams.broker.publish import Publisher
from streams.knowledge.following import Follower
from streams.settings import Settings
from streams.work.driver import Transport
from streams.work.isolation import StageProcess
from streams.work.runner import Runner

if TYPE_CHECKING:
    from streams.spans import Spans


_CLOSE_SECONDS = 2.0
"""How long connections are waited for that are closed at the end."""


class App(faust.App):
    """A Faust app whose clients are built from babelwire's settings."""

    def __init__(self, settings: Settings, *args: Any, **kwargs: Any) -> None:
        """Remembers the settings for the transport."""
        self.settings = settings
        super().__init__(*args, **kwargs)

    def _new_transport(self) -> Transport:
        return Transport(self.settings, self.conf.broker_consumer, self)

    def _new_producer_transport(self) -> Transport:
        return Transport(self.settings, self.conf.broker_producer, self)


class _Recovery(Recovery):
    """The end of every rebalance. Faust ends it for good when the committed offsets take long to come."""

    async def _wait(self, coro: Any, timeout: Any = None) -> None:
        await super()._wait(coro)  # as long as it takes, or until the next rebalance


class NoTables(TableManager):
    """Faust waits a second at every start for tables to be declared; babelwire has none."""

    @property
    def recovery(self) -> Recovery:
        """What ends a rebalance; made when first asked for."""
        if self._recovery is None:
            self._recovery = _Recovery(self.app, self, beacon=self.beacon, loop=self.loop)
        return self._recovery

    async def on_start(self) -> None:
        """Does what Faust's does, without the wait."""
        await self._update_channels()
        await self.recovery.start()


@dataclass(slots=True)
class Worker:
    """An app, and what its agents run on."""

    app: App
    settings: Settings
    folder: Path
    stages: tuple[Stage, ...]
    follower: Follower
    runners: list[Runner] = field(default_factory=list)
    processes: list[StageProcess] = field(default_factory=list)
    producers: list[AIOKafkaProducer] = field(default_factory=list)
    spans: Spans | None = None
    failure: BaseException | None = None
    loading: list[asyncio.Task[None]] = field(default_factory=list)

    @property
    def loaded(self) -> bool:
        """Says whether every stage is loaded."""
        return bool(self.processes) and all(process.loaded for process in self.processes)

    async def open(self) -> None:
        """Starts the producers, and the stage processes in the background: they load while the group is joined."""
        self.spans = tracing.exporting(self.settings, self.folder.name)
        for index, hop in enumerate(hops(self.settings.topology, self.stages)):
            lost = metrics.stage_processes_lost.labels(hop.name)
            retries = metrics.publish_retries.labels(hop.name)
            process = StageProcess(
                self.settings,
                index,
                self.folder,
                stages=self.stages,
                on_lost=lost.inc,
                known=self.follower.known,
            )
            self.processes.append(process)
            producer = kafka.new_producer(self.settings)
            self.producers.append(producer)
            publisher = Publisher(producer, give_up_after=self.settings.publish_timeout, on_retry=retries.inc)
            self.runners.append(Runner(hop, self.settings, process, publisher, self.fail, self.spans))
        self.loading = [asyncio.create_task(self._load(process)) for process in self.processes]
        if any(stage.takes_additions for stage in self.stages):
            self.loading.append(asyncio.create_task(self._follow()))
        with patience.waiting_for(kafka.named(self.settings)):
            await asyncio.gather(*(producer.start() for producer in self.producers))

    def revive(self) -> None:
        """Starts another process for stages whose own died with nothing to do: no article shall wait for it."""
        for process in self.processes:
            if process.dead:
                self.loading.append(asyncio.create_task(self._load(process)))

    async def drain(self) -> None:
        """Lets every agent finish the batch in hand and commits."""
        await asyncio.gather(*(runner.drain() for runner in self.runners))
        consumer: Any = self.app.consumer
        for _ in range(20):
            # Faust's commit only waits when one is under way, which may not cover what was acknowledged since.
            await consumer.commit()
            if not any(consumer._acked.values()):
                return
            await asyncio.sleep(0.1)

    async def close(self) -> None:
        """Stops producers and stage processes."""
        for task in self.loading:
            task.cancel()
        if self.loading:
            await asyncio.wait(self.loading, timeout=_CLOSE_SECONDS)
        for producer in self.producers:
            await producer.stop()
        for process in self.processes:
            await process.stop()
        if self.spans is not None:
            await asyncio.to_thread(self.spans.close)

    async def _load(self, process: StageProcess) -> None:
        try:
            await process.start()
        except BabelwireError as error:
            self.fail(error)

    async def _follow(self) -> None:
        try:
            await self.follower.run()
        except Exception as error:
            # Not the broker's doing, so a bug: a worker must not be deaf to additions unseen.
            self.fail(error)

    def fail(self, error: BaseException) -> None:
        """Ends the worker because of ``error``; nothing more is committed."""
        if self.failure is None:
            self.failure = error
            self.loading.append(asyncio.ensure_future(self.app.crash(error)))


def build(settings: Settings, folder: Path, *, stages: tuple[Stage, ...] = STAGES) -> Worker:
    """Builds the worker's app; nothing is started and no broker is asked yet.

    Args:
        settings: the settings.
        folder: the worker's own folder.
        stages: the pipeline; tests bring their own.
    """
    app = App(
        settings,
        settings.group("articles"),
        broker=[f"kafka://{address}" for address in settings.bootstrap_servers.split(",")],
        store="memory://",
        datadir=str(folder / "faust"),
        processing_guarantee="at_least_once",
        # 500 records of 3 kB are 1.5 MB; more only makes a worker hold what another could treat.
        broker_max_poll_records=500,
        stream_buffer_maxsize=max(64, 2 * settings.batch_articles),
        stream_wait_empty=False,
        broker_commit_interval=settings.commit_seconds,
        broker_session_timeout=settings.session_timeout,
        broker_request_timeout=max(90.0, settings.session_timeout + 5),
        topic_disable_leader=True,
        topic_allow_declare=False,
        web_enabled=False,
        table_standby_replicas=0,
        TableManager=NoTables,
    )
    follower = Follower(settings, folder)
    worker = Worker(app=app, settings=settings, folder=folder, stages=stages, follower=follower)
    for index, hop in enumerate(hops(settings.topology, stages)):
        _declare(worker, index, hop)
    return worker


def _declare(worker: Worker, index: int, hop: Hop) -> None:
    channel = worker.app.topic(
        worker.settings.topic(hop.input.name),
        key_type=bytes,
        value_type=bytes,
        key_serializer="raw",
        value_serializer="raw",
    )

    async def body(stream: Any) -> None:
        await worker.runners[index].run(stream)

    # One instance: with more, Faust commits past what is in flight. More workers are more processes.
    worker.app.agent(channel, name=f"babelwire.{hop.name}", concurrency=1)(body)
