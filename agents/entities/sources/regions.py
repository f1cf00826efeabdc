"""States, provinces and regions with a Wikidata id, from rigour's territories; names in languages from iso-codes."""

from __future__ import annotations

import gettext
import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path

import orjson
import pycountry
from rigour._core import territories_jsonl

from agents.entities.fold import key
from agents.entities.languages import base
from agents.entities.records import ANY, Record
from agents.entities.sources.cities import usable

WEIGHT = 7.0
_ADDITION = re.compile(r"[,(]|Kingdom|Scot[is]|Scott|\bAlba\b|\bCity\b")
"""What rigour adds for matching addresses: ``Georgia, USA``, and words that are no names."""
_TRANSLATED = frozenset({"us", "ca", "au", "gb", "de", "in", "br", "ch", "be"})
"""Countries whose subdivisions iso-codes calls by a bare name; elsewhere it adds what they are (``oblast``)."""
_COUNTRIES = frozenset({"us", "ca", "ru", "ua", "cn", "in", "br", "de", "au", "gb", "ch", "iq", "be"})


def regions() -> Iterator[Record]:
    """Yields one record for each first-level subdivision of the countries rigour covers."""
    translated = translations()
    rows = [orjson.loads(line) for line in territories_jsonl().splitlines()]
    for row in sorted(rows, key=lambda found: str(found["code"])):
        country, _, division = row["code"].partition("-")
        if not division or country not in _COUNTRIES or not row.get("qid") or row.get("is_historical"):
            continue
        name = row["name"].split(" (")[0]
        listed = (*row.get("names_strong", ()), *row.get("names_weak", ()))
        names = dict.fromkeys(
            (name, *(other for other in sorted(listed) if usable(other) and not _ADDITION.search(other)))
        )
        yield Record(
            id=row["qid"],
            type="LOC",
            name=name,
            kind="region",
            weight=WEIGHT,
            country=country.upper(),
            wikidata=row["qid"],
            part_of=f"{country.upper()}-{division.upper()}",
            names={ANY: tuple(names), **(translated.get(row["code"], {}) if country in _TRANSLATED else {})},
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
