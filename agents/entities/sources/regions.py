"""States, provinces and regions with a Wikidata id, from rigour's territories."""

from __future__ import annotations

import re
from collections.abc import Iterator

import orjson
from rigour._core import territories_jsonl

from agents.entities.records import ANY, Record
from agents.entities.sources.cities import usable

WEIGHT = 7.0
_ADDITION = re.compile(r"[,(]|Kingdom|Scot[is]|Scott|\bAlba\b|\bCity\b")
"""What rigour adds for matching addresses: ``Georgia, USA``, and words that are no names."""
_COUNTRIES = frozenset({"us", "ca", "ru", "ua", "cn", "in", "br", "de", "au", "gb", "ch", "iq", "be"})


def regions() -> Iterator[Record]:
    """Yields one record for each first-level subdivision of the countries rigour covers."""
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
            names={ANY: tuple(names)},
        )
