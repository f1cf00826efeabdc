"""How well a text fits each language: sums of fitted weights of its words and character n-grams.

A profile holds the most frequent words and n-grams of one language with ``log(1 + frequency / floor)``: naive
Bayes with one floor for all that is not listed, so a language of which little text is known cannot win by it.
From the fit comes what other detectors lack: a text in a language nobody knows fits its nearest relative
worse than that language's own texts do, which ``strangeness`` measures in standard deviations.

The numbers are made by ``python -m tests.quality.language_fit``; ``docs/language.md`` names the data.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from agents.language.ngrams import Hashes, grams, plain

Floats = npt.NDArray[np.float32]

PROFILES: Final = Path(__file__).parent / "profiles.npz"
WORDLESS: Final = 0.25
"""Share of known words below which a language writes no spaces between its words, and the share says nothing."""
STEPS: Final = 16.0
"""Weights are kept in one byte each, in steps of 1/16."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fit:
    """How one text fits every profile; arrays are in the order of :attr:`Profiles.languages`."""

    hashes: npt.NDArray[np.uint32]
    """The text's n-grams and words, each once, ascending."""
    gains: Floats
    """Sum of the weights of the text's n-grams and words."""
    known: Floats
    """How many of the text's words (repeats included) the profile lists."""
    weight: float
    """What the gains are to be divided by: the damped number of n-grams and words."""
    words: int
    """Words in the text, repeats included."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Profiles:
    """The profiles of all languages, as one sparse table from hash to (language, weight)."""

    languages: tuple[str, ...]
    full: npt.NDArray[np.bool_]
    """Whether the profile was made of news; the others come from one legal text and only recognise strangers."""
    hashes: npt.NDArray[np.uint32]
    starts: npt.NDArray[np.int32]
    owners: npt.NDArray[np.uint16]
    weights: npt.NDArray[np.uint8]
    usual_gain: Floats
    """Mean gain per unit of weight of the language's own texts; 0 where not measured."""
    usual_known: Floats
    """Mean share of known words in the language's own texts."""
    spread: Floats
    """Standard deviation of gain and of known share, relative to the mean: of a long text, and per sqrt(weight)."""

    def fit(self, text: str) -> Fit:
        """Measures a text against every profile."""
        pieces, words = grams(plain(text))
        short, times = _once(pieces)
        gains, _, weight = self._sum(short, times)
        short_words, word_times = _once(words)
        word_gains, known, word_weight = self._sum(short_words, word_times)
        return Fit(
            hashes=np.union1d(short, short_words),
            gains=gains + word_gains,
            known=known,
            weight=weight + word_weight,
            words=len(words),
        )

    def strangeness(self, fit: Fit, index: int) -> tuple[float, float]:
        """Returns how far the text lies below the language's own texts, by gain and by known words, in deviations.

        At most 0: fitting better than usual is no merit. 0 as well where the usual fit was not measured.
        """
        usual, share = float(self.usual_gain[index]), float(self.usual_known[index])
        if usual <= 0 or fit.weight < 1:
            return 0.0, 0.0
        gain = float(fit.gains[index]) / fit.weight / usual - 1
        gain /= math.hypot(float(self.spread[0]), float(self.spread[1]) / math.sqrt(fit.weight))
        if share < WORDLESS or not fit.words:
            return max(-12.0, min(0.0, gain)), 0.0
        known = float(fit.known[index]) / fit.words / share - 1
        known /= math.hypot(float(self.spread[2]), float(self.spread[3]) / math.sqrt(fit.words))
        return max(-12.0, min(0.0, gain)), max(-12.0, min(0.0, known))

    def _sum(
        self, hashes: npt.NDArray[np.uint32], times: npt.NDArray[np.int64]
    ) -> tuple[Floats, Floats, float]:
        size = len(self.languages)
        if not len(hashes):
            return np.zeros(size, np.float32), np.zeros(size, np.float32), 0.0
        damped = np.log1p(times).astype(np.float32)
        weight = float(damped.sum())
        places = np.searchsorted(self.hashes, hashes)
        places[places == len(self.hashes)] = 0
        hit = self.hashes[places] == hashes
        places, damped, times = places[hit], damped[hit], times[hit]
        first = self.starts[places]
        counts = self.starts[places + 1] - first
        ends = np.cumsum(counts)
        if not len(ends):
            return np.zeros(size, np.float32), np.zeros(size, np.float32), weight
        rows = np.repeat(first - (ends - counts), counts) + np.arange(ends[-1])
        owners = self.owners[rows]
        gains = np.bincount(owners, weights=self.weights[rows] * np.repeat(damped, counts), minlength=size)
        known = np.bincount(owners, weights=np.repeat(times, counts), minlength=size)
        return (gains / STEPS).astype(np.float32), known.astype(np.float32), weight


def _once(found: Hashes) -> tuple[npt.NDArray[np.uint32], npt.NDArray[np.int64]]:
    """Returns the upper halves of the hashes, each once and ascending, and how often each was found."""
    hashes, times = np.unique((found >> np.uint64(32)).astype(np.uint32), return_counts=True)
    return hashes, times.astype(np.int64)


def load(path: Path = PROFILES) -> Profiles:
    """Reads the profiles from their file."""
    with np.load(path) as file:
        counts = file["counts"].astype(np.int32)
        return Profiles(
            languages=tuple(file["languages"].tobytes().decode().split()),
            full=file["full"],
            hashes=np.cumsum(file["gaps"], dtype=np.uint64).astype(np.uint32),
            starts=np.concatenate(([0], np.cumsum(counts))).astype(np.int32),
            owners=file["owners"],
            weights=file["weights"],
            usual_gain=file["usual_gain"],
            usual_known=file["usual_known"],
            spread=file["spread"],
        )


def save(profiles: Profiles, path: Path = PROFILES) -> None:
    """Writes the profiles; hashes as gaps and owners in order make the file small."""
    gaps = np.diff(profiles.hashes.astype(np.int64), prepend=0).astype(np.uint32)
    np.savez_compressed(
        path,
        languages=np.frombuffer(" ".join(profiles.languages).encode(), dtype=np.uint8),
        full=profiles.full,
        gaps=gaps,
        counts=np.diff(profiles.starts).astype(np.uint16),
        owners=profiles.owners,
        weights=profiles.weights,
        usual_gain=profiles.usual_gain,
        usual_known=profiles.usual_known,
        spread=profiles.spread,
    )
