"""The languages of a text by position, line by line.

A line is believed only as far as its letters carry. First come the lines that speak for themselves; they say which
languages the text has. A doubtful line is then given the likeliest of these, a short one that of its neighbourhood.
Languages that are hard to tell apart are decided once for the whole text, never per line.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Final

from agents.language.decide import Judge, Verdict
from agents.language.evidence import sample
from agents.language.tags import MACRO, NO_LANGUAGE, UNDETERMINED
from schemas.article import LanguageSegment

ASKED: Final = 60
"""Lines that CLD2 does not confirm and that are decided in full, at most: it bounds the time for any text."""
BLOCKS: Final = 120
"""Lines looked at one by one; a text of more lines is cut into this many blocks of lines."""
LINE: Final = 300
"""Characters of a line that are looked at."""
SHORTEST: Final = 25
"""Characters below which a line is not asked at all."""
ENOUGH: Final = 20
"""Letters from which a line speaks for itself."""
FOUND: Final = 40
"""Letters that a further language needs in lines that speak for themselves."""
LIKELY: Final = 0.3
"""Probability from which a doubtful line is given a language that the text is known to have."""


@dataclass(slots=True)
class _Block:
    start: int
    end: int
    letters: int = 0
    tag: str | None = None
    macro: str | None = None
    shares: dict[str, float] = field(default_factory=dict)


def segments(judge: Judge, text: str, whole: Verdict) -> tuple[LanguageSegment, ...]:
    """Returns segments that tile the text; one when it is all in one language."""
    if not text:
        return ()
    blocks = _blocks(text)
    if len(blocks) == 1:
        return (LanguageSegment(start=0, end=len(text), tag=whole.tag),)
    believed = {whole.language: whole.tag} if whole.reliable else {}
    asked = 0
    for block in blocks:
        asked += _read(judge, text, block, believed, asked < ASKED)
    _unite(judge, text, blocks, whole)
    _settle(blocks, whole)
    return _tile(blocks)


def _blocks(text: str) -> list[_Block]:
    blocks: list[_Block] = []
    position = 0
    lines = text.split("\n")
    together = -(-len(lines) // BLOCKS)
    for first in range(0, len(lines), together):
        length = sum(len(line) + 1 for line in lines[first : first + together])
        end = min(position + length, len(text))
        if end > position:
            blocks.append(_Block(position, end))
        position = end
    return blocks


def _read(judge: Judge, text: str, block: _Block, believed: dict[str, str], ask: bool) -> bool:
    """Tags a line that speaks for itself: CLD2 alone where it confirms a language that the text is known to have.

    Returns whether the line had to be decided in full.
    """
    if block.end - block.start < SHORTEST:
        return False
    sure = judge.known.detectors.stands(text[block.start : min(block.end, block.start + LINE)])
    if sure in believed:
        block.tag, block.letters = believed[sure], min(LINE, block.end - block.start)
        return False
    if not ask:
        return False
    line = sample(text[block.start : min(block.end, block.start + 4 * LINE)], LINE)
    verdict = judge.decide(line, names_apart=False)
    block.letters = verdict.letters
    block.macro = verdict.macro
    block.shares = {verdict.tag: verdict.confidence, **dict(verdict.alternatives)}
    if verdict.reliable and verdict.letters >= ENOUGH:
        block.tag = verdict.tag
        if verdict.macro is None:
            believed[verdict.language] = verdict.tag
    return True


def _unite(judge: Judge, text: str, blocks: list[_Block], whole: Verdict) -> None:
    """Decides once, over all its lines together, which member of a macrolanguage they are in."""
    members: dict[str, list[_Block]] = {}
    for block in blocks:
        if block.macro is not None:
            members.setdefault(block.macro, []).append(block)
        elif block.tag == whole.tag and whole.macro is not None:
            members.setdefault(whole.macro, []).append(block)
    for macro, found in members.items():
        if macro == whole.macro and len(found) == len(blocks):
            tag = whole.tag
        else:
            tag = judge.decide(sample("\n".join(text[block.start : block.end] for block in found))).tag
        tags = {
            one for block in found for one in (block.tag, *block.shares) if one and MACRO.get(one) == macro
        }
        for block in found:
            together = sum(block.shares.get(one, 0.0) for one in tags)
            if block.tag is not None or (together >= 0.9 and block.letters >= ENOUGH):
                block.tag = tag
            block.shares[tag] = max(block.shares.get(tag, 0.0), together)


def _settle(blocks: list[_Block], whole: Verdict) -> None:
    """Gives every line a tag: its own, the likeliest of the text's languages, or its neighbour's."""
    letters: Counter[str] = Counter()
    for block in blocks:
        if block.tag is not None:
            letters[block.tag] += block.letters
    known = {tag for tag, count in letters.items() if count >= FOUND}
    if whole.tag not in (UNDETERMINED, NO_LANGUAGE):
        known.add(whole.tag)
    for block in blocks:
        if block.tag in known:
            continue
        block.tag = None
        likely = max(known, key=lambda tag: (block.shares.get(tag, 0.0), tag), default=None)
        if likely is not None and block.letters >= ENOUGH and block.shares.get(likely, 0.0) >= LIKELY:
            block.tag = likely
    if all(block.tag is None for block in blocks):
        for block in blocks:
            block.tag = whole.tag
    for order in (blocks, list(reversed(blocks))):
        last: str | None = None
        for block in order:
            block.tag = block.tag or last
            last = block.tag


def _tile(blocks: list[_Block]) -> tuple[LanguageSegment, ...]:
    merged: list[LanguageSegment] = []
    for block in blocks:
        tag = block.tag or UNDETERMINED
        start = block.start
        if merged and merged[-1].tag == tag:
            start = merged.pop().start
        merged.append(LanguageSegment(start=start, end=block.end, tag=tag))
    return tuple(merged)
