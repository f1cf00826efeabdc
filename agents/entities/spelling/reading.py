"""How a script is read: a word in Latin letters by its sounds, as its outline (:mod:`outline`) needs it.

Own tables where anyascii spells what is written and not what is heard: the scripts of India (one table for all of
them, for their blocks have one order), Arabic and Hebrew (few vowels), Greek (two letters for b, d and g), Armenian,
Korean (one letter for l and r). What the tables leave to choice was chosen on the names of subdivisions in CLDR.
"""

from __future__ import annotations

import re

from anyascii import anyascii

from agents.entities.spelling.letters import abbreviation
from agents.entities.spelling.spellings import spelt

_SEMITIC = {
    **dict.fromkeys("وؤו", "u"), **dict.fromkeys("يیىئےי", "i"), **dict.fromkeys("اא", "a"),
    **dict.fromkeys("עعءةהہھه", ""), **dict.fromkeys("حخח", "h"), **dict.fromkeys("קقكکך", "k"), "כ": "k",
    **dict.fromkeys("ثطٹטת", "t"), **dict.fromkeys("ذضڈ", "d"), **dict.fromkeys("غگ", "g"), "ج": "j", "ژ": "zh",
    "ص": "s", "ظ": "z", "ڤ": "v", "ں": "n", "ڑ": "r", "ש": "sh", "צ": "ts", "ץ": "ts", "ב": "b", "פ": "f", "ף": "f",
}  # fmt: skip
"""Letters of Arabic and Hebrew, which write few vowels, within a word."""
_OPENING = {
    **dict.fromkeys("עعא", "a"),
    **dict.fromkeys("هحخחהہھ", "h"),
    "و": "v",
    "ו": "v",
}
"""The same where they open a word."""
_W = re.compile("u(?=a)|(?<=a)u(?=[iu])")
"""Where the letter that is u and w in Arabic script is the consonant."""
_GREEK = tuple(
    (re.compile(written), sound)
    for written, sound in (
        ("μπ$", "mp"),
        ("μπ", "b"),
        ("ντ", "d"),
        ("γκ|γγ", "g"),
        ("τζ", "j"),
        ("(?:^|(?<=[^ο]))γου(?=[αεοιη])", "v"),
        ("^ου(?=[αεοιη])", "v"),
        ("ου", "u"),
        ("χρ", "kr"),
        ("χ", "h"),
        ("β", "v"),
    )
)
_BLOCK = 0x80
_INDIC_FIRST, _INDIC_LAST = 0x0900, 0x0D7F
_GURMUKHI, _TAMIL, _MALAYALAM = 2, 5, 8
_DRAVIDIAN = frozenset({_TAMIL, 6, 7, _MALAYALAM})
"""Blocks from the first one of India's scripts: those of the south."""
_NASAL, _SILENT, _DOT = "~", "^", "."
_SIGNS = {
    **dict.fromkeys((0x01, 0x02, 0x70), _NASAL), 0x03: "", 0x3C: _DOT, 0x4D: _SILENT, 0x4E: "t", 0x71: "",
    **dict.fromkeys((0x05, 0x06, 0x3E, 0x12, 0x4A), "a"), **dict.fromkeys((0x07, 0x08, 0x3F, 0x40), "i"),
    **dict.fromkeys((0x09, 0x0A, 0x41, 0x42), "u"), 0x0B: "ri", 0x43: "ri",
    **dict.fromkeys((0x0D, 0x0E, 0x0F, 0x10, 0x45, 0x46, 0x47, 0x48), "e"),
    **dict.fromkeys((0x11, 0x13, 0x14, 0x49, 0x4B, 0x4C, 0x57), "o"),
    **dict.fromkeys((0x15, 0x16, 0x58, 0x59, 0x7F), "k"), **dict.fromkeys((0x17, 0x18, 0x5A), "g"),
    **dict.fromkeys((0x1A, 0x1B, 0x1D, 0x36, 0x37, 0x38, 0x5B), "S"), 0x1C: "j",
    **dict.fromkeys((0x19, 0x1E, 0x23, 0x28, 0x29), "n"), 0x7A: "n^", 0x7B: "n^", 0x7C: "r^", 0x7D: "l^", 0x7E: "l^",
    **dict.fromkeys((0x1F, 0x20, 0x24, 0x25), "t"), **dict.fromkeys((0x21, 0x22, 0x26, 0x27), "d"),
    **dict.fromkeys((0x2A, 0x2C, 0x2D), "b"), **dict.fromkeys((0x2B, 0x5E), "f"), 0x2E: "m",
    **dict.fromkeys((0x2F, 0x5F), "y"), **dict.fromkeys((0x30, 0x31, 0x5C, 0x5D), "r"),
    **dict.fromkeys((0x32, 0x33, 0x34), "l"), 0x35: "v", 0x39: "h",
}  # fmt: skip
"""What each place in a block of a script of India sounds like: signs, vowels, consonants."""
_INDIC_OWN = {
    "ভ": "v", "ৎ": "t^", "ৱ": "v", "ৰ": "r", "ଭ": "v", "ୱ": "v", "ஃ": ".", "க": "K", "ச": "S", "ட": "T", "த": "T",
    "ற": "R", "റ": "R",
}  # fmt: skip
"""Where one script differs. Capitals stand for what its neighbours decide."""
_INDIC_RULES = tuple(
    (needed, re.compile(pattern), sound)
    for needed, pattern, sound in (
        (".", r"\.b", "f"),
        (".", r"j\.", "S"),
        (".", r"b\.", "f"),
        (".", r"d\.", "r"),
        (".", r"\.", ""),
        ("K", r"K\^K", "k"),
        ("T", r"T\^T", "t"),
        ("R", r"R\^R|(?<=n\^)R", "t"),
        ("T", r"(?<=n\^)T|(?<=[aeiou])T(?!\^)", "d"),
        ("K", r"(?<=n\^)K|(?<=[aeiou])K(?!\^)", "g"),
        ("^y", r"\^ya", "a"),
        ("~", r"~(?=[bfvm])", "m^"),
        ("~", "~", "n^"),
        ("o", r"o(?:i|y)(?=[aeiou])", "v"),
        ("^v", r"k\^v", "k"),
        ("^h", r"v\^h", "v"),
        ("u", r"u[vy](?=[aeiou])", "u"),
    )
)
"""What a rule needs to be in a word, its pattern, what becomes of it."""
_CONSONANT = "[bdfghjklmnrtvySKRT]"
_INHERENT = re.compile(f"(?<={_CONSONANT})(?={_CONSONANT})")
"""Where a vowel is heard that is not written: between two letters that no sign joins. In the north only after the
first letter of a word (schwa deletion), in Gurmukhi, which joins few letters, nowhere."""
_INHERENT_FIRST = re.compile(f"(?<=^{_CONSONANT})(?={_CONSONANT})")
UNWRITTEN = "*"
"""That vowel in the north, which parts the consonants around it and sounds like many: ``कल`` is no Kohli."""
_CLOSED = ("a", "e", "i", "o")
"""Before them u is the consonant where it opens a word."""
_KOREAN = ((re.compile("[lL]L"), "l"), (re.compile("L"), "r"))


def romanised(word: str) -> str:
    """Returns a folded word in Latin letters: a person's name as it is spelt in them, an abbreviation spelt out
    as its letters, else as its script is read."""
    if word.isascii():
        return word
    return spelt(word) or abbreviation(word) or read_aloud(word)


def plain(word: str) -> str:
    """Returns a word as anyascii spells it, of which each letter is asked for once: it reads a word in Python."""
    return word if word.isascii() else word.translate(_LETTERS)


def read_aloud(word: str) -> str:
    """Returns a folded word in Latin letters, letter by letter as its script is read."""
    first = word[:1]
    if "\u0900" <= first <= "\u0d7f":
        return _indic(word)
    if "\u0590" <= first <= "\u06ff":
        opening = _OPENING.get(first, "")
        rest = (word[1:] if opening else word).replace("וו", "ڤ")
        sounds = opening + rest.translate(_SEMITIC_SOUNDS)
        if "א" <= first <= "ת":
            return f"{sounds[:-1]}v" if sounds[1:].endswith("b") else sounds
        return _W.sub("v", sounds)
    if "\u0370" <= first <= "\u03ff":
        for pattern, sound in _GREEK:
            word = pattern.sub(sound, word)
        return plain(word).lower()
    letters = plain(word)
    if "\uac00" <= first <= "\ud7a3":
        for pattern, sound in _KOREAN:
            letters = pattern.sub(sound, letters)
        return letters.lower().replace("w", "u")
    letters = letters.lower()
    if "\u0530" <= first <= "\u058f":
        letters = letters.replace("ow", "u")
    if "\u10d0" <= first <= "\u10ff":
        letters = plain(word.replace("ფ", "f")).lower()
    if first > "\u0400" and letters[:1] == "u" and letters[1:2] in _CLOSED:
        return f"v{letters[1:]}"
    return letters


class _Letters(dict[int, str]):
    """How anyascii spells each letter, looked up when it first comes."""

    def __missing__(self, code: int) -> str:
        self[code] = str(anyascii(chr(code)))
        return self[code]


_LETTERS = _Letters()


class _SemiticSounds(dict[int, str]):
    """What each letter of Arabic or Hebrew sounds like within a word, looked up when it first comes."""

    def __missing__(self, code: int) -> str:
        letter = chr(code)
        self[code] = _SEMITIC[letter] if letter in _SEMITIC else _LETTERS[code].lower()
        return self[code]


_SEMITIC_SOUNDS = _SemiticSounds()


class _Sounds(dict[int, str]):
    """What each letter in a word of a script of India sounds like, looked up when it first comes."""

    def __missing__(self, code: int) -> str:
        letter, place = chr(code), code - _INDIC_FIRST
        if 0 <= place <= _INDIC_LAST - _INDIC_FIRST:
            self[code] = _INDIC_OWN.get(letter) or _SIGNS.get(place % _BLOCK, "")
        else:
            self[code] = _LETTERS[code].lower()
        return self[code]


_INDIC = _Sounds()


def _indic(word: str) -> str:
    """Reads a word of a script of India: the sound of each letter by its place in the block, then what two make."""
    block = (ord(word[0]) - _INDIC_FIRST) // _BLOCK
    letters = word.translate(_INDIC)
    southern = block in _DRAVIDIAN
    if southern:
        letters = _INHERENT.sub("a", f"{letters[:-1]}m" if letters.endswith(_NASAL) else letters)
    for needed, pattern, sound in _INDIC_RULES:
        if needed in letters:
            letters = pattern.sub(sound, letters)
    if not southern and block != _GURMUKHI:
        letters = _INHERENT_FIRST.sub(UNWRITTEN, letters)
    return letters.replace(_SILENT, "").replace("K", "k").replace("T", "t").replace("R", "r")
