"""Where the text says something the knowledge base has: exact, inflected, by skeleton, with and without spaces."""

from __future__ import annotations

import unicodedata
from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache

from agents.entities.candidates import Option, Span
from agents.entities.inflection import KEPT, bases
from agents.entities.kb import Lexicon
from agents.entities.languages import language
from agents.entities.names import ALIKE, parts_skeleton, similarity
from agents.entities.records import BELIEVED, AliasKind
from agents.entities.sounding import REMEMBERED, Sounding, another
from agents.entities.text import Words
from schemas.article import EntityType

_MAX_WORDS = 10
_MAX_STATES = 24
_MAX_KEY = 48
"""Longest key looked for in a script without spaces, in characters."""
_FEW = 2
"""Letters that tell of most places in a script without spaces that no key begins there."""
_MIN_UNSPACED = {"THAI": 4, "LAO": 4, "KHMER": 4, "MYANMAR": 4, "TIBETAN": 4, "KATAKANA": 3, "HIRAGANA": 4}
_MISTAKEN: Mapping[EntityType, tuple[EntityType, ...]] = {"ORG": ("LOC",), "LOC": ("ORG",)}
"""What a recognised name may be instead: ``Washington`` said so."""
_SHORT = 5
_KEPT_LATER = 2
"""Letters that an ending leaves of a word that is not the first of its name."""
_LEADING_VOWELS = frozenset("เแโใไເແໂໃໄ")


Choose = Callable[[Sequence[Span]], Span | None]


class Finder:
    """Finds spans over one knowledge base."""

    def __init__(self, lexicon: Lexicon) -> None:
        self._lexicon = lexicon
        self._options = lru_cache(32768)(self._look_up)
        self._openings = lru_cache(REMEMBERED)(self._open_with)
        self._persons = lru_cache(8192)(self._most_alike)
        self._sounding = Sounding(lexicon, self._options)

    def walk(self, words: Words, code: str, choose: Choose) -> Iterator[Span]:
        """Yields what ``choose`` picks from the spans that begin at each place, none overlapping."""
        position, sounding = 0, self._sounding
        for at in self._promising(words, code):
            if words.end[at] <= position:
                continue
            if words.unspaced[at]:
                place = max(position, words.start[at])
                while place < words.end[at]:
                    spans = self._inside(words, at, place, code)
                    chosen = choose(spans) if spans else None
                    place = chosen.end if chosen else place + 1
                    if chosen:
                        yield chosen
                position = place
            elif words.start[at] >= position:
                spans = self._from(words, at, code)
                chosen = choose(spans) if spans else None
                if chosen is None or chosen.last == at + 1:
                    more = another(words, at)
                    if not words.cased[at]:
                        several = sounding.several(words, at, code) if more else None
                        chosen = several or chosen or sounding.single(words, at, code)
                    elif more and words.capital[at]:
                        chosen = self._alike(words, at, code) or sounding.several(words, at, code) or chosen
                if chosen:
                    yield chosen
                    position = chosen.end

    def _promising(self, words: Words, code: str) -> list[int]:
        """Returns the words a name may begin with: few of those that no capital shows, by their first letters."""
        small = self._lexicon.small_beginnings(code)
        rules = language(code)
        bare, longest = not rules.prefixes, rules.longest
        return [
            at
            for at, (word, capital, cased) in enumerate(
                zip(words.word, words.capital, words.cased, strict=True)
            )
            if (
                (cased or not bare or self._uncased(words, at, longest, code))
                if capital
                else word[:KEPT] in small
            )
        ]

    def _uncased(self, words: Words, at: int, longest: int, code: str) -> bool:
        """Tells whether a name may begin with a word whose script has no capitals, and to which nothing is glued.

        All its base forms have the letters before the ``longest`` ending of the language.
        """
        if words.unspaced[at] or words.hangul[at]:
            return True
        word = words.word[at]
        if self._lexicon.begins(word[: max(KEPT, len(word) - longest)]):
            return True
        return self._sounding.opens(words, at, code)

    def at(self, words: Words, first: int, start: int, end: int, kind: EntityType, code: str) -> Span | None:
        """Returns what a recognised name may mean: by what the knowledge base has there, else by its sound.

        Args:
            first: the word it begins in.
            start: where it begins in the text.
            end: one past where it ends.
            kind: its type.
        """
        if words.unspaced[first]:
            listed = self._options(words.folded[start:end], code)  # also of two letters: ``パリ``
            whole = Span(start, end, first, bisect_left(words.start, end), listed)
            spans = [whole, *self._inside(words, first, start, code)]
        elif words.start[first] != start:
            return None
        else:
            spans = self._from(words, first, code)
        for span in spans:
            if span.end == end and any(option.item.type == kind for option in span.options):
                return span
        for one in (kind, *_MISTAKEN.get(kind, ())):
            found = self._sounding.recognised(words, first, start, end, one, code)
            if found is not None:
                return found
        return None

    def full(self, words: Words, first: int, start: int, end: int, code: str) -> Span | None:
        """Returns the person whose full English name sounds like the name from ``start`` to ``end``."""
        return self._sounding.recognised(words, first, start, end, "PER", code)

    def exact(self, alias: str, code: str) -> tuple[Option, ...]:
        """Returns what is stored under a key."""
        return self._options(alias, code)

    def _look_up(self, alias: str, code: str) -> tuple[Option, ...]:
        postings = self._lexicon.find(alias)
        if not postings:
            return ()
        best: dict[tuple[int, AliasKind], bool] = {}
        for posting in postings:
            own = posting.language == code or posting.language in BELIEVED
            entry = (posting.entity, posting.kind)
            best[entry] = best.get(entry, False) or own
        return tuple(Option(self._lexicon.item(entity), kind, own) for (entity, kind), own in best.items())

    def _from(self, words: Words, at: int, code: str) -> list[Span]:
        """Returns the spans that begin with a word of a script with spaces, longest first."""
        return self._korean(words, at, code) if words.hangul[at] else self._spaced(words, at, code)

    def _spaced(self, words: Words, at: int, code: str) -> list[Span]:
        begins = self._lexicon.begins
        lower = words.cased[at] and not words.capital[at]
        opening = self._openings(words.word[at], code, lower)
        if not opening:
            return []
        bare, small = not language(code).prefixes, self._lexicon.small(code)
        states: list[tuple[str, bool, str | None]] = [("", False, None)]
        found: list[Span] = []
        end, limit = at, min(len(words), at + _MAX_WORDS)
        while states:
            word = words.word[end]
            more = end + 1 < limit and (words.joined[end + 1] or _ampersand(words, end))
            forms = opening
            grown: list[tuple[str, bool, str | None]] = []
            options: dict[tuple[str, AliasKind], Option] = {}
            country: str | None = None
            for prefix, changed, inside in states:
                if prefix and bare and not begins(f"{prefix} {word[:_KEPT_LATER]}"):
                    forms = ()
                elif prefix:
                    forms = (word, *_later(word, code))
                for form in forms:
                    alias = f"{prefix} {form}" if prefix else form
                    bent = changed or form != word
                    for option in self._options(alias, code):
                        entry = (option.item.id, option.kind)
                        if bent:
                            option = Option(option.item, option.kind, option.own, "inflected")
                        known = options.get(entry)
                        if known is None or (option.own and not known.own):
                            options[entry] = option
                            country = inside or country
                    if more and begins(alias + " "):
                        grown.append((alias, bent, inside))
                if more and prefix and not inside and word in small:
                    between = self._country_of(word, code)
                    if between:
                        grown.append((prefix, changed, between))
            end += 1
            if options:
                listed = tuple(options.values())
                found.append(Span(words.start[at], words.end[end - 1], at, end, listed, country))
            states = grown[:_MAX_STATES]
        found.reverse()
        return found

    def _open_with(self, word: str, code: str, lower: bool) -> tuple[str, ...]:
        """Returns the forms of ``word`` that open a key (of what may be written small, for a small word)."""
        opens = self._lexicon.small(code).__contains__ if lower else self._lexicon.opens
        forms = bases(word, code, _KEPT_LATER) if language(code).prefixes else bases(word, code)
        return tuple([form for form in (word, *forms) if opens(form)])

    def _country_of(self, word: str, code: str) -> str | None:
        for option in self._options(word, code):
            if option.kind in ("adjective", "proper_adjective") and option.own:
                return option.item.country
        return None

    def _alike(self, words: Words, at: int, code: str) -> Span | None:
        """Returns the person whose name sounds like the two to four capitalised words from ``at``."""
        end = at + 1
        limit = min(len(words), at + 4)
        while end < limit and words.joined[end] and words.capital[end] and words.cased[end]:
            end += 1
        for last in range(end, at + 1, -1):
            options = self._persons(tuple(words.word[at:last]), code)
            if options:
                return Span(words.start[at], words.end[last - 1], at, last, options)
        return None

    def _most_alike(self, name: tuple[str, ...], code: str) -> tuple[Option, ...]:
        """Returns the person whose name is most like ``name``, the last word of it inflected or not."""
        best: tuple[float, int] | None = None
        for ending in (name[-1], *bases(name[-1], code)[:3]):
            written = [*name[:-1], ending]
            for entity, alias in self._lexicon.alike(parts_skeleton(written)):
                likeness = similarity(written, alias.split(" "))
                if likeness >= ALIKE and (best is None or likeness > best[0]):
                    best = (likeness, entity)
        return (Option(self._lexicon.item(best[1]), "label", True, "skeleton"),) if best else ()

    def _inside(self, words: Words, at: int, place: int, code: str) -> list[Span]:
        """Returns the spans that begin at ``place`` within a run of a script without spaces."""
        text = words.text
        if not self._lexicon.begins(words.folded[place : min(place + _FEW, words.end[at])]):
            return []
        before = text[place - 1] if place > words.start[at] else ""
        if before and (before in _LEADING_VOWELS or _script(before) == _script(text[place]) == "KATAKANA"):
            return []
        chain, pieces = _chain(words, at, place)
        found = []
        for alias in self._lexicon.prefixes(chain):
            length = len(alias)
            end = _end(pieces, length)
            if length < _MIN_UNSPACED.get(_script(text[place]), 2) or _broken(text, end):
                continue
            last = at + 1
            while last < len(words) and words.start[last] < end:
                last += 1
            found.append(Span(place, end, at, last, self._options(alias, code)))
        found.reverse()
        return found

    def _korean(self, words: Words, at: int, code: str) -> list[Span]:
        """Returns the spans from a Korean word, to whose end particles are glued."""
        particles = language("ko").particles
        chain, pieces = _chain(words, at, words.start[at])
        found = []
        for alias in self._lexicon.prefixes(chain):
            end = _end(pieces, len(alias))
            last = at
            while last < len(words) and words.start[last] < end:
                last += 1
            rest = words.text[end : words.end[last - 1]]
            if rest and rest not in particles:
                continue
            options = self._options(alias, code)
            if rest:
                options = tuple(
                    Option(option.item, option.kind, option.own, "inflected") for option in options
                )
            found.append(Span(words.start[at], end, at, last, options))
        found.reverse()
        return found


def _ampersand(words: Words, at: int) -> bool:
    """Tells whether ``&`` joins a word and the next, as in the names of firms."""
    return words.folded[words.end[at] : words.start[at + 1]].strip(" ") == "&"


def _later(word: str, code: str) -> tuple[str, ...]:
    """Returns the base forms of a later word of a name: a short one may be left with two letters."""
    return bases(word, code) if len(word) > _SHORT else bases(word, code, _KEPT_LATER)


def _chain(words: Words, at: int, place: int) -> tuple[str, list[tuple[int, int]]]:
    """Returns the words from ``place`` on as a key is written, and where in it and in the text each begins."""
    chain = words.folded[place : min(words.end[at], place + _MAX_KEY)]
    pieces = [(0, place)]
    while len(chain) < _MAX_KEY and at + 1 < len(words) and words.joined[at + 1]:
        at += 1
        begin = words.start[at]
        pieces.append((len(chain) + 1, begin))
        chain = f"{chain} {words.folded[begin : min(words.end[at], begin + _MAX_KEY)]}"
    return chain[:_MAX_KEY], pieces


def _end(pieces: Sequence[tuple[int, int]], length: int) -> int:
    """Returns where in the text the first ``length`` letters of a chain end."""
    return next(begin + length - offset for offset, begin in reversed(pieces) if offset < length)


@lru_cache(4096)
def _script(char: str) -> str:
    if char == "ー":
        return "KATAKANA"
    return unicodedata.name(char, "").split(" ")[0]


def _broken(text: str, end: int) -> bool:
    """Tells whether a name that ends at ``end`` would cut a syllable or a word in katakana."""
    if end >= len(text):
        return False
    after = text[end]
    if unicodedata.category(after) in ("Mn", "Mc"):
        return True
    return _script(after) == "KATAKANA" == _script(text[end - 1])
