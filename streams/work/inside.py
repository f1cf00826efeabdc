"""What runs in a stage process: the stages are loaded once, then portions of records come and results go.

This module is imported in every stage process, which is why it knows nothing of Kafka and of event loops.
"""

from __future__ import annotations

import gc
import os
import signal
import sys
import threading
import time
import traceback
from collections.abc import Sequence
from dataclasses import replace
from multiprocessing import spawn
from pathlib import Path
from pickle import UnpicklingError
from types import TracebackType

from agents.hop import LoadedHop, Result
from agents.pipeline import Hop, hops
from agents.stage import Stage
from streams.knowledge.additions import Handover
from streams.settings import Settings

Record = tuple[bytes, bytes | None, int]
"""Value, key and timestamp (milliseconds since 1970) of an input record."""


class _Stages:
    """The loaded stages, which know the operators' additions of now."""

    def __init__(self, settings: Settings, hop: Hop, folder: Path, *, follow: bool) -> None:
        self._resources = settings.resources(folder)
        self._handover = Handover(folder) if follow else None
        additions = self._handover.take() if self._handover else None
        resources = replace(self._resources, additions=additions or ())
        self._loaded = LoadedHop(hop, resources, settings.limits(), time.perf_counter)

    def treat(self, value: bytes, key: bytes | None, timestamp_ms: int) -> Result:
        """Treats one record."""
        additions = self._handover.take() if self._handover else None
        if additions is not None:
            self._loaded.renew(replace(self._resources, additions=additions))
        return self._loaded(value, key, timestamp_ms)


_stages: _Stages | Exception | None = None


def load(
    settings: Settings, hop_index: int, stages: tuple[Stage, ...], folder: Path, follow: bool, parent: int
) -> None:
    """Runs once in the stage process."""
    global _stages
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole terminal; the worker decides
    _end_with(parent)
    if sys.platform == "linux":
        # When memory runs out the kernel shall take the stage process, which costs one article a retry.
        Path("/proc/self/oom_score_adj").write_text("500", encoding="ascii")
    try:
        _stages = _Stages(settings, hops(settings.topology, stages)[hop_index], folder, follow=follow)
    except Exception as error:
        _stages = error  # told by the first call: a pool whose initializer raises says only that it broke
    # What the stages hold stays for good: the garbage collector need not go through it again and again.
    gc.freeze()


def ready() -> None:
    """Done when the stages are loaded; raises what kept them from it."""
    if isinstance(_stages, Exception):
        raise _stages


def treat(portion: Sequence[Record]) -> list[Result]:
    """Treats records, in order."""
    assert isinstance(_stages, _Stages)
    return [_stages.treat(*record) for record in portion]


def _without_lost_workers(
    kind: type[BaseException], error: BaseException, trace: TracebackType | None
) -> None:
    """Tells of an exception, but not that a worker ended before it said what the process forked for it is to do."""
    frames = (frame.f_code for frame, _ in traceback.walk_tb(trace))
    if not (issubclass(kind, EOFError | UnpicklingError) and spawn._main.__code__ in frames):
        sys.__excepthook__(kind, error, trace)


sys.excepthook = _without_lost_workers  # for the fork server, which imports this module first


def _end_with(worker: int) -> None:
    """Ends this process when its worker is gone, however it went (``kill -9`` sends no message)."""

    def watch() -> None:
        while True:
            time.sleep(1)
            try:
                os.kill(worker, 0)
            except ProcessLookupError:
                os._exit(1)

    threading.Thread(target=watch, daemon=True).start()
