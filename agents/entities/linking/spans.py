"""Where the text says something the knowledge base has: exact, inflected, by skeleton, with and without spaces."""

from __future__ import annotations

import unicodedata
from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from functools import lru_cache

from agents.entities.knowledge.kb import Lexicon
from agents.entities.knowledge.records import BELIEVED, AliasKind
from agents.entities.linking.candidates import Option, Span
from agents.entities.linking.sounding import REMEMBERED, Sounding, another
from agents.entities.linking.text import Words
from agents.entities.spelling.inflection import DOT, KEPT, bases
from agents.entities.spelling.languages import language
from agents.entities.spelling.names import ALIKE, parts_skeleton, similarity, skeleton
from agents.entities.spelling.outline import spelt_out
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
_CUT_SHORT = 4
"""Most letters of a word that a name known with a stop is cut to: ``Hann. Münden``."""
_KEPT_LATER = 2
"""Letters that an ending leaves of a word that is not the first of its name."""
_IDLE = 65_536
"""Words of which is remembered that they open no name; those of one more article may be added."""
_SMALL = "\n"
"""Between language and word where the word is written small, else a blank."""
_LEADING_VOWELS = frozenset("เแโใไເແໂໃໄ")


Choose = Callable[[Sequence[Span]], Span | None]
_State = tuple[str, bool, str | None]
"""The beginning of a key: itself, whether the text has another form of it, the country of an adjective within."""
_Opened = tuple[tuple[Option, ...], tuple[_State, ...]]
"""What a word alone may mean, and the keys that it and other words may make."""


class _Idle:
    """Words that open no name, by language, so that each is looked up once: without capitals, and written small."""

    def __init__(self) -> None:
        self._words: dict[str, tuple[set[str], set[str]]] = {}
        self._given: tuple[set[str], set[str]] = (set(), set())
        self._count = self._before = 0
        """Words of all languages; those of the one given last when it was given."""

    def of(self, code: str) -> tuple[set[str], set[str]]:
        """Returns those of one language, to add to; all are forgotten when there are too many."""
        self._count += sum(map(len, self._given)) - self._before
        if self._count > _IDLE:
            self._words.clear()
            self._count = 0
        self._given = self._words.setdefault(code, (set(), set()))
        self._before = sum(map(len, self._given))
        return self._given


class Finder:
    """Finds spans over one knowledge base."""

    def __init__(self, lexicon: Lexicon) -> None:
        self._lexicon = lexicon
        self._languages = lru_cache(32768)(self._called_in)
        self._stored = lru_cache(32768)(self._look_up)
        self._opened = lru_cache(REMEMBERED)(self._open_with)
        self._persons = lru_cache(8192)(self._most_alike)
        self._idle = _Idle()
        self._sounding = Sounding(lexicon, self._options)

    def walk(self, words: Words, code: str, choose: Choose) -> Iterator[Span]:
        """Yields what ``choose`` picks from the spans that begin at each place, none overlapping."""
        position, sounding, rules = 0, self._sounding, language(code)
        begins, opens = self._lexicon.begins, self._lexicon.opens
        kept = None if rules.prefixes else rules.longest
        idle, idle_small = self._idle.of(code)
        start, end, word, capital, cased = words.start, words.end, words.word, words.capital, words.cased
        folded = words.folded
        for at in self._promising(words, code, idle, idle_small):
            if end[at] <= position:
                continue
            if words.unspaced[at]:
                place = max(position, start[at])
                while place < end[at]:
                    if not begins(folded[place : min(place + _FEW, end[at])]):
                        place += 1
                        continue
                    spans = self._inside(words, at, place, code)
                    chosen = choose(spans) if spans else None
                    place = chosen.end if chosen else place + 1
                    if chosen:
                        yield chosen
                position = place
                continue
            if start[at] < position:
                continue
            one = word[at]
            if words.hangul[at]:
                spans = self._korean(words, at, code)
                chosen = choose(spans) if spans else None
            elif cased[at]:
                opened = self._opened(f"{code}{' ' if capital[at] else _SMALL}{one}")
                if opened is None:
                    chosen = None
                    if not capital[at]:
                        idle_small.add(one)
                        continue
                else:
                    spans = self._spaced(words, at, opened, code)
                    chosen = choose(spans) if spans else None
                if capital[at] and (chosen is None or chosen.last == at + 1) and another(words, at):
                    chosen = self._alike(words, at, code) or sounding.several(words, at, code) or chosen
            else:
                # all base forms have the letters before the longest ending, or no dot
                if kept is None:
                    may = True
                elif kept:
                    may = begins(one[: max(KEPT, len(one) - kept)]) or DOT in one
                else:
                    may = opens(one) or DOT in one
                opened = self._opened(f"{code} {one}") if may else None
                heard = sounding.opening(one) if spelt_out(one) else None
                if opened is None and heard is None:
                    idle.add(one)
                    continue
                spans = self._spaced(words, at, opened, code) if opened else []
                chosen = choose(spans) if spans else None
                if heard and (chosen is None or chosen.last == at + 1):
                    chosen = sounding.uncased(words, at, code, chosen, heard)
            if chosen:
                yield chosen
                position = chosen.end

    def _promising(self, words: Words, code: str, idle: Set[str], idle_small: Set[str]) -> list[int]:
        """Returns the words a name may begin with: few of those that a capital would show, by their first letters."""
        small = self._lexicon.small_beginnings(code)
        listed = enumerate(zip(words.word, words.capital, words.cased, strict=True))
        return [
            at
            for at, (word, capital, cased) in listed
            if (cased or word not in idle if capital else word[:KEPT] in small and word not in idle_small)
        ]

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

    def _options(self, alias: str, code: str) -> tuple[Option, ...]:
        """Returns what is stored under a key, as a text of a language has it.

        Remembered once for all languages that have no name of their own there, and by one string: each object that
        is kept brings the garbage collector nearer.
        """
        languages = self._languages(alias)
        return self._stored(f"{code if code in languages else ''} {alias}") if languages else ()

    def _called_in(self, alias: str) -> tuple[str, ...]:
        """Returns the languages of what is stored under a key."""
        return tuple([posting.language for posting in self._lexicon.find(alias)])

    def _look_up(self, asked: str) -> tuple[Option, ...]:
        code, _, alias = asked.partition(" ")
        best: dict[tuple[int, AliasKind], bool] = {}
        for posting in self._lexicon.find(alias):
            own = posting.language == code or posting.language in BELIEVED
            entry = (posting.entity, posting.kind)
            best[entry] = best.get(entry, False) or own
        item = self._lexicon.item
        return tuple([Option(item(entity), kind, own) for (entity, kind), own in best.items()])

    def _from(self, words: Words, at: int, code: str) -> list[Span]:
        """Returns the spans that begin with a word of a script with spaces, longest first."""
        if words.hangul[at]:
            return self._korean(words, at, code)
        lower = words.cased[at] and not words.capital[at]
        opened = self._opened(f"{code}{_SMALL if lower else ' '}{words.word[at]}")
        return self._spaced(words, at, opened, code) if opened else []

    def _spaced(self, words: Words, at: int, opened: _Opened, code: str) -> list[Span]:
        """Returns the spans that begin with a word, by what it opens."""
        states: Sequence[_State]
        listed, states = opened
        found = [Span(words.start[at], words.end[at], at, at + 1, listed)] if listed else []
        end = at + 1
        if not states or end == len(words.word) or not (words.joined[end] or _ampersand(words, at)):
            return found
        begins = self._lexicon.begins
        bare, small = not language(code).prefixes, self._lexicon.small(code)
        limit = min(len(words.word), at + _MAX_WORDS)
        while states and not (
            words.initial[end] and len(words.word[end - 1]) > _CUT_SHORT and words.parted(end)
        ):
            word = words.word[end]
            beginning = f" {word[:_KEPT_LATER]}"
            near = [not bare or begins(prefix + beginning) for prefix, _, _ in states]
            adjective = word in small
            if not adjective and True not in near:
                break
            more = end + 1 < limit and (words.joined[end + 1] or _ampersand(words, end))
            forms: tuple[str, ...] = ()
            grown: list[_State] = []
            options: dict[tuple[str, AliasKind], Option] = {}
            country: str | None = None
            for (prefix, changed, inside), may in zip(states, near, strict=True):
                if may:
                    forms = forms or (word, *_later(word, code))
                    for form in forms:
                        alias = f"{prefix} {form}"
                        bent = changed or form != word
                        if self._gather(options, alias, code, bent):
                            country = inside or country
                        if more and begins(alias + " "):
                            grown.append((alias, bent, inside))
                if more and adjective and not inside:
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

    def _gather(
        self, options: dict[tuple[str, AliasKind], Option], alias: str, code: str, bent: bool
    ) -> bool:
        """Adds what is stored under a key, ``bent`` where the text has another form; tells whether any was new."""
        new = False
        for option in self._options(alias, code):
            entry = (option.item.id, option.kind)
            known = options.get(entry)
            if known is None or (option.own and not known.own):
                options[entry] = Option(option.item, option.kind, option.own, "inflected") if bent else option
                new = True
        return new

    def _open_with(self, asked: str) -> _Opened | None:
        """Returns what a word alone may mean, and the keys that it and other words may make; None for most words.

        ``asked`` is language and word; a small word (:data:`_SMALL` before it) opens only what may be written small.
        """
        lower = _SMALL in asked
        code, _, word = asked.partition(_SMALL if lower else " ")
        opens = self._lexicon.small(code).__contains__ if lower else self._lexicon.opens
        forms = bases(word, code, _KEPT_LATER if language(code).prefixes else KEPT)
        opening = list(filter(opens, (word, *forms)))
        if not opening:
            return None
        options: dict[tuple[str, AliasKind], Option] = {}
        for form in opening:
            self._gather(options, form, code, form != word)
        listed = tuple(options.values())
        stored = self._options(word, code) if listed else listed
        begins = self._lexicon.begins
        states = [(form, form != word, None) for form in opening if begins(form + " ")]
        return stored if listed == stored else listed, tuple(states[:_MAX_STATES])

    def _country_of(self, word: str, code: str) -> str | None:
        for option in self._options(word, code):
            if option.kind in ("adjective", "proper_adjective") and option.own:
                return option.item.country
        return None

    def _alike(self, words: Words, at: int, code: str) -> Span | None:
        """Returns the person whose name sounds like the two to four capitalised words from ``at``."""
        seconds = self._lexicon.follow(skeleton(words.word[at]))
        if not seconds:
            return None
        end = at + 1
        limit = min(len(words.word), at + 4)
        while end < limit and another(words, end - 1):
            end += 1
        if (
            end > at + 2 and skeleton(words.word[at + 1]) not in seconds
        ):  # of two words the second may be inflected
            end = at + 2
        for last in range(end, at + 1, -1):
            options = self._persons(f"{code} {' '.join(words.word[at:last])}")
            if options:
                return Span(words.start[at], words.end[last - 1], at, last, options)
        return None

    def _most_alike(self, asked: str) -> tuple[Option, ...]:
        """Returns the person whose name is most like another, the last word of it inflected or not.

        ``asked`` is language and name, in one string as in :meth:`_options`.
        """
        best: tuple[float, int] | None = None
        code, *name = asked.split(" ")
        for ending in (name[-1], *bases(name[-1], code)[:3]):
            written = [*name[:-1], ending]
            for entity, alias in self._lexicon.alike(parts_skeleton(written)):
                likeness = similarity(written, alias.split(" "))
                if likeness >= ALIKE and (best is None or likeness > best[0]):
                    best = (likeness, entity)
        return (Option(self._lexicon.item(best[1]), "label", True, "skeleton"),) if best else ()

    def _inside(self, words: Words, at: int, place: int, code: str) -> list[Span]:
        """Returns the spans that begin at ``place`` within a run of a script without spaces."""
        text, folded, stop = words.text, words.folded, words.end[at]
        script = _script(text[place])
        if place > words.start[at]:
            before = text[place - 1]
            if before in _LEADING_VOWELS or (script == "KATAKANA" and _script(before) == script):
                return []
        least = _MIN_UNSPACED.get(script, _FEW)
        if least > _FEW and not self._lexicon.begins(folded[place : min(place + least, stop)]):
            return []
        chain, pieces = _chain(words, at, place)
        found: list[Span] = []
        for alias in self._lexicon.prefixes(chain):
            length = len(alias)
            if length < least:
                continue
            end = place + length if len(pieces) == 1 else _end(pieces, length)
            if _broken(text, end):
                continue
            last = at + 1
            while last < len(words.start) and words.start[last] < end:
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
            while last < len(words.start) and words.start[last] < end:
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
