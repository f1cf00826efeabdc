"""Pages, texts and labelled lines that the cleaning figures are measured on, and the measures themselves.

A line of a scraped text is the article's own where at least half of its word triples are in the gold text; a line of
fewer than three words where it is itself a line of the gold text. A word is a run of letters and digits, or one
character of a script that does not space its words.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import os
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from resiliparse.extract.html2text import extract_plain_text

from agents.clean.residue.phrasebook import WORD
from agents.clean.stage import STAGE
from agents.stage import Emit, Resources
from schemas.article import CleanArticle, RawArticle

DATA = Path(
    os.environ.get("BABELWIRE_DATA") or Path(__file__).parents[2] / ".." / "shared" / "data"
).resolve()
LEFTOVERS = Path(__file__).with_name("cleaning_leftovers.tsv")
RECEIVED = datetime(2026, 11, 21, 19, 0, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Page:
    """A web page with its gold."""

    id: str
    url: str
    html: str
    text: str
    language: str
    title: str | None = None
    authors: tuple[str, ...] = ()
    published: datetime | None = None

    @property
    def host(self) -> str:
        """The site, without ``www``."""
        return (urlsplit(self.url if "//" in self.url else "//" + self.url).hostname or "").removeprefix(
            "www."
        )


def rows(path: str) -> Iterator[dict[str, Any]]:
    """Yields the rows of a gzipped file of JSON lines."""
    with gzip.open(DATA / path, "rt", encoding="utf-8") as lines:
        yield from map(json.loads, lines)


def scrapinghub() -> list[Page]:
    """Returns the 181 pages of the article extraction benchmark."""
    return [
        Page(row["id"], row["url"] or "", row["html"], row["text"], "scrapinghub")
        for row in rows("html/scrapinghub.jsonl.gz")
    ]


def newspages() -> list[Page]:
    """Returns the multilingual pages; the gold is what each publisher's own parser gives."""
    result = []
    for row in rows("html/newspages-dev.jsonl.gz"):
        published = datetime.fromisoformat(row["published"]) if row["published"] else None
        authors = tuple(name.strip() for name in (row["authors"] or "").split(";") if name.strip())
        language = row["langs"][0] if len(row["langs"]) == 1 else "mixed"
        result.append(
            Page(
                row["id"],
                row["url"] or "",
                row["html"],
                row["text"],
                language,
                row["title"],
                authors,
                published,
            )
        )
    return result


@cache
def process() -> Any:
    """Returns the stage's function."""
    return STAGE.load(Resources())


def cleaned(content: str, **fields: Any) -> CleanArticle | None:
    """Returns the cleaned article; None where the stage dropped or rejected it."""
    outcome = process()(RawArticle(id="a", content=content, received_at=RECEIVED, **fields))
    return outcome.article if isinstance(outcome, Emit) else None


def residue(page: Page, *, main: bool = True) -> str:
    """Returns what a fast extractor leaves of the page: its main content, or everything that is shown."""
    return str(
        extract_plain_text(
            page.html,
            main_content=main,
            alt_texts=False,
            links=False,
            list_bullets=False,
            preserve_formatting=True,
        )
    )


def words(text: str) -> list[str]:
    """Returns the words of ``text``, case-folded."""
    return [word for word in WORD.findall(text.casefold()) if word[0].isalnum()]


def word_scores(found: str, gold: str) -> tuple[float, float, float]:
    """Returns precision, recall and F1 of the bags of words."""
    one, other = Counter(words(found)), Counter(words(gold))
    shared = (one & other).total()
    if not shared:
        return 0.0, 0.0, float(not one and not other)
    precision, recall = shared / one.total(), shared / other.total()
    return precision, recall, 2 * precision * recall / (precision + recall)


@cache
def leftovers() -> Mapping[str, str]:
    """Returns the class of each line that a gold text keeps though the stage has to leave it out, by its digest."""
    return dict(line.split("\t") for line in LEFTOVERS.read_text("utf-8").splitlines())


def digest(page: str, line: str) -> str:
    """Returns by what a line of a page is known in ``cleaning_leftovers.tsv``: pages are not ours to print."""
    return hashlib.sha256(f"{page} {' '.join(words(line))}".encode()).hexdigest()[:16]


class Gold:
    """The gold text of a page, ready to say which lines are its own.

    ``page`` is the page's id where the gold is to be corrected: what two readers call leftovers is none of its own.
    """

    def __init__(self, text: str, page: str = "") -> None:
        self._page = page
        found = words(text)
        self.triples = set(zip(found, found[1:], found[2:], strict=False))
        self.lines = {tuple(words(line)) for line in text.split("\n")}
        self.size = sum(not character.isspace() for character in text)

    def own(self, line: str) -> bool | None:
        """Says whether ``line`` is the article's own; None for one without words."""
        found = tuple(words(line))
        if not found:
            return None
        if self._page and digest(self._page, line) in leftovers():
            return False
        if len(found) < 3:
            return found in self.lines
        triples = list(zip(found, found[1:], found[2:], strict=False))
        return sum(triple in self.triples for triple in triples) * 2 >= len(triples)


def raw_lines(content: str) -> Iterator[tuple[int, int, str]]:
    """Yields the lines of ``content`` that hold more than white space, with their spans."""
    at = 0
    for line in content.split("\n"):
        if line.strip():
            yield at, at + len(line), line
        at += len(line) + 1


def removed_share(article: CleanArticle | None, start: int, end: int, content: str) -> float:
    """Returns how much of the ink of ``content[start:end]`` was removed."""
    ink = sum(not character.isspace() for character in content[start:end])
    if article is None or not ink:
        return 1.0
    gone = sum(
        not character.isspace()
        for item in article.removed
        if item.start < end and item.end > start
        for character in content[max(start, item.start) : min(end, item.end)]
    )
    return gone / ink


@dataclass(slots=True)
class Tally:
    """Counts of one set of lines."""

    dropped: int = 0
    rightly: int = 0
    residue: int = 0
    lost: int = 0
    """Characters of ink of own lines that were dropped."""
    size: int = 0
    """Characters of ink of the gold texts."""
    mistakes: list[str] = field(default_factory=list)
    misses: list[str] = field(default_factory=list)

    def add(self, content: str, article: CleanArticle | None, gold: Gold) -> None:
        """Counts the lines of one text."""
        self.size += gold.size
        for start, end, line in raw_lines(content):
            own = gold.own(line)
            if own is None:
                continue
            dropped = removed_share(article, start, end, content) > 0.5
            self.residue += not own
            self.dropped += dropped
            self.rightly += dropped and not own
            if dropped and own:
                self.lost += sum(not character.isspace() for character in line)
                reasons = (
                    {r.reason for r in article.removed if r.start < end and r.end > start}
                    if article
                    else {"all"}
                )
                self.mistakes.append(f"{'/'.join(sorted(reasons))}: {line.strip()}")
            if not own and not dropped:
                self.misses.append(line.strip())

    def add_labelled(self, content: str, article: CleanArticle | None, own: Iterable[bool]) -> None:
        """Counts the lines of a text of which is known which are its own."""
        for (start, end, line), mine in zip(raw_lines(content), own, strict=True):
            dropped = removed_share(article, start, end, content) > 0.5
            self.residue += not mine
            self.dropped += dropped
            self.rightly += dropped and not mine
            if mine:
                self.size += len(line)
            if mine and dropped:
                self.lost += len(line)
                self.mistakes.append(line)
            if not mine and not dropped:
                self.misses.append(line)

    def merge(self, other: Tally) -> None:
        """Adds the counts of ``other``."""
        self.dropped += other.dropped
        self.rightly += other.rightly
        self.residue += other.residue
        self.lost += other.lost
        self.size += other.size
        self.mistakes += other.mistakes
        self.misses += other.misses

    @property
    def precision(self) -> float:
        """Share of the dropped lines that were residue."""
        return self.rightly / self.dropped if self.dropped else 1.0

    @property
    def recall(self) -> float:
        """Share of the residue that was dropped."""
        return self.rightly / self.residue if self.residue else 1.0

    @property
    def body_lost(self) -> float:
        """Share of the gold text that was dropped."""
        return self.lost / self.size if self.size else 0.0
