"""Text that remembers where it came from, and the edits that change it.

Cleaning never rebuilds text: it applies edits, and each edit moves the map along. So at any point the runs
say which code points are copied unchanged from the raw content and where they stood there.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

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
        runs = _Runs()
        for run in self.runs:
            last = run.raw + run.length
            index = bisect_right(source.runs, run.raw, key=lambda other: other.clean) - 1
            for other in source._from(max(index, 0), last):
                low, high = max(run.raw, other.clean), min(last, other.clean + other.length)
                if low < high:
                    runs.add(run.clean + low - run.raw, other.raw + low - other.clean, high - low)
        return Aligned(self.text, tuple(runs.found))

    def apply(self, edits: Sequence[Edit]) -> Aligned:
        """Returns the text after ``edits``, which are in order and do not overlap."""
        if not edits:
            return self
        text, runs, old = self.text, _Runs(), self.runs
        parts: list[str] = []
        at = done = current = 0
        for edit in (*edits, None):
            start = len(text) if edit is None else edit.start
            while current < len(old) and old[current].clean < start:
                run = old[current]
                first, last = max(done, run.clean), min(start, run.clean + run.length)
                if first < last:
                    runs.add(at + first - done, run.raw + first - run.clean, last - first)
                if run.clean + run.length > start:
                    break
                current += 1
            parts.append(text[done:start])
            at += start - done
            if edit is not None:
                parts.append(edit.replacement)
                at += len(edit.replacement)
                done = edit.end
        return Aligned("".join(parts), tuple(runs.found))


class _Runs:
    """Collects runs, joining those that touch on both sides."""

    def __init__(self) -> None:
        self.found: list[Run] = []

    def add(self, clean: int, raw: int, length: int) -> None:
        if self.found:
            last = self.found[-1]
            if last.clean + last.length == clean and last.raw + last.length == raw:
                self.found[-1] = Run(clean=last.clean, raw=last.raw, length=last.length + length)
                return
        self.found.append(Run(clean=clean, raw=raw, length=length))


def merged(edits: Iterable[Edit]) -> list[Edit]:
    """Returns ``edits`` in order of position without overlaps; of two that overlap the earlier, wider one stays."""
    result: list[Edit] = []
    for edit in sorted(edits, key=lambda edit: (edit.start, -edit.end)):
        if not result or edit.start >= result[-1].end:
            result.append(edit)
    return result
