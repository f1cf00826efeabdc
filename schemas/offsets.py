"""Positions in the clean text and in the raw content, mapped both ways.

The map is the article's ``alignment``: runs of text copied unchanged, ascending in ``clean`` and in ``raw``.
Between two runs lies what was replaced (or only removed, or only inserted). A span that begins or ends in
there is widened to take in the whole replaced piece, so a mapped span always covers its text. What was
replaced at the very beginning or end of the text has a run on one side only: it is taken to be as long as
what stands there now, which repairs of single characters are.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Sequence

from schemas.article import Run


def to_raw(alignment: Sequence[Run], start: int, end: int) -> tuple[int, int]:
    """Maps the clean span ``[start, end)`` to the raw span that covers it; without runs, to ``(0, 0)``."""
    if not alignment:
        return 0, 0
    mapped_start, mapped_end = _span(alignment, start, end, lambda run: run.clean, lambda run: run.raw)
    first, last = alignment[0], alignment[-1]
    if start < first.clean:
        mapped_start = max(0, first.raw - (first.clean - start))
    if end <= start:
        return mapped_start, mapped_start
    return mapped_start, mapped_end + max(0, end - (last.clean + last.length))


def to_clean(alignment: Sequence[Run], start: int, end: int) -> tuple[int, int]:
    """Maps the raw span ``[start, end)`` to the clean span left of it (empty where all was removed)."""
    if not alignment:
        return 0, 0
    mapped_start, mapped_end = _span(alignment, start, end, lambda run: run.raw, lambda run: run.clean)
    if start < alignment[0].raw:
        mapped_start = 0
    return mapped_start, (mapped_end if start < end else mapped_start)


_Side = Callable[[Run], int]


def _span(runs: Sequence[Run], start: int, end: int, side: _Side, other: _Side) -> tuple[int, int]:
    first = bisect_right(runs, start, key=side) - 1
    if first < 0:
        mapped_start = other(runs[0])
    else:
        run = runs[first]
        mapped_start = other(run) + min(start - side(run), run.length)
    if end <= start:
        return mapped_start, mapped_start
    last = bisect_right(runs, end - 1, key=side) - 1
    if last < 0:
        mapped_end = other(runs[0])
    else:
        run = runs[last]
        inside = end - side(run)
        if inside <= run.length:
            mapped_end = other(run) + inside
        elif last + 1 < len(runs):
            mapped_end = other(runs[last + 1])
        else:
            mapped_end = other(run) + run.length
    return mapped_start, max(mapped_start, mapped_end)
