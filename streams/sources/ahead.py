"""Reads ahead in a thread: files are read and checked while the event loop waits for the broker.

What is read and not yet taken is bounded in bytes, so a fast disk and a slow broker cost no memory. A batch
is whatever is there: a slow writer at the other end of a pipe never holds back what it already wrote.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Iterator

from streams.sources.articles import Ready, Refused

_AHEAD_BYTES = 16 << 20
_BATCH_RECORDS = 500
_BATCH_BYTES = 4 << 20
_OVERHEAD_BYTES = 500
"""What a record costs beside its bytes, roughly; keeps millions of tiny ones from being free."""

Record = Ready | Refused


def weight(record: Record) -> int:
    """Returns about how many bytes of memory a record holds."""
    data = record.value if isinstance(record, Ready) else record.original
    return len(data or b"") + _OVERHEAD_BYTES


class ReadAhead:
    """Iterates over ``records`` in batches, asynchronously."""

    def __init__(self, records: Iterator[Record]) -> None:
        """``records`` is drawn from in a thread of its own."""
        self._records = records
        self._loop = asyncio.get_running_loop()
        self._arrived = asyncio.Event()
        self._change = threading.Condition()
        self._waiting: list[Record] = []
        self._bytes = 0
        self._ended = False
        self._stopped = False
        self._error: BaseException | None = None

    async def batches(self) -> AsyncIterator[list[Record]]:
        """Yields every record, in order, in batches of at most 500 and about 4 MiB."""
        # A daemon: when we are interrupted, it may sit in a read of standard input that never returns.
        threading.Thread(target=self._run, name="read-ahead", daemon=True).start()
        try:
            while True:
                await self._arrived.wait()
                batch, more = self._take()
                if batch:
                    yield batch
                elif not more:
                    break
            if self._error is not None:
                raise self._error
        finally:
            with self._change:
                self._stopped = True
                self._change.notify_all()

    def _take(self) -> tuple[list[Record], bool]:
        with self._change:
            count = size = 0
            for record in self._waiting[:_BATCH_RECORDS]:
                if count and size + weight(record) > _BATCH_BYTES:
                    break
                count += 1
                size += weight(record)
            batch, self._waiting = self._waiting[:count], self._waiting[count:]
            self._bytes -= size
            more = bool(self._waiting) or not self._ended
            if not self._waiting and not self._ended:
                self._arrived.clear()
            self._change.notify_all()
            return batch, more

    def _run(self) -> None:
        try:
            for record in self._records:
                with self._change:
                    self._change.wait_for(lambda: self._bytes < _AHEAD_BYTES or self._stopped)
                    if self._stopped:
                        return
                    self._waiting.append(record)
                    self._bytes += weight(record)
                    if len(self._waiting) == 1:
                        self._wake()
        except BaseException as error:  # carried over to the one who reads
            self._error = error
        finally:
            with self._change:
                self._ended = True
                if not self._stopped:
                    self._wake()

    def _wake(self) -> None:
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._arrived.set)
