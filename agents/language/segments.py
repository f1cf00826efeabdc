"""The languages of a text by position, line by line.

A line is believed only as far as its letters carry: a short or doubtful line takes the language of its
neighbourhood, and languages that are hard to tell apart are decided once for the whole text, never per line.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Final

from agents.language.decide import Verdict, decide
from agents.language.detectors import Detectors
from agents.language.evidence import SAMPLE, sample
from schemas.article import LanguageSegment

BLOCKS: Final = 150
"""Lines looked at one by one; a text of more lines is cut into this many blocks of lines."""
ENOUGH: Final = 20
"""Letters from which a line's own language counts."""
ONE: Final = 25
"""Characters below which a line is not asked at all."""


@dataclass(slots=True)
class _Block:
    start: int
    end: int
    tag: str | None = None
    letters: int = 0


def segments(detectors: Detectors, text: str, whole: Verdict) -> tuple[LanguageSegment, ...]:
    """Returns segments that tile the text; one when it is all in one language."""
    if not text:
        return ()
    blocks = _blocks(text)
    for block in blocks:
        _tag(detectors, text, block, whole)
    share: Counter[str] = Counter()
    for block in blocks:
        if block.tag:
            share[block.tag] += block.letters
    for block in blocks:
        if block.tag and block.tag != whole.tag and share[block.tag] < 40:
            block.tag = None
    return _tile(text, _inherit(blocks, whole.tag))


def _blocks(text: str) -> list[_Block]:
    blocks: list[_Block] = []
    position = 0
    lines = text.split("\n")
    per_block = -(-len(lines) // BLOCKS)
    for first in range(0, len(lines), per_block):
        length = sum(len(line) + 1 for line in lines[first : first + per_block])
        blocks.append(_Block(position, min(position + length, len(text))))
        position += length
    return blocks


def _tag(detectors: Detectors, text: str, block: _Block, whole: Verdict) -> None:
    if block.end - block.start < ONE:
        return
    line = sample(text[block.start : min(block.end, block.start + 4 * SAMPLE)], SAMPLE // 3)
    compact, stands, _ = detectors.compact(line)
    if stands and compact.get(whole.language, 0.0) > 0.9:
        block.tag, block.letters = whole.tag, len(line)
        return
    verdict = decide(detectors, line)
    block.letters = verdict.letters
    if verdict.letters < ENOUGH or not verdict.reliable:
        return
    block.tag = whole.tag if verdict.macro is not None and verdict.macro == whole.macro else verdict.tag


def _inherit(blocks: list[_Block], fallback: str) -> list[_Block]:
    known = fallback if all(block.tag is None for block in blocks) else None
    last: str | None = None
    for block in blocks:
        block.tag = block.tag or last or known
        last = block.tag
    following: str | None = None
    for block in reversed(blocks):
        block.tag = block.tag or following
        following = block.tag
    return blocks


def _tile(text: str, blocks: list[_Block]) -> tuple[LanguageSegment, ...]:
    merged: list[LanguageSegment] = []
    for block in blocks:
        tag = block.tag or "und"
        if merged and merged[-1].tag == tag:
            merged[-1] = LanguageSegment(start=merged[-1].start, end=block.end, tag=tag)
        elif block.end > block.start:
            merged.append(LanguageSegment(start=block.start, end=block.end, tag=tag))
    return tuple(merged)
