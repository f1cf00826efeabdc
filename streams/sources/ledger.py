"""What was already sent from this machine, so that sending a file again sends nothing twice.

One SQLite file in the data folder, keyed by cluster and topic prefix: another cluster, and every start of
the embedded broker (which forgets), gets everything. A line is written after the broker confirmed the record,
so a crash in between means a second copy, never a missing one; the copy has the same event id downstream.

A record is remembered by 16 bytes over (article id, revision, input digest): about 35 bytes on disk each.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType

from schemas.errors import UsageError
from schemas.ids import digest
from streams.sources.articles import Ready, Refused

FILE_NAME = "ingest.sqlite"
_SCHEMA = """
CREATE TABLE IF NOT EXISTS installation (
    number INTEGER PRIMARY KEY, cluster TEXT NOT NULL, prefix TEXT NOT NULL, opened REAL NOT NULL,
    UNIQUE (cluster, prefix)
);
CREATE TABLE IF NOT EXISTS sent (
    installation INTEGER NOT NULL, record BLOB NOT NULL, PRIMARY KEY (installation, record)
) WITHOUT ROWID;
"""
_WAIT_SECONDS = 30.0
_EMBEDDED = "babelwire-%"
_FORGET_SECONDS = 7 * 24 * 3600.0
"""Embedded brokers do not live for days; what was sent to one that was not used for so long is let go."""

Key = bytes


def key_of(record: Ready | Refused) -> Key | None:
    """Returns what a record is remembered by; None for one that has no bytes to send."""
    if isinstance(record, Ready):
        return bytes.fromhex(digest("article", record.id, str(record.revision), record.digest))
    if record.original is None:
        return None
    return bytes.fromhex(digest("dead letter", record.reason, record.original))


class Ledger:
    """The records confirmed by one cluster; a context manager."""

    def __init__(self, data_dir: str, cluster: str, prefix: str) -> None:
        """Opens or makes the ledger in ``data_dir``; several processes may use it at once."""
        self._path = Path(data_dir) / FILE_NAME
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._base = sqlite3.connect(self._path, timeout=_WAIT_SECONDS, isolation_level=None)
            self._base.execute("PRAGMA journal_mode=WAL")
            self._base.execute("PRAGMA synchronous=NORMAL")
            self._base.executescript(_SCHEMA)
            self._number = self._open_installation(cluster, prefix)
        except (OSError, sqlite3.Error) as error:
            raise self._unusable(error) from None

    def has(self, key: Key) -> bool:
        """Says whether the record was confirmed before."""
        query = "SELECT 1 FROM sent WHERE installation = ? AND record = ?"
        return self._base.execute(query, (self._number, key)).fetchone() is not None

    def add(self, keys: Iterable[Key]) -> None:
        """Remembers confirmed records, all of them or none."""
        rows = [(self._number, key) for key in keys]
        if rows:
            try:
                self._base.execute("BEGIN IMMEDIATE")
                self._base.executemany("INSERT OR IGNORE INTO sent VALUES (?, ?)", rows)
                self._base.execute("COMMIT")
            except sqlite3.Error as error:
                raise self._unusable(error) from None

    def close(self) -> None:
        """Closes the file."""
        self._base.close()

    def __enter__(self) -> Ledger:
        """Returns itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Closes the file."""
        self.close()

    def _unusable(self, error: Exception) -> UsageError:
        return UsageError(
            f"Expected to keep a ledger of what was sent in {self._path}: {error}. Name a folder that can be "
            "written with --data-dir, or remove the file (then everything counts as not sent)."
        )

    def _open_installation(self, cluster: str, prefix: str) -> int:
        now = time.time()
        self._base.execute("BEGIN IMMEDIATE")
        self._base.execute(
            "INSERT INTO installation (cluster, prefix, opened) VALUES (?, ?, ?) "
            "ON CONFLICT (cluster, prefix) DO UPDATE SET opened = excluded.opened",
            (cluster, prefix, now),
        )
        stale = "SELECT number FROM installation WHERE cluster LIKE ? AND opened < ?"
        bounds = (_EMBEDDED, now - _FORGET_SECONDS)
        self._base.execute(f"DELETE FROM sent WHERE installation IN ({stale})", bounds)  # noqa: S608 - no input
        self._base.execute("DELETE FROM installation WHERE cluster LIKE ? AND opened < ?", bounds)
        query = "SELECT number FROM installation WHERE cluster = ? AND prefix = ?"
        number: int = self._base.execute(query, (cluster, prefix)).fetchone()[0]
        self._base.execute("COMMIT")
        return number
