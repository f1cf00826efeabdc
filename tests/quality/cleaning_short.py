"""Prints what becomes of leftovers around short articles: ``python -m tests.quality.cleaning_short [CODE ...]``.

``tests/agents/clean/short/CODE.txt`` and ``wide/CODE.txt``, or another folder's (``feeds``: what feeds put around a
story), hold articles of three to eight sentences (``= article``)
and leftovers (``= residue``): reason, place and text. A place is H above the story, T below it, M in it, G glued to
its first letter. Each leftover is put to each article of its file alone and together with another one of it. All of
it is our own writing. ``--show`` prints what is left, lost, or removed for another reason.
"""

from __future__ import annotations

import argparse
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tests.quality.cleaning_data import cleaned, removed_share

_CLEAN = Path(__file__).parents[1] / "agents" / "clean"
FOLDERS = (_CLEAN / "short", _CLEAN / "wide")
FEEDS = _CLEAN / "feeds"
"""What feeds put around a story: stamps, tickers, polls, pleas for apps and gifts, paywalls, podcasts."""


@dataclass(frozen=True, slots=True)
class Leftover:
    """A line that is not the article's own, the reason it goes for, and where it stands."""

    reason: str
    """One, or several that would do with ``/`` between."""
    place: str
    text: str


@dataclass(frozen=True, slots=True)
class Sample:
    """The articles and leftovers of one language."""

    language: str
    articles: tuple[tuple[str, ...], ...]
    leftovers: tuple[Leftover, ...]


@dataclass(slots=True)
class Found:
    """What became of leftovers and of the articles' own lines."""

    leftovers: int = 0
    dropped: int = 0
    explained: int = 0
    """Dropped for the right reason alone."""
    own: int = 0
    lost: int = 0
    """Own lines of which anything was removed."""
    wrong: Counter[str] = field(default_factory=Counter)

    def merge(self, other: Found) -> None:
        """Adds the counts of ``other``."""
        self.leftovers += other.leftovers
        self.dropped += other.dropped
        self.explained += other.explained
        self.own += other.own
        self.lost += other.lost
        self.wrong += other.wrong


def samples(*folders: Path) -> list[Sample]:
    """Reads every file of the folders, of all of them when none is named, in order of name."""
    found = []
    for path in sorted(path for folder in folders or FOLDERS for path in folder.glob("*.txt")):
        articles: list[tuple[str, ...]] = []
        leftovers: list[Leftover] = []
        for block in ("\n" + path.read_text(encoding="utf-8")).split("\n= ")[1:]:
            kind, *lines = block.strip().split("\n")
            if kind == "article":
                articles.append(tuple(lines))
            else:
                leftovers += [Leftover(*line.split(" ", 2)) for line in lines]
        found.append(Sample(path.stem, tuple(articles), tuple(leftovers)))
    return found


def texts(sample: Sample) -> Iterator[tuple[tuple[str, ...], list[Leftover]]]:
    """Yields each article with each leftover, alone and with another one that stands elsewhere."""
    for number, article in enumerate(sample.articles):
        for index, leftover in enumerate(sample.leftovers):
            yield article, [leftover]
            others = [item for item in sample.leftovers if item.place != leftover.place]
            if others:
                yield article, [leftover, others[(index * 7 + number * 3) % len(others)]]


def laid_out(
    article: Sequence[str], leftovers: Sequence[Leftover], gap: str
) -> tuple[str, list[tuple[int, int]]]:
    """Returns the text, and where its own lines and then its leftovers stand in it."""
    pieces: list[tuple[int, str]] = [(number, line) for number, line in enumerate(article)]
    middle = len(article) // 2
    for number, leftover in enumerate(leftovers, start=len(article)):
        at = {
            "H": 0,
            "G": pieces.index((0, article[0])),
            "M": pieces.index((middle, article[middle])),
            "T": len(pieces),
        }[leftover.place]
        pieces.insert(at, (number, leftover.text))
    glued = {number for number, item in enumerate(leftovers, start=len(article)) if item.place == "G"}
    spans = [(0, 0)] * len(pieces)
    text = ""
    for number, piece in pieces:
        spans[number] = (len(text), len(text) + len(piece))
        text += piece + ("" if number in glued else gap)
    return text.rstrip("\n"), spans


def judged(sample: Sample) -> dict[str, Found]:
    """Returns what became of the sample's texts, by reason, and for ``all``."""
    found: dict[str, Found] = defaultdict(Found)
    for number, (article, leftovers) in enumerate(texts(sample)):
        content, spans = laid_out(article, leftovers, "\n\n" if number % 3 == 0 else "\n")
        result = cleaned(content)
        one = Found(own=len(article), leftovers=len(leftovers))
        for start, end in spans[: len(article)]:
            if removed_share(result, start, end, content) > 0:
                one.lost += 1
                one.wrong[f"{sample.language} LOST {content[start:end]}"] += 1
        for leftover, (start, end) in zip(leftovers, spans[len(article) :], strict=True):
            gone = removed_share(result, start, end, content) > 0.99
            reasons = {
                item.reason
                for item in (result.removed if result else ())
                if item.start < end and item.end > start
            }
            explained = gone and reasons <= set(leftover.reason.split("/"))
            one.dropped += gone
            one.explained += explained
            reason = found[leftover.reason.split("/")[0]]
            reason.leftovers += 1
            reason.dropped += gone
            reason.explained += explained
            if not gone:
                one.wrong[f"{sample.language} LEFT {leftover.reason}: {leftover.text}"] += 1
            elif not explained:
                one.wrong[
                    f"{sample.language} {'/'.join(sorted(reasons))} for {leftover.reason}: {leftover.text}"
                ] += 1
        found["all"].merge(one)
    return found


def print_found(total: Mapping[str, Found]) -> None:
    """Prints a row for each name in ``total``."""
    for name, one in sorted(total.items()):
        print(
            f"{name:22} {one.dropped:5} of {one.leftovers:5} left out, {one.explained:5} for the right reason"
            + (f"; {one.lost} of {one.own} own lines hurt" if one.own else "")
        )


def main() -> None:
    """Prints the figures of the languages asked for."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("codes", nargs="*", help="languages; all of them when none is named")
    parser.add_argument("--folder", type=Path, action="append", help="where the files are")
    parser.add_argument("--show", action="store_true", help="print what went wrong")
    asked = parser.parse_args()
    total: dict[str, Found] = defaultdict(Found)
    for sample in samples(*asked.folder or ()):
        if asked.codes and sample.language.split("-")[0] not in asked.codes:
            continue
        found = judged(sample)
        for reason, one in found.items():
            total[reason].merge(one)
        if asked.show:
            for line, times in sorted(found["all"].wrong.items()):
                print(f"{times:4} {line}")
        total[f"language {sample.language}"].merge(found["all"])
    print_found(total)


if __name__ == "__main__":
    main()
