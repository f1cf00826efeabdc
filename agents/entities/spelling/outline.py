"""The outline of a word: its consonants by class, read the way its script is, so that spellings agree.

A provisional id is made of outlines (:mod:`names`): ``Lavrov``, ``Lawrow``, ``Лавров``, ``لافروف``, ``לברוב`` and
``लावरोव`` have one. Coarser than the skeleton by which the knowledge base is searched, since nothing verifies it
afterwards, and as fine as transliteration leaves it: b and p, f and v fall together (Arabic has one of each), so do
j, y and the sound of ``Giorgio``; d and t, l and r do not. Measured on the persons of `curated/` by
`python -m tests.quality.entities --names`.
"""

from __future__ import annotations

import re
from functools import lru_cache

from agents.entities.spelling.reading import UNWRITTEN, romanised
from agents.entities.spelling.spellings import voiced

_DOTTED = re.compile("([\u091c\u0a1c\u09af\u091d])[\u093c\u0a3c\u09bc]|\u095b|\u0a5b|\u09df")
"""Letters that a dot below makes z (and y in Bengali)."""
_NOT_LATIN = re.compile("[^a-zS]")
_SPELLINGS = (
    ("ngh", "nh"), ("schtsch", "S"), ("shch", "S"), ("chtch", "S"), ("tsch", "S"), ("tch", "S"), ("tsh", "S"),
    ("dsch", "i"), ("dzh", "i"), ("dzs", "S"), ("sch", "S"), ("sz", "S"), ("cz", "S"), ("cs", "S"), ("zs", "S"),
    ("sh", "S"), ("chr", "kr"), ("ch", "S"), ("zh", "S"), ("kh", "h"), ("gh", "g"), ("ph", "f"), ("th", "t"),
    ("dj", "i"), ("dz", "i"), ("ts", "S"), ("tz", "S"), ("qu", "k"), ("kv", "k"), ("kw", "k"), ("ck", "k"),
    ("x", "ks"), ("gu", "g"), ("ou", "u"),
)  # fmt: skip
_SPELT = re.compile("|".join(written for written, _ in _SPELLINGS))
"""Whether a word has any of them: most have none."""
_UNVOICED = tuple(pair for pair in _SPELLINGS if "h" not in pair[0])
"""Those that a word without an h can have; none of them makes one."""
_SILENT = re.compile("(?<=[aeo]u|.[ei])gh(?![aeiou])")
"""The letters of ``Kavanaugh`` and ``Wright`` that are not heard."""
_HARD = re.compile("(?<=.)ch(?=ae|olas|ary)")
"""The sound of ``Michael``."""
_RULES = tuple(
    (needed, re.compile(pattern), sound)
    for needed, pattern, sound in (
        ("c", "c(?=[eiy])", "S"),
        ("g", "d?g(?=[eiy])", "i"),
        ("q", "q(?=i)", "S"),
        ("tS", "t(?=S)", ""),
        ("s", "^[aeiou](?=s[ptk])", ""),
        ("S", "^[aeiou](?=S[ptk])", ""),
        ("ic", "(?<=..)ic$", "iS"),
        ("ow", "ow(?!sk[iy])(?=[bcdfgklmnprstSz])", "o"),
        ("ew", "ew(?=[bcdfgklmnprt]|s$)|(?<=dr)ew$|(?<=tt)ew$", "u"),
        ("h", "^h", "H"),
        ("ng", "ng(?![aeiour])", "n"),
    )
)
"""What a rule needs to be in a word, its pattern, what becomes of it."""
_CLASSES = str.maketrans("cqwszpf", "kkvSSbv", "aeioujyh")
_VOWELS = "aeioujy"
IN_TAMIL = str.maketrans("dg", "tk")
"""Tamil has one letter for both of each pair."""


@lru_cache(32768)
def outline(word: str) -> str:
    """Returns the outline of a folded word; of one without letters, the word itself."""
    letters = romanised(word)
    if UNWRITTEN in letters:
        letters = letters.replace(UNWRITTEN, "a")
    if not (letters.isascii() and letters.isalpha() and letters.islower()):
        letters = _NOT_LATIN.sub("", letters)
    if not letters:
        return word
    if "gh" in letters:
        letters = _SILENT.sub("", letters)
    if "ch" in letters:
        letters = _HARD.sub("k", letters)
    if _SPELT.search(letters):
        for written, sound in _SPELLINGS if "h" in letters else _UNVOICED:
            letters = letters.replace(written, sound)
    for needed, pattern, sound in _RULES:
        if needed in letters:
            letters = pattern.sub(sound, letters)
    found = "A" if letters.lstrip("h")[:1] in _VOWELS else ""
    last = ""
    for letter in letters.translate(_CLASSES):
        if letter != last:
            found += letter
            last = letter
    if "\u0b80" <= word[:1] <= "\u0bff":
        return voiced(found.translate(IN_TAMIL)) or found
    return found


def spelt_out(word: str) -> bool:
    """Tells whether the script of ``word`` writes vowels and has the sounds of English apart."""
    return not ("\u0590" <= word[:1] <= "\u06ff" or "\u0e00" <= word[:1] <= "\u109f" or word[:1] >= "\u1100")


def undotted(word: str) -> str:
    """Returns a word of a script of India with the letters for its dotted ones that sound as those do."""
    return _DOTTED.sub(_sounding_so, word)


def _sounding_so(match: re.Match[str]) -> str:
    return "\u092f" if match.group()[0] in "\u09af\u09df" else "\u0938"
