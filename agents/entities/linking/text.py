"""The text as the linker reads it: folded words with their place, and which of them may form one name."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate, chain, compress
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from agents.code_points import code_points
from agents.entities.spelling.fold import AT_WILL, CASED, HANGUL, LETTERS, MARKED, UNSPACED, fold, token

_CAMEL = re.compile(r"[A-ZÀ-ÖØ-ÞА-ЯЁ](?<=[a-zß-öø-ÿа-яё].)")
"""The seam where two words were glued: ``LavrovLa``."""
_MIN_GLUED = 3
_PREFIXED = frozenset({
    "mc", "mac", "fitz", "de", "di", "da", "la", "le", "lo", "du", "del", "van", "von", "o", "al", "el", "ibn", "ben",
    "bin",
})  # fmt: skip
"""What a surname is written together with, its own capital kept: ``McDonnell``, ``DeSantis``."""
_CLOSE = "\u0e00-\u109f\u1100-\u11ff\u1780-\u17ff\u2e80-\uffdc"
"""Letters of scripts that are written without a gap before or after Latin letters: ``FBI捜査官``, ``FBI는``. All
scripts without spaces are such, and Hangul is."""
_VOWELS = re.compile("[aeiouy]")
_ABBREVIATED = 3
"""Letters of a word that is cut short and ends with a stop."""
_MIXED = re.compile(rf"(?<=[A-Za-z0-9])(?=[{_CLOSE}])|(?<=[{_CLOSE}])(?=[A-Za-z])")
"""Where the two meet."""
_GERSHAYIM = frozenset('"״“”')
"""What stands inside a Hebrew acronym."""
_JOINED = frozenset(" -'.·•・=＝\t")
_MAX_GAP = 3
_USUAL = 4
"""Characters of most gaps between two words."""
_OPENERS = "\"'“”„«»‘’‚(（[「『‹› -\u200e\u200f"
_ENDERS = frozenset(".!?:\n…。！？؟।;")
_FEWEST_SHOUTED = 3
_LONGEST_PREFIX = max(map(len, _PREFIXED))
_ASCII = 0x80
_BASIC = 0xFFFF
"""The last code point of the basic plane; no character, and so of no kind."""
_LETTER, _MARK, _CASE, _SMALL, _LIKE_LATIN, _TIGHT, _JOINS, _OPENS = (1 << bit for bit in range(8))
"""Kinds of characters, bit by bit: a letter or digit; a combining mark or joiner; a letter of a script with capitals;
such a letter that is small; one outside those ranges that folds to a Latin letter (``ə`` of Azerbaijani, full-width
ones); one of :data:`_CLOSE`; what alone between two words joins them; what alone ends a sentence."""
_Kinds: TypeAlias = npt.NDArray[np.uint8]


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
    """May continue the word before it: a blank, a hyphen, an apostrophe, the dot of an initial between them."""
    initial: list[bool]
    """Opens a sentence, so its capital says nothing."""
    glued: list[bool]
    """Follows the word before it without a gap: two words were run together."""
    unspaced: list[bool]
    """Is a run of a script without spaces, in which names begin anywhere."""
    hangul: list[bool]
    """Is Korean, to which particles are glued."""
    shouted: list[tuple[int, int]]
    """Where the lines of three words at least begin and end that are in capitals, which tell nothing there."""

    def __len__(self) -> int:
        return len(self.start)

    def hyphened(self, at: int) -> bool:
        """Tells whether a hyphen joins the word at ``at`` to the one before it: ``myung`` of ``Jae-myung``."""
        return at > 0 and self.folded[self.end[at - 1] : self.start[at]] == "-"

    def named(self, at: int) -> bool:
        """Tells whether a word is written as a part of a name: its capital, or that of the word it is hyphened to."""
        return self.capital[at] or (self.hyphened(at) and self.capital[at - 1])

    def in_capitals(self, at: int) -> bool:
        """Tells whether the line around a word is in capitals."""
        place = self.start[at]
        line = bisect_right(self.shouted, (place, len(self.text))) - 1
        return line >= 0 and place < self.shouted[line][1]

    def before(self, at: int) -> str:
        """Returns the word that the one at ``at`` may continue; empty where there is none."""
        return self.word[at - 1] if at and self.joined[at] else ""

    def parted(self, at: int) -> bool:
        """Tells whether a sentence ends before the word at ``at``: a stop, and not of an initial or of ``Jr.``."""
        if self.text[self.end[at - 1]] != ".":
            return False
        before = self.word[at - 1]
        return len(before) > _ABBREVIATED or (len(before) > 1 and _VOWELS.search(before) is not None)

    def continued(self, at: int) -> bool:
        """Tells whether the word after the one at ``at`` may continue it."""
        return at + 1 < len(self.joined) and self.joined[at + 1]


def read(text: str, known: Callable[[str], bool]) -> Words:
    """Cuts ``text`` into words; one with a capital inside is cut there too, unless it is ``known`` as it is.

    By the kinds of its characters, column by column: that takes half the time that matching words does.
    """
    folded = fold(text)
    kinds = _kinds(text)
    starts, ends = _bounds(kinds)
    tight = bool((kinds & _TIGHT).any())
    start, end = starts.tolist(), ends.tolist()
    seams = _seams(text, folded, start, end, known, tight)
    if seams:
        starts, ends = np.sort(np.append(starts, seams)), np.sort(np.append(ends, seams))
        start, end = starts.tolist(), ends.tolist()
    joined, initial, glued = _gaps(text, kinds, starts, ends)
    word = [folded[a:b] for a, b in zip(start, end, strict=True)]
    if AT_WILL.search(folded):
        for at in {bisect_right(start, found.start()) - 1 for found in AT_WILL.finditer(folded)}:
            if at >= 0:
                word[at] = token(word[at])
        if not all(word):
            starts, ends = starts[list(map(bool, word))], ends[list(map(bool, word))]
            start, end, joined, initial, glued = (
                list(compress(column, word)) for column in (start, end, joined, initial, glued)
            )
            word = list(filter(None, word))
    if word:  # a text opens as a line does
        joined[0], initial[0], glued[0] = False, True, False
    first = kinds[starts]
    cased, capital = ((first & _CASE) != 0).tolist(), ((first & _SMALL) == 0).tolist()
    for at in np.flatnonzero(first & _LIKE_LATIN).tolist():
        if folded[start[at] : end[at]].isascii():
            cased[at], capital[at] = True, text[start[at]].isupper()
    unspaced = hangul = [False] * len(word)
    if tight and UNSPACED.search(folded):
        unspaced = [
            not case and UNSPACED.search(one) is not None for one, case in zip(word, cased, strict=True)
        ]
    if tight and HANGUL.search(folded):
        hangul = [HANGUL.match(text, a) is not None for a in start]
    return Words(
        text,
        folded,
        start,
        end,
        word,
        capital,
        cased,
        joined,
        initial,
        glued,
        unspaced=unspaced,
        hangul=hangul,
        shouted=_shouted(text),
    )


def _table() -> _Kinds:
    """Returns the kinds of each character of the basic plane."""
    every = "".join(map(chr, range(_BASIC + 1)))
    plain = code_points(fold(every))
    kinds = np.zeros(len(every), np.uint8)
    tight = re.compile(f"[{_CLOSE}]+")
    for pattern, kind in ((LETTERS, _LETTER), (MARKED, _MARK), (CASED, _CASE), (tight, _TIGHT)):
        for found in pattern.finditer(every):
            kinds[found.start() : found.end()] |= kind
    for at in np.flatnonzero(kinds & _CASE).tolist():
        kinds[at] |= 0 if every[at].isupper() else _SMALL
    for at in np.flatnonzero((plain < _ASCII) & ((kinds & _CASE) == 0)).tolist():
        kinds[at] |= _LIKE_LATIN if every[at].isalpha() else 0
    for one in _JOINED | _GERSHAYIM | _ENDERS:
        kinds[plain == ord(one)] |= (_JOINS if _joins(one) else 0) | (_OPENS if _opens(one) else 0)
    return kinds


def _kinds(text: str) -> _Kinds:
    """Returns the kinds of each character of a text; beyond the basic plane there are letters and others."""
    codes = code_points(text)
    if codes.max(initial=0) <= _BASIC:
        return _KINDS[codes]
    beyond = np.flatnonzero(codes > _BASIC)
    kinds = _KINDS[np.minimum(codes, _BASIC)]
    kinds[beyond] = [_LETTER if text[at].isalnum() else 0 for at in beyond.tolist()]
    return kinds


def _bounds(kinds: _Kinds) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]:
    """Returns where words begin and end: letters and digits with their combining marks and joiners."""
    inside = np.zeros(len(kinds) + 2, np.bool_)
    inside[1:-1] = kinds & (_LETTER | _MARK)
    edges = np.flatnonzero(inside[1:] != inside[:-1])
    start, end = edges[::2], edges[1::2]
    if not (kinds[start] & _LETTER).all():  # a word begins with a letter
        letters = np.append(np.flatnonzero(kinds & _LETTER), len(kinds))
        start = letters[np.searchsorted(letters, start)]
        start, end = start[start < end], end[start < end]
    return start, end


def _gaps(
    text: str, kinds: _Kinds, start: npt.NDArray[np.intp], end: npt.NDArray[np.intp]
) -> tuple[list[bool], list[bool], list[bool]]:
    """Returns what the gap before each word does: joins it to the one before, ends a sentence, is none."""
    if not len(start):
        return [], [], []
    length = start.copy()
    length[1:] -= end[:-1]
    alone = kinds[start - 1] * (length == 1)
    joined, initial = ((alone & _JOINS) != 0).tolist(), ((alone & _OPENS) != 0).tolist()
    wide = np.flatnonzero(length > 1)
    for at, a, b in zip(wide.tolist(), (start - length)[wide].tolist(), start[wide].tolist(), strict=True):
        joined[at], initial[at] = (_usual if b - a <= _USUAL else _between)(text[a:b])
    return joined, initial, (length == 0).tolist()


def _between(gap: str) -> tuple[bool, bool]:
    """Tells whether what is between two words joins them, and whether it ends a sentence."""
    plain = fold(gap)
    return _joins(plain), _opens(plain)


_usual = lru_cache(1024)(_between)


def _shouted(text: str) -> list[tuple[int, int]]:
    """Returns where the lines in capitals begin and end."""
    lines = text.split("\n")
    if not any(map(str.isupper, lines)):
        return []
    ends = accumulate(map(len, lines), lambda end, length: end + 1 + length)
    return [
        (end - len(line), end)
        for line, end in zip(lines, ends, strict=True)
        if line.isupper() and len(line.split()) >= _FEWEST_SHOUTED
    ]


def _seams(
    text: str,
    folded: str,
    starts: Sequence[int],
    ends: Sequence[int],
    known: Callable[[str], bool],
    tight: bool,
) -> list[int]:
    """Returns where words were glued."""
    found: dict[int, list[int]] = {}
    for seam in _CAMEL.finditer(text):
        at = bisect_right(starts, seam.start()) - 1
        begin, place = starts[at], seam.start()
        if place - begin > _LONGEST_PREFIX or folded[begin:place] not in _PREFIXED:
            found.setdefault(at, []).append(place)
    for at in list(found):
        begin, end = starts[at], ends[at]
        if end - begin < _MIN_GLUED or known(folded[begin:end]):
            del found[at]
    if tight:
        for at, (begin, end) in enumerate(zip(starts, ends, strict=True)):
            if text[begin].isascii() or text[end - 1].isascii():
                mixed = [begin + seam.start() for seam in _MIXED.finditer(text[begin:end])]
                if mixed:
                    found.setdefault(at, mixed)
    return list(chain.from_iterable(found.values()))


def _joins(gap: str) -> bool:
    """Tells whether what is between two words joins them."""
    return gap in _GERSHAYIM or (0 < len(gap) <= _MAX_GAP and all(char in _JOINED for char in gap))


def _opens(gap: str) -> bool:
    """Tells whether what is before a word ends a sentence."""
    return "\n" in gap or gap.rstrip(_OPENERS)[-1:] in _ENDERS


_KINDS = _table()
