"""Finds where an extractor's text stood in the page it came from.

The extractor copies: nearly every line of its text is a stretch of the page's text, white space aside. So lines are
looked up whole, the chain of places that keeps most text in page order wins, and what is left is looked up piece by
piece between its neighbours. A character that is found nowhere is left out of the map, never guessed.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from agents.clean.edits import Aligned
from agents.clean.page.markup import Piece, Shown
from agents.code_points import code_points
from schemas.article import Run

_Places: TypeAlias = NDArray[np.int64]
_SPACE = np.array([chr(point).isspace() for point in range(0x3002)])
"""Which characters are white space; none is from the last one on."""
_PLACES = 6
"""Places tried for a line; a line that stands oftener is found by its neighbours."""
_LEAST = 12
"""Characters of ink a line needs to be looked up in the whole page; a shorter one only between its neighbours."""
_PIECE = 4
"""Characters below which a piece is not split any further."""
_EFFORT = 40_000_000
"""Characters of page read before the search for pieces stops; about 0.05 s."""


def realigned(text: str, page: Shown, source: str) -> Aligned:
    """Returns ``text`` with a map into ``source``, which shows ``page``."""
    ink = "".join(page.text.split())
    shown, written = code_points(page.text), code_points(text)
    places = _places(shown)
    lines = _lines(text, _places(written))
    chain = _chain([(line.ink, _occurrences(line.ink, ink)) for line in lines])
    pieces: list[Piece] = []
    budget = [_EFFORT]
    bounds = _bounds(lines, chain, len(ink))
    for index, line in enumerate(lines):
        found = chain.get(index)
        stretches = (
            [(0, found, len(line.ink))]
            if found is not None
            else _pieces(line.ink, ink, *bounds[index], budget)
        )
        for start, place, length in stretches:
            clean, raw = line.places[start : start + length], places[place : place + length]
            _copy(pieces, clean, raw, written, shown)
    return Aligned(text, _bridged(_through(_monotone(pieces), page.pieces), text, source))


@dataclass(frozen=True, slots=True)
class _Line:
    ink: str
    places: _Places


def _places(points: NDArray[np.uint32]) -> _Places:
    """Returns where there is ink."""
    return np.flatnonzero(~_SPACE.take(points, mode="clip"))


def _lines(text: str, places: _Places) -> list[_Line]:
    """Returns the lines that hold ink; ``places`` says where it is in ``text``."""
    result: list[_Line] = []
    at = 0
    for line in text.split("\n"):
        ink = "".join(line.split())
        if ink:
            result.append(_Line(ink, places[at : at + len(ink)]))
            at += len(ink)
    return result


def _occurrences(line: str, ink: str) -> list[int]:
    if len(line) < _LEAST:
        return []
    found: list[int] = []
    at = ink.find(line)
    while at >= 0 and len(found) < _PLACES:
        found.append(at)
        at = ink.find(line, at + 1)
    return found


def _chain(lines: list[tuple[str, list[int]]]) -> dict[int, int]:
    """Returns the place of each line in the heaviest ascending chain (a weighted longest increasing subsequence)."""
    ends = sorted({place + len(line) for line, places in lines for place in places})
    best: list[tuple[int, int]] = [(0, -1)] * (len(ends) + 1)  # a Fenwick tree of (weight, node)
    nodes: list[tuple[int, int, int]] = []  # (line, place, node before)

    def read(index: int) -> tuple[int, int]:
        top = (0, -1)
        while index > 0:
            top = max(top, best[index])
            index -= index & -index
        return top

    top = (0, -1)
    for number, (line, places) in enumerate(lines):
        fresh = []
        for place in places:
            weight, before = read(bisect_left(ends, place + 1))
            nodes.append((number, place, before))
            fresh.append((bisect_left(ends, place + len(line)) + 1, (weight + len(line), len(nodes) - 1)))
        for index, value in fresh:
            top = max(top, value)
            while index <= len(ends):
                best[index] = max(best[index], value)
                index += index & -index
    chain: dict[int, int] = {}
    node = top[1]
    while node >= 0:
        number, place, node = nodes[node]
        chain[number] = place
    return chain


def _bounds(lines: list[_Line], chain: dict[int, int], size: int) -> list[tuple[int, int]]:
    """Returns, for each line, the stretch of the page between its placed neighbours."""
    highs = [size] * len(lines)
    high = size
    for index in range(len(lines) - 1, -1, -1):
        highs[index] = high
        high = chain.get(index, high)
    result: list[tuple[int, int]] = []
    low = 0
    for index, line in enumerate(lines):
        result.append((low, highs[index]))
        if index in chain:
            low = chain[index] + len(line.ink)
    return result


def _pieces(line: str, ink: str, low: int, high: int, budget: list[int]) -> list[tuple[int, int, int]]:
    """Returns (start in line, place in ink, length) of the pieces of ``line`` found in order in ``ink[low:high]``."""
    found: list[tuple[int, int, int]] = []
    waiting = [(0, len(line))]
    while waiting and low < high and budget[0] > 0:
        start, end = waiting.pop()
        budget[0] -= high - low + 64
        place = ink.find(line[start:end], low, high)
        if place >= 0:
            found.append((start, place, end - start))
            low = place + end - start
        elif end - start > _PIECE:
            middle = (start + end) // 2
            waiting += [(middle, end), (start, middle)]
    return found


def _copy(
    pieces: list[Piece],
    clean: _Places,
    raw: _Places,
    written: NDArray[np.uint32],
    shown: NDArray[np.uint32],
) -> None:
    """Adds the stretches in which ``clean`` and ``raw`` go side by side, over the same single space too."""
    step, other = np.diff(clean), np.diff(raw)
    spaced = (step == 2) & (other == 2)
    spaced[spaced] = written[clean[:-1][spaced] + 1] == shown[raw[:-1][spaced] + 1]
    breaks = np.flatnonzero(((step != 1) | (other != 1)) & ~spaced) + 1
    firsts = np.concatenate([[0], breaks])
    lasts = np.concatenate([breaks, [len(clean)]]) - 1
    starts = clean[firsts]
    pieces += zip(starts.tolist(), raw[firsts].tolist(), (clean[lasts] + 1 - starts).tolist(), strict=True)


def _monotone(pieces: list[Piece]) -> list[Piece]:
    kept: list[Piece] = []
    end = 0
    for piece in pieces:
        if piece[1] >= end:
            kept.append(piece)
            end = piece[1] + piece[2]
    return kept


def _through(pieces: list[Piece], onward: Sequence[Piece]) -> list[Piece]:
    """Composes two maps: text to page by ``pieces``, page to source by ``onward``."""
    result: list[Piece] = []
    count = len(onward)
    for clean, place, length in pieces:
        index = max(0, bisect_right(onward, place, key=itemgetter(0)) - 1)
        while index < count and onward[index][0] < place + length:
            start, raw, size = onward[index]
            first, last = max(place, start), min(place + length, start + size)
            if first < last:
                result.append((clean + first - place, raw + first - start, last - first))
            index += 1
    return result


def _bridged(pieces: list[Piece], text: str, source: str) -> tuple[Run, ...]:
    """Joins stretches between which text and source agree: the spaces that the search skipped."""
    result: list[Run] = []
    start = begun = 0
    here = there = -1
    for clean, raw, length in pieces:
        if here < 0 or clean - here != raw - there or text[here:clean] != source[there:raw]:
            if here >= 0:
                result.append(Run(clean=start, raw=begun, length=here - start))
            start, begun = clean, raw
        here, there = clean + length, raw + length
    if here >= 0:
        result.append(Run(clean=start, raw=begun, length=here - start))
    return tuple(result)
