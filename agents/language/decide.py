"""The decision: which language a piece of text is in, how sure that is, and what else it might be."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Final

from agents.language import scripts
from agents.language.dari import leaning
from agents.language.detectors import Detectors
from agents.language.features import (
    FEATURES,
    NONE,
    STRANGE,
    WITHIN,
    Evidence,
    Group,
    Knowledge,
    Vector,
    candidates,
    constant,
    gather,
    knowledge,
    vectors,
    within,
)
from agents.language.profiles import load as load_profiles
from agents.language.romanised import CONFIDENCE as SMALL_WORDS
from agents.language.romanised import romanised
from agents.language.siblings import load as load_siblings
from agents.language.tags import MACRO, NO_LANGUAGE, UNDETERMINED, tag, written_in
from agents.language.weights import Weights
from agents.language.weights import load as load_weights

_KNOWN: Final = FEATURES.index("strange known")
FEWEST_LETTERS: Final = 2
"""Below this many letters there is nothing to tell a language by."""
RELIABLE: Final = 0.9
"""Confidence from which a tag may be acted upon: 99.7 % of such tags are right (docs/quality-language.md)."""
RELIABLE_LETTERS: Final = 12
"""Letters that it takes besides."""
MUCH: Final = 8.0
"""How much likelier than the best candidate no language we know has to be for a headline to be ``und``: names make
any headline strange. A longer text (:data:`agents.language.scripts.SHORT`) is ``und`` from equal odds on."""
UNMEASURED: Final = -12.0
"""Deviations (:data:`STRANGE`) put down for a language whose usual share was never measured, as one legal text is all
there is of it: it is answered where the detectors name it, but never reliable."""
SMALL: Final = 30
"""Letters from which the small words of a text alone may say that only its names are strange."""
DOUBT: Final = 0.03
"""Probability of no language we know up to which a tag is reliable."""
RARELY: Final = dict.fromkeys(("yue", "prs", "mey"), -2.0)
"""Log-odds against languages whose speakers write their news mostly in a standard language (Chinese, Persian, Arabic)
that looks much alike: a text has to show that it is not in that. The fit cannot know: its sets are balanced."""
_EVEN: Final = 0.5
"""Confidence below which it is likelier that a tag is wrong."""
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

    def decide(
        self, text: str, declared: frozenset[str] = frozenset(), *, names_apart: bool = True
    ) -> Verdict:
        """Decides about a text that :func:`agents.language.evidence.sample` has made ready.

        ``names_apart`` reads a headline once more without its names, which costs half as much again: a headline is
        worth it, a line of an article has neighbours. A longer text is read so only where it would be ``und``.
        """
        counts = scripts.histogram(text)
        script = scripts.main(counts)
        letters = counts.total()
        if letters < FEWEST_LETTERS:
            return Verdict(
                tag=NO_LANGUAGE,
                language=NO_LANGUAGE,
                script=script,
                confidence=1.0,
                reliable=False,
                letters=letters,
            )
        evidence = gather(self.known, text, counts, names_apart=names_apart)
        groups = candidates(self.known, evidence)
        rows = vectors(self.known, evidence, groups)
        scores = [
            _dot(self.weights.general, row)
            + max(map(_gain, declared & {*group}), default=0.0)
            + (RARELY.get(group[0], 0.0) if len(group) == 1 else 0.0)
            for group, row in zip(groups, rows, strict=True)
        ]
        shares = dict(zip(groups, _softmax(scores), strict=True))
        ranked = self._ranked(evidence, shares, declared, {"prs": leaning(text)} if script == "Arab" else {})
        known = {
            member: UNMEASURED if self._thin(member) else row[_KNOWN]
            for group, row in zip(groups, rows, strict=True)
            for member in group
        }
        verdict = _verdict(evidence, ranked, _first(shares, letters), known)
        if verdict.language == UNDETERMINED and names_apart and letters > scripts.SHORT:
            likeliest = max(
                (group for group in groups if group), key=lambda group: shares[group], default=NONE
            )
            verdict = self._without_names(text, evidence, likeliest, declared) or verdict
        return verdict if verdict.reliable or script != "Latn" else _typed(text, verdict)

    def _without_names(
        self, text: str, evidence: Evidence, likeliest: Group, declared: frozenset[str]
    ) -> Verdict | None:
        """Decides by the small words of a text that its names make strange to the language it is likeliest in.

        None unless they are reliably in that language and CLD2 stands by it for the whole: a language that nobody
        knows is as strange without its names.
        """
        if evidence.compact.stands not in likeliest:
            return None
        small = " ".join(word for word in text.split() if word.islower())
        if scripts.histogram(small).total() < SMALL:
            return None
        verdict = self.decide(small, declared, names_apart=False)
        return (
            replace(verdict, letters=evidence.letters)
            if verdict.reliable and verdict.language in likeliest
            else None
        )

    def _thin(self, language: str) -> bool:
        places, profiles = self.known.places, self.known.profiles
        return language in places and not profiles.full[places[language]]

    def _ranked(
        self, evidence: Evidence, shares: dict[Group, float], declared: frozenset[str], said: dict[str, float]
    ) -> dict[str, float]:
        """Returns every candidate's probability, likeliest first; ``und`` stands for no language we know.

        ``said`` holds the log-odds that single words are worth among the members of a family.
        """
        found: dict[str, float] = {}
        for group, share in shares.items():
            if len(group) < 2:
                found[group[0] if group else UNDETERMINED] = share
            elif share >= 0.001:
                found.update(
                    (member, share * part) for part, member in self._members(evidence, group, declared, said)
                )
        return dict(sorted(found.items(), key=lambda pair: (-pair[1], pair[0])))

    def _members(
        self, evidence: Evidence, group: Group, declared: frozenset[str], said: dict[str, float]
    ) -> list[tuple[float, str]]:
        weights, family = self.weights.families[group], self.known.families[group[0]]
        counts = constant(evidence, family)
        scores = [
            _dot(weights, row)
            + counts * bias
            + RARELY.get(member, 0.0)
            + said.get(member, 0.0)
            + (_gain(member) if member in declared else 0.0)
            for member, row, bias in zip(
                group,
                within(self.known, evidence, family),
                weights[len(WITHIN) :],
                strict=True,
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


def _first(shares: dict[Group, float], letters: int) -> Group:
    """Returns the group that is answered: a family outweighs a language that is likelier than each of its members."""
    best = max((group for group in shares if group), key=lambda group: (shares[group], group), default=NONE)
    much = MUCH if letters <= scripts.SHORT else 1.0
    return best if best and shares[best] * much >= shares[NONE] else NONE


def _verdict(evidence: Evidence, ranked: dict[str, float], first: Group, known: dict[str, float]) -> Verdict:
    script = evidence.script
    language = max(first, key=lambda member: (ranked.get(member, 0.0), member), default=UNDETERMINED)
    confidence = ranked.get(language, 0.0)
    runners = [
        (tag(other, script), share)
        for other, share in ranked.items()
        if other not in (UNDETERMINED, language) and share >= 0.005
    ][:3]
    if language == UNDETERMINED:
        return Verdict(
            tag=UNDETERMINED, language=UNDETERMINED, script=script, confidence=confidence, reliable=False,
            letters=evidence.letters, alternatives=tuple(runners),
        )  # fmt: skip
    if language.startswith("zh-"):
        script = language.removeprefix("zh-")
    elif language == "yue" and script == "Hani":
        script = "Hant"
    reliable = (
        language != NO_LANGUAGE
        and confidence >= RELIABLE
        and ranked.get(UNDETERMINED, 0.0) <= DOUBT
        and known.get(language, 0.0) > STRANGE
        and evidence.letters >= RELIABLE_LETTERS
        and written_in(language, evidence.script)
    )
    return Verdict(
        tag=tag(language, script), language=language, script=script, confidence=confidence, reliable=reliable,
        letters=evidence.letters, alternatives=tuple(runners),
    )  # fmt: skip


def _typed(text: str, verdict: Verdict) -> Verdict:
    """Returns ``verdict``, or the language of another script that the small words of the text are of."""
    languages = [f"{language}-Latn" for language in romanised(text, doubted=verdict.confidence < _EVEN)]
    if not languages or verdict.tag == languages[0]:
        return verdict
    first, *others = languages
    return replace(
        verdict, tag=first, language=first.removesuffix("-Latn"), confidence=SMALL_WORDS, reliable=False,
        alternatives=tuple((other, round((1 - SMALL_WORDS) / len(others), 4)) for other in others[:3]),
    )  # fmt: skip


def load() -> Judge:
    """Loads the detectors and the fitted files."""
    return Judge(knowledge(Detectors(), load_profiles(), load_siblings()), load_weights())
