"""Measures the recogniser on annotated sets: strict F1 (span and type), shipped weights, shipped code.

``python -m tests.quality.recognition [--sets a,b] [--sentences N] [--weights FOLDER]`` prints a row for each set of
``ner/dev`` and the macro average. The gold tokens are joined by spaces, and a span of the recogniser counts as the
tokens it touches. The gold of ``ro_ronec`` also marks persons called by a common noun or a pronoun ("the minister"):
there the recogniser's nominals, which are in no event, count as persons. A second row has names alone, and leaves
those without a capital out of the gold. Below stands by how much confidence differs from the share of names that are
right, over all sets with the same weight; the constants it comes from are fitted by ``recognition_fit``.
"""

from __future__ import annotations

import argparse
import bisect
import os
import random
import sys
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from agents.entities.recognition.model import FOLDER
from agents.entities.recognition.recogniser import Recogniser
from agents.entities.training.data import TYPES, Span, allowed, read_tagged

DATA = Path(os.environ.get("BABELWIRE_DATA", Path(__file__).parents[3] / "shared" / "data"))
BINS = 15
"""Of confidence, equally wide, for the calibration error: as many as is usual (Guo et al. 2017)."""
ZERO_SHOT = frozenset({"ceb", "hau", "it", "tl"})
"""Languages of the sets that no set which may train what ships is in."""

NOMINALS = frozenset({"ro_ronec"})
"""Sets whose persons are nominals too."""

Sentence = tuple[tuple[str, ...], tuple[Span, ...]]
Told = tuple[float, bool]
"""Confidence of a name, and whether it was right."""


@dataclass(slots=True)
class Counts:
    """Names by type (``""``: all): right, found, in the gold."""

    right: dict[str, int] = field(default_factory=dict)
    found: dict[str, int] = field(default_factory=dict)
    gold: dict[str, int] = field(default_factory=dict)

    def add(self, gold: Iterable[Span], found: Iterable[Span]) -> None:
        """Counts a sentence."""
        gold, found = set(gold), set(found)
        for counted, spans in ((self.gold, gold), (self.found, found), (self.right, gold & found)):
            for span in spans:
                for kind in ("", span[2]):
                    counted[kind] = counted.get(kind, 0) + 1

    def precision(self, kind: str = "") -> float:
        return self.right.get(kind, 0) / max(1, self.found.get(kind, 0))

    def recall(self, kind: str = "") -> float:
        return self.right.get(kind, 0) / max(1, self.gold.get(kind, 0))

    def f1(self, kind: str = "") -> float:
        return 2 * self.right.get(kind, 0) / max(1, self.found.get(kind, 0) + self.gold.get(kind, 0))


@dataclass(slots=True)
class Result:
    """What was measured on a set."""

    name: str
    sentences: int
    words: int
    seconds: float
    """Processor time of the recogniser."""
    counts: Counts
    names_only: Counts
    """With the gold names that have a capital, where the text has any."""
    told: list[Told] = field(default_factory=list)


def sets(folder: Path = DATA) -> list[Path]:
    """Returns the files of the development sets."""
    return sorted((folder / "ner" / "dev").glob("*.iob.gz"))


def sample(path: Path, size: int) -> list[Sentence]:
    """Returns at most ``size`` sentences of a set, always the same; all for 0."""
    held = list(read_tagged(path))
    if not size or len(held) <= size:
        return held
    return random.Random(0).sample(held, size)


def found(
    recogniser: Recogniser, tokens: Sequence[str], language: str
) -> tuple[dict[Span, float], list[Span]]:
    """Returns the names the recogniser finds, by tokens, with how sure it is; and the nominals, as persons."""
    places = Places(tokens)
    read = recogniser.read(" ".join(tokens), language)
    names = {(*places(one.start, one.end), one.type): one.confidence for one in read.spans}
    return names, [(*places(*one), "PER") for one in read.nominals]


class Places:
    """Turns places in the text of a sentence into tokens."""

    def __init__(self, tokens: Sequence[str]) -> None:
        self._starts: list[int] = []
        at = 0
        for token in tokens:
            self._starts.append(at)
            at += len(token) + 1

    def __call__(self, start: int, end: int) -> tuple[int, int]:
        """Returns the first token that a stretch touches, and one past the last."""
        first = bisect.bisect_right(self._starts, start) - 1
        return first, bisect.bisect_left(self._starts, end, lo=first + 1)


def measure(recogniser: Recogniser, path: Path, size: int = 0) -> Result:
    """Runs the recogniser over a set."""
    name = path.name.partition(".")[0]
    language = name.partition("_")[0]
    listed = sample(path, size)
    result = Result(name, len(listed), sum(len(tokens) for tokens, _ in listed), 0.0, Counts(), Counts())
    for tokens, gold in listed:
        begun = time.process_time()
        names, nominals = found(recogniser, tokens, language)
        result.seconds += time.process_time() - begun
        result.told += [(confidence, span in gold) for span, confidence in names.items()]
        result.counts.add(gold, [*names, *nominals] if name in NOMINALS else names)
        small = not any(map(str.isupper, " ".join(tokens)))
        result.names_only.add([span for span in gold if small or _capital(tokens, span)], names)
    return result


def _capital(tokens: Sequence[str], span: Span) -> bool:
    surface = "".join(tokens[span[0] : span[1]])
    return surface.lower() == surface.upper() or surface != surface.lower()


def macro(results: Sequence[Result]) -> float:
    """Returns the mean F1 of the sets."""
    return sum(result.counts.f1() for result in results) / max(1, len(results))


def calibration_error(sets: Sequence[Sequence[Told]]) -> float:
    """Returns by how much confidence differs from the share that is right: the mean over bins of confidence.

    Each set has the same weight, however many names are found in it.
    """
    off = [0.0] * BINS
    for told in sets:
        for confidence, right in told:
            off[min(BINS - 1, int(confidence * BINS))] += (confidence - right) / len(told)
    return sum(map(abs, off)) / max(1, sum(map(bool, sets)))


def by_language(results: Sequence[Result]) -> dict[str, float]:
    """Returns the mean F1 of each language's sets."""
    held: dict[str, list[float]] = {}
    for result in results:
        held.setdefault(result.name.partition("_")[0], []).append(result.counts.f1())
    return {language: sum(values) / len(values) for language, values in held.items()}


def row(name: str, result: Result, counts: Counts) -> str:
    """Returns a line of the table."""
    cells = [counts.precision(), counts.recall(), counts.f1(), *(counts.f1(kind) for kind in TYPES)]
    kinds = " | ".join(
        f"{100 * cell:.1f}" if counts.gold.get(kind) else "-"
        for cell, kind in zip(cells[3:], TYPES, strict=True)
    )
    speed = result.words / max(1e-9, result.seconds)
    return (
        f"| {name} | {result.sentences:,} | "
        + " | ".join(f"{100 * c:.1f}" for c in cells[:3])
        + f" | {kinds} | {speed:,.0f} |"
    )


def main(arguments: Sequence[str]) -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser(prog="python -m tests.quality.recognition")
    parser.add_argument("--sets", default="", help="names, separated by commas (default: all)")
    parser.add_argument("--sentences", type=int, default=0, help="of each set (default: all)")
    parser.add_argument("--weights", type=Path, default=FOLDER)
    options = parser.parse_args(arguments)
    begun = time.process_time()
    recogniser = Recogniser(options.weights)
    sys.stdout.write(f"loaded in {time.process_time() - begun:.2f} s of processor time\n")
    ship = {name.partition("_")[0] for name in allowed(DATA / "ner")}
    sys.stdout.write(
        "| set | sentences | P | R | F1 | PER | ORG | LOC | words/s |\n|---|---|---|---|---|---|---|---|---|\n"
    )
    results = []
    for path in sets():
        if options.sets and path.name.partition(".")[0] not in options.sets.split(","):
            continue
        result = measure(recogniser, path, options.sentences)
        results.append(result)
        sys.stdout.write(row(result.name, result, result.counts) + "\n")
        if result.name in NOMINALS:
            sys.stdout.write(row(f"{result.name}, names", result, result.names_only) + "\n")
        sys.stdout.flush()
    words, seconds = sum(one.words for one in results), sum(one.seconds for one in results)
    memory = psutil.Process().memory_info().rss / 1e6
    sys.stdout.write(f"macro {100 * macro(results):.2f}, {words / seconds:,.0f} words/s, {memory:.0f} MB\n")
    error = calibration_error([one.told for one in results])
    sys.stdout.write(f"calibration error of confidence {error:.3f}\n")
    shown = ", ".join(
        f"{language}{'' if language in ship - ZERO_SHOT else '*'} {100 * score:.1f}"
        for language, score in sorted(by_language(results).items(), key=lambda one: one[1])
    )
    sys.stdout.write(f"by language (* no training data): {shown}\n")


if __name__ == "__main__":
    main(sys.argv[1:])
