"""Text that remembers where it came from, and the edits that change it.

Cleaning never rebuilds text: it applies edits, and each edit moves the map along. So at any point the runs
say which code points are copied unchanged from the raw content and where they stood there.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from schemas.article import RemovalReason, RepairReason, Run
from schemas.offsets import to_raw


@dataclass(frozen=True, slots=True)
class Edit:
    """One change: ``text[start:end]`` becomes ``replacement``.

    ``reason`` is a removal's or a repair's; None for layout (the white space between paragraphs), which is
    normalised but not reported.
    """

    start: int
    end: int
    replacement: str
    reason: RemovalReason | RepairReason | None


@dataclass(frozen=True, slots=True)
class Aligned:
    """A text and its runs: what of it is copied unchanged from the raw content."""

    text: str
    runs: tuple[Run, ...]

    @classmethod
    def whole(cls, raw: str) -> Aligned:
        """Returns ``raw`` as it stands, mapped to itself."""
        return cls(raw, (Run(clean=0, raw=0, length=len(raw)),) if raw else ())

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Returns the raw span of ``text[start:end]``, widened over what was replaced."""
        return to_raw(self.runs, start, end)

    def covered(self, start: int, end: int) -> tuple[int, int]:
        """Returns the raw span from the first to the last copied character of ``text[start:end]``.

        Where nothing of it is copied, the raw span of what it replaced.
        """
        first = bisect_right(self.runs, start, key=lambda run: run.clean) - 1
        spans = [
            (
                run.raw + max(start, run.clean) - run.clean,
                run.raw + min(end, run.clean + run.length) - run.clean,
            )
            for run in self._from(max(first, 0), end)
            if run.clean + run.length > start
        ]
        return (spans[0][0], spans[-1][1]) if spans else self.span(start, end)

    def _from(self, index: int, end: int) -> Iterator[Run]:
        while index < len(self.runs) and self.runs[index].clean < end:
            yield self.runs[index]
            index += 1

    def through(self, source: Aligned) -> Aligned:
        """Returns the text with its map led on: its runs lie in ``source``, whose own runs lie in the raw content."""
        runs = Runs()
        for run in self.runs:
            last = run.raw + run.length
            index = bisect_right(source.runs, run.raw, key=lambda other: other.clean) - 1
            for other in source._from(max(index, 0), last):
                low, high = max(run.raw, other.clean), min(last, other.clean + other.length)
                if low < high:
                    runs.add(run.clean + low - run.raw, other.raw + low - other.clean, high - low)
        return Aligned(self.text, runs.ended())

    def apply(self, edits: Sequence[Edit]) -> Aligned:
        """Returns the text after ``edits``, which are in order and do not overlap."""
        if not edits:
            return self
        text, old = self.text, self.runs
        current = bisect_left(old, edits[0].start, key=lambda run: run.clean + run.length)
        runs = Runs(old[:current])  # these stay as they are
        parts: list[str] = []
        at = done = 0
        for edit in (*edits, None):
            start = len(text) if edit is None else edit.start
            while current < len(old):
                run = old[current]
                begin, end = run.clean, run.clean + run.length
                if begin >= start:
                    break
                first, last = (begin if begin > done else done), (end if end < start else start)
                if first < last:
                    runs.add(at + first - done, run.raw + first - begin, last - first)
                if end > start:
                    break
                current += 1
            parts.append(text[done:start])
            at += start - done
            if edit is not None:
                parts.append(edit.replacement)
                at += len(edit.replacement)
                done = edit.end
        return Aligned("".join(parts), runs.ended())


class Runs:
    """Collects runs, joining those that touch on both sides."""

    __slots__ = ("_clean", "_found", "_length", "_raw")

    def __init__(self, found: Iterable[Run] = ()) -> None:
        self._found = [*found]
        self._clean = self._raw = self._length = 0

    def add(self, clean: int, raw: int, length: int) -> None:
        """Adds what stands behind all others."""
        if clean == self._clean + self._length and raw == self._raw + self._length:
            self._length += length
            return
        self._end()
        self._clean, self._raw, self._length = clean, raw, length

    def ended(self) -> tuple[Run, ...]:
        """Returns all runs, after the last one was added."""
        self._end()
        return tuple(self._found)

    def _end(self) -> None:
        if self._length:
            self._found.append(Run(clean=self._clean, raw=self._raw, length=self._length))


def merged(edits: Iterable[Edit]) -> list[Edit]:
    """Returns ``edits`` in order of position without overlaps; of two that overlap the earlier, wider one stays."""
    result = list(edits)
    if all(one.start < other.start >= one.end for one, other in pairwise(result)):
        return result  # as nearly always
    found: list[Edit] = []
    end = 0
    for edit in sorted(result, key=lambda edit: (edit.start, -edit.end)):
        if not found or edit.start >= end:
            found.append(edit)
            end = edit.end
    return found
