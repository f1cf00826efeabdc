"""Compiles the knowledge base: ``python -m agents.entities.knowledge.build [FOLDER]``.

Reads the installed packages, the language files and ``agents/entities/knowledge/curated/*.jsonl``, and writes
``agents/entities/knowledge/kb/``; where no folder is given, ``agents/entities/spelling/spellings.marisa`` too. Takes
about 15 seconds and needs no network. What it took from whom, and under which licence, is in
``agents/entities/ATTRIBUTION.md``.
"""

from __future__ import annotations

import sys
from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace
from pathlib import Path

import marisa_trie

from agents.entities.knowledge.aliases import given_names
from agents.entities.knowledge.compile import compile_records
from agents.entities.knowledge.kb import FOLDER
from agents.entities.knowledge.records import ANY, SHARED, Record
from agents.entities.knowledge.sources.adjectives import adjectives, offices
from agents.entities.knowledge.sources.cities import cities
from agents.entities.knowledge.sources.curated import curated
from agents.entities.knowledge.sources.person_names import spellings, voiced
from agents.entities.knowledge.sources.provinces import provinces
from agents.entities.knowledge.sources.regions import regions
from agents.entities.knowledge.sources.stop_words import common_words, without_cities, without_words
from agents.entities.knowledge.sources.territories import cldr_names, territories
from agents.entities.knowledge.sources.zones import named
from agents.entities.spelling.fold import CASED, key
from agents.entities.spelling.spellings import FILE as SPELLINGS


def records() -> list[Record]:
    """Returns every record of every source, each id once; what is curated goes before what is packaged."""
    by_id: dict[str, Record] = {}
    moved: dict[str, str] = {}
    spoken = adjectives(cldr_names())
    for record in curated():
        if record.id in by_id:
            raise ValueError(f"{record.id} ({record.name}) is curated twice")
        by_id[record.id] = record
        if record.merges:
            moved[record.merges] = record.id
    packaged = (*territories(), *regions(), *provinces(), *offices(), *cities())
    mains = {key(record.name) for record in packaged if record.type == "LOC"}
    for record in packaged:
        own = by_id.get(moved.get(record.id, record.id))
        if own is not None:
            record = _joined(own, doubted(record, mains) if record.kind == "city" else record)
        if record.kind in {"country", "union"}:
            code = record.country or ("EU" if record.id == "Q458" else "")
            record = replace(record, adjectives={**spoken.get(code, {}), **record.adjectives})
        by_id[record.id] = record
    return [without_words(record) for record in named(apart(by_id.values()))]


def apart(every: Iterable[Record]) -> Iterator[Record]:
    """Yields the records, those of regions and countries without what a city or another place there is called first.

    Novosibirsk is a city, though its region is called so too in lists of addresses; England is no country, though
    one language means the United Kingdom by it. What a record itself is called in English stays.
    """
    listed = list(every)
    cities = {(one.country, key(one.name)) for one in listed if one.kind in ("city", "capital")}
    cities |= {
        (one.country, key(name))
        for one in listed
        if one.kind in ("city", "capital") and one.wikidata
        for name in one.names.get(ANY, ())
    }
    places = {(one.country, key(one.name)) for one in listed if one.kind == "place"}
    for one in listed:
        taken = {"region": cities, "country": places}.get(one.kind, set())
        own = {key(one.name), *map(key, one.names.get("en", ()))}
        names = {
            language: left
            for language, found in one.names.items()
            if (left := tuple(n for n in found if key(n) in own or (one.country, key(n)) not in taken))
        }
        yield one if names == dict(one.names) else replace(one, names=names)


def doubted(city: Record, mains: Collection[str]) -> Record:
    """Returns ``city`` with those of its other names that are another place's own believed only with evidence.

    GeoNames lists old names too: Atlanta was Whitehall once. A name that begins as the city's own does is a spelling.
    """
    name = key(city.name)
    known = city.names.get(ANY, ())
    others = {one for one in known if key(one) in mains and key(one)[:1] != name[:1] and CASED.match(one)}
    if not others:
        return city
    names = {
        **city.names,
        ANY: tuple(one for one in known if one not in others),
        SHARED: (*city.names.get(SHARED, ()), *sorted(others)),
    }
    return replace(city, names=names)


def _joined(own: Record, other: Record) -> Record:
    names = dict(own.names)
    for language, listed in other.names.items():
        names[language] = tuple(dict.fromkeys((*names.get(language, ()), *listed)))
    country, part_of = own.country or other.country, own.part_of or other.part_of
    return replace(own, names=names, country=country, part_of=part_of)


def _table(lines: Iterable[str]) -> marisa_trie.Trie:
    """Returns the table of spellings as it is mapped into memory."""
    return marisa_trie.Trie(lines)


def main(arguments: Iterable[str]) -> None:
    """Writes the knowledge base and prints its version and size."""
    folder = Path(next(iter(arguments), FOLDER))
    if folder == FOLDER:
        _table(f"{word}\t{latin}" for word, latin in (*spellings(), *voiced())).save(str(SPELLINGS))
    every = records()
    given = {key(name).split(" ")[0] for record in every for name in given_names(record)}
    version = compile_records(every, without_cities(common_words(), every), given, folder)
    size = sum(path.stat().st_size for path in folder.iterdir())
    sys.stdout.write(f"knowledge base {version}: {size / 1e6:.1f} MB in {folder}\n")


if __name__ == "__main__":
    main(sys.argv[1:])
