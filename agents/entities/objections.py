"""What keeps an operator's addition out: the gates of the compiled knowledge base, at the command.

The same gates hold in the tests of the knowledge base: no alias on two countries, no city's name on a country, no
common word as a name, no person written small. Each objection is a sentence that says what to do instead.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from babel import Locale

from agents.entities.additions import is_provisional, redirects
from agents.entities.fold import CASED, key
from agents.entities.kb import Lexicon
from agents.entities.languages import base as base_language
from agents.entities.languages import codes
from agents.entities.names import nominative, provisional_id
from agents.entities.records import ANY, Item
from schemas.additions import Addition

_ID = re.compile(r"Q[1-9]\d*|cur:[^\s:]+|gn:\d+|gov:[A-Z]{2}:[a-z_]+|nil:[0-9a-f]{16}")
_COMPOSED = re.compile(r"gov:[A-Z]{2}:[a-z_]+")
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")
_RESERVED = frozenset({"office", "union", "region"})
"""Kinds the linker composes or places by codes that an addition does not carry."""
_GREAT_CITY = 5.5
"""Weight of a city of two and a half millions: no country may be called by its name."""
_MIN_NAME = 2
_MAX_WORDS = 10
"""Longest name that is looked for, in words."""


def objections(addition: Addition, lexicon: Lexicon, others: Iterable[Addition] = ()) -> list[str]:
    """Returns why ``addition`` cannot be taken, in sentences; nothing where it can.

    Args:
        addition: what an operator wants to add.
        lexicon: the knowledge base with what was added before.
        others: what was added before.
    """
    found = list(_shape(addition, lexicon))
    for language, listed in addition.names.items():
        if language != ANY and not _LANGUAGE.fullmatch(language):
            found.append(f"expected a language as BCP 47 (ru, zh-Hant) or {ANY}, got {language!r}")
            continue
        for name in listed:
            found += _name(addition, name, language, lexicon)
    if lexicon.by_id(addition.id) is None and not any(addition.name in n for n in addition.names.values()):
        found += _name(addition, addition.name, ANY, lexicon)
    if addition.merged_into is not None:
        found += _merge(addition.id, addition.merged_into, lexicon, others)
    return list(dict.fromkeys(found))


def remarks(addition: Addition, lexicon: Lexicon) -> list[str]:
    """Returns what is no obstacle, but what an operator wants to know before events say it."""
    if addition.merged_into is not None or lexicon.by_id(addition.id) is not None:
        return []
    found = []
    same = sorted(
        item.id for item in _bearers(addition, addition.name, lexicon) if item.type == addition.type
    )
    if same:
        found.append(
            f"{addition.name!r} names {', '.join(same)} already; if it is the same, use `alias` or `merge`"
        )
    if addition.type == "PER" and CASED.match(addition.name) and " " in key(addition.name):
        was = provisional_id(nominative(addition.name, "en", lexicon.given))
        found.append(f"until now events called it {was}")
    return found


def _shape(addition: Addition, lexicon: Lexicon) -> Iterator[str]:
    unknown = lexicon.by_id(addition.id) is None and addition.merged_into is None
    if not _ID.fullmatch(addition.id):
        yield f"expected an id like cur:jane-example, Q58217, gn:2950159, gov:NZ:mfa or nil:…, got {addition.id!r}"
    elif unknown and is_provisional(addition.id):
        yield f"{addition.id} is provisional: add the entity under an id of its own, then merge this one into it"
    elif unknown and not addition.id.startswith(("cur:", "Q")):
        yield f"{addition.id} is unknown; an entity of your own has an id like cur:jane-example, or its Wikidata id"
    if addition.kind in _RESERVED:
        yield f"the kind {addition.kind!r} cannot be added: give another, or none"
    if addition.country is not None and addition.country not in Locale("en").territories:
        yield f"expected a country as ISO 3166-1 alpha-2, got {addition.country!r}"


def _name(addition: Addition, name: str, language: str, lexicon: Lexicon) -> Iterator[str]:
    alias = key(name)
    words = alias.split(" ")
    if len(alias.replace(" ", "")) < _MIN_NAME:
        yield f"the name {name!r} is too short to be looked for"
        return
    if len(words) > _MAX_WORDS:
        yield f"the name {name!r} has more than {_MAX_WORDS} words, which are never looked for"
    if addition.type == "PER" and CASED.match(name) and name == name.lower():
        yield f"the person's name {name!r} is written small: write it as the news does"
    if len(words) == 1 and not addition.common_word:
        common = _common_in(alias, language, lexicon)
        if common:
            yield (
                f"{name!r} is a common word ({', '.join(common[:3])}): give a longer name, or say its language, "
                "or that it is a common word, which believes it only with evidence from the article"
            )
    known = lexicon.by_id(addition.id)
    if (known.kind if known else addition.kind) == "country":
        for item in _bearers(addition, name, lexicon):
            if item.kind == "country":
                yield f"{name!r} names a country already, {item.name} ({item.id}): one name cannot mean two"
            elif item.kind in ("city", "capital") and item.weight > _GREAT_CITY:
                yield f"{name!r} is a great city, {item.name} ({item.id}): no country may be called so"


def _common_in(word: str, language: str, lexicon: Lexicon) -> list[str]:
    """Returns the languages in which a folded word is a common one, of those its alias would count in."""
    asked = codes() if language == ANY else [base_language(language)]
    return [code for code in asked if lexicon.common(word, code)]


def _bearers(addition: Addition, name: str, lexicon: Lexicon) -> Iterable[Item]:
    """Returns the other entities that ``name`` names in full already."""
    own = lexicon.by_id(addition.id)
    found: dict[str, Item] = {}
    for posting in lexicon.find(key(name)):
        item = lexicon.item(posting.entity)
        if posting.kind in ("label", "acronym") and item.id not in (addition.id, own.id if own else None):
            found[item.id] = item
    return found.values()


def _merge(source: str, target: str, lexicon: Lexicon, others: Iterable[Addition]) -> Iterator[str]:
    ours, theirs = lexicon.by_id(source), lexicon.by_id(target)
    if source == target:
        yield f"{source} cannot be merged into itself"
        return
    if theirs is None and not (_COMPOSED.fullmatch(target) or is_provisional(target)):
        yield f"{target} is unknown: `babelwire entities add` adds it"
        return
    if ours is None and not (_COMPOSED.fullmatch(source) or is_provisional(source)):
        yield f"{source} is unknown: no mention carries it"
    if ours is not None and is_provisional(target):
        yield f"{source} is known and {target} is provisional: merge the provisional one into the known"
    if ours is not None and theirs is not None and ours.type != theirs.type:
        yield f"{source} is {ours.type}, {target} is {theirs.type}: they cannot be one entity"
    if _leads_back(target, source, others):
        yield f"{target} was merged into {source} before: `babelwire entities rm {target}` takes that back"


def _leads_back(target: str, source: str, others: Iterable[Addition]) -> bool:
    before: Mapping[str, str] = redirects(
        (one for one in others if one.id != source), lambda identifier: identifier, bool
    )
    return before.get(target) == source
