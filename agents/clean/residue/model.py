"""The line model: boosted trees over :mod:`features`, fitted by ``tests/quality/cleaning_fit.py``.

It looks twice: at each line with its nearest neighbours, then at what it found of the whole text
(:mod:`agents.clean.residue.story`).

The file holds arrays only. Leaves are whole numbers (thousandths of a logit), so that their sum is the same on every
machine in whatever order it is made.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import as_file, files
from typing import Any

import numpy as np
from numpy.typing import NDArray

from agents.clean.residue.story import standing

_AT_ONCE = 256
"""Lines scored at once: bounds the memory to a few megabytes."""
_TOGETHER = 4
"""Steps taken down all trees before those that ended in a leaf are left out: few leaves lie higher."""


@dataclass(frozen=True, slots=True)
class Model:
    """All nodes of all trees in one row, two places for each; a leaf is a node whose children are itself."""

    roots: NDArray[np.int64]
    """Where each tree begins."""
    column: NDArray[np.int64]
    """The same at both places of a node, as its threshold is, and what it is worth as a leaf."""
    threshold: NDArray[np.float64]
    child: NDArray[np.int64]
    """At the first place of a node where the value is above the threshold, at the second where it is not."""
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
        count, trees = len(rows), len(self.roots)
        values = np.ascontiguousarray(rows).ravel()
        at = np.tile(self.roots, count)
        row = np.repeat(np.arange(count, dtype=np.int64) * self.width, trees)
        for _ in range(min(_TOGETHER, self.depth)):
            below = values.take(row + self.column.take(at)) <= self.threshold.take(at)
            at = self.child.take(at + below)
        going = np.flatnonzero(self.child.take(at) != at)
        node, row = at.take(going), row.take(going)
        while len(going):
            below = values.take(row + self.column.take(node)) <= self.threshold.take(node)
            node = self.child.take(node + below)
            ended = self.child.take(node) == node
            if ended.any():
                at[going] = node
                left = np.flatnonzero(~ended)
                going, node, row = going.take(left), node.take(left), row.take(left)
        sums: NDArray[np.int64] = self.leaf.take(at).reshape(count, trees).sum(axis=1, dtype=np.int64)
        return sums + self.base


@dataclass(frozen=True, slots=True)
class LineModel:
    """Both looks at the lines of a text."""

    first: Model
    second: Model

    def logits(self, rows: NDArray[np.float64]) -> NDArray[np.int64]:
        """Returns how much speaks for residue, in thousandths of a logit; ``rows`` are all lines of one text.

        A text without a line that is likelier residue than not is not looked at again: most are clean.

        Raises:
            ValueError: the rows are not of the width the model was fitted on.
        """
        found = self.first.logits(rows)
        return found if found.max() < 0 else self.second.logits(standing(found / 1000.0, rows))


def model_of(stored: Mapping[str, NDArray[Any]]) -> Model:
    """Returns the model of the arrays in a file, one row for each tree."""
    trees, nodes = stored["column"].shape
    roots = np.arange(trees, dtype=np.int64) * 2 * nodes
    return Model(
        roots=roots,
        column=stored["column"].astype(np.int64).ravel().repeat(2),
        threshold=stored["threshold"].astype(np.float64).ravel().repeat(2),
        child=(
            np.stack([stored["right"], stored["left"]], axis=-1).astype(np.int64) * 2 + roots[:, None, None]
        ).ravel(),
        leaf=stored["leaf"].ravel().repeat(2),
        base=int(stored["base"]),
        depth=int(stored["depth"]),
        width=int(stored["width"]),
    )


@cache
def line_model() -> LineModel:
    """Reads the model of the package."""
    with (
        as_file(files("agents.clean.residue").joinpath("lines.npz")) as path,
        np.load(path, allow_pickle=False) as stored,
    ):
        first, second = (
            model_of({name.partition(".")[2]: stored[name] for name in stored.files if name.startswith(look)})
            for look in ("first.", "second.")
        )
        return LineModel(first, second)
