"""Compiles the knowledge base: ``python -m agents.entities.build``.

Reads the packages and ``agents/entities/curated/*.jsonl``; writes ``agents/entities/kb/``. Needs no network.
"""

from __future__ import annotations

import sys
from pathlib import Path

from agents.entities.kb import FOLDER, compile_records
from agents.entities.records import Record
from agents.entities.sources.cities import cities
from agents.entities.sources.curated import curated
from agents.entities.sources.territories import territories


def records() -> list[Record]:
    """Returns every record of every source, each id once."""
    by_id: dict[str, Record] = {}
    for record in (*territories(), *curated(), *cities()):
        by_id.setdefault(record.id, record)
    return list(by_id.values())


def main(folder: Path = FOLDER) -> None:
    """Writes the knowledge base and prints its version."""
    version = compile_records(records(), folder)
    size = sum(path.stat().st_size for path in folder.iterdir())
    sys.stdout.write(f"{folder}: version {version}, {size / 1e6:.1f} MB\n")


if __name__ == "__main__":
    main()
