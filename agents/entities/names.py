"""A person's name across spellings: the skeleton, the similarity that verifies it, and the provisional id.

The skeleton is the romanised name by consonant classes without vowels: ``Lavrov``, ``Lawrow`` and ``Лавров`` have
one. It proposes; :func:`similarity` decides, at 0.90 or more (measured: at 0.80 Peskov becomes Puchkov).
"""

from __future__ import annotations

import re
from functools import lru_cache

from anyascii import anyascii
from rapidfuzz.distance import JaroWinkler

from agents.entities.fold import words
from schemas.ids import digest

_DIGRAPHS = (
    ("shch", "S"), ("schtsch", "S"), ("chtch", "S"), ("tsch", "C"), ("tch", "C"), ("dsch", "J"), ("dzh", "J"), ("dzs", "J"),
    ("sch", "S"), ("sz", "S"), ("cz", "C"), ("cs", "C"), ("zs", "Z"), ("sh", "S"), ("ch", "C"), ("zh", "Z"), ("kh", "H"),
    ("gh", "g"), ("ph", "f"), ("th", "t"), ("dj", "J"), ("dz", "z"), ("ts", "z"), ("tz", "z"), ("qu", "k"), ("ck", "k"),
    ("ks", "x"), ("gu", "g"), ("gi", "J"), ("ge", "J"), ("ou", "u"), ("oe", "o"), ("ue", "u"), ("ae", "e"), ("ii", "i"),
)  # fmt: skip
_CLASSES = str.maketrans(
    {
        "w": "v",
        "q": "k",
        "c": "k",
        "x": "k",
        "j": "i",
        "y": "i",
        "H": "h",
        "S": "s",
        "Z": "s",
        "z": "s",
        "C": "s",
        "J": "s",
    }
)
_SOUNDS = (
    ("sch", "sh"), ("tsch", "ch"), ("tch", "ch"), ("cz", "ch"), ("sz", "sh"), ("ou", "u"), ("oe", "u"), ("kh", "h"),
    ("w", "v"), ("ph", "f"), ("ck", "k"), ("q", "k"), ("y", "i"), ("j", "i"), ("ii", "i"), ("ie", "e"), ("gh", "g"),
    ("gu", "g"), ("th", "t"), ("ff", "v"), ("zh", "z"),
)  # fmt: skip
_NOT_LATIN = re.compile("[^a-z]")


@lru_cache(200_000)
def roman(word: str) -> str:
    """Returns ``word`` in the letters a to z."""
    return _NOT_LATIN.sub("", anyascii(word).lower())


@lru_cache(200_000)
def skeleton(word: str) -> str:
    """Returns the consonant classes of ``word``; an opening vowel is kept as ``A``."""
    letters = roman(word)
    if not letters:
        return ""
    for written, sound in _DIGRAPHS:
        letters = letters.replace(written, sound)
    letters = letters.translate(_CLASSES)
    letters = letters[0] + letters[1:].replace("h", "")
    found = "A" if letters[0] in "aeiou" else ""
    for letter in letters:
        if letter not in "aeiou" and not found.endswith(letter):
            found += letter
    if len(found) > 1 and found.endswith("f"):
        found = found[:-1] + "v"
    return found or "A"


@lru_cache(200_000)
def sound(word: str) -> str:
    """Returns ``word`` romanised with its spellings of one sound made equal."""
    letters = roman(word)
    for written, spoken in _SOUNDS:
        letters = letters.replace(written, spoken)
    return letters


def similarity(one: list[str], other: list[str]) -> float:
    """Returns how alike two names of equally many words are: the least alike pair of words, 0 to 1."""
    if len(one) != len(other):
        return 0.0
    return min(JaroWinkler.similarity(sound(a), sound(b)) for a, b in zip(one, other, strict=True))


def provisional_id(name: str, kind: str = "PER") -> str:
    """Returns the id of an entity no knowledge base has: equal for spellings and scripts with one skeleton."""
    parts = [skeleton(word) for word in words(name)]
    return f"nil:{digest('entity', kind, *parts)[:16]}"
