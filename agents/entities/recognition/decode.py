"""From the model's scores to names: the best labels that fit together, and how sure they are.

Beside names the model labels nominals, persons called by a common noun or a pronoun (``the minister``), which have
been told apart from names since ACE (Doddington et al. 2004). Nobody is linked by one: what is a nominal is no name,
above all where a capital only opens the sentence (``Șoferul``).
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
import numpy.typing as npt

Kind: TypeAlias = Literal["PER", "ORG", "LOC"]
Nominal: TypeAlias = Literal["NOM"]
Scores: TypeAlias = npt.NDArray[np.float32]
Places: TypeAlias = npt.NDArray[np.intp]

KINDS: tuple[Kind | Nominal, ...] = ("PER", "ORG", "LOC", "NOM")
LABELS = ("O", *(f"{place}-{kind}" for kind in KINDS for place in "BI"))
NAMELESS = (0, LABELS.index("B-NOM"), LABELS.index("I-NOM"))
"""The labels of words that are no part of a name."""

LEAST = 1 / 3
"""Probability below which a name is left out: half the F1 of the weakest languages, so that none should lose by it,
since what is right less often than half the F1 lowers it (Lipton et al. 2014)."""
CALIBRATION = (-0.39, 0.74, 0.48)
"""Intercept, weight of the chance's log-odds, weight of the logarithm of the words: a logistic regression on whether
a name of the development sets is exactly right, each set with the same weight (``tests/quality/recognition_fit.py``).
Under 1, since the model is surer than it may be; words that belong together vouch for each other."""
_SUREST = 1e-6
"""What a chance is kept away from 0 and 1 by."""


def _allowed() -> npt.NDArray[np.bool_]:
    """Returns which label may follow which: inside a name only after its own beginning or inside."""
    table = np.ones((len(LABELS), len(LABELS)), dtype=bool)
    for after in range(2, len(LABELS), 2):
        table[:, after] = False
        table[after - 1, after] = table[after, after] = True
    return table


_ALLOWED = _allowed()
_FORBIDDEN = np.where(_ALLOWED, 0.0, -np.inf).astype(np.float32)
_OPENING = np.array([0.0 if n == 0 or n % 2 else -np.inf for n in range(len(LABELS))], dtype=np.float32)


@dataclass(frozen=True, slots=True)
class Labelled:
    """A run of words that the model takes for a name or a nominal."""

    first: int
    last: int
    """One past its last word."""
    kind: Kind | Nominal
    chance: float
    """That it begins with its first word, goes on to its last and ends there, as the model has it, 0 to 1."""

    @property
    def probability(self) -> float:
        """How often a name like this is right, place and kind, 0 to 1."""
        intercept, slope, length = CALIBRATION
        chance = min(1 - _SUREST, max(_SUREST, self.chance))
        odds = intercept + slope * math.log(chance / (1 - chance)) + length * math.log(self.last - self.first)
        return 1 / (1 + math.exp(-odds))


def word_scores(scores: Scores, first: Places, last: Places) -> Scores:
    """Returns for each word the logarithm of how likely each label is, from the scores of its sub-words.

    ``first`` and ``last`` (one past) are its sub-words. In the training data the first sub-word of a name begins it
    and all others are inside, so a word that begins a name does so with its first; the mean over them counts.
    """
    shifted = scores - scores.max(axis=1, keepdims=True)
    logs = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    sums = np.zeros((len(logs) + 1, logs.shape[1]))
    np.cumsum(logs, axis=0, out=sums[1:])
    result = sums[last] - sums[first]
    result[:, 1::2] = logs[first, 1::2] + (sums[last, 2::2] - sums[first + 1, 2::2])
    result /= (last - first)[:, None]
    return result.astype(np.float32)


def names(logs: Scores, bounds: Sequence[tuple[int, int]], least: float = LEAST) -> Iterator[Labelled]:
    """Yields the names and nominals in sentences of the words whose label scores are ``logs``.

    ``bounds`` are the first word of each sentence and one past its last.
    ``least`` is the probability below which a name is left out.

    The labels are the likeliest sequence in which a name begins before it goes on (Viterbi 1967); where the likeliest
    label of each word alone makes such a sequence, it is that.
    """
    path = logs.argmax(axis=1)
    inside = (path > 0) & (path % 2 == 0)
    follows = np.zeros(len(path), dtype=bool)
    follows[1:] = (path[1:] == path[:-1]) | (path[1:] == path[:-1] + 1)
    broken = inside & ~follows
    for first, last in bounds:
        if first == last or not path[first:last].any():
            continue
        if broken[first:last].any() or inside[first]:
            path[first:last] = _viterbi(logs[first:last])
        for name in _runs(path[first:last].tolist(), first, logs):
            if name.probability >= least:
                yield name


def _runs(path: list[int], offset: int, logs: Scores) -> Iterator[Labelled]:
    at, count = 0, len(path)
    while at < count:
        label = path[at]
        at += 1
        if not label:
            continue
        begin = at - 1
        while at < count and path[at] == label + 1:
            at += 1
        first, last = offset + begin, offset + at
        kind = logs[:, label : label + 2]
        chance = _opens(kind, first, alone=not begin) * math.exp(float(kind[first + 1 : last, 1].sum()))
        if at < count:
            chance *= 1 - math.exp(float(kind[last, 1]))
        yield Labelled(first, last, KINDS[(label - 1) // 2], chance)


def _opens(kind: Scores, first: int, *, alone: bool) -> float:
    """Returns how likely a name begins with the word ``first``.

    An inside begins one too where no name of its kind is before it, as with words that mostly stand inside names.
    ``kind`` are the scores of beginning and inside; ``alone`` says that the sentence begins with the word.
    """
    before = 0.0 if alone else min(1.0, float(np.exp(kind[first - 1]).sum()))
    begin, inside = math.exp(float(kind[first, 0])), math.exp(float(kind[first, 1]))
    return max(begin, inside * (1 - before))


def _viterbi(logs: Scores) -> npt.NDArray[np.intp]:
    count = len(logs)
    back = np.zeros((count, len(LABELS)), dtype=np.intp)
    best = logs[0] + _OPENING
    for at in range(1, count):
        ways = best[:, None] + _FORBIDDEN
        back[at] = ways.argmax(axis=0)
        best = ways.max(axis=0) + logs[at]
    path = np.zeros(count, dtype=np.intp)
    path[-1] = best.argmax()
    for at in range(count - 1, 0, -1):
        path[at - 1] = back[at, path[at]]
    return path
