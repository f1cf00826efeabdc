"""How a line stands to the story, once the line model has looked at every line by itself.

A teaser that reads like prose is told by what stands around it: whether the story goes on after it, and how sure the
model is of its neighbours. No column knows a language. Order and meaning of the columns are part of the fitted model.
"""

from __future__ import annotations

from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

_SURE = 6.0
"""Logits beyond which a line is no surer."""
_PARAGRAPH = float(np.log1p(13.75))
"""Words from which a line that is the story's own marks where the story lies: 14, as the features measure them."""
_FAR = 12.0
OWN_COLUMNS = slice(1, 24)
"""Columns of :mod:`agents.clean.residue.features` that are looked at again: form, company, and the first of place."""
_Floats = NDArray[np.float64]


class Column(IntEnum):
    """What is measured of a line, in the order of the columns; ``sure`` is its first logit, within bounds."""

    SURE = 0
    ABOVE = 1
    BELOW = 2
    SECOND_ABOVE = 3
    SECOND_BELOW = 4
    MEAN_FOUR_ABOVE = 5
    MEAN_FOUR_BELOW = 6
    MEAN_TEN_ABOVE = 7
    MEAN_TEN_BELOW = 8
    AFTER_FIRST = 9
    """Lines from the story's first paragraph."""
    AFTER_LAST = 10
    """Lines from its last one."""
    TOLD = 11
    """How much of the story stands above the line."""
    UNTOLD = 12
    """How much of it stands below."""
    OWNEST_BELOW = 13
    """The least of what speaks for residue in any line below: the surest of the story's own that is still to come."""
    OWNEST_ABOVE = 14
    WORDS = 15
    MEAN = 16
    """Of all lines of the text."""
    MEAN_SHARE = 17
    """The same of what they are worth as probabilities."""


_BESIDE = ((Column.ABOVE, -1), (Column.BELOW, 1), (Column.SECOND_ABOVE, -2), (Column.SECOND_BELOW, 2))
"""Lines that are seen by themselves, counted from the line."""
_NEAR = (
    (Column.MEAN_FOUR_ABOVE, -4, -1),
    (Column.MEAN_FOUR_BELOW, 1, 4),
    (Column.MEAN_TEN_ABOVE, -10, -1),
    (Column.MEAN_TEN_BELOW, 1, 10),
)
"""Windows of lines whose mean is taken, from and to, counted from the line."""
WIDTH = len(Column) + OWN_COLUMNS.stop - OWN_COLUMNS.start


def standing(logits: _Floats, rows: _Floats) -> _Floats:
    """Returns one row for each line of a text, from its first logits and its row of features."""
    count = len(logits)
    sure = np.clip(logits, -_SURE, _SURE)
    share = 1.0 / (1.0 + np.exp(-sure))
    own = (1.0 - share) * np.expm1(rows[:, 0])
    index = np.arange(count)
    story = np.flatnonzero((sure < 0) & (rows[:, 0] >= _PARAGRAPH))
    first, last = (story[0], story[-1]) if len(story) else (count, -1)
    summed = np.concatenate([[0.0], np.cumsum(sure)])
    told = np.concatenate([[0.0], np.cumsum(own)])
    total = max(told[-1], 1.0)
    result = np.empty((count, WIDTH))
    result[:, Column.SURE] = sure
    padded = np.concatenate([[0.0, 0.0], sure, [0.0, 0.0]])
    for column, step in _BESIDE:
        result[:, column] = padded[2 + step : 2 + step + count]
    for column, begin, end in _NEAR:
        low, high = np.clip(index + begin, 0, count), np.clip(index + end + 1, 0, count)
        result[:, column] = (summed[high] - summed[low]) / np.maximum(high - low, 1)
    result[:, Column.AFTER_FIRST] = np.clip(index - first, -_FAR, _FAR)
    result[:, Column.AFTER_LAST] = np.clip(index - last, -_FAR, _FAR)
    result[:, Column.TOLD] = told[:-1] / total
    result[:, Column.UNTOLD] = (total - told[1:]) / total
    result[:-1, Column.OWNEST_BELOW] = np.minimum.accumulate(sure[::-1])[::-1][1:]
    result[-1, Column.OWNEST_BELOW] = _SURE
    result[1:, Column.OWNEST_ABOVE] = np.minimum.accumulate(sure)[:-1]
    result[0, Column.OWNEST_ABOVE] = _SURE
    result[:, Column.WORDS] = rows[:, 0]
    result[:, Column.MEAN] = sure.mean()
    result[:, Column.MEAN_SHARE] = share.mean()
    result[:, len(Column) :] = rows[:, OWN_COLUMNS]
    return result
