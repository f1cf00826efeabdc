"""What a worker uses of its machine: CPU, memory, and the time the garbage collector holds up its loop."""

from __future__ import annotations

import gc
import time
from contextlib import suppress

import psutil

from streams import metrics


class Usage:
    """Keeps the metrics of one worker process and the stage processes under it."""

    def __init__(self, worker: str) -> None:
        """Watches the garbage collector from now on; the rest is read by :meth:`observe`."""
        self._worker = worker
        self._process = psutil.Process()
        self._cpu: dict[int, float] = {}
        self._collecting = 0.0
        self._paused = 0.0
        gc.callbacks.append(self._collection)

    def observe(self) -> None:
        """Reads CPU time and memory; takes about a millisecond."""
        memory = 0
        used = 0.0
        seen: dict[int, float] = {}
        for process in (self._process, *self._process.children(recursive=True)):
            with suppress(psutil.Error):
                times = process.cpu_times()
                seen[process.pid] = times.user + times.system
                used += max(0.0, seen[process.pid] - self._cpu.get(process.pid, 0.0))
                memory += process.memory_info().rss
        self._cpu = seen
        metrics.worker_cpu.labels(self._worker).inc(used)
        metrics.worker_memory.labels(self._worker).set(memory)
        paused, self._paused = self._paused, 0.0
        metrics.worker_gc_pauses.labels(self._worker).inc(paused)

    def _collection(self, phase: str, _: dict[str, int]) -> None:
        """Only adds up: a metric has a lock, and a collection may begin while it is held."""
        if phase == "start":
            self._collecting = time.perf_counter()
        elif self._collecting:
            self._paused += time.perf_counter() - self._collecting
