"""Prints what becomes of whole texts as a crawl leaves them: ``python -m tests.quality.cleaning_crawled [CODE ...]``.

``CODE.txt`` in ``first/`` to ``fifth/`` of ``tests/agents/clean/crawled/`` hold one text each, from its
first line to its last: ``keep | line`` is the article's own, ``reason | line`` is not (several reasons that would do
with ``/`` between). A label with ``+`` is glued to what follows, one with ``_`` stands in the same line. Unlike
``cleaning_short``, which puts one or two leftovers to an article, all leftovers of a text stand there at once, as the
seeds have them. All of it is our own writing. ``--show`` prints what is left, hurt, or removed for another reason.
"""

from __future__ import annotations

import argparse
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

from tests.quality.cleaning_data import cleaned, removed_share
from tests.quality.cleaning_short import Found, print_found

CRAWLED = Path(__file__).parents[1] / "agents" / "clean" / "crawled"
_GAPS = {"+": "", "_": " "}
_KEEP = "keep"


@dataclass(frozen=True, slots=True)
class Piece:
    """A line or a part of one, with its label and what stands after it."""

    label: str
    gap: str
    text: str


def crawled(path: Path) -> tuple[Piece, ...]:
    """Reads one text."""
    pieces = []
    for line in path.read_text(encoding="utf-8").splitlines():
        label, text = line.split(" | ", 1)
        label, _, mark = label.partition(" ")
        pieces.append(Piece(label, _GAPS[mark] if mark else "\n", text))
    return tuple(pieces)


def judged(path: Path) -> dict[str, Found]:
    """Returns what became of the pieces of a text, by reason, and for ``all``."""
    pieces = crawled(path)
    content, spans = "", []
    for piece in pieces:
        spans.append((len(content), len(content) + len(piece.text)))
        content += piece.text + piece.gap
    content = content.rstrip("\n")
    result = cleaned(content)
    found: dict[str, Found] = defaultdict(Found)
    every = found["all"]
    for piece, (start, end) in zip(pieces, spans, strict=True):
        share = removed_share(result, start, end, content)
        if piece.label == _KEEP:
            every.own += 1
            if share > 0:
                every.lost += 1
                every.wrong[f"{path.stem} LOST {piece.text}"] += 1
            continue
        reasons = {
            item.reason
            for item in (result.removed if result else ())
            if item.start < end and item.end > start
        }
        gone = share > 0.99
        explained = gone and reasons <= set(piece.label.split("/"))
        for one in (every, found[piece.label.split("/")[0]]):
            one.leftovers += 1
            one.dropped += gone
            one.explained += explained
        if not explained:
            became = "/".join(sorted(reasons)) + " for" if gone else "LEFT"
            every.wrong[f"{path.stem} {became} {piece.label}: {piece.text}"] += 1
    return found


def main() -> None:
    """Prints the figures of the languages asked for."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("codes", nargs="*", help="languages; all of them when none is named")
    parser.add_argument("--folder", type=Path, default=CRAWLED, help="where the files are")
    parser.add_argument("--show", action="store_true", help="print what went wrong")
    asked = parser.parse_args()
    total: dict[str, Found] = defaultdict(Found)
    for path in sorted(asked.folder.rglob("*.txt")):
        if asked.codes and path.stem.split("-")[0] not in asked.codes:
            continue
        for reason, one in judged(path).items():
            total[reason].merge(one)
    if asked.show:
        for line in total["all"].wrong:
            print(line)
    print_found(total)


if __name__ == "__main__":
    main()
