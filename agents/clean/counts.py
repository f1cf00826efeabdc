"""Counts in how many articles of a source each line stands: what ``babelwire learn`` keeps between its runs.

Pure and bounded: it takes cleaned articles in the order they came and holds at most so many sources, lines and
keys. Only lines near the beginning and the end count, and an article counts once: one whose paragraphs mostly stood
in those just before it is an update or a copy, and would make its own sentences look repeated.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Literal, NamedTuple
from urllib.parse import urlsplit

import msgspec
import xxhash

from agents.clean.page.markup import shown_text
from agents.clean.residue.phrasebook import fold_words
from schemas.article import CleanArticle, Removed

MOST_SOURCES = 2_000
"""Sources kept; the one unheard of for longest goes first."""
MOST_LINES = 512
"""Lines kept for a source; of those the one unseen for longest goes first. With sources, bounds the file to 40 MB."""
_RECENT = 256
"""Paragraphs kept for a source: those of its last 16 articles at least."""
_PARAGRAPHS = 16
"""Paragraphs looked at in an article."""
_LONG = 14
"""Words from which a line is a paragraph."""
_FIRST = 8
_LAST = 16
"""Lines at the beginning and at the end that are counted."""
_LONGEST = 120
"""Words beyond which a line is no notice."""
_LEAST = 3
"""Letters a line needs."""


class LineCount(NamedTuple):
    """How often a line was seen, and in which articles of its source, by number, for the first and last time."""

    articles: int
    first: int
    last: int


@dataclass(slots=True)
class SourceCounts:
    """What was seen of one source."""

    articles: int = 0
    """Articles counted, copies and updates left out."""
    recent: list[str] = field(default_factory=list)
    """The last paragraphs, by :func:`line_key`."""
    lines: dict[str, LineCount] = field(default_factory=dict)
    """By :func:`line_key`, the line unseen for longest first."""

    def add(self, article: CleanArticle) -> None:
        """Counts the lines of ``article``, unless it has no paragraphs, or more old ones than new ones."""
        folded = [fold_words(line) for line in article.text.split("\n")]
        keys = [line_key(words) or "" for words in folded if len(words) >= _LONG][:_PARAGRAPHS]
        if not keys or 2 * len(set(self.recent).intersection(keys)) > len(set(keys)):
            return
        self.recent = [*self.recent, *keys][-_RECENT:]
        self.articles += 1
        for key in dict.fromkeys(line_key(words) for words in _edges(folded, article.removed)):
            if key is None:
                continue
            seen = self.lines.pop(key, LineCount(0, self.articles, self.articles))
            self.lines[key] = LineCount(seen.articles + 1, seen.first, self.articles)
        while len(self.lines) > MOST_LINES:
            del self.lines[next(iter(self.lines))]


@dataclass(slots=True)
class Counts:
    """What was seen of every source, and how far the stream was read."""

    positions: dict[str, int] = field(default_factory=dict)
    """The next offset to read, by ``topic/partition``."""
    sources: dict[str, SourceCounts] = field(default_factory=dict)
    """The source unheard of for longest first."""

    def add(self, article: CleanArticle) -> None:
        """Counts the lines of ``article``; one without a source or an address is left out."""
        source = source_of(article.source, article.url)
        if source is None:
            return
        counts = self.sources.pop(source, None) or SourceCounts()
        self.sources[source] = counts
        counts.add(article)
        while len(self.sources) > MOST_SOURCES:
            del self.sources[next(iter(self.sources))]


@dataclass(frozen=True, slots=True)
class _File:
    """Counts as they lie in a file; the first field says what the file is."""

    format: Literal["babelwire repeated lines 1"]
    counts: Counts


def to_bytes(counts: Counts) -> bytes:
    """Returns the content of a file of ``counts``."""
    return msgspec.json.encode(_File("babelwire repeated lines 1", counts))


def from_bytes(data: bytes) -> Counts:
    """Reads the content of a file.

    Raises:
        msgspec.DecodeError: it is of another kind.
    """
    return msgspec.json.decode(data, type=_File).counts


def source_of(source: str | None, url: str | None) -> str | None:
    """Returns the name under which an article's lines are remembered: its source, else the host of its address."""
    name = source
    if name is None and url is not None:
        try:
            name = urlsplit(url).hostname
        except ValueError:
            return None
    return name.casefold().removeprefix("www.") if name else None


def line_key(words: Sequence[str]) -> str | None:
    """Returns what a line is remembered by, from its folded words; None for one of too few letters."""
    line = " ".join(words)
    if sum(map(str.isalpha, line)) < _LEAST:
        return None
    return f"{xxhash.xxh3_64_intdigest(line.encode('utf-8', 'surrogatepass')):016x}"


def _edges(folded: Sequence[list[str]], removed: Iterable[Removed]) -> Iterator[list[str]]:
    """Yields the first and last lines, and those that cleaning took out because they repeat: they still do."""
    yield from (words for words in (*folded[:_FIRST], *folded[_FIRST:][-_LAST:]) if len(words) <= _LONGEST)
    for item in removed:
        if item.reason == "repeated_line":
            # of a page, the removed piece is its source
            yield fold_words(shown_text(item.text).text)
