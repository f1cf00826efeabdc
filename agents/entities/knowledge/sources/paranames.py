"""A ParaNames table: names of Wikidata's entities in 400 languages (Sälevä and Lignos 2024, CC BY 4.0).

Tab-separated with the header ``wikidata_id eng label language type``: one name a row, in no order, ``type`` PER, LOC
or ORG. An entity of two types has its rows once for each.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from agents.entities.knowledge.compile import Told
from agents.entities.knowledge.sources.opened import lines

COLUMNS = ("wikidata_id", "eng", "label", "language", "type")


def rows(path: Path, told: Told) -> Iterator[tuple[str, ...] | None]:
    """Yields the columns of each row in the order of :data:`COLUMNS`; None for one that is no row.

    Raises:
        ValueError: the header lacks a column.
    """
    found = lines(path, told)
    header = next(found, b"").decode("utf-8-sig", "replace").rstrip("\r\n").split("\t")
    missing = [name for name in COLUMNS if name not in header]
    if missing:
        raise ValueError(
            f"{path}: expected a header with {', '.join(COLUMNS)}, found none of {', '.join(missing)}"
        )
    places = [header.index(name) for name in COLUMNS]
    for line in found:
        cells = line.decode("utf-8", "replace").rstrip("\r\n").split("\t")
        if (
            len(cells) == len(header)
            and "\ufffd" not in (row := [_plain(cells[place]) for place in places])[2]
        ):
            yield tuple(row)
        elif line.strip():
            yield None


def _plain(cell: str) -> str:
    """Undoes the quoting of a cell with a quotation mark in it (RFC 4180)."""
    if len(cell) > 1 and cell[0] == cell[-1] == '"':
        return cell[1:-1].replace('""', '"')
    return cell
