"""Nationality adjectives and offices, from the language files."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping

from agents.entities.languages import codes, language
from agents.entities.records import Record

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
    "unification": "Ministry of Unification",
    "central_bank": "Central Bank",
    "supreme_court": "Supreme Court",
}


def adjectives() -> dict[str, Mapping[str, tuple[str, ...]]]:
    """Returns the adjectives of each country by language."""
    found: dict[str, dict[str, tuple[str, ...]]] = defaultdict(dict)
    for code in codes():
        for country, forms in language(code).adjectives.items():
            found[country][code] = forms
    return {country: dict(listed) for country, listed in found.items()}


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
            names={code: language(code).offices.get(office, ()) for code in codes()},
        )
