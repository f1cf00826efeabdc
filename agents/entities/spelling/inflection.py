"""Base forms of an inflected word of the text, by the rules of its language.

Only the word of the text is changed, never the alias: stemming both sides made a country of a weekday
("Martes", Malta). The rules are the case endings that names take in each language's reference grammar.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from agents.entities.spelling.fold import fold, one_way, token
from agents.entities.spelling.languages import Endings, Language, language

_MIN_WORD = 4
_JOINER = "\u200c"
_ORIGINAL = re.compile(r"[wqx]|([b-df-hj-np-tv-z])\1")
KEPT = 3
"""Letters at the beginning of a word that its endings leave."""
_ALTERNATING = 2
"""Letters from which what takes an ending's place shows the word as well as one more letter kept: ``Rize``, Riga."""
DOT = "\u093c"
"""The dot below of Devanagari, which many leave out: ``ज़ेलेंस्की``, ``जेलेंस्की``."""
_JOINED = re.compile(r"(.*\w\w)[-‑:'’]([^\W\d_]{1,7})|(.*[A-Za-z]{3})([Ͱ-ᷯ]+)")
_GERESH = re.compile("([גזצץת])['׳’‘ʼ`´]")
"""Letters of Hebrew that a stroke makes another sound."""
_STRUCK = {"ג": "ج", "ז": "ژ", "צ": "چ", "ץ": "چ", "ת": "ת"}
"""What Arabic script, which is read with Hebrew's, has for them."""
_LEAST = 2
"""Letters that are left even so."""


def bases(word: str, code: str, kept: int = KEPT) -> tuple[str, ...]:
    """Returns the base forms ``word`` (folded) may have in a language, longest ending first, itself left out.

    Endings leave ``kept`` letters: two are enough for a word that others go before (``Kim Jong Unom``).
    """
    rules = language(code)
    endings = rules.endings.get(word[-1:])
    if not endings and not rules.prefixes and DOT not in word:
        return ()
    found: dict[str, None] = {}
    if DOT in word:
        found[word.replace(DOT, "")] = None
    for prefix in rules.prefixes:
        if word.startswith(prefix) and len(word) - len(prefix) >= kept:
            found[word[len(prefix) :]] = None
    if endings and len(word) >= _MIN_WORD:
        for ending, replacements in endings:
            if word.endswith(ending) and (left := len(word) - len(ending)) >= kept - 1:
                for replacement in replacements:
                    base = word[:left] + replacement
                    enough = left >= kept or (left >= _LEAST and len(replacement) >= _ALTERNATING)
                    if enough and len(base) >= kept:
                        found[base] = None
    found.pop(word, None)
    return tuple(found)


def shed(name: str, code: str, given: Callable[[str], bool]) -> str:
    """Returns a name without the case endings of its words, where the language's endings show them by themselves.

    A word of Kannada or Telugu shows its ending by the joiner before it. A name that begins with a given name as it
    stands is left alone (``Edgars`` is no Edgar), and so is one that its letters show to be written as in English.
    """
    if language(code).respelt and _ORIGINAL.search(fold(name)):
        return name
    words = one_way(name).split(" ")
    rules = language(code)
    last = _apart(words[-1], rules)
    bare = [*(_shed(word, code, rules.shed) for word in words[:-1]), _shed(last, code, rules.shed_last)]
    return name if bare[0] != words[0] and given(token(fold(words[0]))) else " ".join(bare)


def heard(name: str, code: str) -> str:
    """Returns a name with the letters that its language reads otherwise than English does as English writes them."""
    letters = language(code).heard
    if code == "he":
        name = _GERESH.sub(_sounding_so, name)
    return name.translate(letters) if letters else name


def _apart(word: str, rules: Language) -> str:
    """Returns a word without the ending that shows by a stroke or by its script: ``Threave-ben``, ``DARPA-մ``."""
    found = _JOINED.fullmatch(word)
    if found is None:
        return word
    name, ending = (part for part in found.groups() if part)
    strange = name[-1].isascii() and "Ͱ" <= ending[0] <= "ᷯ"
    folded = token(fold(ending))
    return name if strange or any(folded == one for one, _ in rules.endings.get(folded[-1:], ())) else word


def _shed(word: str, code: str, endings: Endings) -> str:
    head, joiner, _ = word.rpartition(_JOINER)
    folded = fold(word)
    if joiner and token(fold(head)) in bases(token(folded), code):
        return head
    for ending, replacements in endings.get(folded[-1:], ()):
        if folded.endswith(ending) and len(word) - len(ending) >= KEPT:
            return word[: len(word) - len(ending)] + replacements[0]
    return word


def _sounding_so(found: re.Match[str]) -> str:
    return _STRUCK[found.group(1)]
