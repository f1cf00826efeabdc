"""Keeps N worker processes running in one consumer group.

A worker that ends is started again, at once the first time, then with growing pauses (1 s doubling to 30 s,
forgotten after a minute of good running). A worker whose event loop has not moved for a minute is killed.
SIGTERM or Ctrl-C drains all workers; SIGHUP restarts them one after another, each when the one before runs.
Whoever prefers an end to a worker that never runs says after how many tries.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import structlog

from schemas.errors import BabelwireError
from streams import metrics
from streams.settings import Settings
from streams.work import slots
from streams.work.status import Status

log = structlog.get_logger(__name__)

_WORKER = "import sys; from streams.work.worker import main; sys.exit(main(sys.argv[1], int(sys.argv[2])))"
"""Not ``-m``: multiprocessing would import that module, and Faust with it, in every stage process."""
HANG_SECONDS = 60.0
_START_SECONDS = 300.0
_GOOD_SECONDS = 60.0
_LONGEST_PAUSE = 30.0


@dataclass(slots=True)
class Slot:
    """One worker's place."""

    name: str
    folder: Path
    process: asyncio.subprocess.Process | None = None
    started: float = 0.0
    failures: int = 0
    restarts: int = 0
    task: asyncio.Task[None] | None = field(default=None, repr=False)

    def status(self) -> dict[str, object]:
        """Returns what the worker last wrote about itself, if this very process wrote it."""
        return {} if self.process is None else Status(self.folder).read(self.process.pid)

    def ready(self) -> bool:
        """Says whether the worker holds its place in the group and its loop moves."""
        status = self.status()
        beat = status.get("beat")
        return status.get("state") == "running" and isinstance(beat, float) and time.time() - beat < 15


class Supervisor:
    """Starts, watches and stops the workers."""

    def __init__(self, settings: Settings, *, tries: int | None = None) -> None:
        """Nothing is started yet; a worker that ends ``tries`` times within a minute each ends all, None never."""
        self.settings = settings
        self._tries = tries
        self._drain = True
        self._failure: BabelwireError | None = None
        self.slots = [
            Slot(slots.worker_slot(index), slots.folder(settings.data_dir, slots.worker_slot(index)))
            for index in range(settings.processes)
        ]
        self._stopping = asyncio.Event()
        self._rolling: asyncio.Task[None] | None = None

    def ready(self) -> bool:
        """Says whether every worker is ready."""
        return all(slot.ready() for slot in self.slots)

    def status(self) -> list[dict[str, object]]:
        """Returns one line per worker, for ``/readyz`` and people."""
        return [
            {
                "worker": slot.name,
                "pid": slot.process.pid if slot.process and slot.process.returncode is None else None,
                "state": slot.status().get("state", "starting"),
                "ready": slot.ready(),
                "partitions": slot.status().get("partitions"),
                "restarts": slot.restarts,
            }
            for slot in self.slots
        ]

    async def run(self) -> None:
        """Runs the workers until :meth:`stop` is called; returns when all have ended.

        Raises:
            BabelwireError: a worker ended as often as it may; the text holds its last error.
        """
        metrics.build_info.labels(_version(), self.settings.topology).set(1)
        metrics.workers_expected.set(len(self.slots))
        async with asyncio.TaskGroup() as group:
            for slot in self.slots:
                slot.task = group.create_task(self._keep(slot))
            group.create_task(self._watch())
        if self._failure is not None:
            raise self._failure

    def stop(self, *, drain: bool = True) -> None:
        """Drains all workers, or kills them; :meth:`run` returns when they have ended."""
        self._drain = self._drain and drain
        if not self._stopping.is_set():
            log.info("supervisor_stops", workers=len(self.slots))
            self._stopping.set()
            if self._rolling is not None:
                self._rolling.cancel()

    def restart(self) -> None:
        """Restarts the workers one after another."""
        if self._rolling is None or self._rolling.done():
            self._rolling = asyncio.ensure_future(self._roll())

    def on_signals(self, loop: asyncio.AbstractEventLoop, also: Callable[[], None] = lambda: None) -> None:
        """Lets SIGTERM and SIGINT stop the workers (and call ``also``), and SIGHUP restart them."""

        def stop() -> None:
            self.stop()
            also()

        loop.add_signal_handler(signal.SIGTERM, stop)
        loop.add_signal_handler(signal.SIGINT, stop)
        loop.add_signal_handler(signal.SIGHUP, self.restart)

    async def _keep(self, slot: Slot) -> None:
        """Keeps one worker running."""
        try:
            await self._run(slot)
        finally:
            slots.drop_scratch(slot.folder)

    async def _run(self, slot: Slot) -> None:
        while not self._stopping.is_set():
            try:
                await self._start(slot)
            except OSError as error:  # no memory, no process to be had: as good as a worker that ended
                log.error("worker_not_started", worker=slot.name, error=str(error))
                await self._pause(_LONGEST_PAUSE)
                continue
            assert slot.process is not None
            ended = asyncio.create_task(slot.process.wait())
            stopping = asyncio.create_task(self._stopping.wait())
            await asyncio.wait({ended, stopping}, return_when=asyncio.FIRST_COMPLETED)
            if not ended.done():
                stopping.cancel()
                await self._end(slot, ended)
                return
            stopping.cancel()
            if time.monotonic() - slot.started > _GOOD_SECONDS:
                slot.failures = 0
            slot.restarts += 1
            metrics.worker_restarts.inc()
            pause = 0.0 if slot.failures == 0 else min(_LONGEST_PAUSE, 2.0 ** (slot.failures - 1))
            slot.failures += 1
            why = slot.status().get("error")
            log.warning("worker_ended", worker=slot.name, code=ended.result(), pause_seconds=pause, error=why)
            if slot.failures == self._tries:
                self._failure = BabelwireError(
                    f"Expected the worker {slot.name} to run; it ended {slot.failures} times in a row, at last "
                    + (f"by this: {why}" if why else f"with code {ended.result()}; its log says why.")
                )
                self.stop()
                return
            await self._pause(pause)

    async def _pause(self, seconds: float) -> None:
        """Waits, but not longer than until all shall stop."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self._stopping.wait(), seconds)

    async def _start(self, slot: Slot) -> None:
        scratch = slots.fresh_scratch(slot.folder)
        environment = {**os.environ, **self.settings.environment(), "TMPDIR": scratch}
        slot.process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-P",  # whatever folder this was started in holds no modules of ours
            # What a killed worker leaves is cleaned up by multiprocessing, which would tell of it outside the log.
            "-Wignore:resource_tracker:UserWarning",
            "-c",
            _WORKER,
            slot.name,
            str(os.getpid()),
            stdin=asyncio.subprocess.DEVNULL,
            env=environment,
            start_new_session=True,  # a Ctrl-C on the terminal is for the supervisor, which drains
        )
        slot.started = time.monotonic()

    async def _end(self, slot: Slot, ended: asyncio.Task[int]) -> None:
        assert slot.process is not None
        _signal(slot.process, signal.SIGTERM if self._drain else signal.SIGKILL)
        try:
            await asyncio.wait_for(asyncio.shield(ended), slots.STOP_SECONDS)
        except TimeoutError:
            log.error("worker_killed", worker=slot.name, after_seconds=slots.STOP_SECONDS)
            _signal(slot.process, signal.SIGKILL)
            await ended

    async def _watch(self) -> None:
        """Kills workers whose loop hangs, and keeps the gauge of running workers."""
        while not self._stopping.is_set():
            for slot in self.slots:
                process = slot.process
                if process is None or process.returncode is not None:
                    continue
                beat = slot.status().get("beat")
                since = time.time() - beat if isinstance(beat, float) else time.monotonic() - slot.started
                limit = (
                    HANG_SECONDS
                    if isinstance(beat, float) and slot.status().get("state") != "starting"
                    else _START_SECONDS
                )
                if since > limit:
                    log.error("worker_hangs", worker=slot.name, seconds=round(since))
                    _signal(process, signal.SIGKILL)
            metrics.workers_running.set(sum(slot.ready() for slot in self.slots))
            await self._pause(1)
        metrics.workers_running.set(0)

    async def _roll(self) -> None:
        for slot in self.slots:
            before = slot.restarts
            if slot.process is None:
                continue
            log.info("worker_restarts", worker=slot.name)
            slot.failures = 0
            _signal(slot.process, signal.SIGTERM)
            while slot.restarts == before or not slot.ready():
                await asyncio.sleep(0.1)


def _signal(process: asyncio.subprocess.Process, number: int) -> None:
    try:
        process.send_signal(number)
    except ProcessLookupError:
        return


def _version() -> str:
    from schemas import VERSION

    return VERSION
