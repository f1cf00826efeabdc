"""Real articles for benches: NTREX-128 news in many languages, from the development data."""

from __future__ import annotations

import gzip
import itertools
import os
from collections.abc import Iterator
from pathlib import Path

import orjson

LANGUAGES = (
    "deu",
    "eng-US",
    "spa",
    "fra",
    "ita",
    "por",
    "ron",
    "fil",
    "rus",
    "ukr",
    "pol",
    "arb",
    "hin",
    "zho-CN",
    "jpn",
    "tur",
)


def data_folder() -> Path:
    """Returns the folder of the development data (``BABELWIRE_DATA``, default ``../shared/data``)."""
    return Path(os.environ.get("BABELWIRE_DATA", Path(__file__).parents[3] / "shared" / "data"))


def news(count: int) -> list[tuple[bytes, bytes]]:
    """Returns key and value of ``count`` raw articles of about 3,000 characters in sixteen languages.

    Where there are fewer real ones they come again under other ids.
    """
    path = data_folder() / "news" / "ntrex-dev.jsonl.gz"
    with gzip.open(path, "rb") as lines:
        rows = list(map(orjson.loads, lines))
    known = {row["lang"] for row in rows}
    wanted = [lang for lang in LANGUAGES if lang in known] or sorted(known)
    chosen = [row for row in rows if row["lang"] in set(wanted)]
    chosen.sort(key=lambda row: (row["doc"], row["lang"]))
    return list(itertools.islice(_numbered(chosen), count))


def _numbered(rows: list[dict[str, str]]) -> Iterator[tuple[bytes, bytes]]:
    for number, row in enumerate(itertools.cycle(rows)):
        key = f"bench-{number:06d}"
        value = orjson.dumps(
            {"id": key, "title": row.get("title"), "content": row["text"], "source": "bench.example"}
        )
        yield key.encode(), value
