"""One spelling for comparison: the fold that keeps offsets, the tokens, and the key under which a name is stored.

The fold maps one code point to one code point, so a position in the folded text is a position in the text.
"""

from __future__ import annotations

import re
import unicodedata

import numpy as np

_SPECIAL = {
    "ß": "s", "ẞ": "s", "ł": "l", "ø": "o", "đ": "d", "ð": "d", "þ": "t", "æ": "e", "œ": "e",
    "ı": "i", "İ": "i", "ə": "a", "ħ": "h", "ŋ": "n", "ё": "е", "ґ": "г", "ς": "σ", "’": "'",
    "‘": "'", "ʼ": "'", "ʻ": "'", "ʿ": "'", "ʾ": "'", "`": "'", "´": "'", "′": "'", "‐": "-",
    "‑": "-", "–": "-", "−": "-", "－": "-", "\u00a0": " ", "\u202f": " ", "\u3000": " ",
    "أ": "ا", "إ": "ا", "آ": "ا", "ٱ": "ا", "ى": "ي", "ی": "ي", "ې": "ي", "ئ": "ي", "ة": "ه",
    "ۀ": "ه", "ە": "ه", "ہ": "ه", "ھ": "ه", "ک": "ك", "ؤ": "و",
}  # fmt: skip
_KEEP = frozenset("йїўЙЇЎ")
"""Letters that decompose but are letters of their own: й is not и."""
_MARKS = frozenset({"Mn", "Mc", "Me"})


def _table() -> str:
    """Returns what each code point of the basic plane becomes; a string, the fastest to translate by."""
    table = list(map(chr, range(0x1_0000)))
    for code in (
        *range(0x20, 0x0600),
        *range(0x10A0, 0x1100),
        *range(0x1E00, 0x2000),
        *range(0xFF01, 0xFF5F),
    ):
        char = chr(code)
        lower = char.lower()
        if char in _KEEP:
            base = lower
        else:
            base = "".join(
                c for c in unicodedata.normalize("NFKD", lower) if unicodedata.category(c) not in _MARKS
            )
        if len(base) != 1:
            base = lower if len(lower) == 1 else char
        table[code] = base
    for char, base in _SPECIAL.items():
        table[ord(char)] = base
        upper = char.upper()
        if len(upper) == 1:
            table[ord(upper)] = base
    return "".join(table)


def _mark_ranges() -> str:
    """Returns the combining marks of the basic plane as a character class: ``\\w`` leaves them out."""
    ranges: list[list[int]] = []
    for code in range(0x0300, 0xFE30):
        if unicodedata.category(chr(code)) in _MARKS:
            if ranges and ranges[-1][1] == code - 1:
                ranges[-1][1] = code
            else:
                ranges.append([code, code])
    return "".join(f"{chr(a)}-{chr(b)}" if a != b else chr(a) for a, b in ranges)


_TABLE = _table()
_UNITS = np.frombuffer(_TABLE.encode("utf-16-le", "surrogatepass"), "<u2")
"""The same by code unit: the halves of what is beyond the basic plane become themselves."""
_LONG = 64
"""Characters from which a text is folded by code unit: 3,000 take 10 µs, not 175, a word of seven 3, not 0.6."""
MARKS = _mark_ranges()
JOINERS = "\u200c\u200d"
_LETTER = r"[^\W_\u02bb\u02bc\u02be\u02bf]"
"""A letter or a digit, none that folds to an apostrophe: ``Oʻzbekiston`` is stored as two words."""
LETTERS = re.compile(f"{_LETTER}++")
"""Letters and digits."""
MARKED = re.compile(f"[{MARKS}{JOINERS}]++")
"""Combining marks and joiners."""
WORD = re.compile(rf"{LETTERS.pattern}(?:{MARKED.pattern}{_LETTER}*+)*+")
"""A word: letters and digits with their combining marks and joiners."""
_WHOLE = "\u0958-\u095f\u09dc\u09dd\u09df\u0a33\u0a36\u0a59-\u0a5b\u0a5e\u0b5c\u0b5d"
"""Letters of India with a dot below as one code point, which NFC takes apart."""
_LEFT_OUT = (
    r"\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u0610-\u061a\u064b-\u065f\u0670\u0640"
    r"\u0300-\u036f\u200c\u200d"
)
_AT_WILL = re.compile(f"[{_LEFT_OUT}]")
AT_WILL = re.compile(f"[{_LEFT_OUT}{_WHOLE}]")
"""Vowel points, harakat, tatweel, stray diacritics and joiners: written or left out at will; letters that are
written in two ways."""
_FINAL = {
    "\u0d23": "ൺ", "\u0d28": "ൻ", "\u0d30": "ർ", "\u0d32": "ൽ", "\u0d33": "ൾ", "\u0d15": "ൿ", "\u09a4": "ৎ",
}  # fmt: skip
"""Letters without a vowel that have a code point of their own since Unicode 4.1 and 5.1, by what they were before
with a virama and a joiner."""
_TWO_WAYS = re.compile(f"[{''.join(_FINAL)}][\u0d4d\u09cd]\u200d|[{_WHOLE}]")
UNSPACED = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u0f00-\u0fff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]"
)
"""A letter of a script written without spaces between words."""
HANGUL = re.compile("[\uac00-\ud7a3]")
CASED = re.compile("[A-Za-zÀ-ɏͰ-ϿЀ-ԯԱ-֏Ḁ-ỿἀ-῿]")
"""A letter of a script with capitals."""


def fold(text: str) -> str:
    """Returns ``text`` in lower case without diacritics, each code point mapped to exactly one."""
    if len(text) < _LONG or text.isascii():
        return text.translate(_TABLE)
    try:
        units = np.frombuffer(text.encode("utf-16-le"), "<u2")
    except UnicodeEncodeError:  # half of a pair
        return text.translate(_TABLE)
    folded: bytes = _UNITS[units].tobytes()
    return folded.decode("utf-16-le")


def token(folded: str) -> str:
    """Returns a folded word without what is written or left out at will (vowel points, joiners), letters of India
    that are written in two ways (``য়``, ``ൻ``) in one."""
    return folded if folded.isascii() else _AT_WILL.sub("", one_way(folded))


def one_way(written: str) -> str:
    """Returns what is written with one spelling of the letters of India that are written in two ways."""
    return _TWO_WAYS.sub(_one_way, written)


def _one_way(found: re.Match[str]) -> str:
    written = found.group()
    return unicodedata.normalize("NFC", written) if len(written) == 1 else _FINAL[written[0]]


def words(name: str) -> list[str]:
    """Returns the folded words of ``name``, as a text that holds it is cut."""
    return [word for word in (token(found) for found in WORD.findall(fold(name))) if word]


def key(name: str) -> str:
    """Returns the key under which ``name`` is stored and found."""
    return " ".join(words(name))
