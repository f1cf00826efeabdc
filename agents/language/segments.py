"""The languages of a text by position, line by line.

A line is believed only as far as its letters carry. First come the lines that speak for themselves; they say which
languages the text has. A doubtful line is then given the likeliest of these, a short one that of its neighbourhood.
No line is given a language that is not written in its script, save a line of names or codes in Latin letters.
Languages that are hard to tell apart are decided once for the whole text, never per line.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Final

from agents.language import scripts
from agents.language.decide import Judge, Verdict
from agents.language.evidence import sample
from agents.language.tags import MACRO, NO_LANGUAGE, UNDETERMINED, usual_script, written_in
from schemas.article import LanguageSegment

ASKED: Final = 60
"""Lines that CLD2 does not confirm and that are decided in full, at most: it bounds the time for any text."""
BLOCKS: Final = 120
"""Lines looked at one by one; a text of more lines is cut into this many blocks of lines."""
LINE: Final = 300
"""Characters of a line that are looked at."""
SHORTEST: Final = 25
"""Characters below which a line is not asked at all, unless it is in a script of its own."""
ENOUGH: Final = 20
"""Letters from which a line speaks for itself. Where the text is not in its script, a sign of Han, kana or Hangul
counts as three; among its like it does not, as Chinese of either script shares most signs."""
FOUND: Final = 40
"""Letters, counted alike, that a further language needs in lines that speak for themselves."""
FOREIGN: Final = 12
"""Letters, signs as three, from which a line in a script of its own is no name in the language around it."""
RATHER: Final = 0.5
"""Probability from which a doubtful line in Latin letters is in a language of its own, where the text has another
script: its words are no names."""
LIKELY: Final = 0.3
"""Probability from which a doubtful line is given a language that the text is known to have."""


@dataclass(slots=True)
class _Block:
    start: int
    end: int
    letters: int = 0
    """What it weighs as evidence."""
    size: int = 0
    """Letters, counted by :func:`agents.language.scripts.size`."""
    script: str = scripts.COMMON
    """The script of half its letters or more."""
    tag: str | None = None
    macro: str | None = None
    own: str | None = None
    """What was decided about the line alone, were it ever so doubtful."""
    prose: bool = False
    """Whether half its words or more are in small letters."""
    shares: dict[str, float] = field(default_factory=dict)

    def bars(self, tag: str) -> bool:
        """Returns whether the line is in a script that the language of this tag is not written in."""
        if self.size < FOREIGN or self.script == scripts.COMMON or tag in (UNDETERMINED, NO_LANGUAGE):
            return False
        return not (written_in(tag, self.script) or (tag == "ko" and self.script == "Hani"))


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
        asked += _read(judge, text, block, whole, believed, asked < ASKED)
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


def _read(
    judge: Judge, text: str, block: _Block, whole: Verdict, believed: dict[str, str], ask: bool
) -> bool:
    """Tags a line that speaks for itself: CLD2 alone where it confirms a language that the text is known to have.

    Returns whether the line had to be decided in full.
    """
    piece = text[block.start : min(block.end, block.start + LINE)]
    long = block.end - block.start >= SHORTEST
    if not long and (piece.isspace() or (piece.isascii() and whole.script == "Latn")):
        return False
    sure = judge.known.detectors.stands(piece) if long else None
    if sure in believed:
        block.tag = believed[sure]
        block.letters = block.size = len(piece)
        block.script = block.tag.partition("-")[2] or usual_script(block.tag)
        return False
    counts = scripts.histogram(piece)
    script, block.size = scripts.main(counts), scripts.size(counts)
    if 2 * scripts.size(counts, script) >= block.size:
        block.script = script
    apart = whole.tag == UNDETERMINED or block.bars(whole.tag)
    block.letters = block.size if apart else counts.total()
    if not ask or not (long or block.bars(whole.tag)):
        return False
    line = sample(text[block.start : min(block.end, block.start + 4 * LINE)], LINE)
    verdict = judge.decide(line, names_apart=False)
    block.macro = verdict.macro
    block.own = verdict.tag
    words = line.split()
    block.prose = 2 * sum(word.islower() for word in words) >= len(words)
    block.shares = {verdict.tag: verdict.confidence, **dict(verdict.alternatives)}
    if verdict.reliable and block.letters >= ENOUGH:
        block.tag = verdict.tag
        if verdict.macro is None:
            believed[verdict.language] = verdict.tag
    return True


def _unite(judge: Judge, text: str, blocks: list[_Block], whole: Verdict) -> None:
    """Decides once, over all its lines together, which member of a macrolanguage they are in."""
    members: dict[tuple[str, str], list[_Block]] = {}
    for block in blocks:
        if block.macro is not None:
            members.setdefault((block.macro, block.script), []).append(block)
        elif block.tag == whole.tag and whole.macro is not None:
            members.setdefault((whole.macro, block.script), []).append(block)
    for (macro, _), found in members.items():
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
    spoke = [block.tag is not None for block in blocks]
    for block in blocks:
        if block.tag in known:
            continue
        block.tag = None
        likely = max(known, key=lambda tag: (block.shares.get(tag, 0.0), tag), default=None)
        if likely is not None and block.letters >= ENOUGH and block.shares.get(likely, 0.0) >= LIKELY:
            block.tag = likely
    if all(block.tag is None for block in blocks):
        for block in blocks:
            block.tag = None if block.bars(whole.tag) else whole.tag
    _spread(blocks, strict=True)
    for block, sure in zip(blocks, spoke, strict=True):
        own = block.own or UNDETERMINED
        speaks = block.prose and block.shares.get(own, 0.0) >= RATHER
        if block.tag is None and (sure or speaks or block.script != "Latn"):
            block.tag = own
    _spread(blocks, strict=False)


def _spread(blocks: list[_Block], *, strict: bool) -> None:
    """Gives lines without a tag that of the line before, else after; ``strict``: where their script allows it."""
    for order in (blocks, list(reversed(blocks))):
        last: str | None = None
        for block in order:
            if block.tag is None and last is not None and not (strict and block.bars(last)):
                block.tag = last
            last = block.tag or last


def _tile(blocks: list[_Block]) -> tuple[LanguageSegment, ...]:
    merged: list[LanguageSegment] = []
    for block in blocks:
        tag = block.tag or UNDETERMINED
        start = block.start
        if merged and merged[-1].tag == tag:
            start = merged.pop().start
        merged.append(LanguageSegment(start=start, end=block.end, tag=tag))
    return tuple(merged)
