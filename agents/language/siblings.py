"""Languages that only a few words and endings tell apart, decided among themselves.

For each family a logistic regression over the same hashed n-grams and words as the profiles, fitted against
its siblings only: it learns `hrvatski: tko, tisuća`, `srpski: ko, hiljada`, where frequencies drown such cues.
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


@dataclass(frozen=True, slots=True)
class Family:
    """One family: a sorted table from hash to a weight per member."""

    members: tuple[str, ...]
    hashes: npt.NDArray[np.uint32]
    weights: npt.NDArray[np.int16]
    """One row per hash, one column per member."""

    def evidence(self, hashes: npt.NDArray[np.uint32]) -> tuple[float, ...]:
        """Returns the log-odds of each member against the likeliest (0 for it), before calibration.

        ``hashes`` are the text's own, each once (:attr:`agents.language.profiles.Fit.hashes`).
        """
        places = np.searchsorted(self.hashes, hashes)
        places[places == len(self.hashes)] = 0
        places = places[self.hashes[places] == hashes]
        if not len(places):
            return (0.0,) * len(self.members)
        sums = self.weights[places].sum(axis=0, dtype=np.int64) / (STEPS * len(places) ** 0.5)
        return tuple((sums - sums.max()).tolist())


def load(path: Path = SIBLINGS) -> dict[str, Family]:
    """Reads the families; returns the family of each member."""
    families: dict[str, Family] = {}
    with np.load(path) as file:
        for members in FAMILIES:
            name = "_".join(members)
            if f"{name}.hashes" not in file:
                continue
            family = Family(members, file[f"{name}.hashes"], file[f"{name}.weights"])
            families.update(dict.fromkeys(members, family))
    return families


def save(families: list[Family], path: Path = SIBLINGS) -> None:
    """Writes the families."""
    arrays: dict[str, npt.NDArray[np.generic]] = {}
    for family in families:
        name = "_".join(family.members)
        arrays[f"{name}.hashes"] = family.hashes
        arrays[f"{name}.weights"] = family.weights
    np.savez_compressed(path, **arrays)  # type: ignore[arg-type]
