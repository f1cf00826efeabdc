"""The line model: boosted trees over :mod:`agents.clean.features`, fitted by ``tests/quality/cleaning_fit.py``.

The file holds arrays only. Leaves are whole numbers (thousandths of a logit), so that their sum is the same on every
machine in whatever order it is made.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.resources import as_file, files

import numpy as np
from numpy.typing import NDArray

_AT_ONCE = 256
"""Lines scored at once: bounds the memory to a few megabytes."""


@dataclass(frozen=True, slots=True)
class Model:
    """Trees as arrays of (tree, node); a leaf is a node whose children are itself."""

    column: NDArray[np.int16]
    threshold: NDArray[np.float64]
    left: NDArray[np.int16]
    right: NDArray[np.int16]
    leaf: NDArray[np.int32]
    base: int
    depth: int
    width: int
    """Number of features the model was fitted on."""

    def logits(self, rows: NDArray[np.float64]) -> NDArray[np.int64]:
        """Returns how much speaks for residue, in thousandths of a logit, for each row of features.

        Raises:
            ValueError: the rows are not of the width the model was fitted on.
        """
        if rows.shape[1] != self.width:
            raise ValueError(f"expected {self.width} features, got {rows.shape[1]}: fit the line model again")
        parts = [self._some(rows[first : first + _AT_ONCE]) for first in range(0, len(rows), _AT_ONCE)]
        return np.concatenate(parts)

    def _some(self, rows: NDArray[np.float64]) -> NDArray[np.int64]:
        trees = np.arange(len(self.column))[None, :]
        here = np.arange(len(rows))[:, None]
        node = np.zeros((len(rows), len(self.column)), dtype=np.int16)
        for _ in range(self.depth):
            below = rows[here, self.column[trees, node]] <= self.threshold[trees, node]
            node = np.where(below, self.left[trees, node], self.right[trees, node])
        return self.base + self.leaf[trees, node].sum(axis=1, dtype=np.int64)


@cache
def line_model() -> Model:
    """Reads the model of the package."""
    with as_file(files("agents.clean").joinpath("lines.npz")) as path, np.load(path, allow_pickle=False) as stored:
        return Model(
            column=stored["column"],
            threshold=stored["threshold"],
            left=stored["left"],
            right=stored["right"],
            leaf=stored["leaf"],
            base=int(stored["base"]),
            depth=int(stored["depth"]),
            width=int(stored["width"]),
        )
