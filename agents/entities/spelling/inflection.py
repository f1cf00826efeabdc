"""Base forms of an inflected word of the text, by the rules of its language.

Only the word of the text is changed, never the alias: stemming both sides made a country of a weekday
("Martes", Malta). The rules are the case endings that names take in each language's reference grammar.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from agents.entities.spelling.fold import fold, one_way, token
from agents.entities.spelling.languages import language

_MIN_WORD = 4
_JOINER = "\u200c"
_ORIGINAL = re.compile(r"[wqx]|([b-df-hj-np-tv-z])\1")
KEPT = 3
"""Letters at the beginning of a word that its endings leave."""
_ALTERNATING = 2
"""Letters from which what takes an ending's place shows the word as well as one more letter kept: ``Rize``, Riga."""
DOT = "\u093c"
"""The dot below of Devanagari, which many leave out: ``ज़ेलेंस्की``, ``जेलेंस्की``."""
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
    bare = [_shed(word, code) for word in words]
    return name if bare[0] != words[0] and given(token(fold(words[0]))) else " ".join(bare)


def _shed(word: str, code: str) -> str:
    head, joiner, _ = word.rpartition(_JOINER)
    folded = fold(word)
    if joiner and token(fold(head)) in bases(token(folded), code):
        return head
    for ending, replacements in language(code).shed.get(folded[-1:], ()):
        if folded.endswith(ending) and len(word) - len(ending) >= KEPT:
            return word[: len(word) - len(ending)] + replacements[0]
    return word
