"""One name per language, whatever the detector calls it, and the BCP 47 tag made of it.

Inside the stage a language is its shortest ISO 639 code, with no script (``sr``, ``zh``, ``fil``). The script
joins it at the end, in :func:`tag`: only where it is not the one that CLDR takes for granted, except for
Chinese, which always says ``zh-Hans`` or ``zh-Hant`` when that can be told.
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
    "zh-Hant": "zh",
    "gug": "gn",
    "kik": "ki",
    "fuv": "ff",
    "sit-NP": "lif",
    "arz": "ar",
    "ary": "ar",
    "wuu": "zh",
    "blu": "hmn",
    "nr": "nr",
}
"""Detectors' names (ISO 639-1, old codes, CLD2 inventions) -> ours, where they differ."""

_IGNORED: Final = frozenset({"tlh", "zzp", "hbo", "grc", "la", "vo", "ia", "ie", "got"})
"""Labels that are never the language of news: Klingon, Pig Latin, dead and planned languages draw noise."""

MACRO: Final = {
    "bs": "hbs",
    "hr": "hbs",
    "sr": "hbs",
    "cnr": "hbs",
    "nb": "no",
    "nn": "no",
    "id": "ms",
    "ms": "ms",
    "fa": "fas",
    "prs": "fas",
}
"""ISO 639-3 macrolanguages (by their shortest code) of languages that are hard to tell apart."""

_SCRIPT: Final = {"prs": "Arab", "hbs": "Latn", "ckb": "Arab", "sdh": "Arab", "uzs": "Arab", "yue": "Hant"}
"""Usual scripts that CLDR's likely subtags lack or give for a wider language."""

_ALSO: Final = {
    "sr": {"Latn"},
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

_HAN: Final = frozenset({"Hans", "Hant", "Hani"})


def canonical(label: str) -> str | None:
    """Returns our code for a detector's label (``no`` -> ``nb``), or None for one that is not to be believed."""
    language = _CANONICAL.get(label, label)
    if language in _IGNORED or language.startswith("xx-"):
        return None
    return language.partition("-")[0]


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
    """Returns whether the language is written in this script (as :func:`agents.language.scripts.main` names it)."""
    usual = usual_script(language)
    if script in _HAN:
        return usual in _HAN or usual == "Jpan"
    return script == usual or script in _ALSO.get(language, ())


def tag(language: str, script: str) -> str:
    """Returns the shortest BCP 47 tag of a language in a script, for example ``sr-Latn``, ``zh-Hans`` or ``de``."""
    if language in (UNDETERMINED, NO_LANGUAGE):
        return language
    if language == "zh":
        return f"zh-{script}" if script in ("Hans", "Hant") else "zh"
    if script in ("Zyyy", "Hani", "Hans", "Hant") or script == usual_script(language):
        return language
    return f"{language}-{script}"


def read(value: str | None) -> tuple[str, str | None] | None:
    """Reads a declared tag (``en_US``, ``zh-TW``, ``sr-latn``) into language and script; None when it says nothing."""
    if not value:
        return None
    parts = value.strip().replace("_", "-").split("-")
    language = canonical(parts[0].lower())
    if language is None or not (2 <= len(language) <= 3 and language.isascii() and language.isalpha()):
        return None
    if language in (UNDETERMINED, NO_LANGUAGE, "mul", "mis"):
        return None
    script = next((part.title() for part in parts[1:] if len(part) == 4 and part.isalpha()), None)
    if language == "zh" and script is None:
        region = next((part.upper() for part in parts[1:] if len(part) == 2), "")
        script = {"TW": "Hant", "HK": "Hant", "MO": "Hant", "CN": "Hans", "SG": "Hans"}.get(region)
    return language, script
