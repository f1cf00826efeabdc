"""A surname, or an East Asian family name, after the full name: the same person.

Measured in the study: 72 % of one-word person mentions resolve so, 97.9 % of them rightly; it outranks what the
word would mean on its own.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence

from agents.entities.fold import key
from agents.entities.inflection import KEPT, bases
from agents.entities.languages import language
from agents.entities.names import EAST_ASIAN, PARTICLES
from agents.entities.records import Item
from agents.entities.text import Words

_SURNAME_FIRST = frozenset({"KP", "KR", "CN", "TW", "HK", "MO", "VN"})
_MIN_HEAD = 2
_MIN_UNCASED = 4


class Heads:
    """The family names of the persons an article names in full, with where it does."""

    def __init__(self, code: str) -> None:
        self._code = code
        self._at: dict[str, list[tuple[int, Item]]] = {}
        self._begin: set[str] = set()
        self._prefixed = bool(language(code).prefixes)

    def __bool__(self) -> bool:
        return bool(self._at)

    def add(self, words: Words, first: int, last: int, item: Item) -> None:
        """Adds a full name: the words from ``first`` up to ``last``."""
        if last - first < 2:
            return
        opening, closing = words.word[first], words.word[last - 1]
        heads = {closing, *bases(closing, self._code)[:2]}
        eastern = item.country in _SURNAME_FIRST and key(item.name).split(" ")[0] in EAST_ASIAN
        if eastern or (item.country is None and opening in EAST_ASIAN and last - first <= 3):
            heads = {opening}
            if not eastern:
                heads.add(closing)
        for head in heads:
            short = words.cased[first] or eastern
            if len(head) >= (_MIN_HEAD if short else _MIN_UNCASED):
                self._at.setdefault(head, []).append((words.start[first], item))
                self._begin.add(head[:KEPT])

    def find(self, words: Words, at: int) -> Item | None:
        """Returns the person the word at ``at`` names: the nearest before it, else the first after it."""
        if not words.capital[at]:
            return None
        word = words.word[at]
        listed = self._at.get(word)
        if listed is None and (self._prefixed or word[:KEPT] in self._begin):
            listed = next((self._at[base] for base in bases(word, self._code) if base in self._at), None)
        if listed is None:
            return None
        index = bisect_right(listed, words.start[at], key=lambda entry: entry[0])
        return listed[index - 1][1] if index else listed[0][1]

    def owner(self, words: Words, at: int) -> Item | None:
        """Returns whose name the word at ``at`` is a case form of: ``Choes`` of Choe."""
        word = words.word[at]
        if word in self._at:
            return None
        base = next((base for base in bases(word, self._code) if base in self._at), None)
        return None if base is None or not words.cased[at] else self._at[base][0][1]

    def sort(self) -> None:
        """Puts the places in order; call once, after the last :meth:`add`."""
        for listed in self._at.values():
            listed.sort(key=lambda entry: entry[0])


def begin_of(words: Words, at: int, names: Sequence[str]) -> int:
    """Returns the first word of a surname with particles: ``von der`` before ``Leyen``."""
    first = at
    while (
        first
        and words.joined[first]
        and words.word[first - 1] in PARTICLES
        and words.word[first - 1] in names
    ):
        first -= 1
    return first
