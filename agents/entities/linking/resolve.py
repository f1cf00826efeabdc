"""Which of several entities a span means: weight, language, the countries the article is about, "city, state".

The scores are hand-set (the study's, tuned on the seeds' gold and on our hard cases) and add up:

    weight of the entity (natural logarithm of how often news means it)    0 to 12
    alias of the text's language, or of several                           +1.5
    the article names its country                                          up to +3
    the article names the state or province it lies in                     +1
    "Birmingham, Alabama": the place named next contains it                +8
    a word for a role before it (a minister, a spokeswoman), for a person  +1.5
    inflected, by skeleton                                                 -0.8, -1.0
    a surname alone                                                        -1.0

A decision whose margin over the next entity is below :data:`MARGIN` is not made: the mention stays without an id
and its method says ``ambiguous``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence, Set
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise

from agents.entities.knowledge.records import Item
from agents.entities.linking.candidates import Option, Span
from agents.entities.linking.gate import Belief
from agents.entities.linking.text import Words
from agents.entities.spelling.languages import language

MARGIN = 0.4
_OWN = 1.5
_COHERENCE = 1.0
_MAX_COHERENCE = 3.0
_ABOUT = 3
"""How often an article must name a country, its people or places to be about it."""
_REGION = 1.0
_HOMONYM = 3.0
"""For a state that a country is called like, where the article names a city of it: ``Georgia`` beside Atlanta."""
_INSIDE = "in "
"""Before a state's code: its cities that the article names are counted under both."""
_PATTERN = 8.0
_ROLE = 1.5
_SURNAME = 1.0
_WELL_KNOWN = 8.4
"""Weight of a person whom a surname and the country are enough to name; others need a word for a role."""
_CHANGED = {"exact": 0.0, "inflected": 0.8, "skeleton": 1.0}
_CITIES = frozenset({"capital", "city"})
_OF_MANY = frozenset({"body", "union"})
"""Organisations of many countries."""
_POSSESSIVE = frozenset({"'s ", "’s "})
_JOINTS = frozenset({",", "(", "in", ", in", "-"})


PARTS = ("weight", "language", "spelling", "country", "role", "surname", "beside")
"""What a score is the sum of: the entity's weight; the alias is of the text's language; the text changes its
spelling; the article is about its country; a word for a role before it; a surname alone; "city, state"."""


class Standing(StrEnum):
    """What became of a candidate before scores were compared."""

    COMPARED = "compared"
    DISBELIEVED = "not believed here"
    UNSUPPORTED = "no evidence in the article"


@dataclass(frozen=True, slots=True)
class Candidate:
    """An entity a span may mean, as it was weighed."""

    option: Option
    belief: Belief
    standing: Standing
    parts: tuple[float, ...]
    """In the order of :data:`PARTS`."""

    @property
    def score(self) -> float:
        """The sum of the parts."""
        return sum(self.parts)


@dataclass(frozen=True, slots=True)
class Weighing:
    """Every candidate of a span, in no order: what a decision is explained by."""

    span: Span
    candidates: tuple[Candidate, ...]


@dataclass(slots=True)
class Decision:
    """What a span means, and how it was decided; not frozen, for speed (:mod:`candidates`)."""

    span: Span
    option: Option | None
    """None where the margin is too small."""
    margin: float
    ranked: tuple[tuple[str, float], ...]
    """The best three: id and score."""
    believed: Belief


Believe = Callable[[Option, Span], Belief]


def resolve(
    spans: Sequence[Span], words: Words, code: str, believe: Believe, told: list[Weighing] | None = None
) -> list[Decision]:
    """Decides each span; leaves out those that the article gives no evidence for.

    ``told`` is filled anew with how each span was weighed, for whoever asks why; it changes nothing.
    """
    beliefs = [[(option, believe(option, span)) for option in span.options] for span in spans]
    countries = _countries(beliefs)
    patterns = _patterns(spans, words)
    roles = language(code).roles
    decisions = []
    if told is not None:
        told.clear()
    for number, (span, listed) in enumerate(zip(spans, beliefs, strict=True)):
        role = _has_role(span, words, roles)
        owner = _owner(spans[number - 1], span, beliefs[number - 1], words) if number else None
        settled = len(listed) > 1 and any(
            belief is Belief.AT_ONCE and option.own and option.item.kind in _CITIES
            for option, belief in listed
        )
        homonym = len(listed) > 1 and any(option.item.kind == "country" for option, _ in listed)
        scores: dict[str, tuple[float, Option, Belief]] = {}
        weighed: list[Candidate] = []
        for option, belief in listed:
            contained = bool(patterns) and (span.start, option.item.id) in patterns
            if belief is Belief.NO and told is None and not contained:
                continue
            held = role or (owner is not None and owner in ("", option.item.country))
            standing = _standing(option, belief, contained, countries, held)
            if settled and not option.own and not contained and belief is Belief.WITH_EVIDENCE:
                standing = Standing.UNSUPPORTED  # what the text's language calls so goes before others' names
            if told is not None:
                parts = _parts(option, contained, countries, held, homonym)
                weighed.append(Candidate(option, belief, standing, parts))
            if standing is not Standing.COMPARED:
                continue
            score = sum(_parts(option, contained, countries, held, homonym))
            if option.item.id not in scores or score > scores[option.item.id][0]:
                scores[option.item.id] = (score, option, belief)
        if told is not None:
            told.append(Weighing(span, tuple(weighed)))
        if scores:
            decisions.append(_decide(span, scores))
    return decisions


def _standing(
    option: Option, belief: Belief, contained: bool, countries: Counter[str], role: bool
) -> Standing:
    if contained or belief is Belief.AT_ONCE:
        return Standing.COMPARED
    if belief is Belief.NO:
        return Standing.DISBELIEVED
    return Standing.COMPARED if _evidence(option, countries, role) else Standing.UNSUPPORTED


def _decide(span: Span, scores: dict[str, tuple[float, Option, Belief]]) -> Decision:
    if len(scores) == 1:
        ((identifier, (score, option, belief)),) = scores.items()
        return Decision(span, option, score, ((identifier, round(score, 2)),), belief)
    ranked = sorted(scores.items(), key=lambda entry: (-entry[1][0], entry[0]))
    score, option, belief = ranked[0][1]
    margin = score - ranked[1][1][0]
    unsure = margin < MARGIN and _rivals(option.item, ranked[1][1][1].item)
    best = tuple((identifier, round(value[0], 2)) for identifier, value in ranked[:3])
    return Decision(span, None if unsure else option, margin, best, belief)


def _rivals(one: Item, other: Item) -> bool:
    """Tells whether two entities exclude each other; a city and the region named after it hardly do."""
    if one.type == other.type == "LOC":
        return one.country != other.country
    return True


def _countries(beliefs: Sequence[Sequence[tuple[Option, Belief]]]) -> Counter[str]:
    """Counts the countries the article is about, and their states (``US-AL``), by what is certain in it."""
    found: Counter[str] = Counter()
    for listed in beliefs:
        sure = [option for option, belief in listed if belief is Belief.AT_ONCE]
        if not sure:
            continue
        countries = {option.item.country for option in sure}
        if len(countries) == 1:
            country = next(iter(countries))
            if country:
                found[country] += 2 if sure[0].item.kind == "country" else 1
        for option in sure:
            if option.item.kind == "region" and option.item.part_of:
                found[option.item.part_of] += 1
            elif option.item.kind in _CITIES and option.item.part_of and len(sure) == 1:
                found[f"{_INSIDE}{option.item.part_of}"] += 1
    return found


def _patterns(spans: Sequence[Span], words: Words) -> set[tuple[int, str]]:
    """Finds "city, state": pairs of neighbours of which the second contains the first."""
    found: set[tuple[int, str]] = set()
    for one, other in pairwise(spans):
        if words.folded[one.end : other.start].strip() not in _JOINTS:
            continue
        for inner in one.options:
            if inner.item.type != "LOC" or inner.item.kind == "country":
                continue
            for outer in other.options:
                if outer.kind not in ("label", "acronym") or outer.item.kind not in ("country", "region"):
                    continue
                region = outer.item.kind == "region" and outer.item.part_of == inner.item.part_of
                if inner.item.id != outer.item.id and (
                    region or (outer.item.kind == "country" and outer.item.country == inner.item.country)
                ):
                    found.add((one.start, inner.item.id))
                    found.add((other.start, outer.item.id))
    return found


def _has_role(span: Span, words: Words, roles: Set[str]) -> bool:
    return not roles.isdisjoint(words.word[max(0, span.first - 2) : span.first])


def _owner(before: Span, span: Span, listed: Sequence[tuple[Option, Belief]], words: Words) -> str | None:
    """Returns the country of an organisation whose person a span names (``Fed's Powell``); ``""`` for one of many."""
    if words.folded[before.end : span.start] not in _POSSESSIVE:
        return None
    sure = [option.item for option, belief in listed if belief is Belief.AT_ONCE]
    if len(sure) != 1 or sure[0].type != "ORG":
        return None
    return "" if sure[0].kind in _OF_MANY else sure[0].country


def _evidence(option: Option, countries: Counter[str], role: bool) -> bool:
    item = option.item
    if option.kind in (
        "adjective",
        "proper_adjective",
    ):  # "Republicans", where the article is about their country
        most = max(countries.values(), default=0)
        return item.country is not None and countries[item.country] >= max(_ABOUT, most)
    if item.kind == "country":
        return item.country in countries
    if item.type == "PER":
        named = item.country in countries
        return role or (named and (option.kind != "surname" or item.weight >= _WELL_KNOWN))
    if item.country is None:
        return bool(option.own)
    return item.country in countries


def _parts(
    option: Option, contained: bool, countries: Counter[str], role: bool, homonym: bool
) -> tuple[float, ...]:
    item = option.item
    about = min(_MAX_COHERENCE, _COHERENCE * countries[item.country]) if item.country else 0.0
    if item.kind != "region" and item.part_of in countries:
        about += _REGION
    if homonym and item.kind == "region" and countries[f"{_INSIDE}{item.part_of}"]:
        about += _HOMONYM
    return (
        item.weight,
        _OWN if option.own else 0.0,
        -_CHANGED[option.method],
        about,
        _ROLE if role and item.type == "PER" else 0.0,
        -_SURNAME if option.kind == "surname" else 0.0,
        _PATTERN if contained else 0.0,
    )
