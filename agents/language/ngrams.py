"""Words and character n-grams of a text as 64-bit hashes, in a few numpy operations.

A prefix sum of ``code point * P**position`` (modulo 2**64) gives the hash of any stretch by one subtraction and
one multiplication with the inverse power, so all lengths of n-gram cost the same and no string is ever cut out
(Karp and Rabin 1987, with the multiplication moved to the difference).
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from typing import Final

import numpy as np
import numpy.typing as npt

from agents.code_points import code_points

Hashes = npt.NDArray[np.uint64]

LENGTHS: Final = (1, 2, 3, 4, 5)
"""Lengths of character n-grams; beside them whole words count."""
PAIR: Final = 14
"""Stands for the length in the hash of two words."""
WORD: Final = 15
"""Stands for the length in the hash of a word, which it keeps apart from an n-gram of the same letters."""

_FACTOR: Final = 0x9E3779B97F4A7C15 | 1
_INVERSE: Final = pow(_FACTOR, -1, 1 << 64)
_LONGEST: Final = 4096
_SPACE: Final = np.uint32(32)


def _marks() -> str:
    """Returns the combining marks as ranges of a character class: vowel signs are parts of words."""
    found: list[list[int]] = []
    for point in range(0x300, 0x1E94B):
        if unicodedata.category(chr(point)) in ("Mn", "Mc"):
            if found and found[-1][1] == point - 1:
                found[-1][1] = point
            else:
                found.append([point, point])
    return "".join(f"{chr(first)}-{chr(last)}" for first, last in found)


_NO_WORD: Final = re.compile(rf"(?:[^\w{_marks()}]|[\d_])+")


def _powers(base: int) -> Hashes:
    powers = np.empty(_LONGEST + 1, dtype=np.uint64)
    value = 1
    for index in range(_LONGEST + 1):
        powers[index] = value
        value = value * base & 0xFFFFFFFFFFFFFFFF
    return powers


_SALTS: Final = [np.uint64(size * 0xD6E8FEB86659FD93 & 0xFFFFFFFFFFFFFFFF) for size in range(WORD + 1)]
_UP: Final = _powers(_FACTOR)
_DOWN: Final = _powers(_INVERSE)


_LOOKED_UP: Final = 0x20000
"""Characters of which it is looked up whether they are parts of words; there are few texts with any beyond."""


@cache
def _word_parts() -> npt.NDArray[np.bool_]:
    """Returns of each character whether it is part of a word."""
    found = np.ones(_LOOKED_UP, dtype=np.bool_)
    for match in _NO_WORD.finditer("".join(map(chr, range(_LOOKED_UP)))):
        found[match.start() : match.end()] = False
    return found


def plain(text: str) -> str:
    """Returns the letters of the text in lower case, each word between single spaces; else nothing."""
    lower = text.lower()
    points = code_points(lower)
    if not len(points) or points.max() >= _LOOKED_UP:
        letters = _NO_WORD.sub(" ", lower).strip()
    else:
        inside = _word_parts().take(points)
        kept = inside.copy()
        kept[1:] |= inside[:-1]  # and what ends a word
        letters = bytes(np.where(inside, points, _SPACE)[kept]).decode("utf-32-le", "surrogatepass").rstrip()
    return f" {letters} " if letters else ""


def grams(text: str) -> tuple[Hashes, Hashes]:
    """Returns the hashes of the n-grams and of the words of a text made :func:`plain`, repeats included."""
    points = code_points(text[:_LONGEST])
    length = len(points)
    sums = np.zeros(length + 1, dtype=np.uint64)
    np.cumsum(points.astype(np.uint64) * _UP[:length], out=sums[1:])
    parts = []
    space = points == _SPACE
    for size in LENGTHS:
        if length < size:
            continue
        hashes = (sums[size:] - sums[:-size]) * _DOWN[: length - size + 1]
        if size == 1:
            hashes = hashes[~space]
        elif size > 2:
            inside = ~space[1 : length - 1]  # an n-gram may begin or end with a space, not run across one
            keep = np.ones(length - size + 1, dtype=bool)
            for offset in range(size - 2):
                keep &= inside[offset : offset + length - size + 1]
            hashes = hashes[keep]
        parts.append(_mixed(hashes, size))
    ends = np.flatnonzero(space)
    starts = ends[:-1] + 1
    words = (sums[ends[1:]] - sums[starts]) * _DOWN[starts]
    return np.concatenate(parts) if parts else np.empty(0, dtype=np.uint64), _mixed(words, WORD)


def pairs(words: Hashes) -> Hashes:
    """Returns the hashes of each word with the next: `da li`, `je li` tell siblings apart that share both words."""
    return _mixed(words[:-1] * np.uint64(_FACTOR) ^ words[1:], PAIR)


def _mixed(hashes: Hashes, size: int) -> Hashes:
    mixed = (hashes ^ _SALTS[size]) * np.uint64(0xBF58476D1CE4E5B9)
    mixed ^= mixed >> np.uint64(31)
    return mixed * np.uint64(0x94D049BB133111EB)
