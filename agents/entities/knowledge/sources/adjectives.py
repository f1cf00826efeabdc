"""Nationality adjectives and offices, from the language files."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping

from agents.entities.knowledge.records import Record
from agents.entities.spelling.fold import key
from agents.entities.spelling.languages import codes, wording

_MIN_STEM = 2
"""Letters of a country's name that must be left before its ending."""
OFFICES = {
    "mfa": "Ministry of Foreign Affairs",
    "mod": "Ministry of Defence",
    "interior": "Ministry of the Interior",
    "finance": "Ministry of Finance",
    "justice": "Ministry of Justice",
    "economy": "Ministry of Economy",
    "health": "Ministry of Health",
    "energy": "Ministry of Energy",
    "trade": "Ministry of Trade",
    "education": "Ministry of Education",
    "agriculture": "Ministry of Agriculture",
    "transport": "Ministry of Transport",
    "environment": "Ministry of the Environment",
    "labour": "Ministry of Labour",
    "culture": "Ministry of Culture",
    "unification": "Ministry of Unification",
    "central_bank": "Central Bank",
    "supreme_court": "Supreme Court",
    "constitutional_court": "Constitutional Court",
    "senate": "Senate",
}


def adjectives(
    names: Mapping[str, Mapping[str, Collection[str]]],
) -> dict[str, Mapping[str, tuple[str, ...]]]:
    """Returns the adjectives of each country by language: those listed, and for all others those derived.

    ``names`` are the countries' names by country and language. What would be derived for two countries, or is
    another's listed form or a country's name, belongs to none.
    """
    found: dict[str, dict[str, tuple[str, ...]]] = defaultdict(dict)
    for code in codes():
        listed = wording(code).adjectives
        for country, written in listed.items():
            found[country][code] = written
        taken = {key(form) for written in listed.values() for form in written}
        taken |= {key(name) for spoken in names.values() for name in spoken.get(code, ())}
        made: dict[str, tuple[str, ...]] = {}
        for country, spoken in names.items():
            if country not in listed:
                forms = (form for name in sorted(spoken.get(code, ())) for form in derived(name, code))
                made[country] = tuple(dict.fromkeys(forms))
        claims = Counter(key(form) for every in made.values() for form in every)
        for country, every in made.items():
            own = tuple(form for form in every if key(form) not in taken and claims[key(form)] == 1)
            if own:
                found[country][code] = own
    return {country: dict(listed) for country, listed in found.items()}


def derived(name: str, code: str) -> tuple[str, ...]:
    """Returns the forms of the adjective that the rules of a language make of a country's name."""
    rules = wording(code)
    if " " in name or "-" in name:
        return ()
    for ending, stems in rules.derive:
        if name.endswith(ending) and len(name) > len(ending) + _MIN_STEM:
            bare = name[: len(name) - len(ending)]
            if not rules.adjective_capital:  # the dot of a Turkic İ would stay behind as a mark of its own
                bare = bare[:1].lower()[:1] + bare[1:]
            return tuple(bare + stem + last for stem in stems for last in rules.adjective_endings)
    return ()


def offices() -> Iterator[Record]:
    """Yields one record for each kind of office; the linker completes it with a country (``gov:RU:mfa``)."""
    for office, name in OFFICES.items():
        yield Record(
            id=f"gov:*:{office}",
            type="ORG",
            name=name,
            kind="office",
            weight=5.0,
            part_of=office,
            names={code: wording(code).offices.get(office, ()) for code in codes()},
        )
