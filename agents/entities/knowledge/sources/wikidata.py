"""A Wikidata JSON dump: one entity a line within one array (``latest-all.json.gz`` and its kin, CC0).

Read once, as a stream. What an entity is, is known only when all "subclass of" statements have been seen, so those
are kept (8 bytes each, some 40 MB for the whole of Wikidata) and :class:`Classes` answers afterwards.
"""

from __future__ import annotations

import tomllib
from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import orjson

from agents.entities.knowledge.compile import Told
from agents.entities.knowledge.records import ANY
from agents.entities.knowledge.sources.opened import lines
from agents.entities.spelling.languages import base
from schemas.article import EntityType

_ROOTS = Path(__file__).parent / "wikidata.toml"
_HUMAN = 5
_AROUND = b" \t\r\n,[]"
"""What stands between the entities of the array, which other tools than Wikidata's put at other ends of the lines."""
_RANKS = {"preferred": 0, "normal": 1}
_OTHER_SITES = frozenset(
    {"commonswiki", "specieswiki", "wikidatawiki", "metawiki", "sourceswiki", "incubatorwiki"}
)
"""Sites that end in ``wiki`` and are no Wikipedia."""
_CODES = {
    "simple": "en", "mul": ANY, "als": "gsw", "zh-yue": "yue", "zh-min-nan": "nan", "zh-classical": "lzh",
    "bat-smg": "sgs", "fiu-vro": "vro", "roa-rup": "rup", "roa-tara": "nap", "cbk-zam": "cbk", "map-bms": "jv",
    "nds-nl": "nds", "eml": "egl",
}  # fmt: skip
"""Wikimedia's codes that are not what BCP 47 calls the language."""


@dataclass(slots=True)
class Entity:
    """What is taken from one line."""

    id: str
    name: str
    """Its English label, else the one for any language, else the first by code of the language."""
    classes: list[int]
    """Numbers of the classes it is an instance of; the preferred ones where some are."""
    sitelinks: int
    """Wikipedias that have a page on it."""
    countries: list[str]
    """Ids of its country (P17) or citizenship (P27), those that still hold first."""
    people: int | None
    """Population (P1082)."""
    geonames: str | None
    """Its GeoNames id (P1566)."""
    dead: bool
    names: dict[str, list[str]] = field(default_factory=dict)
    """Label and aliases by language, the label first."""


def code_of(wikimedia: str) -> str:
    """Returns our code for a language of Wikimedia (``zh-hant`` is ``zh``, ``mul`` any)."""
    return _CODES.get(wikimedia) or base(wikimedia)


class Classes:
    """What the classes of Wikidata are, from the "subclass of" statements of a dump.

    Limits: a dump cut short lacks statements, so what is only known through them is left out; and Wikidata's own
    slips (a school that is a place and an organisation) are decided by the fewest steps, organisations first.
    """

    def __init__(self) -> None:
        self._children, self._parents = array("I"), array("I")
        self._types: dict[int, tuple[int, EntityType | None]] | None = None

    def add(self, child: int, parents: Sequence[int]) -> None:
        """Adds the classes a class is a subclass of."""
        self._children.extend([child] * len(parents))
        self._parents.extend(parents)
        self._types = None

    def type_of(self, classes: Sequence[int]) -> EntityType | None:
        """Returns the type of an instance of ``classes``; None where it is none that is taken."""
        if _HUMAN in classes:
            return "PER"
        if self._types is None:
            self._types = self._descend()
        known = [self._types[number] for number in classes if number in self._types]
        return min(known, key=lambda found: found[0])[1] if known else None

    def _descend(self) -> dict[int, tuple[int, EntityType | None]]:
        """Walks down from the roots in steps; the first to reach a class names it."""
        roots = tomllib.loads(_ROOTS.read_text("utf-8"))
        found: dict[int, tuple[int, EntityType | None]] = {}
        order: tuple[tuple[str, EntityType | None], ...] = (("none", None), ("ORG", "ORG"), ("LOC", "LOC"))
        for name, kind in order:
            for identifier in roots[name].values():
                found.setdefault(int(identifier[1:]), (0, kind))
        parents = np.frombuffer(self._parents, dtype="<u4") if self._parents else np.empty(0, "<u4")
        children = np.frombuffer(self._children, dtype="<u4") if self._children else np.empty(0, "<u4")
        sorted_by = np.argsort(parents, kind="stable")
        parents, children = parents[sorted_by], children[sorted_by]
        frontier = list(found)
        depth = 0
        while frontier:
            depth += 1
            starts = np.searchsorted(parents, frontier, "left").tolist()
            ends = np.searchsorted(parents, frontier, "right").tolist()
            reached: list[int] = []
            for number, start, end in zip(frontier, starts, ends, strict=True):
                kind = found[number][1]
                for child in children[start:end].tolist():
                    if child not in found and child != _HUMAN:
                        found[child] = (depth, kind)
                        reached.append(child)
            frontier = reached
        return found


def entities(path: Path, classes: Classes, min_sitelinks: int, told: Told) -> Iterator[Entity | None]:
    """Yields what is in ``path`` with ``min_sitelinks`` Wikipedias or more; None for a line that is no entity.

    Tells ``classes`` of every "subclass of" statement. Lines that can be neither are not parsed: of those only the
    form is looked at, an object that says its id and type.
    """
    for line in lines(path, told):
        text = line.strip(_AROUND)
        if not text:
            continue
        if not (text[:1] == b"{" and text[-1:] == b"}" and b'"id"' in text and b'"type"' in text):
            yield None
            continue
        is_class = b'"P279"' in text
        if not is_class and (b'"P31"' not in text or _pages(text) < min_sitelinks):
            continue
        try:
            row = orjson.loads(text)
            if row["type"] != "item":
                continue
            claims = row["claims"] or {}
            number = int(row["id"][1:])
            if is_class:
                classes.add(number, _items(claims, "P279"))
            sitelinks = sum(
                site.endswith("wiki") and site not in _OTHER_SITES for site in row.get("sitelinks") or {}
            )
            if sitelinks >= min_sitelinks and claims.get("P31"):
                yield _entity(row, claims, sitelinks)
        except (KeyError, TypeError, ValueError, AttributeError):
            yield None


def _pages(text: bytes) -> int:
    """Counts pages of all projects without parsing: each has a title, and little comes after them in a line."""
    place = text.rfind(b'"sitelinks"')
    return 1 << 30 if place < 0 else text.count(b'"title"', place)


def _entity(row: dict[str, Any], claims: dict[str, Any], sitelinks: int) -> Entity:
    people = [int(float(value["amount"])) for value in _values(claims, "P1082")]
    numbers = [str(value) for value in _values(claims, "P1566")]
    labels = {language: label["value"] for language, label in (row.get("labels") or {}).items()}
    best = next((code for code in ("en", "mul", *sorted(labels)) if code in labels), "")
    entity = Entity(
        id=row["id"],
        name=labels.get(best, ""),
        classes=_items(claims, "P31"),
        sitelinks=sitelinks,
        countries=[f"Q{number}" for number in (*_items(claims, "P17"), *_items(claims, "P27"))],
        people=max(people, default=None),
        geonames=numbers[0] if numbers else None,
        dead=bool(claims.get("P570")),
    )
    for language, label in labels.items():
        entity.names.setdefault(code_of(language), []).append(label)
    for language, listed in (row.get("aliases") or {}).items():
        entity.names.setdefault(code_of(language), []).extend(alias["value"] for alias in listed)
    return entity


def _values(claims: dict[str, Any], name: str) -> list[Any]:
    """Returns the values of a property, best rank alone, those without an end (P582) first."""
    found = []
    for statement in claims.get(name) or ():
        snak = statement["mainsnak"]
        if snak["snaktype"] == "value" and statement["rank"] in _RANKS:
            ended = "P582" in (statement.get("qualifiers") or {})
            found.append((_RANKS[statement["rank"]], ended, snak["datavalue"]["value"]))
    best = min((rank for rank, _, _ in found), default=0)
    return [value for rank, _, value in sorted(found, key=lambda entry: (entry[0], entry[1])) if rank == best]


def _items(claims: dict[str, Any], name: str) -> list[int]:
    return [int(value["id"][1:]) if "id" in value else value["numeric-id"] for value in _values(claims, name)]
