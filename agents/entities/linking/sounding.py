"""What a text names by the sound of its English name, where the knowledge base has no such spelling.

The outline (:mod:`agents.entities.spelling.outline`) of the words proposes, how alike they sound decides. The
thresholds were set on the parallel news, where the English version tells which proposals are right.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from agents.entities.knowledge.kb import ONE_WORD, Lexicon
from agents.entities.linking.candidates import Option, Span
from agents.entities.linking.text import Words
from agents.entities.spelling.fold import words as split
from agents.entities.spelling.inflection import bases
from agents.entities.spelling.languages import language
from agents.entities.spelling.names import heard, outline_key, similarity
from agents.entities.spelling.outline import outline, spelt_out, undotted
from agents.entities.spelling.reading import romanised
from schemas.article import EntityType

_SOUNDS_ALIKE = 0.87
"""Similarity above which a recognised name may be the English one whose outline it has, where its script writes the
vowels; the most similar one is meant."""
_SPELT_ALIKE = 0.5
"""The same where it does not, and for a name of so many words that their outlines tell enough."""
_LONG_NAME = 3
_ALONE_SPELT = {2: 0.99, 3: 0.94, 4: 0.9, 5: 0.87}
"""Similarity above which a recognised name of one word may be the English one, by the letters of its outline (the
most: or more): in a script that writes the vowels."""
_ALONE_BARE = {3: 0.95, 4: 0.87, 5: 0.84, 6: 0.72}
"""The same in one that does not, or that has fewer sounds than English: Arabic, Hangul, kana."""
_ALONE_RESPELT = {3: 0.96, 4: 0.92, 5: 0.9}
"""The same in Latin letters, where the language spells names by their sound."""
_ALONE_LATIN = {4: 0.98, 5: 0.96}
"""The same where it leaves them as they are: ``Rangers`` is no Ryanair."""
_MAX_SOUNDING = 4
"""Words of a name that is looked for by its sound."""
_HEARD = {4: 0.8, 5: 0.7, 6: 0.6}
"""How alike (:func:`~.names.heard`) words without capitals sound to the person's English name that has
their outline, before they are that person; by the letters of the outline (six: or more)."""
_HEARD_COMMON = {4: 0.9, 5: 0.9, 6: 0.85}
"""The same where one of the words is a common one."""
_HEARD_CAPITAL = {4: 0.89, 5: 0.8, 6: 0.75}
"""The same for words with capitals that nothing else explains."""
_HEARD_OTHER = {4: 0.94, 5: 0.88, 6: 0.8}
"""The same for a place or an organisation, of which the knowledge base has more."""
_HEARD_ALONE = {4: 0.95, 5: 0.92, 6: 0.85}
"""The same for one word, by the letters of its outline."""
_J_OR_Z = re.compile("[\u091c\u099c\u0a1c\u0a9c\u0b1c\u0b9c\u0c1c\u0c9c\u0d1c]")
"""The letter ja of the scripts of India."""
REMEMBERED = 131_072
"""Words of which is remembered what they may open. After 3,000 articles in 119 languages two thirds of a text's words
are among these, half among 32,768: 12 % more articles a second, for 37 MB."""
_PERSONS: tuple[EntityType, ...] = ("PER",)
_OTHERS: tuple[EntityType, ...] = ("LOC", "ORG")

LookUp = Callable[[str, str], tuple[Option, ...]]
"""Returns what is stored under a key, as seen from a text of a language."""


@dataclass(slots=True)
class Opening:
    """The names that may begin with a word, by its sound; not frozen, for speed (:mod:`candidates`)."""

    persons: tuple[str, ...]
    """Outlines of their second words: of persons."""
    others: tuple[str, ...]
    """The same of places and organisations."""
    alone: bool
    """A place or an organisation of one word sounds so, by its first letters."""


_ALONE = Opening((), (), alone=True)


class Sounding:
    """Finds names by their sound over one knowledge base."""

    def __init__(self, lexicon: Lexicon, look_up: LookUp) -> None:
        self._lexicon = lexicon
        self._look_up = look_up
        self.opening = lru_cache(REMEMBERED)(self._opened_by)
        self._openings: dict[str, Opening] = {}
        """By outline: one for all words of one, not more than the knowledge base has."""
        self._matches = lru_cache(8192)(self._matching)
        self._single = lru_cache(32768)(self._alone)

    def uncased(self, words: Words, at: int, code: str, chosen: Span | None, opening: Opening) -> Span | None:
        """Returns what a word without capitals and those behind it sound like; ``chosen`` is what it alone names."""
        if (opening.persons or opening.others) and another(words, at):
            several = self.several(words, at, code)
            if several:
                return several
        if chosen or not opening.alone:
            return chosen
        options = self._single(words.word[at], code)
        return Span(words.start[at], words.end[at], at, at + 1, options) if options else None

    def several(self, words: Words, at: int, code: str) -> Span | None:
        """Returns what has an English name of several words that sounds like those from ``at``, which has another.

        In Latin letters only where the language spells foreign names by their sound.
        """
        word = words.word[at]
        if (word.isascii() and not language(code).respelt) or words.hangul[at] or words.unspaced[at]:
            return None
        opening = self.opening(word)
        kinds = _kinds(opening, words.word[at + 1]) if opening else ()
        return self._heard(words, at, kinds, code) if kinds else None

    def _alone(self, word: str, code: str) -> tuple[Option, ...]:
        """Returns what a word alone may name that sounds as one may."""
        if self._lexicon.common(word, code):
            return ()
        near: dict[str, float] = {}
        for form in (word, *bases(word, code)):
            letters = len(outline(form))
            if letters < ONE_WORD or self._lexicon.common(form, code):
                continue
            least = _HEARD_ALONE[min(letters, max(_HEARD_ALONE))]
            for kind in _OTHERS:
                for _, alias in self._lexicon.alike(outline_key([form], kind)):
                    likeness = heard([form], [alias])
                    if likeness >= least:
                        near[alias] = max(near.get(alias, 0.0), likeness)
        return self._meant(max(sorted(near), key=near.__getitem__), _OTHERS) if near else ()

    def recognised(
        self, words: Words, first: int, start: int, end: int, kind: EntityType, code: str
    ) -> Span | None:
        """Returns the entity whose English name sounds like the recognised one from ``start`` to ``end``."""
        listed = split(undotted(words.text[start:end]))
        if len(listed) < (2 if kind == "PER" else 1):
            return None
        last = first + 1
        while last < len(words) and words.start[last] < end:
            last += 1
        names = [[*listed[:-1], ending] for ending in (listed[-1], *bases(listed[-1], code))]
        for name in names + _with_z(names):
            near: dict[int, float] = {}
            least = _alike_enough(name, code)
            for entity, alias in self._lexicon.alike(outline_key(name, kind)):
                near[entity] = max(near.get(entity, least), similarity(name, alias.split(" ")))
            best = max(near.values(), default=0.0)
            if best > least:
                items = [self._lexicon.item(entity) for entity in sorted(near) if near[entity] == best]
                options = tuple(Option(item, "label", True, "skeleton") for item in items)
                return Span(start, end, first, last, options)
        return None

    def _opened_by(self, word: str) -> Opening | None:
        """Returns what may be named by a word, and by it and others, in a script that writes the vowels."""
        if not spelt_out(word):
            return None
        sounds, lexicon = outline(word), self._lexicon
        known = self._openings.get(sounds)
        if known is None:
            persons, others = lexicon.sounds(sounds), lexicon.sounds(sounds, persons=False)
            alone = lexicon.sounds_alone(sounds)
            if not (persons or others):
                return _ALONE if alone else None
            known = self._openings[sounds] = Opening(persons, others, alone)
        return known

    def _heard(self, words: Words, at: int, kinds: Sequence[EntityType], code: str) -> Span | None:
        """Returns what sounds like the words from ``at``, the longest name first."""
        last = at + 1
        while last < len(words.word) and last - at < _MAX_SOUNDING and another(words, last - 1):
            last += 1
        for end in range(last, at + 1, -1):
            options = self._matches(tuple(words.word[at:end]), tuple(kinds), words.cased[at], code)
            if options:
                return Span(words.start[at], words.end[end - 1], at, end, options)
        return None

    def _matching(
        self, name: tuple[str, ...], kinds: tuple[EntityType, ...], cased: bool, code: str
    ) -> tuple[Option, ...]:
        """Returns what has the English name that sounds most like ``name``, the last word of it inflected or not."""
        best: tuple[float, EntityType, str] | None = None
        for form in (name[-1], *bases(name[-1], code)):
            written = [*name[:-1], form]
            for kind in kinds:
                for _, alias in self._lexicon.alike(outline_key(written, kind)):
                    found = (heard(written, alias.split(" ")), kind, alias)
                    if (best is None or found > best) and found[0] >= self._least(written, kind, cased, code):
                        best = found
        return self._meant(best[2], (best[1],)) if best else ()

    def _least(self, name: Sequence[str], kind: EntityType, cased: bool, code: str) -> float:
        """Returns how alike a name must sound to the English one that has its outline."""
        table: Mapping[int, float] = _HEARD
        if kind != "PER":
            table = _HEARD_OTHER
        elif cased:
            table = _HEARD_CAPITAL
        elif any(self._lexicon.common(word, code) for word in name):
            table = _HEARD_COMMON
        letters = sum(len(outline(word)) for word in name)
        return table[min(max(letters, min(table)), max(table))]

    def _meant(self, alias: str, kinds: Sequence[EntityType]) -> tuple[Option, ...]:
        """Returns what of some types an English key means, for a text that spells it by its sound."""
        listed = self._look_up(alias, "en")
        return tuple(replace(one, own=True, method="skeleton") for one in listed if one.item.type in kinds)


def _with_z(names: Sequence[list[str]]) -> list[list[str]]:
    """Returns the names, in Latin letters, with z where a script of India writes it as j: ``అరిజోనా``, Arizona."""
    if not any(_J_OR_Z.search(word) for word in names[0]):
        return []
    return [[romanised(word).replace("j", "z") for word in name] for name in names]


def _kinds(opening: Opening, second: str) -> tuple[EntityType, ...]:
    """Returns what the names may be that ``opening`` and a second word open."""
    sounds = outline(second) if opening.persons or opening.others else ""
    kinds = _PERSONS if sounds.startswith(opening.persons) else ()
    return kinds + _OTHERS if sounds.startswith(opening.others) else kinds


def _alike_enough(name: Sequence[str], code: str) -> float:
    """Returns the similarity above which a recognised name may be the English one with its outline."""
    opening = name[0]
    if len(name) > 1:
        return _SOUNDS_ALIKE if spelt_out(opening) and len(name) < _LONG_NAME else _SPELT_ALIKE
    if opening.isascii():
        table = _ALONE_RESPELT if language(code).respelt else _ALONE_LATIN
    else:
        table = _ALONE_SPELT if spelt_out(opening) else _ALONE_BARE
    return table[min(max(len(outline(opening)), min(table)), max(table))]


def another(words: Words, at: int) -> bool:
    """Tells whether a word that may be of the same name continues the one at ``at``."""
    after = at + 1
    return (
        after < len(words.word)
        and words.joined[after]
        and words.capital[after]
        and words.cased[after] == words.cased[at]
        and not words.parted(after)
    )
