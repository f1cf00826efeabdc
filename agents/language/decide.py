"""The decision: which language a piece of text is in, how sure that is, and what else it might be."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

from agents.language import scripts
from agents.language.detectors import Detectors
from agents.language.tags import MACRO, NO_LANGUAGE, UNDETERMINED, tag, written_in

FEWEST_LETTERS: Final = 2
"""Below this many letters there is nothing to tell a language by."""
RELIABLE: Final = 0.9
KNOWN: Final = 0.4
"""Confidence below which the answer is ``und``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What was decided about one piece of text."""

    tag: str
    language: str
    script: str
    confidence: float
    reliable: bool
    letters: int
    alternatives: tuple[tuple[str, float], ...] = ()

    @property
    def macro(self) -> str | None:
        """The macrolanguage, where the members are hard to tell apart."""
        return MACRO.get(self.language)


def decide(detectors: Detectors, text: str, declared: frozenset[str] = frozenset()) -> Verdict:
    """Decides about a text that :func:`agents.language.evidence.sample` has made ready."""
    counts = scripts.histogram(text)
    letters = counts.total()
    script = scripts.main(counts)
    if letters < FEWEST_LETTERS:
        return Verdict(tag=NO_LANGUAGE, language=NO_LANGUAGE, script=script, confidence=1.0, reliable=False, letters=letters)
    bayes = detectors.bayes(text)
    compact, stands, han = detectors.compact(text)
    first = max(bayes, key=lambda language: (bayes[language], language), default=UNDETERMINED)
    second = max(compact, key=lambda language: (compact[language], language), default=UNDETERMINED)
    agree = first == second
    third, certainty = (first, 0.0) if agree else detectors.neural(text)
    scores: dict[str, float] = {}
    for language in {*list(bayes)[:5], first, *compact, third} - {UNDETERMINED}:
        score = 1.2 * math.log(max(bayes.get(language, 0.0), 1e-4))
        score += 3.0 * compact.get(language, 0.0) + (2.5 * certainty if language == third else 0.0)
        score += 1.5 if language in declared else 0.0
        if language != NO_LANGUAGE and not written_in(language.partition("-")[0], script) and "-" not in language:
            score -= 6.0
        scores[language] = score
    none = -3.0 - (2.0 if agree else 0.0) + (0.0 if stands else 1.0) + max(0.0, 2.5 - math.log1p(letters))
    top = max(*scores.values(), none)
    weights = {language: math.exp(score - top) for language, score in scores.items()}
    total = sum(weights.values()) + math.exp(none - top)
    ranked = sorted(((weight / total, language) for language, weight in weights.items()), reverse=True)
    if not ranked:
        return Verdict(tag=UNDETERMINED, language=UNDETERMINED, script=script, confidence=0.0, reliable=False, letters=letters)
    confidence, language = ranked[0]
    if script == "Hani" and han is not None:
        script = han
    alternatives = tuple((_tagged(other, script), share) for share, other in ranked[1:4] if share >= 0.005)
    if language == NO_LANGUAGE:
        return Verdict(tag=NO_LANGUAGE, language=NO_LANGUAGE, script=script, confidence=confidence, reliable=False, letters=letters, alternatives=alternatives)  # noqa: E501
    if confidence < KNOWN:
        alternatives = ((_tagged(language, script), confidence), *alternatives)[:3]
        return Verdict(tag=UNDETERMINED, language=UNDETERMINED, script=script, confidence=1 - confidence, reliable=False, letters=letters, alternatives=alternatives)  # noqa: E501
    reliable = confidence >= RELIABLE and letters >= 12 and stands
    return Verdict(
        tag=_tagged(language, script), language=language.partition("-")[0], script=script,
        confidence=confidence, reliable=reliable, letters=letters, alternatives=alternatives,
    )  # fmt: skip


def _tagged(language: str, script: str) -> str:
    return language if "-" in language else tag(language, script)
