"""py3langid's classifier with the same answers, its walk over a text made for all bytes at once.

The library reads byte by byte in Python and counts in which states of its automaton it has been. But the automaton
remembers no more than the last :data:`REMEMBERED` bytes (its features are no longer), so its state after each byte is
found by reading those alone, for all places of the text together: a sixth of the time.
"""

from __future__ import annotations

from collections import Counter
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from py3langid.langid import MODEL_FILE, LanguageIdentifier

REMEMBERED: Final = 6
"""Bytes of a text after which the state of the automaton does not depend on what stood before them."""
_UP: Final = np.float32(2.0**112)
"""By how much the exponents of halves and floats differ."""


class Bayes(LanguageIdentifier):  # type: ignore[misc]
    """The classifier; how it scores a text is its own."""

    __slots__ = ("_features", "_moves", "_rows")

    def __init__(self, *parts: Any, **options: Any) -> None:
        super().__init__(*parts, **options)
        self._moves = np.frombuffer(self.tk_nextmove, dtype=np.uint32)
        """The next state by the number of a state's row, times 256, plus a byte."""
        self._rows = np.array(self._rowbase, dtype=np.int64)
        self._features = np.array(self.tk_output, dtype=np.int32)
        """The feature that each state ends; negative where it ends none."""

    @classmethod
    def load(cls) -> Bayes:
        """Reads the library's model."""
        loaded: Bayes = cls.from_model_file(MODEL_FILE, norm_probs=True)
        return loaded

    def features(self, text: bytes) -> list[int]:
        """Returns the features found in ``text``, in their order."""
        letters = np.frombuffer(text, dtype=np.uint8)
        states = np.zeros(len(letters), dtype=np.int64)
        for back in range(min(REMEMBERED, len(letters)) - 1, -1, -1):
            states[back:] = self._moves.take(self._rows.take(states[back:]) + letters[: len(letters) - back])
        found = self._features.take(states)
        listed: list[int] = found[found >= 0].tolist()
        return listed

    def _raw_score(self, text: bytes) -> npt.NDArray[np.float32]:
        """Returns what the library's own method returns, to the last bit."""
        counts = Counter(self.features(text))  # in order of first mention, in which scores are added up
        if not counts:
            none: npt.NDArray[np.float32] = super()._raw_score(b"")
            return none
        times = np.fromiter(counts.values(), dtype=np.float32, count=len(counts))
        places = np.fromiter(counts, dtype=np.intp, count=len(counts))
        scores: npt.NDArray[np.float32] = np.log1p(times) @ _floats(self.nb_ptc[places]) + self.nb_pc
        return scores


def _floats(halves: npt.NDArray[np.float16]) -> npt.NDArray[np.float32]:
    """Returns finite ``halves`` as floats, their bits moved to where a float has them: sooner than by numpy."""
    bits = halves.view(np.int16).astype(np.int32)
    bits <<= 13
    bits &= np.int32(-0x70002000)  # the sign, five bits of exponent, ten of fraction
    floats = bits.view(np.float32)
    floats *= _UP
    return floats
