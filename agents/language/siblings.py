"""Languages that only a few words and endings tell apart, decided among themselves.

For each family a logistic regression over the same hashed n-grams and words as the profiles, fitted against
its siblings only: it learns `hrvatski: tko, tisuća`, `srpski: ko, hiljada`, where frequencies drown such cues.
Some families are given weights beforehand, of what others have counted and listed; the fit learns the rest.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

SIBLINGS: Final = Path(__file__).parent / "siblings.npz"
FAMILIES: Final = (
    ("bs", "hr", "sr-Latn"),
    ("nb", "nn", "da"),
    ("id", "ms"),
    ("fa", "prs"),
    ("gl", "pt", "es"),
    ("zh-Hans", "zh-Hant", "yue"),
)
STEPS: Final = 512.0
"""Weights are kept in two bytes, in steps of 1/512."""
GIVEN_STEPS: Final = 16.0
"""Given weights are kept in one byte, in steps of 1/16."""


@dataclass(frozen=True, slots=True)
class Family:
    """One family: a sorted table from hash to a weight per member, and the word lists that know each word."""

    members: tuple[str, ...]
    hashes: npt.NDArray[np.uint32]
    weights: npt.NDArray[np.int16]
    """One row per hash, one column per member."""
    words: npt.NDArray[np.uint32]
    """Hashes of the words that some but not all of the family's word lists know; empty without lists."""
    lists: npt.NDArray[np.uint8]
    """Which lists know the word: one bit each."""
    list_weights: npt.NDArray[np.float32]
    """One row per set of lists, one column per member."""
    given: npt.NDArray[np.uint32]
    """Hashes of n-grams and words whose weights the fit was given; empty for most families."""
    given_weights: npt.NDArray[np.int8]
    """One row per hash, one column per member."""

    def evidence(self, cues: npt.NDArray[np.uint32], words: int) -> tuple[float, ...]:
        """Returns the log-odds of each member against the likeliest (0 for it), before calibration.

        ``cues`` are the text's own (:meth:`agents.language.profiles.Fit.cues`), ``words`` the number of its words.
        """
        places = hits(self.hashes, cues)
        sums = self.weights[places].sum(axis=0, dtype=np.int64) / (STEPS * max(1, len(places)) ** 0.5)
        sums = sums + self.listed(cues, words) @ self.list_weights + self.beforehand(cues, words)
        return tuple((sums - sums.max()).tolist())

    def listed(self, cues: npt.NDArray[np.uint32], words: int) -> npt.NDArray[np.float32]:
        """Returns how many words each set of lists knows, damped by the length of the text."""
        sets = self.lists[hits(self.words, cues)]
        counts = np.bincount(sets, minlength=len(self.list_weights))
        damped: npt.NDArray[np.float32] = (counts / max(1, words) ** 0.5).astype(np.float32)
        return damped

    def beforehand(self, cues: npt.NDArray[np.uint32], words: int) -> npt.NDArray[np.float64]:
        """Returns the sum of the given weights for each member, damped by the length of the text."""
        sums = self.given_weights[hits(self.given, cues)].sum(axis=0, dtype=np.int64)
        damped: npt.NDArray[np.float64] = sums / (GIVEN_STEPS * max(1, words) ** 0.5)
        return damped


def hits(table: npt.NDArray[np.uint32], hashes: npt.NDArray[np.uint32]) -> npt.NDArray[np.intp]:
    """Returns the places in a sorted table of those hashes that it holds."""
    if not len(table):
        return np.empty(0, np.intp)
    places = np.searchsorted(table, hashes)
    places[places == len(table)] = 0
    held: npt.NDArray[np.intp] = places[table[places] == hashes]
    return held


def load(path: Path = SIBLINGS) -> dict[str, Family]:
    """Reads the families; returns the family of each member."""
    families: dict[str, Family] = {}
    with np.load(path) as file:
        for members in FAMILIES:
            name = "_".join(members)
            if f"{name}.gaps" not in file:
                continue
            family = Family(
                members,
                np.cumsum(file[f"{name}.gaps"], dtype=np.uint64).astype(np.uint32),
                file[f"{name}.weights"],
                np.cumsum(file[f"{name}.word_gaps"], dtype=np.uint64).astype(np.uint32),
                file[f"{name}.lists"],
                file[f"{name}.list_weights"],
                np.cumsum(file[f"{name}.given_gaps"], dtype=np.uint64).astype(np.uint32),
                file[f"{name}.given_weights"],
            )
            families.update(dict.fromkeys(members, family))
    return families


def save(families: list[Family], path: Path = SIBLINGS) -> None:
    """Writes the families."""
    arrays: dict[str, npt.NDArray[np.generic]] = {}
    for family in families:
        name = "_".join(family.members)
        arrays[f"{name}.gaps"] = _gaps(family.hashes)
        arrays[f"{name}.weights"] = family.weights
        arrays[f"{name}.word_gaps"] = _gaps(family.words)
        arrays[f"{name}.lists"] = family.lists
        arrays[f"{name}.list_weights"] = family.list_weights
        arrays[f"{name}.given_gaps"] = _gaps(family.given)
        arrays[f"{name}.given_weights"] = family.given_weights
    np.savez_compressed(path, **arrays)  # type: ignore[arg-type]


def _gaps(hashes: npt.NDArray[np.uint32]) -> npt.NDArray[np.uint32]:
    return np.diff(hashes.astype(np.int64), prepend=0).astype(np.uint32)
