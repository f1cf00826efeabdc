"""Measures linking on news texts of our own with their names marked, of the kinds a newsroom writes.

``python -m tests.quality.entities_news`` prints what is right, wrong and missed in the five sets, by rules and with
the model (``--model``), and every mark that is not right.
"""

from __future__ import annotations

import re
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from agents.entities.knowledge.kb import Compiled
from agents.entities.linking.link import Linker
from agents.entities.recognition.recogniser import Recogniser
from agents.entities.spelling.names import is_provisional

SETS = tuple(
    Path(__file__).parent / f"entities_news{part}.tsv"
    for part in ("", "_second", "_third", "_fourth", "_fifth")
)
_MARK = re.compile(r"\[([^\[\]|]+)\|([^\[\]]*)\]")


@dataclass(frozen=True, slots=True)
class Mark:
    """A name in a text, and what it means."""

    start: int
    end: int
    wanted: str


@dataclass(frozen=True, slots=True)
class Marked:
    """A text with its marks."""

    language: str
    text: str
    marks: tuple[Mark, ...]


def marked(path: Path) -> Iterator[Marked]:
    """Yields the texts of a set."""
    for line in path.read_text("utf-8").splitlines():
        if line.startswith("#"):
            continue
        language, _, written = line.partition("\t")
        text, marks, place = "", [], 0
        for mark in _MARK.finditer(written):
            text += written[place : mark.start()]
            marks.append(Mark(len(text), len(text) + len(mark[1]), mark[2]))
            text += mark[1]
            place = mark.end()
        yield Marked(language, text + written[place:], tuple(marks))


def judge(linker: Linker, path: Path) -> tuple[Counter[str], list[str]]:
    """Returns how many marks are right, wrong (another entity, or one where none is), missed, and each not right.

    A name in no knowledge base is right where it is linked to none that is.
    """
    counts: Counter[str] = Counter()
    told = []
    for one in marked(path):
        found = linker.link(one.text, one.language)
        for mark in one.marks:
            known = {
                item.item.id: item.metonym_of or ""
                for item in found
                if item.start < mark.end and mark.start < item.end
                if item.item is not None and not is_provisional(item.item.id)
            }
            answer = _answer(mark.wanted, known)
            counts[answer] += 1
            if answer != "right":
                told.append(
                    f"{answer} {one.language} {one.text[mark.start : mark.end]} {mark.wanted} {known}"
                )
    return counts, told


def _answer(wanted: str, known: dict[str, str]) -> str:
    if wanted.startswith("-"):
        unwanted = set(wanted[1:].split(",")) & set(known) if wanted != "-" else known
        return "wrong" if unwanted else "right"
    if wanted == "?":
        return "wrong" if known else "right"
    identifier, stands, state = wanted.partition(">")
    if identifier in known:
        return "right" if not stands or known[identifier] == state else "metonym"
    return "wrong" if known else "missed"


def main() -> None:
    """Prints the measurements."""
    recogniser = Recogniser() if "--model" in sys.argv else None
    linker = Linker(Compiled(), recogniser)
    for path in SETS:
        counts, told = judge(linker, path)
        sys.stdout.write("\n".join(["", *told, f"{path.stem}: {dict(counts.most_common())}", ""]))


if __name__ == "__main__":
    main()
