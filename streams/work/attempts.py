"""How often an article's process was lost: kept on disk, so that it outlives the worker too.

On a disk that takes nothing, what is counted lives as long as the worker.
"""

from __future__ import annotations

import sqlite3
from pathlib import Path

import structlog

from schemas.errors import RejectReason
from schemas.outcomes import Position

log = structlog.get_logger(__name__)

_IN_MEMORY = ":memory:"


class Attempts:
    """Counts by position, with the reason of the last loss."""

    def __init__(self, path: Path) -> None:
        """Opens the file, made if need be."""
        self._path = path
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._db = _opened(str(path))
        except (sqlite3.OperationalError, OSError) as error:
            log.error("attempts_not_written", path=str(path), error=str(error))
            self._db = _opened(_IN_MEMORY)

    def count(self, position: Position) -> int:
        """Returns how often it was lost."""
        row = self._db.execute("SELECT count FROM attempts WHERE position = ?", (str(position),)).fetchone()
        return int(row[0]) if row else 0

    def reason(self, position: Position) -> str:
        """Returns why it was lost last."""
        row = self._db.execute("SELECT reason FROM attempts WHERE position = ?", (str(position),)).fetchone()
        return str(row[0])

    def add(self, position: Position, reason: RejectReason) -> None:
        """Counts a loss."""
        self._write(
            "INSERT INTO attempts VALUES (?, 1, ?) "
            "ON CONFLICT(position) DO UPDATE SET count = count + 1, reason = excluded.reason",
            str(position),
            reason.value,
        )

    def forget(self, position: Position) -> None:
        """Begins anew: it came through, or was given up."""
        self._write("DELETE FROM attempts WHERE position = ?", str(position))

    def close(self) -> None:
        """Closes the file."""
        self._db.close()

    def _write(self, statement: str, *values: str) -> None:
        try:
            self._db.execute(statement, values)
        except sqlite3.OperationalError as error:
            log.error("attempts_not_written", path=str(self._path), error=str(error))
            rows = self._db.execute("SELECT position, count, reason FROM attempts").fetchall()
            self._db.close()
            self._db = _opened(_IN_MEMORY)
            self._db.executemany("INSERT INTO attempts VALUES (?, ?, ?)", rows)
            self._db.execute(statement, values)


def _opened(path: str) -> sqlite3.Connection:
    db = sqlite3.connect(path, isolation_level=None)
    try:
        db.execute("PRAGMA journal_mode=WAL")
        db.execute(
            "CREATE TABLE IF NOT EXISTS attempts "
            "(position TEXT PRIMARY KEY, count INTEGER NOT NULL, reason TEXT NOT NULL)"
        )
    except sqlite3.OperationalError:
        db.close()
        raise
    return db
