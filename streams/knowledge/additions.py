"""Operators' additions in files: what people write (JSON Lines), and the way from a worker to its stage process.

A worker follows the topic (:mod:`streams.knowledge.following`), its stage process must not: it holds no
connections and dies as it likes. So the worker puts all additions into one file, replaced in one step, and the
stage process looks before each article whether it was replaced (one ``stat``, 2 µs). A stage process that starts
reads the same file, so it knows the same whatever became of the one before, and an addition is used from the next
article on, however many wait in front of the process.

This module is imported in every stage process, which is why it knows nothing of Kafka.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO

from schemas import codec
from schemas.additions import Addition
from schemas.errors import BadInput, UsageError

_FILE = "additions.jsonl"


def read(lines: Iterable[bytes]) -> Iterator[tuple[int, Addition | BadInput]]:
    """Yields each line that is not blank with its number: an addition, or what is wrong with it."""
    for number, line in enumerate(lines, 1):
        if line.strip():
            try:
                yield number, codec.decode(line, Addition)
            except BadInput as error:
                yield number, error


def load(file: IO[bytes], name: str) -> tuple[Addition, ...]:
    """Returns the additions of a file.

    Raises:
        UsageError: lists every line that holds none.
    """
    found = list(read(file))
    wrong = [f"{name}, line {number}: {item.detail}" for number, item in found if isinstance(item, BadInput)]
    if wrong:
        raise UsageError("\n".join(wrong))
    return tuple(item for _, item in found if isinstance(item, Addition))


class Handover:
    """The file through which a worker gives additions to its stage processes."""

    def __init__(self, folder: Path) -> None:
        """``folder`` is the worker's own."""
        self._path = folder / _FILE
        self._taken: tuple[int, int] | None = None

    def give(self, additions: Iterable[Addition]) -> None:
        """Puts ``additions`` in the place of those before."""
        fresh = self._path.with_suffix(".new")
        fresh.write_bytes(b"".join(codec.encode(addition) + b"\n" for addition in additions))
        fresh.replace(self._path)

    def take(self) -> tuple[Addition, ...] | None:
        """Returns the additions if they were replaced since they were taken last, else None."""
        try:
            stat = self._path.stat()
        except FileNotFoundError:
            return None
        mark = (stat.st_ino, stat.st_mtime_ns)
        if mark == self._taken:
            return None
        with self._path.open("rb") as file:
            additions = load(file, self._path.name)
        self._taken = mark
        return additions
