"""What keeps an operator's addition out: the gates of the compiled knowledge base, at the command.

The same gates hold in the tests of the knowledge base: no alias on two countries, no city's name on a country, no
country's name on anything else, no common word as a name, no person written small. Each objection is a sentence that
says what to do instead. A name that is a word or a country too may be added where it is believed only with evidence:
of an entity marked so (`common_word`), or under the language ``?``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property

from babel import Locale

from agents.entities.knowledge.additions import extend, is_made_up
from agents.entities.knowledge.admission import STATES
from agents.entities.knowledge.kb import Lexicon
from agents.entities.knowledge.records import ANY, BELIEVED, SHARED, Item
from agents.entities.spelling.fold import CASED, key
from agents.entities.spelling.languages import base as base_language
from agents.entities.spelling.languages import codes
from agents.entities.spelling.names import (
    ALIKE,
    is_provisional,
    name_skeleton,
    nominative,
    provisional_id,
    similarity,
)
from schemas.additions import Addition

_ID = re.compile(r"Q[1-9]\d*|cur:[^\s:]+|gn:\d+|gov:[A-Z]{2}:[a-z_]+|nil:[0-9a-f]{16}")
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")
_NO_COUNTRIES = frozenset({"EU", "EZ", "UN", "QO", "XA", "XB", "ZZ"})
"""Codes that CLDR has for groupings, for tests and for the unknown."""
_RESERVED = frozenset({"office", "union", "region"})
"""Kinds the linker composes or places by codes that an addition does not carry."""
_GREAT_CITY = 5.5
"""Weight of a city of two and a half millions: no country may be called by its name."""
_MIN_NAME = 2
_MAX_WORDS = 10
"""Longest name that is looked for, in words."""


class Review:
    """Looks at additions beside each other and beside the knowledge base they are for."""

    def __init__(self, base: Lexicon, additions: Mapping[str, Addition]) -> None:
        """``additions`` are all there would be, by id, those to be looked at among them."""
        self.base = base
        self.additions = additions
        self.lexicon = extend(base, additions.values())

    def objections(self, addition: Addition) -> list[str]:
        """Returns why ``addition`` cannot be taken, in sentences; nothing where it can."""
        found = list(self._shape(addition))
        for language, name in self._names(addition):
            if language not in (ANY, SHARED) and not _LANGUAGE.fullmatch(language):
                found.append(
                    f"expected a language as BCP 47 (ru, zh-Hant), {ANY} or {SHARED}, got {language!r}"
                )
            else:
                found += self._name(addition, name, language)
        if addition.merged_into is not None:
            found += self._merge(addition.id, addition.merged_into)
        return list(dict.fromkeys(found))

    def remarks(self, addition: Addition) -> list[str]:
        """Returns what is no obstacle, but what an operator wants to know before events say it."""
        found = []
        for language, name in self._names(addition):
            common = [] if self._doubted(addition, language) else self._common_in(key(name), language)
            if common:
                found.append(
                    f"{name!r} is a common word too ({', '.join(common[:3])}) and may be found where it is one"
                )
        if addition.merged_into is not None:
            return found
        known = self.base.by_id(addition.id) is not None
        own = self._type(addition.id) or addition.type
        for name in dict.fromkeys(name for _, name in self._names(addition)):
            same = sorted(
                f"{item.id} ({item.name})" for item in self._bearers(addition, name) if item.type == own
            )
            if same:
                advice = (
                    "if it is the same, use `alias` or `merge`"
                    if name == addition.name and not known
                    else "an article that says it may mean either now"
                )
                found.append(f"{name!r} names {', '.join(same)} already; {advice}")
        if not known:
            found += self._formerly(addition)
        return found

    def _formerly(self, addition: Addition) -> Iterator[str]:
        """Yields what is to be said of the provisional ids that a new entity has had until now."""
        was = self.former(addition)
        fresh = [identifier for identifier in was if identifier not in self.additions]
        if fresh:
            yield f"until now events called it {', '.join(fresh)}; `add --redirect` merges that into it"
        for identifier in was:
            other = self.additions.get(identifier)
            if other is not None and other.merged_into not in (None, addition.id):
                yield f"{identifier}, as events called it until now, stays merged into {other.merged_into}"

    def former(self, addition: Addition) -> list[str]:
        """Returns the provisional ids that the names of a new entity have had until now.

        One word alone names nobody for certain, so it redirects nothing; a name that somebody bears already, so or
        in another spelling, has had no provisional id.
        """
        found = []
        for language, name in self._names(addition):
            folded = key(name)
            if (
                " " in folded
                and not any(self._bearers(addition, name))
                and not self._sounds_known(addition, folded)
            ):
                code = "en" if language in (ANY, SHARED) else base_language(language)
                person = addition.type == "PER"
                parts = nominative(name, code, self.base.given) if person else folded.split(" ")
                found.append(provisional_id(parts, addition.type))
        return list(dict.fromkeys(found))

    def _sounds_known(self, addition: Addition, folded: str) -> bool:
        """Tells whether the knowledge base has a person of this name in another spelling."""
        skeleton = name_skeleton(folded) if addition.type == "PER" else ""
        return bool(skeleton) and any(
            similarity(folded.split(" "), other.split(" ")) >= ALIKE for _, other in self.base.alike(skeleton)
        )

    def _names(self, addition: Addition) -> Iterator[tuple[str, str]]:
        """Yields every name an addition brings, with its language."""
        listed = [(language, name) for language, names in addition.names.items() for name in names]
        fresh = self.base.by_id(addition.id) is None and not is_made_up(addition.id)
        if fresh and addition.name not in {name for _, name in listed}:
            yield ANY, addition.name
        yield from listed

    def _shape(self, addition: Addition) -> Iterator[str]:
        fresh = self.base.by_id(addition.id) is None and addition.merged_into is None
        if not _ID.fullmatch(addition.id):
            yield (
                "expected an id like cur:jane-example, Q58217, gn:2950159, gov:NZ:mfa or nil:…, "
                f"got {addition.id!r}"
            )
        elif fresh and is_provisional(addition.id):
            yield (
                f"{addition.id} is provisional: add the entity under an id of its own, then merge this one into it"
            )
        elif fresh and not addition.id.startswith(("cur:", "Q")):
            yield (
                f"{addition.id} is unknown; an entity of your own has an id like cur:jane-example, or its Wikidata id"
            )
        if addition.kind in _RESERVED:
            yield f"the kind {addition.kind!r} cannot be added: give another, or none"
        if addition.country is not None and not _is_country(addition.country):
            yield f"expected a country as ISO 3166-1 alpha-2, got {addition.country!r}"

    def _name(self, addition: Addition, name: str, language: str) -> Iterator[str]:
        alias = key(name)
        words = alias.split(" ")
        if len(alias.replace(" ", "")) < _MIN_NAME:
            yield f"the name {name!r} is too short to be looked for"
            return
        if len(words) > _MAX_WORDS:
            yield f"the name {name!r} has more than {_MAX_WORDS} words, which are never looked for"
        if addition.type == "PER" and CASED.match(name) and name == name.lower():
            yield f"the person's name {name!r} is written small: write it as the news does"
        known = self.lexicon.by_id(addition.id)
        kind = known.kind if known else addition.kind
        if not self._doubted(addition, language):
            common = self._common_in(alias, language)
            if common and (name == name.lower() or not self._is_name(alias, addition.type)):
                yield (
                    f"{name!r} is a common word ({', '.join(common[:3])}): give a longer name, or --common-word, "
                    "and it is believed only with evidence from the article"
                )
            state = None if kind in STATES else self._state(alias, language, known)
            if state:
                yield (
                    f"{name!r} names a country, {state.name} ({state.id}): give a longer name, or --common-word, "
                    "and it is believed only with evidence from the article"
                )
        if kind == "country":
            for item in self._bearers(addition, name):
                if item.kind == "country":
                    yield f"{name!r} names a country already, {item.name} ({item.id}): one name cannot mean two"
                elif item.kind in ("city", "capital") and item.weight > _GREAT_CITY:
                    yield f"{name!r} is a great city, {item.name} ({item.id}): no country may be called so"

    def _doubted(self, addition: Addition, language: str) -> bool:
        """Tells whether a name is believed only with evidence from the article, whatever else it means."""
        return addition.common_word or language == SHARED

    def _is_name(self, alias: str, kind: str) -> bool:
        """Tells whether the knowledge base knows a word as a name: lists of common words hold great names too."""
        if kind == "PER" and self.base.given(alias):
            return True
        found = ((posting.kind, self.base.item(posting.entity).type) for posting in self.base.find(alias))
        return any(type_ == kind == "PER" or how in ("label", "acronym") for how, type_ in found)

    def _state(self, alias: str, language: str, known: Item | None) -> Item | None:
        """Returns the country that ``alias`` names, or whose people, in a text of ``language``."""
        code = base_language(language)
        for posting in self.base.find(alias):
            item = self.base.item(posting.entity)
            speaks = language == ANY or posting.language in (*BELIEVED, code)
            if (
                item.kind in STATES
                and speaks
                and posting.language != SHARED
                and (not known or item.id != known.id)
            ):
                return item
        return None

    def _common_in(self, alias: str, language: str) -> list[str]:
        """Returns the languages in which a name is a common word, of those it would count in."""
        asked = codes() if language in (ANY, SHARED) else [base_language(language)]
        return [code for code in asked if self.base.common(alias, code)]

    def _bearers(self, addition: Addition, name: str) -> Iterable[Item]:
        """Returns the other entities that ``name`` names in full."""
        own = self.lexicon.by_id(addition.id)
        found: dict[str, Item] = {}
        for posting in self.lexicon.find(key(name)):
            item = self.lexicon.item(posting.entity)
            if posting.kind in ("label", "acronym") and item.id not in (addition.id, own.id if own else None):
                found[item.id] = item
        return found.values()

    def _merge(self, source: str, target: str) -> Iterator[str]:
        ours, theirs = self._type(source), self._type(target)
        if self._canonical(source) == self._canonical(target):
            yield f"{source} cannot be merged into itself"
            return
        if theirs is None and not (is_made_up(target) and _ID.fullmatch(target)):
            yield f"{target} is unknown: `babelwire entities add` adds it"
            return
        if ours is None and not is_made_up(source):
            yield f"{source} is unknown: no mention carries it"
        if ours is not None and is_provisional(target):
            yield f"{source} is known and {target} is provisional: merge the provisional one into the known"
        if ours is not None and theirs is not None and ours != theirs:
            yield f"{source} is {ours}, {target} is {theirs}: they cannot be one entity"
        if self._leads_to(target, source):
            yield (
                f"{target} was merged into {source} before: `babelwire entities rm --merge {target}` takes that back"
            )

    def _type(self, identifier: str) -> str | None:
        """Returns the type of an entity the knowledge base has or operators made; a mere redirect makes none."""
        item = self.base.by_id(identifier)
        addition = self.additions.get(identifier) if identifier.startswith(("cur:", "Q")) else None
        return item.type if item else addition.type if addition else None

    def _leads_to(self, identifier: str, wanted: str) -> bool:
        seen = {self._canonical(identifier)}
        at = self._canonical(identifier)
        while (at := self._steps.get(at, at)) not in seen:
            seen.add(at)
        return self._canonical(wanted) in seen

    def _canonical(self, identifier: str) -> str:
        """Returns the id an entity has in events: ``gov:US:mfa`` is another name of a ``Q``."""
        item = self.base.by_id(identifier)
        return item.id if item else identifier

    @cached_property
    def _steps(self) -> dict[str, str]:
        return {
            self._canonical(one.id): self._canonical(one.merged_into)
            for one in self.additions.values()
            if one.merged_into is not None
        }


def _is_country(code: str) -> bool:
    """Tells whether ``code`` is that of a country: ISO 3166-1's, the codes it reserves, and Kosovo's."""
    return code in Locale("en").territories and code not in _NO_COUNTRIES
