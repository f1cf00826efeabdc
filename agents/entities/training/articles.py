"""Parallel articles: the same news in many languages (NTREX-128, CC BY-SA 4.0)."""

from __future__ import annotations

import gzip
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import orjson
import pycountry

PIVOTS = ("dan", "eng", "hrv", "hun", "nob", "por", "ron", "swe", "deu", "spa", "nld", "fra")
"""Languages whose word counts: those with annotated data, then those with much silver."""


@dataclass(frozen=True, slots=True)
class Article:
    """An article in one language."""

    language: str
    """As the set has it: ISO 639-3, with a script or a country."""
    doc: str
    """The same in every language."""
    text: str


def read_articles(path: Path, languages: Iterable[str] = ()) -> Iterator[Article]:
    """Yields the articles of a set (JSON lines: ``doc``, ``lang``, ``text``); of no language, all."""
    wanted = set(languages)
    with gzip.open(path, "rb") as lines:
        for row in map(orjson.loads, lines):
            if not wanted or row["lang"] in wanted:
                yield Article(row["lang"], row["doc"], row["text"])


def paragraphs(text: str) -> Iterator[tuple[int, int]]:
    """Yields where the paragraphs of an article begin and end: the same number in every language."""
    at = 0
    for one in text.split("\n\n"):
        yield at, at + len(one)
        at += len(one) + 2


def bcp47(code: str) -> str:
    """Returns the shortest BCP 47 tag of a set's language code (ISO 639-3, with a script or a country)."""
    language, _, rest = code.partition("-")
    found = pycountry.languages.get(alpha_3={"arb": "ara", "nob": "nor"}.get(language, language))
    short = str(getattr(found, "alpha_2", language))
    return f"{short}-{rest}" if len(rest) == 4 else {"CN": "zh-Hans", "TW": "zh-Hant"}.get(rest, short)
