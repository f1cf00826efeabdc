"""Writes Wikidata dumps and ParaNames tables of our own making, in the form the real ones have."""

from __future__ import annotations

import bz2
import gzip
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import orjson
import zstandard


def entity(
    identifier: str,
    labels: Mapping[str, str],
    *,
    instance_of: Sequence[str] = (),
    subclass_of: Sequence[str] = (),
    aliases: Mapping[str, Sequence[str]] | None = None,
    country: Sequence[str] = (),
    citizen: Sequence[str] = (),
    people: int | None = None,
    geonames: str | None = None,
    died: str | None = None,
    pages: int = 30,
) -> dict[str, Any]:
    """Returns one entity as the dump has it; ``pages`` is the number of Wikipedias."""
    claims: dict[str, list[dict[str, Any]]] = {}
    for name, items in (("P31", instance_of), ("P279", subclass_of), ("P17", country), ("P27", citizen)):
        if items:
            claims[name] = [statement(name, item_value(item), identifier) for item in items]
    if people is not None:
        amount = {"value": {"amount": f"+{people}", "unit": "1"}, "type": "quantity"}
        claims["P1082"] = [statement("P1082", amount, identifier)]
    if geonames is not None:
        claims["P1566"] = [statement("P1566", {"value": geonames, "type": "string"}, identifier)]
    if died is not None:
        time = {"time": f"+{died}T00:00:00Z", "timezone": 0, "before": 0, "after": 0, "precision": 11}
        claims["P570"] = [statement("P570", {"value": time, "type": "time"}, identifier)]
    sites = {f"{_code(number)}wiki" for number in range(pages)}
    extra = {"commonswiki", "enwikiquote"} if pages else set()
    return {
        "type": "item",
        "id": identifier,
        "labels": {code: {"language": code, "value": value} for code, value in labels.items()},
        "descriptions": {"en": {"language": "en", "value": "made for a test"}},
        "aliases": {
            code: [{"language": code, "value": value} for value in listed]
            for code, listed in (aliases or {}).items()
        }
        or [],
        "claims": claims or [],
        "sitelinks": {
            site: {"site": site, "title": next(iter(labels.values()), identifier), "badges": []}
            for site in sorted(sites | extra)
        }
        or [],
        "pageid": int(identifier[1:]),
        "ns": 0,
        "title": identifier,
        "lastrevid": 1234567890,
        "modified": "2026-11-01T00:00:00Z",
    }


def item_value(identifier: str) -> dict[str, Any]:
    """Returns the value of a statement about another entity."""
    value = {"entity-type": "item", "numeric-id": int(identifier[1:]), "id": identifier}
    return {"value": value, "type": "wikibase-entityid"}


def statement(
    name: str, value: Mapping[str, Any] | None, owner: str, rank: str = "normal", *, ended: bool = False
) -> dict[str, Any]:
    """Returns one statement; ``None`` is a value nobody knows."""
    snak: dict[str, Any] = {"snaktype": "value" if value else "somevalue", "property": name}
    if value:
        snak["datavalue"] = value
    found: dict[str, Any] = {"mainsnak": snak, "type": "statement", "id": f"{owner}$1-{name}", "rank": rank}
    if ended:
        found["qualifiers"] = {"P582": [{"snaktype": "somevalue", "property": "P582"}]}
    return found


def write_dump(path: Path, entities: Iterable[Mapping[str, Any] | bytes]) -> Path:
    """Writes a dump: an array, one entity a line, compressed as the name says."""
    lines = [line if isinstance(line, bytes) else orjson.dumps(line) for line in entities]
    content = b"[\n" + b",\n".join(lines) + b"\n]\n"
    return write(path, content)


def write_table(path: Path, rows: Iterable[Sequence[str]]) -> Path:
    """Writes a ParaNames table."""
    header = ("wikidata_id", "eng", "label", "language", "type")
    return write(path, "".join("\t".join(row) + "\n" for row in (header, *rows)).encode())


def write(path: Path, content: bytes) -> Path:
    """Writes a file, compressed as its name says; in two frames, as parallel compressors do."""
    half = len(content) // 2
    parts = (content[:half], content[half:])
    match path.suffix:
        case ".gz":
            path.write_bytes(b"".join(map(gzip.compress, parts)))
        case ".bz2":
            path.write_bytes(b"".join(map(bz2.compress, parts)))
        case ".zst":
            path.write_bytes(b"".join(map(zstandard.compress, parts)))
        case _:
            path.write_bytes(content)
    return path


def _code(number: int) -> str:
    return chr(ord("a") + number // 26 % 26) + chr(ord("a") + number % 26)
