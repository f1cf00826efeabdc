"""Metric files whose place on the disk is taken before it is written to.

prometheus-client maps sparse files into memory. On a full disk the kernel answers a write to such a map with a signal
that ends the process (SIGBUS), so one new label would end a worker. Here the place is asked for first; where there is
none, what is new is counted in memory alone until the process ends.
"""

from __future__ import annotations

import io
import mmap
import os
from pathlib import Path

import structlog
from prometheus_client import mmap_dict

log = structlog.get_logger(__name__)

_ENTRY_BYTES = 64
"""More than an entry takes beside its key: length, padding, value, timestamp."""
_BEGIN = 8
"""Bytes before the first entry; they say how many are used."""


class Reserved(mmap_dict.MmapedDict):
    """The file of one kind of metric of one process."""

    def __init__(self, filename: str, read_mode: bool = False) -> None:
        """Opens the file, made if need be."""
        path = Path(filename)
        self._apart = not read_mode and not _reserved(path)
        """Whether what is counted is in memory alone."""
        if not self._apart:
            super().__init__(filename, read_mode)
            return
        self._f = io.BytesIO()
        self._fname = filename
        self._positions: dict[str, int] = {}
        self._capacity = mmap_dict._INITIAL_MMAP_SIZE
        self._m = mmap.mmap(-1, self._capacity)
        self._used = _BEGIN
        mmap_dict._pack_integer(self._m, 0, self._used)

    def _init_value(self, key: str) -> None:
        capacity = self._capacity
        while self._used + len(key.encode()) + _ENTRY_BYTES > capacity:
            capacity *= 2
        if capacity > self._capacity:
            self._make_room(capacity)
        super()._init_value(key)

    def _make_room(self, capacity: int) -> None:
        if not self._apart:
            try:
                os.posix_fallocate(self._f.fileno(), 0, capacity)
            except OSError as error:
                _tell(self._fname, error)
                self._apart = True
        if self._apart:
            larger = mmap.mmap(-1, capacity)
            larger[: self._used] = self._m[: self._used]
            self._m, self._capacity = larger, capacity


def _reserved(path: Path) -> bool:
    """Takes the file's place on the disk and says whether there was one; makes no file where there was none."""
    begun = path.exists()
    try:
        with path.open("ab") as file:
            size = os.fstat(file.fileno()).st_size
            os.posix_fallocate(file.fileno(), 0, size or mmap_dict._INITIAL_MMAP_SIZE)
    except OSError as error:
        _tell(str(path), error)
        if not begun:
            path.unlink(missing_ok=True)  # a reader of all processes' metrics takes no empty file
        return False
    return True


def _tell(path: str, error: OSError) -> None:
    log.error("metrics_not_written", path=path, error=error.strerror)
