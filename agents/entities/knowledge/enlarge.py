"""A knowledge base made larger by a Wikidata dump and a ParaNames table that an operator supplies.

Both are read once, as streams, and sorted by entity on disk. An entity that the base has keeps its id, type and
weight there and gains names: it is recognised by its Wikidata id, else its GeoNames id, else its name, type and
country (the heaviest bearer of the name only). All others are new, under their Wikidata id. The base is copied as it
was compiled, so nothing but its folder is needed.

Weights: persons and organisations 1.6 ln(1 + Wikipedias), so that two hundred weigh what a minister does; 1.5 less
for the dead; places the logarithm of their population, as the cities of GeoNames, or where it is missing of their
Wikipedias, below a city of a million.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field, replace
from itertools import groupby
from math import log
from pathlib import Path

import orjson

from agents.entities.knowledge.admission import STATES, refusal
from agents.entities.knowledge.aliases import aliases
from agents.entities.knowledge.compile import Compilation, Told
from agents.entities.knowledge.kb import Compiled
from agents.entities.knowledge.records import ANY, NOTED, Item, Record
from agents.entities.knowledge.replacing import made, replacing
from agents.entities.knowledge.sources import paranames, wikidata
from agents.entities.knowledge.spill import Spill
from agents.entities.spelling.fold import CASED, key
from agents.entities.spelling.names import surname_first
from schemas.article import EntityType

_KINDS: dict[EntityType, str] = {"PER": "person", "ORG": "organisation", "LOC": "place"}
_MIN_SPOKEN = 3
"""Languages from which a spelling is stored once, for any language."""
_PER_PAGE = 1.6
_DEAD = 1.5
_MOST = 9.3
"""Below the weight from which one name is enough."""
_UNCOUNTED = 4.5
_ATTRIBUTION = {
    "wikidata": "names, types, countries and populations from a Wikidata JSON dump: CC0",
    "paranames": "names from ParaNames (Sälevä and Lignos 2024), made from Wikidata: CC BY 4.0",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What an import takes."""

    types: frozenset[EntityType] = frozenset(_KINDS)
    languages: frozenset[str] = frozenset()
    """Codes of the languages whose names are taken; empty takes all."""
    min_sitelinks: int = 10
    """Wikipedias that must have a page on an entity of the dump."""
    min_languages: int = 10
    """Languages that must have a name for an entity of ParaNames, where no dump tells its Wikipedias."""

    def speaks(self, code: str) -> bool:
        """Tells whether names of a language are taken."""
        return not self.languages or code == ANY or code in self.languages


@dataclass(slots=True)
class Summary:
    """What became of an import."""

    version: str = ""
    entities: int = 0
    """In the finished knowledge base."""
    aliases: int = 0
    new: int = 0
    joined: int = 0
    """Entities of the base that gained names."""
    unreadable: int = 0
    """Lines that are no entity and no row."""
    untyped: int = 0
    """Entities left out because their class is none that is taken, or not known."""
    refused: Counter[str] = field(default_factory=Counter)
    """Names left out, by why."""


@dataclass(slots=True)
class _Candidate:
    item: Item
    geonames: str | None
    names: dict[str, list[str]]


def enlarge(
    base: Compiled, folder: Path, wanted: Wanted, *, dump: Path | None, table: Path | None, told: Told
) -> Summary:
    """Writes ``base`` with what ``dump`` and ``table`` add into ``folder``, which is replaced when all is done.

    Raises:
        ValueError: a file cannot be read; ``folder`` holds something else than a knowledge base, or another import
            writes it.
    """
    with replacing(folder) as work:
        if folder.exists() and any(folder.iterdir()) and not (folder / "meta.json").is_file():
            raise ValueError(
                f"expected {folder} to be new, empty or a knowledge base, but it holds something else"
            )
        summary = _Import(base, wanted, work, told).run(made(work), dump, table)
        used = {"wikidata": dump, "paranames": table}
        (made(work) / "ATTRIBUTION.md").write_text(
            _attribution(name for name, path in used.items() if path), "utf-8"
        )
    return summary


class _Import:
    def __init__(self, base: Compiled, wanted: Wanted, work: Path, told: Told) -> None:
        self._base, self._wanted, self._told = base, wanted, told
        self._found = Spill(work, "found")
        self._classes = wikidata.Classes()
        self._summary = Summary()
        self._has_dump = False
        self._by_wikidata: dict[str, int] = {}
        self._countries: dict[str, str] = {}
        for number in range(len(base)):
            item = base.item(number)
            if item.wikidata:
                self._by_wikidata.setdefault(item.wikidata, number)
                if item.kind == "country" and item.country:
                    self._countries[item.wikidata] = item.country

    def run(self, folder: Path, dump: Path | None, table: Path | None) -> Summary:
        if dump:
            self._read_dump(dump)
        if table:
            self._read_table(table)
        claims, spoken = self._survey()
        with Compilation(folder, self._told) as compilation:
            self._copy(compilation)
            for done, candidate in enumerate(self._candidates()):
                self._add(compilation, candidate, claims, spoken)
                if not done % 5_000:
                    self._told("naming", done, 0)
            self._summary.version = compilation.finish(self._base.words("common"), self._base.words("given"))
        meta = orjson.loads((folder / "meta.json").read_bytes())
        self._summary.entities, self._summary.aliases = meta["entities"], meta["aliases"]
        return self._summary

    def _read_dump(self, dump: Path) -> None:
        self._has_dump = True
        for entity in wikidata.entities(dump, self._classes, self._wanted.min_sitelinks, self._told):
            if entity is None:
                self._summary.unreadable += 1
                continue
            entity.names = {code: names for code, names in entity.names.items() if self._wanted.speaks(code)}
            self._found.add(f"{entity.id}\t0\t".encode() + orjson.dumps(asdict(entity)))

    def _read_table(self, table: Path) -> None:
        for row in paranames.rows(table, self._told):
            if row is None:
                self._summary.unreadable += 1
                continue
            identifier, english, label, language, kind = row
            code = wikidata.code_of(language)
            if self._wanted.speaks(code):
                self._found.add(f"{identifier}\t1\t".encode() + orjson.dumps([english, label, code, kind]))

    def _candidates(self) -> Iterator[_Candidate]:
        """Yields each entity once, in order of id, with the names of both sources."""
        self._summary.untyped = 0
        for identifier, lines in groupby(self._found, lambda line: line.split(b"\t", 1)[0]):
            entity: wikidata.Entity | None = None
            names: dict[str, list[str]] = defaultdict(list)
            kinds: Counter[str] = Counter()
            english = ""
            for line in lines:
                _, origin, content = line.split(b"\t", 2)
                if origin == b"0":
                    entity = wikidata.Entity(**orjson.loads(content))
                else:
                    english, label, code, kind = orjson.loads(content)
                    names[code].append(label)
                    kinds[kind] += 1
            candidate = self._candidate(identifier.decode(), entity, names, kinds, english)
            if candidate is not None:
                yield candidate

    def _candidate(
        self,
        identifier: str,
        entity: wikidata.Entity | None,
        names: dict[str, list[str]],
        kinds: Counter[str],
        english: str,
    ) -> _Candidate | None:
        known = self._by_wikidata.get(identifier)
        told = next((kind for kind in ("PER", "ORG", "LOC") if kind in kinds), None)
        kind: EntityType | None = self._classes.type_of(entity.classes) if entity else None
        kind = kind or told  # type: ignore[assignment]
        if entity is None and known is None and (self._has_dump or len(names) < self._wanted.min_languages):
            return None
        if known is None and (kind is None or kind not in self._wanted.types):
            self._summary.untyped += 1
            return None
        if known is not None:
            item = self._base.item(known)
            if item.type not in self._wanted.types:
                return None
        else:
            assert kind is not None
            country = (
                next((self._countries[q] for q in entity.countries if q in self._countries), None)
                if entity
                else None
            )
            weight = _weight(kind, entity) if entity else _from_pages(kind, len(names))
            item = Item(identifier, kind, english, _KINDS[kind], round(weight, 3), country, identifier)
        if entity is not None:
            for code, listed in entity.names.items():
                names[code] = [*listed, *names.get(code, ())]
            if known is None:
                item = replace(item, name=entity.name)
        return _Candidate(item, entity.geonames if entity else None, names)

    def _match(self, candidate: _Candidate) -> tuple[int, bool] | None:
        """Returns the entity of the base that a candidate is, and whether an id says so."""
        item = candidate.item
        number = self._by_wikidata.get(item.wikidata or "")
        if number is not None:
            return number, True
        if item.type == "LOC" and candidate.geonames:
            number = self._base.number(f"gn:{candidate.geonames}")
            if number is not None:
                return number, True
        found: list[tuple[float, int]] = []
        for posting in self._base.find(key(item.name)):
            other = self._base.item(posting.entity)
            same = other.country == item.country or (item.country is None and item.type != "PER")
            open_ = (
                other.wikidata is None and other.kind not in STATES and posting.kind in ("label", "acronym")
            )
            if open_ and same and other.type == item.type:
                found.append((-other.weight, posting.entity))
        return (min(found)[1], False) if found else None

    def _survey(self) -> tuple[dict[int, str], dict[str, set[str]]]:
        """Goes through all once: who claims an entity of the base by name alone, and what countries are called."""
        claims: dict[int, tuple[float, str]] = {}
        spoken: dict[str, set[str]] = defaultdict(set)
        for done, candidate in enumerate(self._candidates()):
            match = self._match(candidate)
            if match and not match[1]:
                entry = (candidate.item.weight, candidate.item.id)
                claims[match[0]] = max(claims.get(match[0], entry), entry)
            if match and self._base.item(match[0]).kind in STATES:
                for listed in candidate.names.values():
                    for name in listed:
                        spoken[key(name)].add(self._base.item(match[0]).id)
            if not done % 5_000:
                self._told("comparing", done, 0)
        return {number: identifier for number, (_, identifier) in claims.items()}, spoken

    def _copy(self, compilation: Compilation) -> None:
        base = self._base
        for number in range(len(base)):
            compilation.entity(base.item(number))
        for alias in base.aliases():
            for posting in base.find(alias):
                compilation.alias(posting.entity, alias, posting.language, posting.kind)
        for number, folded in base.full_names():
            compilation.skeleton(number, folded)
        for number, folded in base.sounding_names():
            compilation.sounding(number, folded, base.item(number).type)
        for entry in base.words("small"):
            compilation.opens_small(*entry.split(" "))

    def _add(
        self,
        compilation: Compilation,
        candidate: _Candidate,
        claims: dict[int, str],
        spoken: dict[str, set[str]],
    ) -> None:
        match = self._match(candidate)
        if match and (match[1] or claims[match[0]] == candidate.item.id):
            self._join(compilation, match[0], candidate, spoken)
            return
        item = candidate.item
        names = self._admitted(candidate, item, spoken)
        if names:
            values = {name: getattr(item, name) for name in Item.__dataclass_fields__}
            eastern = item.type == "PER" and surname_first(item.name, item.country)
            compilation.add(Record(**values, names=names, surname_first=eastern))
            self._summary.new += 1

    def _join(
        self, compilation: Compilation, number: int, candidate: _Candidate, spoken: dict[str, set[str]]
    ) -> None:
        """Gives an entity of the base the names it lacks; nothing is derived from them, since its own record did."""
        item = self._base.item(number)
        gained = False
        for language, listed in self._admitted(candidate, item, spoken).items():
            for name in listed:
                folded = key(name)
                if any(posting.entity == number for posting in self._base.find(folded)):
                    continue
                kind = next(kind for _, _, kind in aliases(_called(item, name)))
                compilation.alias(number, folded, language, kind)
                if item.type == "PER" and " " in folded and CASED.match(name):
                    compilation.skeleton(number, folded)
                gained = True
        if item.wikidata is None and candidate.item.wikidata:
            compilation.change(number, replace(item, wikidata=candidate.item.wikidata))
        self._summary.joined += gained

    def _admitted(
        self, candidate: _Candidate, item: Item, spoken: dict[str, set[str]]
    ) -> dict[str, tuple[str, ...]]:
        """Returns the names that pass, by language; a spelling of several languages once, for any."""
        speakers: dict[str, set[str]] = defaultdict(set)
        for language, listed in candidate.names.items():
            for name in dict.fromkeys(listed):
                why = refusal(name, language, item, self._base)
                if why is None and item.kind in STATES and spoken[key(name)] - {item.id}:
                    why = "another's name"
                if why is None:
                    speakers[name].add(language)
                else:
                    self._summary.refused[why] += 1
        names: dict[str, list[str]] = defaultdict(list)
        for name, languages in sorted(speakers.items()):
            several = ANY in languages or len(languages) >= _MIN_SPOKEN
            for language in [ANY] if several else sorted(languages):
                names[language].append(name)
        return {language: tuple(listed) for language, listed in sorted(names.items())}


def _called(item: Item, name: str) -> Record:
    values = {field: getattr(item, field) for field in Item.__dataclass_fields__}
    return Record(**(values | {"weight": min(item.weight, NOTED - 1)}), names={ANY: (name,)})


def _weight(kind: EntityType, entity: wikidata.Entity) -> float:
    if kind == "LOC" and entity.people is not None:
        return max(0.0, log(max(entity.people, 1) / 10_000))
    return max(0.0, _from_pages(kind, entity.sitelinks) - (_DEAD if kind == "PER" and entity.dead else 0.0))


def _from_pages(kind: EntityType, pages: int) -> float:
    return min(_UNCOUNTED, log(1 + pages)) if kind == "LOC" else min(_MOST, _PER_PAGE * log(1 + pages))


def _attribution(sources: Iterable[str]) -> str:
    own = (Path(__file__).parents[1] / "ATTRIBUTION.md").read_text("utf-8")
    listed = "".join(f"* {_ATTRIBUTION[name]}\n" for name in sources)
    return f"{own}\n## Added by `babelwire kb import`\n{listed}"
