"""Which scripts a text is written in, counted letter by letter.

The names of the characters in the Unicode database begin with their script, so the standard library is source
enough: ``CYRILLIC SMALL LETTER A`` is ``Cyrl``. Codes are ISO 15924.
"""

from __future__ import annotations

import unicodedata
from collections import Counter
from functools import lru_cache
from typing import Final

COMMON: Final = "Zyyy"
OTHER: Final = "Zzzz"

SHORT: Final = 100
"""Letters up to which a text is a headline rather than prose."""

SIGNS: Final = ("Hani", "Hira", "Kana", "Hang", "Bopo")
"""Scripts whose signs are syllables or words."""
_MIXTURES: Final = {"Jpan": ("Hira", "Kana", "Hani", "Bopo"), "Kore": ("Hang", "Hani"), "Hani": ("Bopo",)}
"""Names for a mixture of scripts -> what it is of."""

_NAMES: Final = {
    "LATIN": "Latn",
    "CYRILLIC": "Cyrl",
    "ARABIC": "Arab",
    "GREEK": "Grek",
    "HEBREW": "Hebr",
    "DEVANAGARI": "Deva",
    "BENGALI": "Beng",
    "TAMIL": "Taml",
    "TELUGU": "Telu",
    "THAI": "Thai",
    "CJK": "Hani",
    "HIRAGANA": "Hira",
    "KATAKANA": "Kana",
    "HANGUL": "Hang",
    "ARMENIAN": "Armn",
    "GEORGIAN": "Geor",
    "ETHIOPIC": "Ethi",
    "KHMER": "Khmr",
    "MYANMAR": "Mymr",
    "LAO": "Laoo",
    "SINHALA": "Sinh",
    "GUJARATI": "Gujr",
    "GURMUKHI": "Guru",
    "KANNADA": "Knda",
    "MALAYALAM": "Mlym",
    "ORIYA": "Orya",
    "TIBETAN": "Tibt",
    "THAANA": "Thaa",
    "TIFINAGH": "Tfng",
    "MONGOLIAN": "Mong",
    "SYRIAC": "Syrc",
    "BOPOMOFO": "Bopo",
    "NKO": "Nkoo",
    "CHEROKEE": "Cher",
    "CANADIAN": "Cans",
    "ADLAM": "Adlm",
    "VAI": "Vaii",
    "YI": "Yiii",
    "LIMBU": "Limb",
    "JAVANESE": "Java",
    "BALINESE": "Bali",
    "SUNDANESE": "Sund",
    "OL": "Olck",
    "MEETEI": "Mtei",
    "LISU": "Lisu",
    "CHAKMA": "Cakm",
    "HANIFI": "Rohg",
    "BUGINESE": "Bugi",
    "COPTIC": "Copt",
    "GOTHIC": "Goth",
}
"""First word of a character's Unicode name -> ISO 15924."""

_STYLED: Final = {
    "MATHEMATICAL", "DOUBLE-STRUCK", "SCRIPT", "BLACK-LETTER", "CIRCLED", "PARENTHESIZED", "MODIFIER",
    "FEMININE", "MASCULINE", "MICRO", "KELVIN", "ANGSTROM", "OHM", "ROMAN",
}  # fmt: skip
"""Letters by category that are symbols by use."""


@lru_cache(maxsize=20_000)
def script_of(character: str) -> str:
    """Returns the script of a letter or mark; ``Zyyy`` for anything that is neither."""
    if not character.isalpha():
        return COMMON
    name = unicodedata.name(character, "")
    first = name.partition(" ")[0]
    if first in ("FULLWIDTH", "HALFWIDTH"):
        first = name.split(" ")[1]
    if first in _STYLED:
        return COMMON
    return _NAMES.get(first, OTHER)


def histogram(text: str) -> Counter[str]:
    """Counts the letters of each script."""
    counts: Counter[str] = Counter()
    for character, times in Counter(text).items():
        script = script_of(character)
        if script != COMMON:
            counts[script] += times
    return counts


def size(counts: Counter[str], script: str | None = None) -> int:
    """Returns how many letters there are (of one script), a sign of Han, kana or Hangul counted as three.

    Such a sign is more of a word than a letter is.
    """
    return sum(
        3 * times if one in SIGNS else times
        for one, times in counts.items()
        if script is None or one == script or one in _MIXTURES.get(script, ())
    )


def main(counts: Counter[str]) -> str:
    """Returns the script of the text's own words: ``Jpan`` and ``Kore`` for their mixtures, ``Hani`` for Han alone.

    Latin letters count less than others: names and quotations are left in Latin letters everywhere, and in a
    headline they may outnumber the rest; the other way round is rare. A sign of Han or Hangul is more of a word
    than a letter is, so it counts three. Kana make Japanese of Han from one kana in twenty on: Chinese text
    quotes single kana, Japanese prose has more kana than Han.
    """
    if not counts:
        return COMMON
    kana = counts["Hira"] + counts["Kana"]
    han = counts["Hani"] + counts["Bopo"]
    weights = {
        script: float(times)
        for script, times in counts.items()
        if script not in ("Hira", "Kana", "Hani", "Bopo", "Hang")
    }
    if "Latn" in weights:
        weights["Latn"] /= 5.0 if counts.total() <= SHORT else 1.5
    if kana * 20 > han and kana:
        weights["Jpan"] = 3.0 * (kana + han)
        weights["Kore"] = 3.0 * counts["Hang"]
    elif counts["Hang"] * 5 > han:
        weights["Kore"] = 3.0 * (counts["Hang"] + han)
    else:
        weights["Hani"] = 3.0 * han
    best = max(weights.items(), key=lambda item: (item[1], item[0]))
    return best[0] if best[1] > 0 else COMMON
