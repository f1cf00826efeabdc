"""The knowledge base with what operators added to it: a lexicon over a lexicon.

An addition is found by every road a compiled record is (exact, inflected, by skeleton, in runs without spaces),
because its names are derived by the same functions, :func:`~agents.entities.knowledge.compile.aliases` first. Its
entities have negative numbers, so the lexicon below is asked for none of them and need not know of this one.

Where the lexicon below has the entity too, its own type, name and weight count and only the names are added: an
addition that later enters the knowledge base changes nothing.

Redirects follow chains to their end. A circle, which only two operators at once can make, ends at the member
that the knowledge base has, else at the smallest id, on every worker alike.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, fields, replace
from functools import lru_cache

import marisa_trie

from agents.entities.knowledge.aliases import aliases, given_names
from agents.entities.knowledge.kb import BEGINNINGS, Lexicon, Posting, following
from agents.entities.knowledge.records import ANY, NOTED, AliasKind, Item, Record
from agents.entities.knowledge.sources.curated import parse
from agents.entities.spelling.fold import CASED, key
from agents.entities.spelling.languages import base as base_language
from agents.entities.spelling.names import is_provisional, name_skeleton
from schemas import codec
from schemas.additions import Addition
from schemas.ids import digest

_REMEMBERED = 1 << 17
"""Additions whose derived names are kept; beyond, a change takes as long as the first reading."""
KINDS: Mapping[str, str] = {"PER": "person", "ORG": "organisation", "LOC": "place", "MISC": "thing"}
"""What an addition is that does not say it."""


def extend(lexicon: Lexicon, additions: Iterable[Addition]) -> Lexicon:
    """Returns ``lexicon`` with ``additions``, of which one id should occur once; the last of them counts."""
    listed = {addition.id: addition for addition in additions}
    return Extended(lexicon, [listed[identifier] for identifier in sorted(listed)]) if listed else lexicon


class Extended:
    """A lexicon with additions. Equal additions over an equal lexicon give an equal version."""

    def __init__(self, lexicon: Lexicon, additions: Sequence[Addition]) -> None:
        self._below = lexicon
        listed = [(addition, codec.encode(addition)) for addition in additions]
        self.version = digest(lexicon.version, *(encoded for _, encoded in listed))[:16]
        self._own = {
            addition.id: _own_item(encoded)
            for addition, encoded in listed
            if lexicon.by_id(addition.id) is None and not is_made_up(addition.id)
        }
        self._final = redirects(additions, self._canonical, self._known)
        self._items: list[Item] = []
        self._postings: dict[str, list[Posting]] = {}
        self._skeletons: dict[str, list[tuple[int, str]]] = {}
        self._given: set[str] = set()
        for addition, encoded in listed:
            self._take(addition, encoded)
        self._keys = marisa_trie.Trie(sorted(self._postings))
        self._following = following(self._skeletons)
        self._first = {alias.split(" ")[0] for alias in self._postings}
        self.begins = lru_cache(BEGINNINGS)(self._begins)
        self.small, self.small_beginnings = lexicon.small, lexicon.small_beginnings
        self.common, self.sounds, self.sounds_alone = lexicon.common, lexicon.sounds, lexicon.sounds_alone

    def opens(self, word: str) -> bool:
        """Tells whether ``word`` is the first word of a key."""
        return word in self._first or self._below.opens(word)

    def prefixes(self, text: str) -> Sequence[str]:
        """Returns the keys that ``text`` begins with, shortest first."""
        found: list[str] = self._keys.prefixes(text)
        below = self._below.prefixes(text)
        return sorted({*below, *found}, key=len) if found else below

    def alike(self, skeleton: str) -> Sequence[tuple[int, str]]:
        """Returns the persons (entity number, key) whose name has this skeleton."""
        below = self._below.alike(skeleton)
        own = self._skeletons.get(skeleton)
        return (*below, *own) if own else below

    def follow(self, skeleton: str) -> Set[str]:
        """Returns the skeletons of the second words of the persons' names that begin with ``skeleton``."""
        below, own = self._below.follow(skeleton), self._following.get(skeleton)
        return below | own if own else below

    def given(self, word: str) -> bool:
        """Tells whether ``word`` is a given name."""
        return word in self._given or self._below.given(word)

    def item(self, entity: int) -> Item:
        """Returns an entity by its number."""
        return self._items[~entity] if entity < 0 else self.settle(self._below.item(entity))

    def by_id(self, identifier: str) -> Item | None:
        """Returns an entity by its id, or the one it was merged into."""
        found = self._entity(identifier)
        if found is not None:
            return self.settle(found)
        target = self._final.get(identifier)
        return None if target is None else self._entity(target)

    def settle(self, item: Item) -> Item:
        """Returns the entity that ``item`` proved to be; itself where nobody merged it into another."""
        target = self._final.get(item.id)
        if target is not None:
            item = self._entity(target) or replace(item, id=target, wikidata=None)
        if item.metonym_of in self._final:
            item = replace(item, metonym_of=self._final[item.metonym_of])
        return item

    def _entity(self, identifier: str) -> Item | None:
        """Returns an entity as it is without redirects."""
        return self._own.get(identifier) or self._below.by_id(identifier)

    def _canonical(self, identifier: str) -> str:
        """Returns the id an entity has in events: ``gov:US:mfa`` is another name of a ``Q``."""
        found = self._entity(identifier)
        return identifier if found is None else found.id

    def _known(self, identifier: str) -> bool:
        return self._entity(identifier) is not None

    def _take(self, addition: Addition, encoded: bytes) -> None:
        """Files the names of one addition under the entity they stand for in the end."""
        own = self._entity(addition.id)
        if own is None:
            return
        item = self.settle(own)
        derived = _derived(encoded, item, addition.id not in self._own)
        number = ~len(self._items)
        self._items.append(item)
        for alias, language, kind in derived.aliases:
            self._postings.setdefault(alias, []).append(Posting(number, language, kind))
        for skeleton, alias in derived.skeletons:
            self._skeletons.setdefault(skeleton, []).append((number, alias))
        self._given |= derived.given

    def find(self, alias: str) -> tuple[Posting, ...]:
        """Returns the entities stored under a key."""
        return (*self._below.find(alias), *self._postings.get(alias, ()))

    def _begins(self, prefix: str) -> bool:
        return next(self._keys.iterkeys(prefix), None) is not None or self._below.begins(prefix)


def record_of(addition: Addition, item: Item | None = None, *, known: bool = False) -> Record:
    """Returns an addition as a record.

    Args:
        addition: the addition.
        item: the entity its names stand for in the end, where that is another or is known already.
        known: the lexicon below has the entity, and its name with it: only the names of the addition are new.
    """
    names: dict[str, tuple[str, ...]] = {}
    for language, listed in addition.names.items():
        code = ANY if language == ANY else base_language(language)
        names[code] = (*names.get(code, ()), *listed)
    if not known and not any(addition.name in listed for listed in names.values()):
        names[ANY] = (addition.name, *names.get(ANY, ()))
    row = {
        "id": addition.id,
        "type": item.type if item else addition.type,
        "name": addition.name,
        "kind": (item.kind if item else addition.kind) or KINDS[addition.type],
        "country": item.country if item else addition.country,
        "common_word": addition.common_word,
    }
    record = parse(row | ({"weight": item.weight} if item else {}))
    return replace(record, names=names)


def redirects(
    additions: Iterable[Addition], canonical: Callable[[str], str], known: Callable[[str], bool]
) -> dict[str, str]:
    """Returns the end of each redirect, by the id that is redirected."""
    step = {canonical(one.id): canonical(one.merged_into) for one in additions if one.merged_into}
    final: dict[str, str] = {}
    for start in step:
        path = [start]
        while path[-1] in step and step[path[-1]] not in path:
            path.append(step[path[-1]])
        end = path[-1]
        if end in step:
            circle = path[path.index(step[end]) :]
            end = min(circle, key=lambda identifier: (not known(identifier), identifier))
        if end != start:
            final[start] = end
    return final


def is_made_up(identifier: str) -> bool:
    """Tells whether the linker makes an id itself, of a name (``nil:``) or of an office and its country (``gov:``).

    What is added about one that the knowledge base has not is a redirect, and nothing else.
    """
    return is_provisional(identifier) or identifier.startswith("gov:")


@dataclass(frozen=True, slots=True)
class _Derived:
    """What an addition is found by."""

    aliases: tuple[tuple[str, str, AliasKind], ...]
    """Key, language and kind."""
    skeletons: tuple[tuple[str, str], ...]
    """Skeleton and key of a person's full names."""
    given: frozenset[str]


@lru_cache(_REMEMBERED)
def _derived(encoded: bytes, item: Item, known: bool) -> _Derived:
    """Derives it once for each addition, however often others change: of ten thousand it takes a second."""
    record = record_of(codec.decode(encoded, Addition), item, known=known)
    full = sorted({name for listed in record.names.values() for name in listed if CASED.match(name)})
    wanted = full if record.type == "PER" and record.weight >= NOTED else []
    skeletons = [(name_skeleton(key(name)), key(name)) for name in wanted]
    return _Derived(
        aliases=tuple(
            dict.fromkeys((key(name), tag, kind) for tag, name, kind in aliases(record) if key(name))
        ),
        skeletons=tuple(pair for pair in skeletons if pair[0]),
        given=frozenset(key(name).split(" ")[0] for name in given_names(record)) - {""},
    )


@lru_cache(_REMEMBERED)
def _own_item(encoded: bytes) -> Item:
    """Returns the entity that an addition makes."""
    record = record_of(codec.decode(encoded, Addition))
    return Item(*(getattr(record, field.name) for field in fields(Item)))
