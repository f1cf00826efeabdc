"""One worker process. The supervisor starts it; its settings come by environment.

It writes its state to its slot's status file once a second, from the event loop: a loop that hangs stops writing, and
the supervisor notices. SIGTERM drains: the batch in hand is finished, published, committed.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import tempfile
import threading
import time
from collections.abc import Sized
from multiprocessing import resource_tracker
from multiprocessing.util import Finalize
from pathlib import Path
from typing import Any

import faust
import structlog

from schemas.errors import BabelwireError
from streams import log as logging_setup
from streams.settings import Settings, load
from streams.work import slots
from streams.work.standstill import Standstill
from streams.work.status import Status

log = structlog.get_logger(__name__)

DRAIN_SECONDS = 25.0
"""How long a worker finishes what it has in hand; the promise is 30 s from SIGTERM to the end."""
_BEAT_SECONDS = 1.0
_USAGE_BEATS = 5


def main(slot: str, supervisor: int) -> int:
    """Runs the worker of ``slot`` until it is told to stop; returns the exit code."""
    if os.getppid() != supervisor:
        sys.exit("the supervisor ended before its worker began")
    _end_with(supervisor)
    _leave_nothing()
    _forget_quietly()
    settings = load()
    slots.share_metrics(settings.data_dir, slot)
    logging_setup.configure(settings, worker=slot)
    with slots.hold(settings.data_dir, slot):
        return _run(settings, slot)


def _run(settings: Settings, slot: str) -> int:
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    try:
        Launcher(settings, slot, loop).execute_from_commandline()
    except SystemExit as leave:
        code = leave.code
        return code if isinstance(code, int) else 0
    except Exception as error:
        log.error("worker_failed", error=f"{type(error).__name__}: {error}")
    return 1


class Launcher(faust.Worker):
    """Starts and stops the app, with a drain before the stop."""

    def __init__(self, settings: Settings, slot: str, loop: asyncio.AbstractEventLoop) -> None:
        """Builds the app of the worker in ``slot``."""
        from streams.work import app

        self.slot = slot
        self.folder = slots.folder(settings.data_dir, slot)
        self.status = Status(self.folder)
        self.worker = app.build(settings, self.folder)
        self.draining = False
        super().__init__(
            self.worker.app,
            loop=loop,
            override_logging=False,
            redirect_stdouts=False,
            quiet=True,
            workdir=str(Path.cwd()),
        )
        self.spinner = None

    async def on_execute(self) -> None:
        """Loads the stages before the first agent runs."""
        self.status.write("starting")
        await super().on_execute()
        await self.worker.open()
        self.add_future(self._beat())
        log.info("worker_started", topology=self.worker.settings.topology, pid=os.getpid())

    async def _stop_on_signal(self, number: signal.Signals) -> None:
        self.draining = True
        log.info("worker_drains")
        try:
            await asyncio.wait_for(self.worker.drain(), DRAIN_SECONDS)
        except TimeoutError:
            log.warning("worker_drain_timeout", seconds=DRAIN_SECONDS)
        except Exception as error:
            # The group may be rebalancing; what is not committed is treated again by another worker.
            log.warning("worker_drain_failed", error=f"{type(error).__name__}: {error}")
        await super()._stop_on_signal(number)

    async def on_shutdown(self) -> None:
        """Ends the stage processes once the app has stopped."""
        await super().on_shutdown()
        await self.worker.close()
        failure = self.worker.failure
        if failure is None:
            self.status.write("stopped")
        else:
            self.status.write("failed", error=str(failure))

    async def _beat(self) -> None:
        from streams import metrics
        from streams.work.lag import Lag
        from streams.work.usage import Usage

        app: Any = self.worker.app
        lag = Lag(self.worker.settings.topic(runner.hop.input.name) for runner in self.worker.runners)
        usage = Usage(self.slot)
        standstill = Standstill()
        metrics.prepare(stage.name for runner in self.worker.runners for stage in runner.hop.stages)
        beats = 0
        while not self.should_stop:
            due = time.monotonic() + _BEAT_SECONDS
            await asyncio.sleep(_BEAT_SECONDS)
            metrics.loop_lag.labels(self.slot).set(max(0.0, time.monotonic() - due))
            for runner in self.worker.runners:
                for stage in runner.hop.stages:
                    metrics.heartbeat.labels(stage.name).set(time.time())
            joined = app.tables.recovery.completed.is_set()  # not by the generation: some brokers begin at 0
            assigned = app.consumer.assignment() if joined else set()
            lag.observe(app.consumer, assigned)
            if beats % _USAGE_BEATS == 0:
                usage.observe()
            beats += 1
            if not self.draining and self.worker.failure is None:
                self.worker.revive()
                self._end_if_it_stands_still(standstill)
            ready = joined and not app.rebalancing
            state = "loading" if not self.worker.loaded else "running" if ready else "joining"
            self.status.write("draining" if self.draining else state, partitions=len(assigned))

    def _end_if_it_stands_still(self, standstill: Standstill) -> None:
        worker = self.worker
        idle = [worker.settings.topic(runner.hop.input.name) for runner in worker.runners if runner.idle]
        if (still := standstill.observe(worker.app, idle)) is not None:
            log.error("worker_stands_still", error=still)
            worker.fail(BabelwireError(f"The worker stood still: {still}."))


def _leave_nothing() -> None:
    """Removes this process's temporary folder at its end, after multiprocessing has cleaned up in it.

    The supervisor does so too, but may be gone by then.
    """
    last = -1000  # multiprocessing's own is -100; the greater comes first
    Finalize(None, slots.drop, args=(tempfile.gettempdir(),), exitpriority=last)


def _forget_quietly() -> None:
    """Lets multiprocessing's resource tracker forget semaphores that it has never heard of.

    One that was killed is replaced by one that knows none, and prints a traceback for each that it shall forget.
    """
    forget = resource_tracker.unregister

    def unregister(name: Sized, kind: str) -> None:
        resource_tracker.register(name, kind)  # what it knows already it notes once
        forget(name, kind)

    resource_tracker.unregister = unregister  # type: ignore[assignment] # typeshed has it unbound


def _end_with(supervisor: int) -> None:
    """Ends this worker when its supervisor is gone, which would kill it if it took too long to stop.

    It drains as always. Whatever its stop may wait for, nobody else would end it.
    """

    def watch() -> None:
        while os.getppid() == supervisor:
            time.sleep(1)
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(slots.STOP_SECONDS)
        log.error("worker_killed", after_seconds=slots.STOP_SECONDS)
        os.kill(os.getpid(), signal.SIGKILL)

    threading.Thread(target=watch, daemon=True).start()
