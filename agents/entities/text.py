"""The text as the linker reads it: folded words with their place, and which of them may form one name."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from agents.entities.fold import CASED, HANGUL, UNSPACED, WORD, fold, token

_CAMEL = re.compile(r"(?<=[a-zß-öø-ÿа-яё])(?=[A-ZÀ-ÖØ-ÞА-ЯЁ])")
"""A seam where two words were glued: ``LavrovLa``."""
_TIGHT = "\u0e00-\u109f\u1100-\u11ff\u1780-\u17ff\u2e80-\uffdc"
_MIXED = re.compile(rf"(?<=[A-Za-z0-9])(?=[{_TIGHT}])|(?<=[{_TIGHT}])(?=[A-Za-z])")
"""Where Latin letters meet a script that is written without a gap after them: ``FBI捜査官``, ``FBI는``."""
_GERSHAYIM = frozenset({'"', "״"})
"""What stands inside a Hebrew acronym."""
_JOINED = frozenset(" -'.·•・=＝\t")
_MAX_GAP = 3
_OPENERS = "\"'“”„«»‘’‚(（[「『‹› -\u200e\u200f"
_ENDERS = frozenset(".!?:\n…。！？؟।;")


@dataclass(frozen=True, slots=True)
class Words:
    """The words of a text, in parallel lists."""

    text: str
    folded: str
    start: list[int] = field(default_factory=list)
    end: list[int] = field(default_factory=list)
    word: list[str] = field(default_factory=list)
    """Folded, without what is written or left out at will."""
    capital: list[bool] = field(default_factory=list)
    """Begins with a capital, or its script has none."""
    cased: list[bool] = field(default_factory=list)
    """Its script has capitals."""
    joined: list[bool] = field(default_factory=list)
    """May continue the word before it: a blank, a hyphen, an apostrophe, the dot of an initial between them."""
    initial: list[bool] = field(default_factory=list)
    """Opens a sentence, so its capital says nothing."""
    glued: list[bool] = field(default_factory=list)
    """Follows the word before it without a gap: two words were run together."""
    unspaced: list[bool] = field(default_factory=list)
    """Is a run of a script without spaces, in which names begin anywhere."""
    hangul: list[bool] = field(default_factory=list)
    """Is Korean, to which particles are glued."""

    def __len__(self) -> int:
        return len(self.start)


def read(text: str, known: Callable[[str], bool]) -> Words:
    """Cuts ``text`` into words; one with a capital inside is cut there too, unless it is ``known`` as it is."""
    folded = fold(text)
    words = Words(text, folded)
    last = 0
    for match in WORD.finditer(text):
        begin, end = match.span()
        surface = match.group()
        if end - begin > 2 and not surface.islower() and not surface[1:].islower() and not surface.isupper():
            seams = [begin + seam.start() for seam in _CAMEL.finditer(surface)]
            if seams and not known(folded[begin:end]):
                for first, second in zip([begin, *seams], [*seams, end], strict=True):
                    _add(words, first, second, last if first == begin else first)
                last = end
                continue
        if not surface.isascii() and (surface[0].isascii() or surface[-1].isascii()):
            seams = [begin + seam.start() for seam in _MIXED.finditer(surface)]
            for first, second in zip([begin, *seams], [*seams, end], strict=True):
                _add(words, first, second, last if first == begin else first)
        else:
            _add(words, begin, end, last)
        last = end
    return words


def _add(words: Words, begin: int, end: int, last: int) -> None:
    word = words.folded[begin:end]
    plain = word.isascii()
    if not plain:
        word = token(word)
        if not word:
            return
    first = words.text[begin]
    gap = words.folded[last:begin]
    if gap == " ":
        words.joined.append(bool(words.start))
        words.initial.append(not words.start)
    else:
        blank = 0 < len(gap) <= _MAX_GAP and all(char in _JOINED for char in gap)
        inside = bool(words.start) and (blank or gap in _GERSHAYIM)
        words.joined.append(inside)
        bare = gap.rstrip(_OPENERS)
        words.initial.append(not words.start or "\n" in gap or (bool(bare) and bare[-1] in _ENDERS))
    cased = first.isalpha() if plain else bool(CASED.match(first))
    words.start.append(begin)
    words.end.append(end)
    words.word.append(word)
    words.cased.append(cased)
    words.capital.append(not cased or first.isupper())
    words.glued.append(not gap and bool(words.start))
    words.unspaced.append(not plain and not cased and bool(UNSPACED.search(word)))
    words.hangul.append(not plain and not cased and bool(HANGUL.match(first)))
