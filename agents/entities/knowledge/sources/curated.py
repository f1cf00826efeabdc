"""Our own hand-kept records: ``agents/entities/knowledge/curated/*.jsonl``, one a line."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson

from agents.entities.knowledge.records import ANY, Record
from agents.entities.spelling.names import surname_first

FOLDER = Path(__file__).parent.parent / "curated"

WEIGHTS = {
    "union": 12.0,
    "head": 10.0,
    "body": 10.0,
    "government": 10.0,
    "minister": 8.5,
    "politician": 8.0,
    "capital": 9.0,
    "city": 7.0,
    "agency": 9.0,
    "outlet": 7.5,
}
"""Weight by kind where a line gives none."""
DEFAULT_WEIGHT = 7.0


def curated(folder: Path = FOLDER) -> Iterator[Record]:
    """Yields the records of every file, in order of file name and line."""
    for path in sorted(folder.glob("*.jsonl")):
        for number, line in enumerate(path.read_bytes().splitlines(), 1):
            if line.strip():
                try:
                    yield parse(orjson.loads(line))
                except (KeyError, TypeError, ValueError, AttributeError) as error:
                    raise ValueError(f"{path.name}, line {number}: {error!r}") from error


def parse(row: dict[str, Any]) -> Record:
    """Returns the record of one line; ``names`` may be a list (any language) or lists by language."""
    names = row.get("names", {})
    if isinstance(names, list):
        names = {ANY: names}
    by_language = {language: tuple(found) for language, found in names.items()}
    by_language[ANY] = tuple(dict.fromkeys((row["name"], *by_language.get(ANY, ()))))
    identifier: str = row["id"]
    geonames = row.get("geonames")
    return Record(
        id=identifier,
        type=row["type"],
        name=row["name"],
        kind=row["kind"],
        weight=float(row.get("weight", WEIGHTS.get(row["kind"], DEFAULT_WEIGHT))),
        country=row.get("country"),
        wikidata=identifier if identifier.startswith("Q") else None,
        metonym_of=row.get("metonym_of"),
        part_of=row.get("part_of"),
        names=by_language,
        adjectives={language: tuple(found) for language, found in row.get("adjectives", {}).items()},
        surnames=tuple(row.get("surnames", ())),
        surname_first=row["type"] == "PER"
        and row.get("surname_first", surname_first(row["name"], row.get("country"))),
        common_word=bool(row.get("common_word")),
        merges=f"gn:{geonames}" if geonames else None,
    )
