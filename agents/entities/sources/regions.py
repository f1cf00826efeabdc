"""States, provinces and regions with a Wikidata id, from rigour's territories."""

from __future__ import annotations

from collections.abc import Iterator

from rigour.territories import get_territories

from agents.entities.records import ANY, Record

WEIGHT = 7.0
_COUNTRIES = frozenset({"us", "ca", "ru", "ua", "cn", "in", "br", "de", "au", "gb", "ch", "iq", "be"})


def regions() -> Iterator[Record]:
    """Yields one record for each first-level subdivision of the countries rigour covers."""
    for territory in sorted(get_territories(), key=lambda found: str(found.code)):
        country, _, division = str(territory.code).partition("-")
        if not division or country not in _COUNTRIES or not territory.qid or territory.is_historical:
            continue
        name = str(territory.name).split(" (")[0]
        yield Record(
            id=territory.qid,
            type="LOC",
            name=name,
            kind="region",
            weight=WEIGHT,
            country=country.upper(),
            wikidata=territory.qid,
            part_of=f"{country.upper()}-{division.upper()}",
            names={ANY: (name,)},
        )
