"""One name per language, whatever the detector calls it, and the BCP 47 tag made of it.

Inside the stage a language is its shortest ISO 639 code (``fil``, ``de``), with its script only where two scripts
make two candidates: ``sr`` (Cyrillic) and ``sr-Latn``, ``zh-Hans`` and ``zh-Hant``. Any other script joins it at
the end, in :func:`tag`, where it is not the one that CLDR takes for granted.
"""

from __future__ import annotations

from functools import cache
from typing import Final

from babel.core import get_global

UNDETERMINED: Final = "und"
NO_LANGUAGE: Final = "zxx"

_CANONICAL: Final = {
    "no": "nb",  # every detector's `no` is trained on Bokmål
    "tl": "fil",
    "iw": "he",
    "jw": "jv",
    "mo": "ro",
    "sh": "hbs",
    "un": UNDETERMINED,
    "gug": "gn",
    "kik": "ki",
    "fuv": "ff",
    "sit-NP": "lif",
    "arz": "ar",
    "ary": "ar",
    "pes": "fa",
    "kmr": "ku",
    "bh": "bho",
    "wuu": "zh",
    "blu": "hmn",
}
"""Detectors' names (ISO 639-1, old codes, CLD2 inventions) -> ours, where they differ."""

_IGNORED: Final = frozenset({"tlh", "zzp", "hbo", "grc", "la", "vo", "ia", "ie", "got"})
"""Labels that are never the language of news: Klingon, Pig Latin, dead and planned languages draw noise."""

MACRO: Final = {
    "bs": "hbs",
    "hr": "hbs",
    "sr": "hbs",
    "sr-Latn": "hbs",
    "cnr": "hbs",
    "nb": "no",
    "nn": "no",
    "id": "ms",
    "ms": "ms",
    "fa": "fas",
    "prs": "fas",
}
"""ISO 639-3 macrolanguages (by their shortest code) of languages that are hard to tell apart."""

_SCRIPT: Final = {
    "prs": "Arab",
    "mey": "Arab",
    "shi": "Arab",
    "hbs": "Latn",
    "ckb": "Arab",
    "sdh": "Arab",
    "uzs": "Arab",
    "yue": "Hant",
}
"""Usual scripts that CLDR's likely subtags lack or give for a wider language."""

_ALSO: Final = {
    "hbs": {"Cyrl"},
    "bs": {"Cyrl"},
    "az": {"Cyrl", "Arab"},
    "uz": {"Cyrl", "Arab"},
    "kk": {"Latn", "Arab"},
    "ky": {"Latn", "Arab"},
    "tk": {"Cyrl", "Arab"},
    "tt": {"Latn", "Arab"},
    "ku": {"Arab", "Cyrl"},
    "mn": {"Mong"},
    "ms": {"Arab"},
    "pa": {"Arab"},
    "sd": {"Deva"},
    "ks": {"Deva"},
    "ha": {"Arab"},
    "ff": {"Adlm"},
    "yue": {"Hans"},
    "shi": {"Latn", "Tfng"},
    "kab": {"Tfng"},
    "ug": {"Cyrl", "Latn"},
    "gom": {"Latn"},
    "sa": {"Latn"},
    "ro": {"Cyrl"},
    "iu": {"Latn"},
}
"""Scripts a language is also written in, beside its usual one."""


def in_script(language: str | None, script: str) -> tuple[str, ...]:
    """Returns what a detector's language can mean in a text of this main script: none, one or two candidates."""
    if language is None:
        return ()
    if language == "zh":
        return ("zh-Hans", "zh-Hant")
    if language == "sr" and script == "Latn":
        return ("sr-Latn",)
    return (language,)


def canonical(label: str) -> str | None:
    """Returns our code for a detector's label (``no`` -> ``nb``), or None for one that is not to be believed."""
    language = _CANONICAL.get(label, label)
    if language in _IGNORED or language.startswith("xx-"):
        return None
    base = language.partition("-")[0]
    return _CANONICAL.get(base, base)


@cache
def usual_script(language: str) -> str:
    """Returns the script that CLDR takes for granted; Latin where it knows nothing."""
    if language in _SCRIPT:
        return _SCRIPT[language]
    likely = get_global("likely_subtags").get(language)
    if not likely:
        return "Latn"
    for part in likely.split("_")[1:]:
        if len(part) == 4:
            return str(part)
    return "Latn"


@cache
def written_in(language: str, script: str) -> bool:
    """Returns whether a candidate is written in this script (as :func:`agents.language.scripts.main` names it)."""
    base, _, own = language.partition("-")
    usual = own or usual_script(base)
    if script in ("Hani", "Jpan"):
        return usual in ("Hans", "Hant", "Hani", "Jpan")
    return script == usual or (not own and script in _ALSO.get(base, ()))


def tag(language: str, script: str) -> str:
    """Returns the shortest BCP 47 tag of a candidate in a script: ``sr-Latn``, ``zh-Hans``, ``uz-Cyrl``."""
    if "-" in language or language in (UNDETERMINED, NO_LANGUAGE):
        return language
    if script in ("Zyyy", "Hani") or script == usual_script(language) or not written_in(language, script):
        return language
    return f"{language}-{script}"


_CHINESE: Final = {"TW": "zh-Hant", "HK": "zh-Hant", "MO": "zh-Hant", "CN": "zh-Hans", "SG": "zh-Hans"}
_WIDE: Final = {"hbs": ("bs", "hr", "sr-Latn"), "sh": ("bs", "hr", "sr-Latn"), "no": ("nb", "nn")}


def declared(value: str | None) -> frozenset[str]:
    """Reads a declared tag (``en_US``, ``zh-TW``, ``no``) as the candidates it allows; none for nonsense."""
    if not value:
        return frozenset()
    first, *rest = value.strip().lower().replace("_", "-").split("-")
    if first in _WIDE:
        return frozenset(_WIDE[first])
    language = canonical(first)
    if language is None or not (2 <= len(language) <= 3 and language.isascii() and language.isalpha()):
        return frozenset()
    if language in (UNDETERMINED, NO_LANGUAGE, "mul", "mis"):
        return frozenset()
    script = next((part.title() for part in rest if len(part) == 4 and part.isalpha()), None)
    if language == "zh":
        region = next((part.upper() for part in rest if len(part) == 2), "")
        one = f"zh-{script}" if script in ("Hans", "Hant") else _CHINESE.get(region)
        return frozenset({one} if one else {"zh-Hans", "zh-Hant"})
    if language == "sr":
        return frozenset({"Latn": {"sr-Latn"}, "Cyrl": {"sr"}}.get(script or "", {"sr", "sr-Latn"}))
    return frozenset({language})
