"""Abbreviations as other scripts spell them out, letter by letter, by the English names of the letters.

``सीएनएन``, ``సిఎన్ఎన్`` and ``سي إن إن`` are CNN. A word of three letters' names or more is taken for such a one:
two make up words (``बीबी``).
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from functools import lru_cache
from itertools import islice, product
from pathlib import Path

from agents.entities.spelling.fold import fold, token

FEWEST = 3
"""Letters of an abbreviation that is looked for."""
_MOST = 6
_SPELLINGS = 24
"""Spellings of one abbreviation in one language."""
_FILE = Path(__file__).parent / "letters.toml"
_SPACED = frozenset({"ar", "fa", "ur"})
"""Languages that leave blanks between the letters."""
_LATIN = "abcdefghijklmnopqrstuvwxyz"
_CAPITALS = re.compile(rf"[A-Z]{{{FEWEST},{_MOST}}}")


def spelled_out(name: str) -> Iterator[tuple[str, str]]:
    """Yields how each language spells out an abbreviation: language, spelling. Nothing for other names."""
    if not _CAPITALS.fullmatch(name):
        return
    for code, listed in _names().items():
        called = listed.split(" ")
        choices = [called[_LATIN.index(letter)].split("|") for letter in name.lower()]
        between = " " if code in _SPACED else ""
        for spelling in islice(product(*choices), _SPELLINGS):
            yield code, between.join(spelling)


def abbreviation(word: str) -> str:
    """Returns the Latin letters that a folded word spells out by their names; nothing where it is another word."""
    pattern, letters, openings = _reading()
    if (word[:1] not in openings and word[:2] not in openings) or not pattern.fullmatch(word):
        return ""
    found = "".join(letters[name] for name in _piece().findall(word))
    return found if len(found) >= FEWEST else ""


@lru_cache(1)
def _names() -> Mapping[str, str]:
    """Returns what the letters from A to Z are called, by language."""
    return tomllib.loads(_FILE.read_text("utf-8"))


@lru_cache(1)
def _reading() -> tuple[re.Pattern[str], dict[str, str], frozenset[str]]:
    """Returns the pattern of such a word, which letter each name in it is, and the first two letters of the names."""
    letters: dict[str, str] = {}
    for code, listed in _names().items():
        if code not in _SPACED:
            for letter, names in zip(_LATIN, listed.split(" "), strict=True):
                for name in names.split("|"):
                    letters.setdefault(token(fold(name)), letter)
    return re.compile(rf"(?:{_any(letters)}){{{FEWEST},}}"), letters, frozenset(name[:2] for name in letters)


@lru_cache(1)
def _piece() -> re.Pattern[str]:
    return re.compile(_any(_reading()[1]))


def _any(names: Mapping[str, str]) -> str:
    return "|".join(map(re.escape, sorted(names, key=lambda name: (-len(name), name))))
