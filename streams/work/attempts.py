"""How often an article's process was lost: kept on disk, so that it outlives the worker too."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from schemas.errors import RejectReason
from schemas.outcomes import Position


class Attempts:
    """Counts by position, with the reason of the last loss."""

    def __init__(self, path: Path) -> None:
        """Opens the file, made if need be."""
        path.parent.mkdir(parents=True, exist_ok=True)
        self._db = sqlite3.connect(path, isolation_level=None)
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute(
            "CREATE TABLE IF NOT EXISTS attempts "
            "(position TEXT PRIMARY KEY, count INTEGER NOT NULL, reason TEXT NOT NULL)"
        )

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
        self._db.execute(
            "INSERT INTO attempts VALUES (?, 1, ?) "
            "ON CONFLICT(position) DO UPDATE SET count = count + 1, reason = excluded.reason",
            (str(position), reason.value),
        )

    def forget(self, position: Position) -> None:
        """Begins anew: it came through, or was given up."""
        self._db.execute("DELETE FROM attempts WHERE position = ?", (str(position),))

    def close(self) -> None:
        """Closes the file."""
        self._db.close()
