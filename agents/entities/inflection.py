"""Base forms of an inflected word of the text, by the rules of its language.

Only the word of the text is changed, never the alias: stemming both sides made a country of a weekday
("Martes", Malta). The rules are the case endings that names take in each language's reference grammar.
"""

from __future__ import annotations

from functools import lru_cache

from agents.entities.languages import language

_MIN_WORD = 4
KEPT = 3
"""Letters at the beginning of a word that its endings leave."""


@lru_cache(32768)
def bases(word: str, code: str) -> tuple[str, ...]:
    """Returns the base forms ``word`` (folded) may have in a language, longest ending first, itself left out."""
    rules = language(code)
    found: dict[str, None] = {}
    for prefix in rules.prefixes:
        if word.startswith(prefix) and len(word) - len(prefix) >= KEPT:
            found[word[len(prefix) :]] = None
    if len(word) >= _MIN_WORD:
        for ending, replacements in rules.endings.get(word[-1], ()):
            if word.endswith(ending) and len(word) - len(ending) >= KEPT:
                for replacement in replacements:
                    base = word[: len(word) - len(ending)] + replacement
                    if len(base) >= KEPT:
                        found[base] = None
    found.pop(word, None)
    return tuple(found)
