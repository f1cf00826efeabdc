"""What a worker says of itself: written once a second by the worker, read by its supervisor.

The file is written in place, at one size, so that it can be written on a full disk: the blocks it has are enough.
Where even that fails (a file system that never writes in place), its time of change tells that the worker lives.
"""

from __future__ import annotations

import os
from pathlib import Path

import orjson
import structlog

log = structlog.get_logger(__name__)

_FILE = "status.json"
_SIZE = 4096
"""Bytes: a block of the usual file systems."""
_LONGEST_ERROR = 1000
"""Characters of an error; the log holds all of it."""


class Status:
    """The status file of one slot."""

    def __init__(self, folder: Path) -> None:
        """``folder`` is the slot's own."""
        self._path = folder / _FILE
        self._told = False

    def write(self, state: str, *, error: str | None = None, **more: object) -> None:
        """Writes the state of this process; a disk that takes nothing is told of once, until it does again."""
        found: dict[str, object] = {"pid": os.getpid(), "state": state, **more}
        if error is not None:
            found["error"] = error[:_LONGEST_ERROR]
        try:
            self._put(orjson.dumps(found).ljust(_SIZE))
        except OSError as failure:
            if not self._told:
                log.error("status_not_written", path=str(self._path), error=failure.strerror)
            self._told = True
        else:
            self._told = False

    def _put(self, content: bytes) -> None:
        file = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o644)
        try:
            os.utime(file)
            os.pwrite(file, content, 0)
            os.ftruncate(file, len(content))
        finally:
            os.close(file)

    def read(self, pid: int) -> dict[str, object]:
        """Returns what the process ``pid`` last wrote, and when it last wrote (``beat``); empty if it did not."""
        try:
            with self._path.open("rb") as file:
                beat = os.fstat(file.fileno()).st_mtime
                found: dict[str, object] = orjson.loads(file.read())
        except (OSError, orjson.JSONDecodeError):
            return {}
        return {**found, "beat": beat} if found.get("pid") == pid else {}
