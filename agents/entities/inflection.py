"""Base forms of an inflected word of the text, by the rules of its language.

Only the word of the text is changed, never the alias: stemming both sides made a country of a weekday
("Martes", Malta). The rules are the case endings that names take in each language's reference grammar.
"""

from __future__ import annotations

from functools import lru_cache

from agents.entities.languages import language

_MIN_WORD = 4
_MIN_STEM = 3


@lru_cache(32768)
def bases(word: str, code: str) -> tuple[str, ...]:
    """Returns the base forms ``word`` (folded) may have in a language, longest ending first, itself left out."""
    rules = language(code)
    found: dict[str, None] = {}
    for prefix in rules.prefixes:
        if word.startswith(prefix) and len(word) - len(prefix) >= _MIN_STEM:
            found[word[len(prefix) :]] = None
    if len(word) >= _MIN_WORD:
        for ending, replacements in rules.endings:
            if word.endswith(ending) and len(word) - len(ending) >= _MIN_STEM:
                for replacement in replacements:
                    base = word[: len(word) - len(ending)] + replacement
                    if len(base) >= _MIN_STEM:
                        found[base] = None
    found.pop(word, None)
    return tuple(found)
