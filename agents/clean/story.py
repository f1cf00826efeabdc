"""How a line stands to the story, once the line model has looked at every line by itself.

A teaser that reads like prose is told by what stands around it: whether the story goes on after it, and how sure the
model is of its neighbours. No column knows a language. Order and meaning of the columns are part of the fitted model.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

_SURE = 6.0
"""Logits beyond which a line is no surer."""
_PARAGRAPH = float(np.log1p(13.75))
"""Words from which a line that is the story's own marks where the story lies: 14, as the features measure them."""
_FAR = 12.0
_NEAR = ((-4, -1), (1, 4), (-10, -1), (1, 10))
"""Windows of lines whose mean is taken, from and to, counted from the line."""
OWN_COLUMNS = slice(1, 24)
"""Columns of :mod:`agents.clean.features` that are looked at again: form, company, and the first of place."""
_Floats = NDArray[np.float64]


WIDTH = 18 + OWN_COLUMNS.stop - OWN_COLUMNS.start


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
    result[:, 0] = sure
    padded = np.concatenate([[0.0, 0.0], sure, [0.0, 0.0]])
    for column, step in enumerate((-1, 1, -2, 2), start=1):
        result[:, column] = padded[2 + step : 2 + step + count]
    for column, (begin, end) in enumerate(_NEAR, start=5):
        low, high = np.clip(index + begin, 0, count), np.clip(index + end + 1, 0, count)
        result[:, column] = (summed[high] - summed[low]) / np.maximum(high - low, 1)
    result[:, 9] = np.clip(index - first, -_FAR, _FAR)
    result[:, 10] = np.clip(index - last, -_FAR, _FAR)
    result[:, 11] = told[:-1] / total
    result[:, 12] = (total - told[1:]) / total
    result[:-1, 13] = np.minimum.accumulate(sure[::-1])[::-1][1:]
    result[-1, 13] = _SURE
    result[1:, 14] = np.minimum.accumulate(sure)[:-1]
    result[0, 14] = _SURE
    result[:, 15] = rows[:, 0]
    result[:, 16] = sure.mean()
    result[:, 17] = share.mean()
    result[:, 18:] = rows[:, OWN_COLUMNS]
    return result
