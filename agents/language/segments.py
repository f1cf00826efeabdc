"""The languages of a text by position, line by line.

A line is believed only as far as its letters carry. First come the lines that speak for themselves; they say which
languages the text has. A doubtful line is then given the likeliest of these, a short one that of its neighbourhood.
Languages that are hard to tell apart are decided once for the whole text, never per line.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Final

from agents.language import scripts
from agents.language.decide import Judge, Verdict
from agents.language.evidence import sample
from agents.language.tags import NO_LANGUAGE, UNDETERMINED
from schemas.article import LanguageSegment

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
    for block in blocks:
        _read(judge, text, block, believed)
    _unite(blocks, whole)
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


def _read(judge: Judge, text: str, block: _Block, believed: dict[str, str]) -> None:
    """Tags a line that speaks for itself; CLD2 alone where it confirms a language that the text is known to have."""
    if block.end - block.start < SHORTEST:
        return
    line = sample(text[block.start : min(block.end, block.start + 4 * LINE)], LINE)
    script = scripts.main(scripts.histogram(line))
    sure = judge.known.detectors.compact(line, script).stands
    if sure in believed:
        block.tag, block.letters = believed[sure], len(line)
        return
    verdict = judge.decide(line)
    block.letters = verdict.letters
    block.macro = verdict.macro
    block.shares = {verdict.tag: verdict.confidence, **dict(verdict.alternatives)}
    if verdict.reliable and verdict.letters >= ENOUGH:
        block.tag = verdict.tag
        if verdict.macro is None:
            believed[verdict.language] = verdict.tag


def _unite(blocks: list[_Block], whole: Verdict) -> None:
    """Gives all lines of one macrolanguage the tag of the whole text, or the one that most of their letters have."""
    votes: dict[str, Counter[str]] = {}
    for block in blocks:
        if block.macro is not None:
            counter = votes.setdefault(block.macro, Counter())
            tags = [block.tag] if block.tag else list(block.shares)[:1]
            for tag in tags:
                counter[tag] += block.letters
    for block in blocks:
        if block.macro is None:
            continue
        tag = whole.tag if block.macro == whole.macro else max(votes[block.macro].items(), key=lambda one: (one[1], one[0]))[0]
        together = sum(block.shares.get(one, 0.0) for one in votes[block.macro])
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
