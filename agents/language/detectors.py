"""The three published detectors, each brought to our names for the languages.

py3langid (naive Bayes over byte n-grams) and CLD2 (tables of four-letter groups and words) read every text,
CLD3 (a small neural network) only the doubtful ones: it costs four times what CLD2 does.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import gcld3
import pycld2

from agents.language import scripts
from agents.language.bayes import Bayes
from agents.language.tags import UNDETERMINED, canonical, in_script

Shares = dict[str, float]

_RARE: Final = frozenset(
    [
        *(
            "ace",
            "an",
            "ary",
            "arz",
            "bcl",
            "crh",
            "ext",
            "fuv",
            "gcf",
            "gcr",
            "gom",
            "grc",
            "gug",
            "guw",
            "hbo",
        ),
        *("kab", "kik", "la", "lij", "ltg", "oc", "pcm", "sa", "sdh", "se", "uzs", "vec", "vo", "wa", "wuu"),
    ]
)
"""Labels of py3langid that draw more of their neighbours' text than of their own: without them it gains 1.1 points
on headlines and 3.9 on single words (NTREX-128)."""

WHOLE: Final = 80
"""Per cent of a line that CLD2 has to give to one language."""
LEAST: Final = 1e-5
"""Probability below which a label of py3langid is left out."""
BYTES: Final = 1200
"""What py3langid reads of a text, in UTF-8: it walks byte by byte, and scripts of three bytes need fewer letters."""
ROMANISED: Final = 0.8
"""Probability from which CLD3 is believed to see a romanised language: below it names random text so."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Compact:
    """What CLD2 says."""

    shares: Shares
    """Languages by share of the text, its best guess included."""
    stands: str | None
    """The language it stands by, None where it abstains."""
    scores: Shares
    """Its score per kilobyte for each language: low where a text is strange to the language."""


class Detectors:
    """The loaded detectors. Stateless once built, so one object serves every thread of a process."""

    __slots__ = ("_bayes", "_neural", "bayes_knows", "compact_knows")

    def __init__(self) -> None:
        self._bayes = Bayes.load()
        self._neural = gcld3.NNetLanguageIdentifier(0, 4096)
        detected = set(pycld2.DETECTED_LANGUAGES)
        self.bayes_knows = _expanded({label for label in self._bayes.labels if label not in _RARE})
        self.compact_knows = _expanded({code for name, code in pycld2.LANGUAGES if name in detected})

    def bayes(self, text: str, script: str) -> Shares:
        """Returns py3langid's distribution over the labels that are believed."""
        size = len(text.encode("utf-8", "replace"))
        if size > BYTES:
            text = text[: len(text) * BYTES // size]
        result: Shares = {}
        total = 1.0
        for label, probability in self._bayes.rank(text):
            if label in _RARE:
                total -= float(probability)
            elif probability >= LEAST:
                for language in in_script(canonical(label), script):
                    result[language] = result.get(language, 0.0) + float(probability)
        total = max(total, LEAST)
        return {language: min(1.0, share / total) for language, share in result.items()}

    def compact(self, text: str, script: str) -> Compact:
        """Returns CLD2's answer, by best guess and by what it stands by."""
        try:
            sure, _, strict = pycld2.detect(text, isPlainText=True)
            _, _, best = pycld2.detect(text, isPlainText=True, bestEffort=True)
        except (pycld2.error, ValueError):
            return Compact(shares={}, stands=None, scores={})
        shares: Shares = {}
        scores: Shares = {}
        for _, label, percent, score in best:
            language = _chinese(label) or next(iter(in_script(canonical(label), script)), UNDETERMINED)
            if language != UNDETERMINED and percent:
                shares[language] = shares.get(language, 0.0) + percent / 100
                scores[language] = max(scores.get(language, 0.0), float(score))
        label = strict[0][1]
        first = _chinese(label) or next(iter(in_script(canonical(label), script)), UNDETERMINED)
        return Compact(shares=shares, stands=first if sure and first != UNDETERMINED else None, scores=scores)

    def stands(self, text: str) -> str | None:
        """Returns the language that CLD2 stands by for a whole line, None where it abstains or sees two."""
        try:
            sure, _, details = pycld2.detect(text, isPlainText=True)
        except (pycld2.error, ValueError):
            return None
        _, label, percent, _ = details[0]
        if not sure or label == "un" or percent < WHOLE:
            return None
        if label == "sr":
            return "sr-Latn" if scripts.main(scripts.histogram(text)) == "Latn" else "sr"
        return _chinese(label) or canonical(label)

    def neural(self, text: str, script: str) -> tuple[tuple[str, ...], float]:
        """Returns CLD3's answer (it may name a romanised language, ``hi-Latn``) and its probability."""
        answer = self._neural.FindLanguage(text)
        if answer.language.endswith("-Latn"):
            sure = answer.probability >= ROMANISED
            return ((str(answer.language),) if sure else ()), float(answer.probability)
        return in_script(canonical(answer.language), script), float(answer.probability)


def _chinese(label: str) -> str | None:
    return {"zh": "zh-Hans", "zh-Hant": "zh-Hant"}.get(label)


def _expanded(labels: set[str]) -> frozenset[str]:
    return frozenset(
        language
        for label in labels
        for script in ("Cyrl", "Latn")
        for language in in_script(canonical(label), script)
    )
