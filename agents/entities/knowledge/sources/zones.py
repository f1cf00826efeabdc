"""What languages call some four hundred cities: those that CLDR (Babel) names time zones by."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace

from babel import Locale, localedata
from babel.core import get_global

from agents.entities.knowledge.records import Record
from agents.entities.spelling.fold import key

_KINDS = frozenset({"city", "capital"})
_MISNAMED = frozenset({("ne", "दिल्ली")})
"""What CLDR has for one city and a language says of another: of Dili, what Nepali calls Delhi."""


def named(records: Iterable[Record]) -> list[Record]:
    """Returns ``records`` with their cities' names by zone; the heaviest of a name and country is meant."""
    listed = list(records)
    zones = _zones()
    meant: dict[tuple[str, str], tuple[float, int]] = {}
    for number, record in enumerate(listed):
        if record.kind in _KINDS and record.country:
            called = {record.name, *(name for names in record.names.values() for name in names)}
            for name in {key(name) for name in called}:
                entry = (record.country, name)
                if entry in zones:
                    meant[entry] = max(meant.get(entry, (record.weight, number)), (record.weight, number))
    for entry, (_, number) in meant.items():
        names = dict(listed[number].names)
        for code, spoken in zones[entry].items():
            names[code] = tuple(dict.fromkeys((*names.get(code, ()), *spoken)))
        listed[number] = replace(listed[number], names=names)
    return listed


def _zones() -> Mapping[tuple[str, str], Mapping[str, tuple[str, ...]]]:
    """Returns names by language of the city of each zone, by country and English name (a key)."""
    countries = get_global("zone_territories")
    english = Locale.parse("en").time_zones
    found: dict[tuple[str, str], dict[str, tuple[str, ...]]] = defaultdict(dict)
    for identifier in localedata.locale_identifiers():
        locale = Locale.parse(identifier)
        if locale.territory:
            continue
        for zone, row in locale.time_zones.items():
            name, country = row.get("city"), countries.get(zone)
            if not name or country is None or len(name) < 2 or (locale.language, name) in _MISNAMED:
                continue
            plain = zone.rsplit("/", 1)[-1].replace("_", " ")
            entry = (country, key(english.get(zone, {}).get("city") or plain))
            known = found[entry].get(locale.language, ())
            found[entry][locale.language] = tuple(dict.fromkeys((*known, name)))
    return found
