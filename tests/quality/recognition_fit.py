"""Fits what turns the model's chance of a name into the probability that it is right; judged on other sentences.

``python -m tests.quality.recognition_fit [--sentences N]`` reads the sentences of ``ner/dev`` in two halves, fits a
logistic regression on one (log-odds of the chance, logarithm of the words; each set with the same weight) and prints
for the other the calibration error and the macro F1 with the names below ``LEAST`` left out, before and after. Last
comes the fit on both, which ``CALIBRATION`` of ``agents/entities/recognition/decode.py`` holds.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from sklearn.linear_model import LogisticRegression  # type: ignore[import-untyped]

from agents.entities.recognition.decode import LEAST, Labelled
from agents.entities.recognition.recogniser import Recogniser
from tests.quality.recognition import Places, calibration_error, sample, sets

BLOCK = 25
"""Sentences in a row that are in one half, so that neighbours from one article seldom part."""
_NEAR = 1e-6
"""What a chance is kept away from 0 and 1 by."""

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Case:
    """A name that was found."""

    set: str
    half: int
    name: Labelled
    right: bool


@dataclass(frozen=True, slots=True)
class Read:
    """What was found in the sets."""

    cases: list[Case]
    gold: dict[tuple[str, int], int]
    """Names in the gold by set and half."""


def read(recogniser: Recogniser, size: int) -> Read:
    """Finds the names of all sets, the unlikely ones too."""
    cases: list[Case] = []
    gold: dict[tuple[str, int], int] = {}
    for path in sets():
        name = path.name.partition(".")[0]
        for at, (tokens, spans) in enumerate(sample(path, size)):
            half = at // BLOCK % 2
            gold[name, half] = gold.get((name, half), 0) + len(spans)
            for one in recogniser.labelled(" ".join(tokens), least=0.0).names:
                if one.name.kind == "NOM":
                    continue
                span = (*Places(tokens)(one.start, one.end), one.name.kind)
                cases.append(Case(name, half, one.name, span in spans))
    return Read(cases, gold)


def fit(cases: Sequence[Case]) -> Floats:
    """Returns intercept, weight of the log-odds of the chance and weight of the logarithm of the words."""
    sizes = Counter(case.set for case in cases)
    weights = [1 / sizes[case.set] for case in cases]
    model = LogisticRegression(C=np.inf, solver="newton-cholesky", fit_intercept=False)  # no penalty
    model.fit(_features(cases), [case.right for case in cases], sample_weight=weights)
    found: Floats = model.coef_[0]
    return found


def _features(cases: Sequence[Case]) -> Floats:
    chances = np.clip([case.name.chance for case in cases], _NEAR, 1 - _NEAR)
    words = np.array([case.name.last - case.name.first for case in cases])
    return np.column_stack([np.ones(len(cases)), np.log(chances / (1 - chances)), np.log(words)])


def probabilities(cases: Sequence[Case], fitted: Floats) -> list[float]:
    """Returns for each case how likely it is right."""
    result: list[float] = (1 / (1 + np.exp(-_features(cases) @ fitted))).tolist()
    return result


def macro(held: Read, half: int, said: dict[int, float], least: float) -> float:
    """Returns the mean F1 of the sets in a half, of the names whose probability reaches ``least``.

    ``said`` has the probability of a name by its place among the cases.
    """
    scores = []
    for (name, one), gold in held.gold.items():
        if one == half:
            kept = [
                case.right for at, case in enumerate(held.cases)
                if at in said and said[at] >= least and case.set == name
            ]  # fmt: skip
            scores.append(2 * sum(kept) / max(1, gold + len(kept)))
    return sum(scores) / len(scores)


def error(cases: Sequence[Case], said: Sequence[float]) -> float:
    """Returns the calibration error of what is said about cases."""
    told: dict[str, list[tuple[float, bool]]] = {}
    for case, one in zip(cases, said, strict=True):
        told.setdefault(case.set, []).append((one, case.right))
    return calibration_error(list(told.values()))


def main(arguments: Sequence[str]) -> None:
    """Prints what a fit on one half is worth on the other, and the fit on both."""
    parser = argparse.ArgumentParser(prog="python -m tests.quality.recognition_fit")
    parser.add_argument("--sentences", type=int, default=2500, help="of each set (0: all)")
    held = read(Recogniser(), parser.parse_args(arguments).sentences)
    out = sys.stdout.write
    for half in (0, 1):
        places = [at for at, case in enumerate(held.cases) if case.half == half]
        judged = [held.cases[at] for at in places]
        fitted = fit([case for case in held.cases if case.half != half])
        raw = [case.name.chance for case in judged]
        after = probabilities(judged, fitted)
        said = dict(zip(places, after, strict=True))
        out(
            f"half {half}: {len(judged):,} names, calibration error {error(judged, raw):.3f} as the model has it, "
            f"{error(judged, after):.3f} calibrated; macro F1 {100 * macro(held, half, said, 0.0):.2f} with all, "
            f"{100 * macro(held, half, said, LEAST):.2f} from {LEAST:.2f} on; fitted {np.round(fitted, 2).tolist()}\n"
        )
    out(f"both: {np.round(fit(held.cases), 2).tolist()}\n")


if __name__ == "__main__":
    main(sys.argv[1:])
