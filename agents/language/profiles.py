"""How well a text fits each language: sums of fitted weights of its words and character n-grams.

A profile holds the most frequent words and n-grams of one language with ``log(1 + frequency / floor)``: naive
Bayes with one floor for all that is not listed, so a language of which little text is known cannot win by it.
From the fit comes what other detectors lack: a text in a language nobody knows fits its nearest relative
worse than that language's own texts do, which ``strangeness`` measures in standard deviations.

The numbers are made by ``python -m tests.quality.language_fit``; ``docs/language.md`` names the data.
"""

from __future__ import annotations

import math
from dataclasses import InitVar, dataclass, field
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from agents.language.ngrams import Hashes, grams, pairs, plain
from agents.language.siblings import FAMILIES

Floats = npt.NDArray[np.float32]

PROFILES: Final = Path(__file__).parent / "profiles.npz"
WORDLESS: Final = 0.25
"""Share of known words below which a language writes no spaces between its words, and the share says nothing."""
DIALECTS: Final = (("ar", "mey"),)
"""Further languages that are no rivals."""
BEGINNING: Final = 20
"""Bits of a hash by which the table is opened, about as many beginnings as hashes: 4 MB."""
_AT_ONCE: Final = 1 << 14
STEPS: Final = 16.0
"""Weights are kept in one byte each, in steps of 1/16."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fit:
    """How one text fits every profile; arrays are in the order of :attr:`Profiles.languages`."""

    pieces: npt.NDArray[np.uint32]
    """The text's n-grams, each once."""
    sequence: Hashes
    """The text's words in their order."""
    gains: Floats
    """Sum of the weights of the text's n-grams and words."""
    known: Floats
    """How many of the text's words (repeats included) the profile lists."""
    weight: float
    """What the gains are to be divided by: the damped number of n-grams and words."""
    words: int
    """Words in the text, repeats included."""
    first: tuple[int, float, float]
    """The family that fits best (a number of :attr:`Profiles.kin`), its gain, and the best gain outside it."""

    def cues(self) -> npt.NDArray[np.uint32]:
        """Returns all that may tell siblings apart: n-grams, words and pairs of words, each once."""
        return np.concatenate(
            (self.pieces, upper(np.unique(self.sequence)), upper(np.unique(pairs(self.sequence))))
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Profiles:
    """The profiles of all languages, as one sparse table from hash to (language, weight)."""

    languages: tuple[str, ...]
    full: npt.NDArray[np.bool_]
    """Whether the profile was made of news; the others come from one legal text and only recognise strangers."""
    hashes: npt.NDArray[np.uint32]
    starts: npt.NDArray[np.int32]
    owners: InitVar[npt.NDArray[np.uint16]]
    weights: InitVar[npt.NDArray[np.uint8]]
    usual_gain: Floats
    """Mean gain per unit of weight of the language's own texts; 0 where not measured."""
    usual_known: Floats
    """Mean share of known words in the language's own texts."""
    usual_lead: Floats
    """Mean lead over the next best language in gain per unit of weight, in the language's own texts."""
    usual_score: Floats
    """Mean score that CLD2 gives the language's own texts."""
    spread: Floats
    """Standard deviation of gain, known share, lead and score, relative to the mean: of a long text, and per
    sqrt(weight)."""
    kin: npt.NDArray[np.int16]
    """Number of the family that a language belongs to: its members are no rivals of each other."""
    entries: npt.NDArray[np.uint32] = field(init=False)
    """Owner and weight of each row, together: the owner's number times 256, plus the weight."""
    begins: npt.NDArray[np.int32] = field(init=False)
    """Where the hashes of each beginning of :data:`BEGINNING` bits stand in the table, and where the last end."""

    def __post_init__(self, owners: npt.NDArray[np.uint16], weights: npt.NDArray[np.uint8]) -> None:
        entries = owners.astype(np.uint32)
        entries <<= 8
        entries |= weights
        object.__setattr__(self, "entries", entries)
        begins = np.empty((1 << BEGINNING) + 1, dtype=np.int32)
        begins[-1] = len(self.hashes)
        for first in range(0, 1 << BEGINNING, _AT_ONCE):  # so that little memory is taken
            firsts = np.arange(first, first + _AT_ONCE, dtype=np.uint32) << (32 - BEGINNING)
            begins[first : first + _AT_ONCE] = np.searchsorted(self.hashes, firsts)
        object.__setattr__(self, "begins", begins)

    def fit(self, text: str) -> Fit:
        """Measures a text against every profile."""
        pieces, words = grams(plain(text))
        short, times = _once(pieces)
        short_words, word_times = _once(words)
        size = len(self.languages)
        gains = np.zeros(size)
        known: npt.NDArray[np.generic] = np.zeros(size)
        weight = 0.0
        for hashes, found in ((short, times), (short_words, word_times)):
            damped = np.log1p(found).astype(np.float32)
            weight += float(damped.sum())
            hit, counts, rows = self._listed(hashes)
            if not len(rows):
                continue
            entries = self.entries.take(rows)
            owners = entries >> 8
            weights = (entries & 0xFF).astype(np.float32)
            gains += np.bincount(owners, weights * np.repeat(damped[hit], counts), size)
            if hashes is short_words:
                known = np.bincount(owners, np.repeat(found[hit], counts), size)
        gained: Floats = (gains / STEPS).astype(np.float32)
        best = int(gained.argmax())
        outside = float(np.where(self.kin == self.kin[best], -np.inf, gained).max())
        return Fit(
            first=(int(self.kin[best]), float(gained[best]), outside),
            pieces=short,
            sequence=words,
            gains=gained,
            known=known.astype(np.float32),
            weight=weight,
            words=len(words),
        )

    def strangeness(self, fit: Fit, index: int, score: float = 0.0) -> tuple[float, float, float, float]:
        """Returns how far the text lies below the language's own texts, in deviations.

        By gain, by known words, by the lead over other languages, and by the score that CLD2 gives it. At most 0:
        fitting better than usual is no merit. 0 as well where the usual fit was not measured.
        """
        usual, share = float(self.usual_gain[index]), float(self.usual_known[index])
        if usual <= 0 or fit.weight < 1:
            return 0.0, 0.0, 0.0, 0.0
        gain = float(fit.gains[index]) / fit.weight
        return (
            self._below(gain, usual, 0, fit.weight),
            self._below(float(fit.known[index]) / fit.words, share, 2, fit.words)
            if share >= WORDLESS and fit.words
            else 0.0,
            self._below(self.lead(fit, index), float(self.usual_lead[index]), 4, fit.weight),
            self._below(score, float(self.usual_score[index]), 6, fit.weight) if score else 0.0,
        )

    def lead(self, fit: Fit, index: int) -> float:
        """Returns how much better the text fits the language than any other, its family aside."""
        if fit.weight < 1:
            return 0.0
        family, best, outside = fit.first
        rival = outside if self.kin[index] == family else best
        return (float(fit.gains[index]) - rival) / fit.weight

    def _below(self, value: float, usual: float, place: int, size: float) -> float:
        if usual <= 0:
            return 0.0
        far = value / usual - 1
        far /= math.hypot(float(self.spread[place]), float(self.spread[place + 1]) / math.sqrt(size))
        return max(-12.0, min(0.0, far))

    def _places(self, hashes: npt.NDArray[np.uint32]) -> npt.NDArray[np.int32]:
        """Returns where each of the hashes stands in the table, or would stand among those of its beginning.

        From the first of its beginning a hash is one step away on average; a search by halves takes twenty.
        """
        beginnings = hashes >> (32 - BEGINNING)
        places, ends = self.begins.take(beginnings), self.begins.take(beginnings + 1)
        left = np.flatnonzero((places < ends) & (self.hashes.take(places, mode="clip") < hashes))
        while len(left):
            places[left] += 1
            ahead = places[left]
            left = left[(ahead < ends[left]) & (self.hashes.take(ahead, mode="clip") < hashes[left])]
        return places

    def _listed(
        self, hashes: npt.NDArray[np.uint32]
    ) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.int32], npt.NDArray[np.int64]]:
        """Returns which of the hashes any profile lists, how many do, and the rows of the table that say so."""
        places = self._places(hashes)
        hit = np.flatnonzero(self.hashes.take(places, mode="clip") == hashes)
        first = self.starts[places[hit]]
        counts = self.starts[places[hit] + 1] - first
        ends = np.cumsum(counts)
        total = int(ends[-1]) if len(ends) else 0
        return hit, counts, np.repeat(first - (ends - counts), counts) + np.arange(total)


def _once(found: Hashes) -> tuple[npt.NDArray[np.uint32], npt.NDArray[np.int64]]:
    """Returns the upper halves of the hashes, each once and ascending, and how often each was found."""
    hashes, times = np.unique(upper(found), return_counts=True)
    return hashes, times.astype(np.int64)


def upper(hashes: Hashes) -> npt.NDArray[np.uint32]:
    """Returns the halves of the hashes that the tables are made of."""
    return (hashes >> np.uint64(32)).astype(np.uint32)


def kin(languages: tuple[str, ...]) -> npt.NDArray[np.int16]:
    """Returns the number of each language's family."""
    own = {member: number for number, family in enumerate((*FAMILIES, *DIALECTS)) for member in family}
    return np.array([own.get(name, 1000 + place) for place, name in enumerate(languages)], np.int16)


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
            usual_lead=file["usual_lead"],
            usual_score=file["usual_score"],
            kin=kin(tuple(file["languages"].tobytes().decode().split())),
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
        owners=(profiles.entries >> 8).astype(np.uint16),
        weights=(profiles.entries & 0xFF).astype(np.uint8),
        usual_gain=profiles.usual_gain,
        usual_known=profiles.usual_known,
        usual_lead=profiles.usual_lead,
        usual_score=profiles.usual_score,
        spread=profiles.spread,
    )
