"""What the model reads at once: whole sentences packed into windows of a bounded length.

A window ends where a sentence ends. A sentence that is longer than a window is read in several that overlap, and
each sub-word's label is taken from the window in which it stands farther from the edge, so no name is lost at a
seam: the labels of a sentence are put together before any name is cut out of them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

LONGEST = 254
"""Sub-words in a window, without the two marks around it."""
PACKED = 96
"""Sub-words up to which further sentences join a window: longer ones cost more (attention is quadratic) and find no
more, shorter ones leave the processor idle between them."""
OVERLAP = 64
"""Sub-words that two windows of one long sentence share."""


@dataclass(frozen=True, slots=True)
class Window:
    """A run of sub-words that is read at once."""

    first: int
    last: int
    """One past its last sub-word."""
    begin: int
    """First sub-word whose label is taken from it."""
    stop: int
    """One past the last."""


def windows(sentences: Sequence[tuple[int, int]]) -> Iterator[Window]:
    """Yields the windows over ``sentences``, each given by its first sub-word and one past its last.

    Only sentences that follow each other at once share a window.
    """
    first = last = -1
    for start, end in sentences:
        if start == last and end - first <= PACKED:
            last = end
            continue
        if last > first:
            yield Window(first, last, first, last)
        first, last = start, end
        if end - start > LONGEST:
            yield from _cut(start, end)
            first = last = -1
    if last > first:
        yield Window(first, last, first, last)


def _cut(start: int, end: int) -> Iterator[Window]:
    begin = start
    while True:
        stop = min(end, start + LONGEST)
        if stop == end:
            yield Window(start, end, begin, end)
            return
        seam = stop - OVERLAP // 2
        yield Window(start, stop, begin, seam)
        begin = seam
        start = seam - OVERLAP // 2
