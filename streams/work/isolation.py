"""Runs the stages in a process of their own, away from the event loop and from its life.

The stages are heavy (10 to 100 ms an article) and native code in them can crash, hang or eat memory. So each
agent has one stage process: the loop stays free for heartbeats and commits, a crash costs one process start and
no article, and a runaway is ended after ``stage_timeout``. An article whose process died or was ended three
times becomes a dead letter; its attempts are counted on disk, so they outlive the worker too.

The process pool is Pebble's (it can end a single task); results come back in the order of the records.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import TimeoutError as PoolTimeout
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path

import structlog
from pebble import ProcessExpired, ProcessPool

from agents.hop import Result, known_id
from agents.pipeline import STAGES, hops
from agents.stage import Stage
from schemas.errors import BabelwireError, RejectReason
from schemas.outcomes import Position
from streams.settings import Settings
from streams.work import inside
from streams.work.attempts import Attempts
from streams.work.inside import Record

log = structlog.get_logger(__name__)

MAX_ATTEMPTS = 3
_LOAD_SECONDS = 300.0
_TOGETHER = 16
_TOGETHER_BYTES = 64 << 10
"""Small articles go to the process together, which saves 0.3 ms of the 0.4 ms CPU that one alone costs on the way.
Together they are no more to treat than one large article, and have its time: ``stage_timeout``."""


class StageProcess:
    """One hop's stages in one process."""

    def __init__(
        self,
        settings: Settings,
        hop_index: int,
        folder: Path,
        *,
        stages: tuple[Stage, ...] = STAGES,
        on_lost: Callable[[], None] = lambda: None,
        known: asyncio.Event | None = None,
    ) -> None:
        """Starts nothing yet.

        Args:
            settings: the settings.
            hop_index: number of the hop in the topology.
            folder: the worker's own; keeps the attempts, and the additions that are handed over.
            stages: the pipeline.
            on_lost: called for every process that died or was ended.
            known: set once the operators' additions are handed over; stages that take them load meanwhile, and
                treat nothing before.
        """
        self._settings = settings
        self._hop_index = hop_index
        self._stages = stages
        self._hop = hops(settings.topology, stages)[hop_index]
        self._folder = folder
        self._attempts = Attempts(folder / f"attempts-{self._hop.name}.sqlite")
        self._on_lost = on_lost
        self._known = known if any(stage.takes_additions for stage in self._hop.stages) else None
        self._pool: ProcessPool | None = None
        self._starting = asyncio.Lock()
        self._treating = False

    @property
    def loaded(self) -> bool:
        """Says whether the stages are loaded."""
        return self._pool is not None

    @property
    def dead(self) -> bool:
        """Says whether the process died while it had nothing to do; :meth:`start` tells of it and makes another."""
        return not self._treating and self._pool is not None and not self._pool.active

    async def start(self) -> None:
        """Starts the process, if none runs, and waits until the stages are loaded.

        Raises:
            BabelwireError: a stage could not load; the text holds its error.
        """
        async with self._starting:
            if self._pool is not None and not self._pool.active:
                self._tell(RejectReason.STAGE_CRASHED, ())
                self._on_lost()
                await self._end()
            if self._pool is None:
                await self._start()

    async def _start(self) -> None:
        context = multiprocessing.get_context("forkserver")
        context.set_forkserver_preload([inside.__name__])
        pool = ProcessPool(
            max_workers=1,
            initializer=inside.load,
            initargs=(
                self._settings,
                self._hop_index,
                self._stages,
                self._folder,
                self._known is not None,
                os.getpid(),
            ),
            context=context,
        )
        try:
            await asyncio.wrap_future(pool.schedule(inside.ready, timeout=_LOAD_SECONDS))
            if self._known is not None:
                await self._known.wait()
        except asyncio.CancelledError:
            pool.stop()
            raise
        except Exception as error:
            pool.stop()
            raise BabelwireError(
                f"Expected the stages {self._hop.name} to load: {type(error).__name__}: {error}"
            ) from error
        self._pool = pool

    async def stop(self) -> None:
        """Ends the process."""
        await self._end()
        self._attempts.close()

    async def _end(self) -> None:
        """Ends the process, if it runs, and the threads and pipes to it."""
        pool, self._pool = self._pool, None
        if pool is not None:
            pool.stop()
            await asyncio.to_thread(pool.join)

    async def treat(self, records: Sequence[Record], positions: Sequence[Position]) -> list[Result]:
        """Runs the hop on every record and returns the results in the same order; loses none to a crash."""
        self._treating = True
        try:
            return await self._treat(records, positions)
        finally:
            self._treating = False

    async def _treat(self, records: Sequence[Record], positions: Sequence[Position]) -> list[Result]:
        results: list[Result | None] = [None] * len(records)
        lost = await self._try(records, range(len(records)), results)
        if lost is not None:
            self._tell(lost, positions)
        for index, result in enumerate(results):
            # Whatever a lost process took with it is tried again alone, so that the guilty one is known.
            while result is None:
                result = await self._alone(records, index, positions[index], results)
            results[index] = result
        return [result for result in results if result is not None]

    async def _alone(
        self, records: Sequence[Record], index: int, position: Position, results: list[Result | None]
    ) -> Result | None:
        attempts = self._attempts.count(position)
        if attempts >= MAX_ATTEMPTS:
            reason = RejectReason(self._attempts.reason(position))
            self._attempts.forget(
                position
            )  # the next record at this position, on another broker, begins anew
            return self._give_up(records[index], reason)
        lost = await self._try(records, (index,), results)
        if lost is not None:
            self._attempts.add(position, lost)
            value, key, _ = records[index]
            self._tell(lost, [position], article=known_id(value, key))
        elif attempts:
            self._attempts.forget(position)
        return results[index]

    async def _try(
        self, records: Sequence[Record], indices: Sequence[int], results: list[Result | None]
    ) -> RejectReason | None:
        """Fills in the results it gets; returns why the process was lost, if it was."""
        await self.start()
        assert self._pool is not None
        lost: RejectReason | None = None
        pool = self._pool
        portions = list(_portions(records, indices))
        futures = [
            asyncio.wrap_future(
                pool.schedule(
                    inside.treat,
                    args=([records[index] for index in portion],),
                    timeout=self._settings.stage_timeout,
                )
            )
            for portion in portions
        ]
        for portion, outcome in zip(
            portions, await asyncio.gather(*futures, return_exceptions=True), strict=True
        ):
            if isinstance(outcome, list):
                for index, result in zip(portion, outcome, strict=True):
                    results[index] = result
            elif isinstance(outcome, PoolTimeout):
                lost = RejectReason.STAGE_TIMEOUT
            elif isinstance(outcome, ProcessExpired | BrokenProcessPool):
                lost = RejectReason.STAGE_CRASHED
            elif isinstance(outcome, BaseException):
                raise outcome
        if lost is not None:
            self._on_lost()
            if not pool.active:
                await self._end()
        return lost

    def _tell(self, lost: RejectReason, positions: Sequence[Position], *, article: str | None = None) -> None:
        """Logs a lost process; ``article`` is known when it was the only one in it."""
        held: dict[str, object] = {}
        if positions:
            first = positions[0]
            held = {
                "article": article,
                "topic": first.topic,
                "partition": first.partition,
                "offset": first.offset,
            }
        log.warning(
            "stage_process_lost",
            stage=self._hop.name,
            reason=lost.value,
            articles=len(positions),
            **held,
        )

    def _give_up(self, record: Record, reason: RejectReason) -> Result:
        value, key, _ = record
        word = "took too long" if reason is RejectReason.STAGE_TIMEOUT else "ended its process"
        return Result(
            outcome="rejected",
            stage=self._hop.stages[0].name,
            article=known_id(value, key),
            reason=reason,
            detail=f"The article {word} {MAX_ATTEMPTS} times in the stages {self._hop.name}.",
            passed=((self._hop.stages[0].name, 0.0),),
        )


def _portions(records: Sequence[Record], indices: Iterable[int]) -> Iterator[list[int]]:
    """Splits ``indices`` into what goes to the process at once, in order."""
    portion: list[int] = []
    size = 0
    for index in indices:
        length = len(records[index][0])
        if portion and (len(portion) == _TOGETHER or size + length > _TOGETHER_BYTES):
            yield portion
            portion, size = [], 0
        portion.append(index)
        size += length
    if portion:
        yield portion
