"""Sorts more lines than fit in memory: sorted runs in files, merged as they are read (external merge sort)."""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from contextlib import ExitStack
from itertools import count
from operator import itemgetter
from pathlib import Path

_OBJECT = 64
"""Bytes a line costs beside its text: Python's object and its place in a list."""

_BARE = itemgetter(slice(-1))
"""A line as it is sorted: its end is no part of it, and greater than a control character."""


class Spill:
    """Lines (bytes without a line break), given back in byte order, as often as asked."""

    def __init__(self, folder: Path, name: str, *, memory: int = 96 << 20) -> None:
        """Keeps up to ``memory`` bytes, then writes a run named after ``name`` into ``folder``."""
        self._paths = (folder / f"{name}.{number}.run" for number in count())
        self._memory = memory
        self._held: list[bytes] = []
        self._size = 0
        self._runs: list[Path] = []

    def add(self, line: bytes) -> None:
        """Adds one line."""
        self._held.append(line)
        self._size += len(line) + _OBJECT
        if self._size > self._memory:
            self._write()

    def __iter__(self) -> Iterator[bytes]:
        if not self._runs:
            self._held.sort()
            yield from self._held
            return
        if self._held:
            self._write()
        with ExitStack() as stack:
            files = [stack.enter_context(path.open("rb", buffering=1 << 18)) for path in self._runs]
            for line in heapq.merge(*files, key=_BARE):
                yield line[:-1]

    def _write(self) -> None:
        self._held.sort()
        path = next(self._paths)
        with path.open("wb", buffering=1 << 20) as file:
            file.writelines(line + b"\n" for line in self._held)
        self._runs.append(path)
        self._held = []
        self._size = 0
