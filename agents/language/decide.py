"""The decision: which language a piece of text is in, how sure that is, and what else it might be."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

from agents.language import scripts
from agents.language.detectors import Detectors
from agents.language.features import (
    WITHIN,
    Evidence,
    Group,
    Knowledge,
    Vector,
    candidates,
    gather,
    knowledge,
    vectors,
    within,
)
from agents.language.profiles import load as load_profiles
from agents.language.siblings import load as load_siblings
from agents.language.tags import MACRO, NO_LANGUAGE, UNDETERMINED, tag, written_in
from agents.language.weights import Weights
from agents.language.weights import load as load_weights

FEWEST_LETTERS: Final = 2
"""Below this many letters there is nothing to tell a language by."""
RELIABLE: Final = 0.9
"""Confidence from which a tag may be acted upon: 99.7 % of such tags are right (docs/quality-language.md)."""
RELIABLE_LETTERS: Final = 12
"""Letters that it takes besides."""
DECLARED: Final = 1.5
"""Log-odds that a declared language gains: about what three more words of text are worth. A feed that declares one
language and sends another is common, so no declaration outweighs a sentence."""
DECLARED_ENGLISH: Final = 0.5
"""The same for English, which templates declare by default."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What was decided about one piece of text."""

    tag: str
    language: str
    """The candidate behind the tag; ``und`` or ``zxx`` where there is none."""
    script: str
    confidence: float
    reliable: bool
    letters: int
    alternatives: tuple[tuple[str, float], ...] = ()
    """Tags of the runners-up and their probabilities, best first."""

    @property
    def macro(self) -> str | None:
        """The macrolanguage, where the members are hard to tell apart."""
        return MACRO.get(self.language)


@dataclass(frozen=True, slots=True)
class Judge:
    """The loaded model."""

    known: Knowledge
    weights: Weights

    def decide(self, text: str, declared: frozenset[str] = frozenset()) -> Verdict:
        """Decides about a text that :func:`agents.language.evidence.sample` has made ready."""
        counts = scripts.histogram(text)
        script = scripts.main(counts)
        letters = counts.total()
        if letters < FEWEST_LETTERS:
            return Verdict(
                tag=NO_LANGUAGE, language=NO_LANGUAGE, script=script, confidence=1.0, reliable=False, letters=letters
            )
        evidence = gather(self.known, text, counts)
        ranked = self._ranked(evidence, declared)
        return _verdict(evidence, ranked)

    def _ranked(self, evidence: Evidence, declared: frozenset[str]) -> list[tuple[float, str]]:
        """Returns every candidate with its probability, likeliest first; ``und`` stands for no language we know."""
        groups = candidates(self.known, evidence)
        scores = [_dot(self.weights.general, row) for row in vectors(self.known, evidence, groups)]
        scores = [score + max(map(_gain, declared & {*group}), default=0.0) for group, score in zip(groups, scores, strict=True)]
        found: list[tuple[float, str]] = []
        for group, share in zip(groups, _softmax(scores), strict=True):
            if len(group) < 2:
                found.append((share, group[0] if group else UNDETERMINED))
            elif share >= 0.001:
                found += ((share * part, member) for part, member in self._members(evidence, group, declared))
        return sorted(found, key=lambda pair: (-pair[0], pair[1]))

    def _members(self, evidence: Evidence, group: Group, declared: frozenset[str]) -> list[tuple[float, str]]:
        weights = self.weights.families[group]
        scores = [
            _dot(weights, row) + constant + (_gain(member) if member in declared else 0.0)
            for member, row, constant in zip(
                group, within(self.known, evidence, self.known.families[group[0]]), weights[len(WITHIN) :], strict=True
            )
        ]
        return list(zip(_softmax(scores), group, strict=True))


def _dot(weights: tuple[float, ...], row: Vector) -> float:
    return sum(weight * value for weight, value in zip(weights, row, strict=False) if value)


def _gain(language: str) -> float:
    return DECLARED_ENGLISH if language == "en" else DECLARED


def _softmax(scores: list[float]) -> list[float]:
    top = max(scores)
    odds = [math.exp(score - top) for score in scores]
    total = sum(odds)
    return [odd / total for odd in odds]


def _verdict(evidence: Evidence, ranked: list[tuple[float, str]]) -> Verdict:
    confidence, language = ranked[0]
    script = evidence.script
    runners = [(tag(other, script), share) for share, other in ranked if other != UNDETERMINED and share >= 0.005]
    if language == UNDETERMINED:
        return Verdict(
            tag=UNDETERMINED, language=UNDETERMINED, script=script, confidence=confidence, reliable=False,
            letters=evidence.letters, alternatives=tuple(runners[:3]),
        )  # fmt: skip
    if language.startswith("zh-"):
        script = language.removeprefix("zh-")
    elif language == "yue" and script == "Hani":
        script = "Hant"
    reliable = (
        language != NO_LANGUAGE
        and confidence >= RELIABLE
        and evidence.letters >= RELIABLE_LETTERS
        and written_in(language, evidence.script)
    )
    return Verdict(
        tag=tag(language, script), language=language, script=script, confidence=confidence, reliable=reliable,
        letters=evidence.letters, alternatives=tuple(runners[1:4]),
    )  # fmt: skip


def load() -> Judge:
    """Loads the detectors and the fitted files."""
    return Judge(knowledge(Detectors(), load_profiles(), load_siblings()), load_weights())
