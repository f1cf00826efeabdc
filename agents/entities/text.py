"""The text as the linker reads it: folded words with their place, and which of them may form one name."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from agents.entities.fold import CASED, HANGUL, UNSPACED, WORD, fold, token

_CAMEL = re.compile(r"(?<=[a-zß-öø-ÿа-яё])(?=[A-ZÀ-ÖØ-ÞА-ЯЁ])")
"""A seam where two words were glued: ``LavrovLa``."""
_JOIN = frozenset(" -'.·•・=＝\t")
_OPENERS = "\"'“”„«»‘’‚(（[「『‹›"
_ENDERS = frozenset(".!?:\n…。！？؟।;")


@dataclass(frozen=True, slots=True)
class Words:
    """The words of a text, in parallel lists."""

    text: str
    folded: str
    start: list[int]
    end: list[int]
    word: list[str]
    """Folded, without what is written or left out at will."""
    capital: list[bool]
    """Begins with a capital, or its script has none."""
    cased: list[bool]
    """Its script has capitals."""
    joined: list[bool]
    """May continue the word before it."""
    initial: list[bool]
    """Opens a sentence, so its capital says nothing."""
    glued: list[bool]
    """Follows the word before it without a gap: two words were run together."""

    def __len__(self) -> int:
        return len(self.start)


def read(text: str, known: Callable[[str], bool]) -> Words:
    """Cuts ``text`` into words; one with a capital inside is cut there too, unless it is ``known`` as it is."""
    folded = fold(text)
    result = Words(text, folded, [], [], [], [], [], [], [], [])
    last = 0
    for match in WORD.finditer(text):
        begin, end = match.span()
        surface = match.group()
        cuts = [begin, end]
        if end - begin > 3 and not surface.isupper() and not surface.islower() and not surface[1:].islower():
            seams = [begin + seam.start() for seam in _CAMEL.finditer(surface)]
            if seams and not known(folded[begin:end]):
                cuts = [begin, *seams, end]
        for part in range(len(cuts) - 1):
            _add(result, cuts[part], cuts[part + 1], last if part == 0 else cuts[part])
        last = end
    return result


def _add(words: Words, begin: int, end: int, last: int) -> None:
    word = token(words.folded[begin:end])
    if not word:
        return
    first = words.text[begin]
    gap = words.folded[last:begin]
    words.glued.append(bool(words.start) and not gap)
    cased = bool(CASED.match(first))
    words.joined.append(bool(words.start) and _joins(gap))
    bare = gap.rstrip(_OPENERS + " -\u200e\u200f")
    words.initial.append(not words.start or (bool(bare) and bare[-1] in _ENDERS) or "\n" in gap)
    words.start.append(begin)
    words.end.append(end)
    words.word.append(word)
    words.cased.append(cased)
    words.capital.append(first.isupper() or not cased)


def _joins(gap: str) -> bool:
    """Tells whether ``gap`` may stand inside a name: a blank, a hyphen, an apostrophe, the dot of an initial."""
    if len(gap) == 1:
        return gap in _JOIN
    if not gap:
        return False
    return len(gap) <= 3 and all(char in _JOIN for char in gap)


def unspaced(words: Words, at: int) -> bool:
    """Tells whether the word at ``at`` is a run of a script without spaces, in which names begin anywhere."""
    return bool(UNSPACED.search(words.text, words.start[at], words.end[at]))


def hangul(words: Words, at: int) -> bool:
    """Tells whether the word at ``at`` is Korean, to which particles are glued."""
    return bool(HANGUL.match(words.text, words.start[at]))
