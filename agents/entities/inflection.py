"""Base forms of an inflected word of the text, by the rules of its language.

Only the word of the text is changed, never the alias: stemming both sides made a country of a weekday. A rule is
``ending:base1,base2``; the longest that fits come first. Sources: the declension tables of each language's
reference grammar, for names only.
"""

from __future__ import annotations

import tomllib
from functools import lru_cache
from pathlib import Path

FOLDER = Path(__file__).parent / "languages"
_MIN_WORD = 4
_MIN_STEM = 3


@lru_cache(1)
def languages() -> dict[str, dict[str, object]]:
    """Returns the data file of each language."""
    return {path.stem: tomllib.loads(path.read_text("utf-8")) for path in sorted(FOLDER.glob("*.toml"))}


@lru_cache(256)
def _rules(language: str) -> tuple[tuple[str, tuple[str, ...]], ...]:
    listed = languages().get(language, {}).get("endings", ())
    assert isinstance(listed, list | tuple)
    rules = []
    for rule in listed:
        ending, _, bases = rule.partition(":")
        rules.append((ending, tuple(bases.split(","))))
    return tuple(sorted(rules, key=lambda rule: -len(rule[0])))


@lru_cache(256)
def _prefixes(language: str) -> tuple[str, ...]:
    listed = languages().get(language, {}).get("prefixes", ())
    assert isinstance(listed, list | tuple)
    return tuple(sorted(listed, key=len, reverse=True))


@lru_cache(200_000)
def bases(word: str, language: str) -> tuple[str, ...]:
    """Returns the base forms ``word`` (folded) may have in ``language``, likelier first, itself left out."""
    found: dict[str, None] = {}
    for prefix in _prefixes(language):
        if word.startswith(prefix) and len(word) - len(prefix) >= 2:
            found[word[len(prefix) :]] = None
    if len(word) >= _MIN_WORD:
        for ending, replacements in _rules(language):
            if word.endswith(ending) and len(word) - len(ending) >= _MIN_STEM:
                for replacement in replacements:
                    base = word[: len(word) - len(ending)] + replacement
                    if len(base) >= _MIN_STEM:
                        found[base] = None
    found.pop(word, None)
    return tuple(found)
