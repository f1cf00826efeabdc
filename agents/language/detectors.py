"""The three detectors, each brought to one shape: candidates with a weight between 0 and 1.

py3langid and pycld2 read every text, CLD3 only the doubtful ones (it costs four times what CLD2 does).
"""

from __future__ import annotations

from typing import Final

import gcld3
import pycld2
from py3langid.langid import MODEL_FILE, LanguageIdentifier

from agents.language.tags import NO_LANGUAGE, UNDETERMINED, canonical

Candidates = dict[str, float]

_RARE: Final = frozenset({"ace", "arz", "ary", "ext", "gcf", "gcr", "guw", "lij", "ltg", "pcm", "uzs", "vec", "wa", "wuu", "an"})
"""Labels of py3langid that draw more of their neighbours' text than of their own (measured on NTREX-128)."""


class Detectors:
    """The loaded detectors. Stateless once built, so one object serves every thread of a process."""

    __slots__ = ("_bayes", "_neural")

    def __init__(self) -> None:
        self._bayes = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
        self._neural = gcld3.NNetLanguageIdentifier(0, 4096)

    def bayes(self, text: str) -> Candidates:
        """Returns py3langid's distribution over its labels."""
        result: Candidates = {}
        for label, probability in self._bayes.rank(text):
            language = canonical(label)
            if language is not None and label not in _RARE:
                result[language] = result.get(language, 0.0) + float(probability)
        return result

    def compact(self, text: str) -> tuple[Candidates, bool, str | None]:
        """Returns CLD2's languages by share of the text, whether it stands by the first, and the Chinese script."""
        try:
            sure, _, details = pycld2.detect(text, isPlainText=True)
            _, _, best = pycld2.detect(text, isPlainText=True, bestEffort=True)
        except (pycld2.error, ValueError):
            return {}, False, None
        result: Candidates = {}
        han: str | None = None
        for _, label, percent, _ in best:
            if label in ("zh", "zh-Hant") and han is None:
                han = "Hant" if label == "zh-Hant" else "Hans"
            language = canonical(label)
            if language is not None and language != UNDETERMINED and percent:
                result[language] = result.get(language, 0.0) + percent / 100
        stands = bool(sure) and details[0][1] != "un"
        return result, stands, han

    def neural(self, text: str) -> tuple[str, float]:
        """Returns CLD3's answer (it may name a romanised language, ``hi-Latn``) and its probability."""
        answer = self._neural.FindLanguage(text)
        if answer.language.endswith("-Latn"):
            return str(answer.language), float(answer.probability)
        return canonical(answer.language) or UNDETERMINED, float(answer.probability)


__all__ = ["NO_LANGUAGE", "Candidates", "Detectors"]
