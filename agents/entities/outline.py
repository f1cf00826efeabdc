"""The outline of a word: its consonants by class, read the way its script is, so that spellings agree.

A provisional id is made of outlines (:mod:`names`): ``Lavrov``, ``Lawrow``, ``Лавров``, ``لافروف``, ``לברוב`` and
``लावरोव`` have one. Coarser than the skeleton by which the knowledge base is searched, since nothing verifies it
afterwards, and as fine as transliteration leaves it: b and p, f and v fall together (Arabic has one of each), so do
j, y and the sound of ``Giorgio``; d and t, l and r do not. Measured on the persons of `curated/` (1,747 pairs of the
English name and another spelling): `python -m tests.quality.names`.
"""

from __future__ import annotations

import re
from functools import lru_cache

from anyascii import anyascii

_SEMITIC = {
    **dict.fromkeys("وؤו", "u"), **dict.fromkeys("يیىئےי", "i"), **dict.fromkeys("اא", "a"),
    **dict.fromkeys("עعءةהہھه", ""), **dict.fromkeys("حخח", "h"), **dict.fromkeys("קقكکך", "k"), "כ": "k",
    **dict.fromkeys("ثطٹטת", "t"), **dict.fromkeys("ذضڈ", "d"), **dict.fromkeys("غگ", "g"), "ج": "j", "ژ": "zh",
    "ص": "s", "ظ": "z", "ڤ": "v", "ں": "n", "ڑ": "r", "ש": "sh", "צ": "ts", "ץ": "ts", "ב": "v", "פ": "f", "ף": "f",
}  # fmt: skip
"""Letters of Arabic and Hebrew, which write few vowels, within a word."""
_OPENING = {
    **dict.fromkeys("עعא", "a"),
    **dict.fromkeys("هحخחהہھ", "h"),
    "و": "v",
    "ו": "v",
    "ב": "b",
    "פ": "p",
}
"""The same where they open a word."""
_GREEK = (
    ("μπ", "mp"),
    ("ντ", "nt"),
    ("γκ", "g"),
    ("τζ", "j"),
    ("ου", "u"),
    ("χρ", "kr"),
    ("χ", "h"),
    ("β", "v"),
)
_NASAL = re.compile(
    "[\u0901\u0902\u0981\u0982\u0a01\u0a02\u0a70\u0a81\u0a82\u0b01\u0b02\u0b82\u0c01\u0c02\u0c82\u0d02]"
)
"""The nasal of the scripts of India, which takes the place of the consonant after it."""
_DOTTED = re.compile("([\u091c\u0a1c\u09af\u091d])[\u093c\u0a3c\u09bc]|\u095b|\u0a5b|\u09df")
"""Letters that a dot below makes z (and y in Bengali)."""
_NOT_LATIN = re.compile("[^a-z]")
_SPELLINGS = (
    ("schtsch", "S"), ("shch", "S"), ("chtch", "S"), ("tsch", "S"), ("tch", "S"), ("tsh", "S"), ("dsch", "i"),
    ("dzh", "i"), ("dzs", "S"), ("sch", "S"), ("sz", "S"), ("cz", "S"), ("cs", "S"), ("zs", "S"), ("sh", "S"),
    ("chr", "kr"), ("ch", "S"), ("zh", "S"), ("kh", "h"), ("gh", "g"), ("ph", "f"), ("th", "t"), ("dj", "i"),
    ("dz", "S"), ("ts", "S"), ("tz", "S"), ("qu", "k"), ("ck", "k"), ("x", "ks"), ("gu", "g"), ("ou", "u"),
)  # fmt: skip
_RULES = tuple(
    (re.compile(pattern), sound)
    for pattern, sound in (
        ("c(?=[eiy])", "S"),
        ("g(?=[eiy])", "i"),
        ("(?<=..)ic$", "iS"),
        ("ow(?=[bcdfgklmnprstSz])", "o"),
        ("^h", "H"),
        ("ng(?![aeiour])", "n"),
    )
)
_CLASSES = str.maketrans("cqwszjypf", "kkvSSiibv", "h")
_VOWELS = frozenset("aeiou")


@lru_cache(32768)
def outline(word: str) -> str:
    """Returns the outline of a folded word; of one without letters, the word itself."""
    letters = _NOT_LATIN.sub("", _romanised(word))
    if not letters:
        return word
    for written, sound in _SPELLINGS:
        letters = letters.replace(written, sound)
    for pattern, sound in _RULES:
        letters = pattern.sub(sound, letters)
    letters = letters.translate(_CLASSES) or "a"
    found = "A" if letters[0] in _VOWELS else ""
    for letter in letters:
        if letter not in _VOWELS and not found.endswith(letter):
            found += letter
    return found


def spelt_out(word: str) -> bool:
    """Tells whether the script of ``word`` writes vowels and has the sounds of English apart."""
    return not ("\u0590" <= word[:1] <= "\u06ff" or word[:1] >= "\u0e00")


def _romanised(word: str) -> str:
    first = word[:1]
    if "\u0900" <= first <= "\u0dff":
        word = undotted(word)
    if "\u0590" <= first <= "\u06ff":
        opening = _OPENING.get(first, "")
        rest = (word[1:] if opening else word).replace("וו", "ב")
        return opening + "".join(_SEMITIC.get(letter) or _plain(letter) for letter in rest)
    if "\u0370" <= first <= "\u03ff":
        for written, sound in _GREEK:
            word = word.replace(written, sound)
        return re.sub("^mp", "b", re.sub("^nt", "d", anyascii(word).lower()))
    letters: str = anyascii(_NASAL.sub("\u0d28", word)).lower()
    if "\uac00" <= first <= "\ud7a3":
        return letters.replace("w", "u")
    if "\u0400" <= first <= "\u04ff":
        return re.sub("^u(?=[aeio])", "v", letters)
    return letters


def undotted(word: str) -> str:
    """Returns a word of a script of India with the letters for its dotted ones that sound as those do."""
    return _DOTTED.sub(_sounding_so, word)


def _sounding_so(match: re.Match[str]) -> str:
    return "\u092f" if match.group()[0] in "\u09af\u09df" else "\u0938"


def _plain(letter: str) -> str:
    return "" if letter in _SEMITIC else str(anyascii(letter)).lower()
