"""Names that no knowledge base has: the recogniser's, and persons by the shape of their names.

Each gets a provisional id from its name, the same in every article. Within one article the forms of a name are one
entity: its case endings by the language's rules, a part of a longer name in a script without spaces, a surname after
the full name.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import compress
from operator import and_

from agents.entities.knowledge.kb import Lexicon
from agents.entities.knowledge.records import Item
from agents.entities.linking.candidates import Span
from agents.entities.linking.coreference import Heads, Namesakes, begin_of
from agents.entities.linking.found import Found
from agents.entities.linking.initials import without_initials
from agents.entities.linking.merge import Name
from agents.entities.linking.persons import person_at
from agents.entities.linking.text import Words
from agents.entities.recognition.decode import Kind
from agents.entities.spelling.fold import key
from agents.entities.spelling.inflection import bases, heard, shed
from agents.entities.spelling.languages import language
from agents.entities.spelling.names import family_first, is_provisional, nominative, provisional_id
from agents.entities.spelling.outline import outline

_BY_SHAPE = 0.7
_COREFERENCE = 0.93
_NAMESAKES = 0.5
_KINDS: Mapping[Kind, str] = {"PER": "person", "ORG": "organisation", "LOC": "place"}
_STEM = 3
"""Letters that the forms of one name have in common at its beginning."""
_MIN_GIVEN = 3
"""Letters of an outline that tell a given name."""
_MOST = 40
"""Forms of names with one beginning that are compared with each other."""


def complete(
    known: Sequence[tuple[Found, Span | None]],
    free: Sequence[Name],
    words: Words,
    code: str,
    lexicon: Lexicon,
) -> list[Found]:
    """Returns ``known`` with the names of ``free``, with persons by shape and with surnames, in no order."""
    return _Completion(known, free, words, code, lexicon).found()


@dataclass(frozen=True, slots=True)
class _Form:
    """One way an article writes a name."""

    type: Kind
    key: str


class _Completion:
    """One article's names without an entry, in the making."""

    def __init__(
        self,
        known: Sequence[tuple[Found, Span | None]],
        free: Sequence[Name],
        words: Words,
        code: str,
        lexicon: Lexicon,
    ) -> None:
        self._known, self._free = known, free
        self._words, self._code, self._lexicon = words, code, lexicon
        self._taken = {at for one, _ in known for at in range(one.start, one.end)}
        self._fresh = {at for name in free for at in range(name.start, name.end)}
        self._made: dict[tuple[Kind, str], Item] = {}
        self._items = self._by_form()
        self._heads = Heads(code, lexicon.given)
        self._result: list[Found] = []

    def found(self) -> list[Found]:
        for one, span in self._known:
            if one.type == "PER" and one.item and span:
                self._heads.add(self._words, span.first, span.last, one.item)
        single = [name for name in self._free if not self._whole(name)]
        self._by_shape()
        runs = self._runs()
        for name in single:
            self._part(name, runs)
        self._result += [self._refer(one, span) for one, span in self._known]
        if self._heads:
            self._surnames()
        return self._result

    def _whole(self, name: Name) -> bool:
        """Takes in a name that stands for itself; tells whether it is one."""
        words = self._words
        if name.type == "PER":
            if name.last == name.first + 1 and " " not in self._form(name).key:
                return False
            owner = self._heads.owner(words, name.first)
            if owner is not None:  # "Choes Treffen": a person's genitive before a word with a capital
                end = words.end[name.first]
                self._result.append(Found(name.start, end, "PER", owner, "coreference", _COREFERENCE))
                return True
        item = self._items[self._form(name)]
        if item.type == "PER":
            self._heads.add(words, name.first, name.last, item)
        self._result.append(Found(name.start, name.end, item.type, item, "model", name.confidence))
        return True

    def _by_shape(self) -> None:
        """Adds the persons whose name shows by its shape."""
        words = self._words
        stand = 0
        followed = [*words.joined[1:], False]
        opening = compress(range(len(words)), map(and_, words.capital, words.cased))
        for at in opening:
            if at < stand or not followed[at]:
                continue
            end = person_at(words, at, self._code, self._lexicon, self._taken)
            if end is None or any(words.start[n] in self._fresh for n in range(at, end)):
                continue
            start, stop = words.start[at], words.end[end - 1]
            item = self._item("PER", words.text[start:stop])
            self._heads.add(words, at, end, item)
            self._result.append(Found(start, stop, "PER", item, "provisional", _BY_SHAPE))
            self._fresh.update(range(start, stop))
            stand = end

    def _part(self, name: Name, runs: Sequence[tuple[str, Item]]) -> None:
        """Adds a person named by one word: someone named in full, else one who is called so."""
        words = self._words
        person: Item | Namesakes | None
        if self._in_run(name.first):
            person = _in_runs(words.text[name.start : name.end], runs)
        else:
            person = self._heads.find(words, name.first)
        if isinstance(person, Namesakes):
            found = _unsure(name.start, name.end, person)
        elif person is not None:
            found = Found(name.start, name.end, "PER", person, "coreference", _COREFERENCE)
        else:
            item = self._items[self._form(name)]
            found = Found(name.start, name.end, item.type, item, "model", name.confidence)
        self._result.append(found)

    def _runs(self) -> list[tuple[str, Item]]:
        """Returns the persons that scripts without spaces name, longest name first."""
        words = self._words
        listed = {
            words.text[one.start : one.end]: one.item
            for one, span in self._known
            if one.type == "PER" and one.item and span and self._in_run(span.first)
        }
        for name in self._free:
            if name.type == "PER" and self._in_run(name.first):
                listed.setdefault(words.text[name.start : name.end], self._items[self._form(name)])
        return sorted(listed.items(), key=lambda entry: (-len(entry[0]), entry[0]))[:_MOST]

    def _in_run(self, at: int) -> bool:
        """Tells whether a word of the text may be more than the name it begins with."""
        return self._words.unspaced[at] or self._words.hangul[at]

    def _refer(self, one: Found, span: Span | None) -> Found:
        """A single word that is the surname of someone named in full means that person."""
        if span is None or span.last != span.first + 1 or not self._heads:
            return one
        if one.item is not None and (one.item.kind == "country" or one.type in ("ORG", "NORP")):
            return one
        item = self._heads.find(self._words, span.first)
        called = {o.item.id for o in span.options if o.kind == "label"}
        if isinstance(item, Namesakes):  # "Trump" beside Melania and Donald Trump is who is called so
            sure = one.type != "PER" or called & set(item.ids)
            return one if sure else _unsure(one.start, one.end, item)
        if item is None or item.id in called:
            return one
        if one.type == "PER" and one.item and one.item.id in called and not is_provisional(item.id):
            return one  # "Trump" below Melania alone still is who is called so
        return Found(one.start, one.end, "PER", item, "coreference", _COREFERENCE, None, one.ranked)

    def _surnames(self) -> None:
        """Adds the surnames of persons named in full that nothing else took."""
        words, taken, fresh = self._words, self._taken, self._fresh
        for at in self._heads.may_name(words):
            start = words.start[at]
            if start in taken or start in fresh or self._dated(at):
                continue
            person = self._heads.find(words, at)
            if isinstance(person, Namesakes):
                self._result.append(_unsure(start, words.end[at], person))
            elif person is not None:
                end = words.end[at] - len(words.word[at]) + len(self._heads.bare(words, at))
                begin = words.start[begin_of(words, at, person.name.lower().split())]
                if begin in taken or begin in fresh:
                    begin = start
                self._result.append(Found(begin, end, "PER", person, "coreference", _COREFERENCE))

    def _dated(self, at: int) -> bool:
        """Tells whether a common word stands as a month does: ``until May`` below Theresa May."""
        words, dating = self._words, language(self._code).dating
        return words.before(at) in dating and self._lexicon.common(words.word[at], self._code)

    def _form(self, name: Name) -> _Form:
        return _Form(name.type, key(self._words.text[name.start : name.end]))

    def _by_form(self) -> dict[_Form, Item]:
        """Returns the entity of each form: forms that differ in case endings share one, and one type."""
        counts: Counter[_Form] = Counter()
        surfaces: dict[str, str] = {}
        for name in self._free:
            form = self._form(name)
            counts[form] += 1
            surfaces.setdefault(form.key, self._words.text[name.start : name.end])
        basic = self._basic(surfaces)
        kinds: dict[str, Counter[Kind]] = defaultdict(Counter)
        for form, count in counts.items():
            kinds[basic[form.key]][form.type] += count
        result: dict[_Form, Item] = {}
        for form in counts:
            written = basic[form.key]
            kind = max(kinds[written].items(), key=lambda entry: (entry[1], entry[0]))[0]
            result[form] = self._item(kind, surfaces[written])
        return result

    def _basic(self, forms: Mapping[str, str]) -> dict[str, str]:
        """Returns for each form the one it is a case form of, itself where there is none."""
        stems: dict[tuple[int, str], list[str]] = defaultdict(list)
        for written in forms:
            stems[written.count(" "), written[:_STEM]].append(written)
        chosen: dict[str, str] = {}
        for listed in stems.values():
            for written in listed:
                bare = [one for one in listed[:_MOST] if one != written and self._bears(one, written)]
                chosen[written] = min(bare, key=lambda one: (len(one), one), default=written)
        with_initials: dict[str, list[str]] = defaultdict(list)
        for written in forms:
            with_initials[" ".join(without_initials(written.split(" ")))].append(written)
        for bare_name, listed in with_initials.items():
            if bare_name in forms and len(listed) == 2:  # the name with initials and the name without
                chosen.update(dict.fromkeys(listed, chosen[bare_name]))
        return chosen

    def _bears(self, one: str, other: str) -> bool:
        """Tells whether ``one`` is ``other`` without its case endings."""
        pairs = zip(one.split(" "), other.split(" "), strict=True)
        return all(a == b or a in bases(b, self._code) for a, b in pairs)

    def _item(self, kind: Kind, name: str) -> Item:
        """Returns the entity of a name; a name that comes again is not read again."""
        known = self._made.get((kind, name))
        if known is None:
            known = self._made[kind, name] = self._make(kind, name)
        return known

    def _make(self, kind: Kind, name: str) -> Item:
        person = kind == "PER"
        bare = heard(shed(name, self._code, self._lexicon.given), self._code)
        parts = nominative(bare, self._code, self._given) if person else key(bare).split(" ")
        parts = [self._base(part) for part in parts]
        if person and len(parts) == 1:
            parts = family_first(parts[0], self._code)
        return Item(provisional_id(parts, kind), kind, name, _KINDS[kind], 0.0)

    def _given(self, word: str) -> bool:
        """Tells whether a word is a given name, or sounds like that of a person who is known."""
        if self._lexicon.given(word):
            return True
        sounds = outline(word)
        return len(sounds) >= _MIN_GIVEN and bool(self._lexicon.sounds(sounds))

    @cached_property
    def _capitals(self) -> frozenset[str]:
        """The words that the article has with a capital."""
        return frozenset(compress(self._words.word, self._words.capital))

    def _base(self, part: str) -> str:
        """Returns the base form of a word of a name, where the article has that too."""
        return next((base for base in bases(part, self._code) if base in self._capitals), part)


def _unsure(start: int, end: int, persons: Namesakes) -> Found:
    """Returns the mention of a family name that several persons of the article bear."""
    ranked = tuple((one, 0.0) for one in persons.ids)
    return Found(start, end, "PER", None, "ambiguous", _NAMESAKES, None, ranked)


def _in_runs(surface: str, runs: Sequence[tuple[str, Item]]) -> Item | None:
    """Returns whom a name means that is part of a longer one, as ``贝内代蒂`` is of ``尼古拉·贝内代蒂``."""
    written = key(surface)
    for full, item in runs:
        if len(full) <= len(surface):
            return None
        if written in key(full).split(" ") or (len(surface) > 1 and full.startswith(surface)):
            return item
    return None
