"""Languages of other scripts as people type them in Latin letters, told by their small words.

No detector was trained on most of them, and what is typed follows no standard, so they came out as whatever African
language has short words. Articles, postpositions, pronouns and auxiliaries are few and frequent: every third word of
a sentence is one. They are asked only where nothing else is sure, and an answer of theirs is never reliable.
The words (``romanised.toml``) are ours, from the grammar of each language; no text was counted.
"""

from __future__ import annotations

import re
import tomllib
from functools import cache
from importlib.resources import files
from typing import Final

_FEWEST: Final = 3
"""Different small words that a text needs."""
_SHARE: Final = 0.3
"""Share of its words that must be small words of the language."""
_LEAST_SHARE: Final = 0.18
"""The same where it has twice as many different ones."""
_LONG: Final = 3
_TELLING: Final = 3
"""Different small words of so many letters that it takes: shorter ones are common to half the world."""
CONFIDENCE: Final = 0.8
"""Put below what was measured (41 of 43 answers are right, docs/quality-language.md): sentences and words have one
author."""
_WORD: Final = re.compile(r"[^\W\d_]+(?:[0-9][^\W\d_]*)*|[2-9][^\W\d_]+")


@cache
def _languages() -> dict[str, tuple[str, ...]]:
    """Returns each small word with the languages that have it."""
    found: dict[str, tuple[str, ...]] = {}
    file = files("agents.language").joinpath("romanised.toml")
    for language, words in tomllib.loads(file.read_text(encoding="utf-8")).items():
        for word in dict.fromkeys(words.split()):
            found[word] = (*found.get(word, ()), language)
    return found


def romanised(text: str, *, doubted: bool = True) -> tuple[str, ...]:
    """Returns the languages whose small words make up much of ``text``, likeliest first; none for most texts.

    Where it is not ``doubted`` what else the text is, it takes more of them: an English article may quote Hindi.
    """
    words = _WORD.findall(text.casefold())
    if not "".join(words).isascii():
        return ()  # who has letters with marks at hand types a language that is written with them
    said: dict[str, list[str]] = {}
    known = _languages()
    for word in words:
        for language in known.get(word, ()):
            said.setdefault(language, []).append(word)
    found = []
    for language, hits in said.items():
        kinds, share = len(set(hits)), len(hits) / len(words)
        telling = sum(len(word) >= _LONG for word in set(hits))
        if (
            kinds >= _FEWEST
            and telling >= _TELLING
            and (share >= _SHARE or (doubted and kinds >= 2 * _FEWEST and share >= _LEAST_SHARE))
        ):
            found.append((len(hits), kinds, language))
    return tuple(language for _, _, language in sorted(found, reverse=True))
