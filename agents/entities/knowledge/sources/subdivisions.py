"""What CLDR calls states, provinces and regions in some eighty languages.

Babel leaves these names of CLDR out, so they lie beside this module, for the countries of :mod:`regions` and for what
:mod:`provinces` lists. To take a newer CLDR:

    python -m agents.entities.knowledge.sources.subdivisions common/subdivisions

with that folder of a release (Debian's package `unicode-cldr-core` has it under ``/usr/share/unicode/cldr``), then
compile the knowledge base.
"""

from __future__ import annotations

import gzip
import sys
from collections import defaultdict
from collections.abc import Collection, Mapping
from pathlib import Path

import orjson
from lxml import etree

FILE = Path(__file__).parent / "subdivisions.jsonl.gz"
_UNCERTAIN = frozenset({"unconfirmed", "provisional"})


def names() -> dict[str, dict[str, str]]:
    """Returns the name of each subdivision (``us-ca``) by language; English first, the rest in order."""
    rows = (orjson.loads(line) for line in gzip.decompress(FILE.read_bytes()).splitlines())
    return {row["code"]: row["names"] for row in rows}


def read(folder: Path, countries: Collection[str], codes: Collection[str] = ()) -> dict[str, dict[str, str]]:
    """Returns what :func:`names` does from a folder of CLDR, for ``countries`` and ``codes`` (in lower case).

    Files of a country's or a script's own variant are left out, and names that CLDR marks as uncertain.
    """
    found: dict[str, dict[str, str]] = defaultdict(dict)
    for path in sorted(folder.glob("*.xml"), key=lambda path: (path.stem != "en", path.stem)):
        if "_" in path.stem:
            continue
        for item in etree.parse(path).iter("subdivision"):
            code, name = item.get("type", ""), (item.text or "").strip()
            division = f"{code[:2]}-{code[2:]}"
            wanted = code[:2] in countries or division in codes
            if wanted and name and item.get("draft") not in _UNCERTAIN:
                found[division][path.stem] = name
    return dict(sorted(found.items()))


def write(listed: Mapping[str, Mapping[str, str]]) -> None:
    """Writes the file that :func:`names` reads; the same names give the same bytes."""
    lines = (orjson.dumps({"code": code, "names": spoken}) + b"\n" for code, spoken in listed.items())
    FILE.write_bytes(gzip.compress(b"".join(lines), mtime=0))


if __name__ == "__main__":
    from agents.entities.knowledge.sources.provinces import listed
    from agents.entities.knowledge.sources.regions import COUNTRIES

    write(read(Path(sys.argv[1]), COUNTRIES, {code for code, _, _ in listed()}))
