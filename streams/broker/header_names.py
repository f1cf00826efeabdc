"""Reads records whose header names are not UTF-8, which aiokafka cannot.

Kafka calls a header's name a string and checks nothing. aiokafka 0.14.0 raises ``UnicodeDecodeError`` in the middle
of a batch, for every reader and for ever, so one such record would stop its partition. Here the name is escaped
(``b"\\xff"`` is read as the four characters ``\\xff``) and everything else of the record is as it was. Nothing is
slower: only a batch that holds such a name is read again, by aiokafka's own reader in Python.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Any

from aiokafka.consumer import fetcher
from aiokafka.record.default_records import _DefaultRecordBatchPy
from aiokafka.record.memory_records import MemoryRecords

_LENGTH = slice(8, 12)
_BEFORE_LENGTH = 12
"""Bytes of a batch up to and with its length, which counts what follows (Kafka's record batch, v2)."""


class _Name(bytes):
    def decode(self, encoding: str = "utf-8", errors: str = "strict") -> str:
        return super().decode(encoding, "backslashreplace")


class _Buffer(bytearray):
    def __getitem__(self, key: Any) -> Any:
        found = super().__getitem__(key)
        return _Name(found) if isinstance(key, slice) else found


class _Escaping(_DefaultRecordBatchPy):  # type: ignore[misc]  # says that it is final
    def _maybe_uncompress(self) -> None:
        super()._maybe_uncompress()
        self._buffer: bytearray = _Buffer(self._buffer)


class _Batch:
    """A batch of aiokafka's, which is asked everything but for its records."""

    def __init__(self, batch: Any, data: memoryview) -> None:
        self._batch = batch
        self._data = data

    def __getattr__(self, name: str) -> Any:
        return getattr(self._batch, name)

    def __next__(self) -> Any:
        return next(self._batch)

    def __iter__(self) -> Iterator[Any]:
        given = 0
        try:
            for record in self._batch:
                yield record
                given += 1
        except UnicodeDecodeError:
            yield from islice(_Escaping(self._data), given, None)


class Records:
    """What a fetch brought of one partition, in place of aiokafka's ``MemoryRecords``."""

    def __init__(self, data: bytes) -> None:
        """``data`` is whole batches, and the beginning of another where the broker cut off."""
        self._records: Any = MemoryRecords(data)
        self._data = memoryview(data)

    def size_in_bytes(self) -> int:
        """Returns the length of the data."""
        return int(self._records.size_in_bytes())

    def has_next(self) -> bool:
        """Says whether there is another whole batch."""
        return bool(self._records.has_next())

    def next_batch(self) -> _Batch | None:
        """Returns the next batch."""
        batch = self._records.next_batch()
        if batch is None:
            return None
        size = _BEFORE_LENGTH + int.from_bytes(self._data[_LENGTH], "big")
        data, self._data = self._data[:size], self._data[size:]
        return _Batch(batch, data)


def install() -> None:
    """Gives aiokafka's consumers this reader; once is enough, again does no harm."""
    fetcher.MemoryRecords = Records
