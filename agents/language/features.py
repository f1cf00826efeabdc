"""What is known about each candidate language of a text, as numbers for the fitted model.

The fit and the stage build their numbers here, so they cannot drift apart.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from dataclasses import dataclass
from typing import Final

from agents.language import scripts
from agents.language.detectors import Compact, Detectors, Shares
from agents.language.profiles import Fit, Profiles
from agents.language.siblings import Family
from agents.language.tags import NO_LANGUAGE, usual_script, written_in

_LATIN: Final = re.compile(r"(?<!\w)[A-Za-z\u00c0-\u024f\u1e00-\u1eff]+(?!\w)")
"""Whole words in Latin letters; Cyrillic words typed with some Latin letters that look alike are none."""
_LOOKALIKE: Final = str.maketrans("aeopcxyjiABCEHKMOPTXJI", "аеорсхујіАВСЕНКМОРТХЈІ")
FEATURES: Final = (
    "bayes",  # log of py3langid's share
    "bayes length",
    "bayes unknown",  # py3langid has no such label
    "compact",  # CLD2's share
    "compact length",
    "compact stands",  # CLD2 stands by it
    "compact unknown",
    "neural",  # CLD3's probability
    "profile",  # distance to the best profile, in gain per sqrt(weight)
    "profile length",
    "profile thin",  # its profile is of one legal text, and the detectors do not name it for sure
    "profile none",
    "strange gain",
    "strange known",
    "strange both",  # the larger of the two
    "strange lead",
    "strange score",
    "strange least",
    "script",  # it is not written in this script
    "romanised",
    "no language",
    "none",
    "none length",
    "none short",
    "none agree",  # the detectors and the profiles agree
    "none abstains",  # CLD2 abstains
    "rest bayes",  # the same of the words that are no names
    "rest compact",
    "rest profile",
    "none rest",  # there are such words
    "none stranger",  # a language known from one legal text only fits better than any candidate, by how much
)
_INDEX: Final = {name: index for index, name in enumerate(FEATURES)}

NAMES: Final = 200
"""Letters up to which the words that are no names are asked apart: in a longer text names do not count for much."""
OWN: Final = 700.0
"""Score per kilobyte that CLD2 gives a language's own text at least: Javanese to Quechua 790 to 1,700, while Balinese
and Madurese, which it takes for Javanese, get 330 to 440 (sentences of ours)."""
SURE: Final = 0.9
"""Probability from which py3langid or CLD3 names a language for sure."""
NEARLY: Final = 1.0
"""Gain per root of weight by which an unsupported language may fit better, as the next dialect does."""
STRANGE: Final = -2.3
"""Deviations that the share of known words may lie below the language's own texts: this is what keeps texts in
languages nobody knows from being taken for their relatives' (docs/quality-language.md)."""
FEWEST: Final = 4
"""Characters that these words need to say anything."""

WITHIN: Final = (
    "siblings",
    "siblings length",
    "bayes",
    "bayes length",
    "compact",
    "compact length",
    "neural",
    "profile",
    "profile length",
)
"""What tells the members of a family apart, each against the best member; every family has its own weights."""

Group = tuple[str, ...]
"""A language alone, or the members of a family, which are weighed as one against the rest."""
NONE: Final[Group] = ()
"""The candidate that is no language we know."""

Vector = list[float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Knowledge:
    """All that is loaded: detectors, profiles and families."""

    detectors: Detectors
    profiles: Profiles
    families: dict[str, Family]
    places: dict[str, int]
    """Index of each language in the profiles."""
    supported: frozenset[str]
    """Languages that may be answered: a detector names them or their profile was made of news."""


def knowledge(detectors: Detectors, profiles: Profiles, families: dict[str, Family]) -> Knowledge:
    """Joins what is loaded."""
    named = detectors.bayes_knows | detectors.compact_knows
    full = {language for language, full in zip(profiles.languages, profiles.full, strict=True) if full}
    return Knowledge(
        detectors=detectors,
        profiles=profiles,
        families=families,
        places={language: index for index, language in enumerate(profiles.languages)},
        supported=frozenset(named | full),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Rest:
    """What is said about a headline's words in small letters: its names, in whatever language, are left out."""

    bayes: Shares
    compact: Shares
    fit: Fit
    leaders: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What the detectors and the profiles say about one text."""

    letters: int
    script: str
    bayes: Shares
    compact: Compact
    neural: tuple[str, ...]
    certainty: float
    fit: Fit
    leaders: tuple[str, ...]
    """Supported languages whose profiles fit best, best first."""
    stranger: float
    """By how much an unsupported language fits better than any supported one."""
    agree: bool
    rest: Rest | None
    """None for a longer text, and for one without names or without anything else."""


def gather(
    known: Knowledge, text: str, counts: Counter[str] | None = None, *, names_apart: bool = True
) -> Evidence:
    """Asks the detectors and the profiles; CLD3 only where the others differ."""
    if counts is None:
        counts = scripts.histogram(text)
    script = scripts.main(counts)
    if text.isupper():
        text = text.lower()  # Georgian capitals (Mtavruli) are strange to all three detectors
    if script not in ("Latn", scripts.COMMON) and counts["Latn"]:
        text = _LATIN.sub(" ", text)  # names and quotations
        if script == "Cyrl":
            text = text.translate(_LOOKALIKE)
    bayes = known.detectors.bayes(text, script)
    compact = known.detectors.compact(text, script)
    fit = known.profiles.fit(text)
    leaders, stranger = _leaders(known, fit, script)
    first = max(bayes, key=lambda language: (bayes[language], language), default="")
    second = max(compact.shares, key=lambda language: (compact.shares[language], language), default="")
    agree = second != "" and bayes.get(second, 0.0) >= bayes.get(first, 0.0) and leaders[:1] == (second,)
    neural, certainty = ((), 0.0) if agree else known.detectors.neural(text, script)
    return Evidence(
        letters=counts.total(), script=script, bayes=bayes, compact=compact, neural=neural,
        certainty=certainty, fit=fit, leaders=leaders, stranger=stranger, agree=agree,
        rest=_rest(known, text, script) if names_apart and counts.total() <= NAMES else None,
    )  # fmt: skip


def _rest(known: Knowledge, text: str, script: str) -> Rest | None:
    words = text.split()
    small = [word for word in words if word.islower()]
    rest = " ".join(small)
    if len(small) == len(words) or len(rest) < FEWEST:
        return None
    fit = known.profiles.fit(rest)
    return Rest(
        bayes=known.detectors.bayes(rest, script),
        compact=known.detectors.compact(rest, script).shares,
        fit=fit,
        leaders=_leaders(known, fit, script)[0],
    )


def _leaders(known: Knowledge, fit: Fit, script: str) -> tuple[tuple[str, ...], float]:
    gains = fit.gains
    best = gains.argsort(kind="stable")[::-1][:12]
    names = [known.profiles.languages[int(index)] for index in best]
    leaders = [name for name in names if name in known.supported and written_in(name, script)][:4]
    if fit.weight < 1:
        return tuple(leaders), 0.0
    top = float(gains[known.places[leaders[0]]]) if leaders else 0.0
    margin = (float(gains[int(best[0])]) - top) / math.sqrt(fit.weight)
    return tuple(leaders), min(6.0, margin)


def candidates(known: Knowledge, evidence: Evidence) -> list[Group]:
    """Returns the languages worth weighing, in a fixed order, :data:`NONE` last."""
    likely = sorted(evidence.bayes.items(), key=lambda item: (-item[1], item[0]))[:4]
    found = dict.fromkeys(
        language for rank, (language, share) in enumerate(likely) if share >= 0.02 or rank == 0
    )
    found.update(dict.fromkeys(evidence.compact.shares))
    found.update(dict.fromkeys(evidence.neural))
    found.update(dict.fromkeys(evidence.leaders))
    if evidence.rest is not None:
        found.update(
            dict.fromkeys(sorted(name for name, share in evidence.rest.bayes.items() if share >= 0.2))
        )
        found.update(dict.fromkeys(evidence.rest.leaders[:2]))
    groups = dict.fromkeys(
        known.families[language].members if language in known.families else (language,) for language in found
    )
    return [*groups, NONE]


def vectors(known: Knowledge, evidence: Evidence, groups: list[Group]) -> list[Vector]:
    """Returns one row of :data:`FEATURES` per candidate."""
    length = _length(evidence)
    best = max((float(evidence.fit.gains[known.places[name]]) for name in evidence.leaders), default=0.0)
    return [
        _vector(known, evidence, group, length, best) if group else _none(evidence, length)
        for group in groups
    ]


def _length(evidence: Evidence) -> float:
    return math.log1p(min(evidence.letters, 600)) - 4.0


def _none(evidence: Evidence, length: float) -> Vector:
    row = [0.0] * len(FEATURES)
    row[_INDEX["none"]] = 1.0
    row[_INDEX["none length"]] = length
    row[_INDEX["none short"]] = max(0.0, -1.0 - length)
    row[_INDEX["none agree"]] = float(evidence.agree)
    row[_INDEX["none abstains"]] = float(evidence.compact.stands is None)
    row[_INDEX["none stranger"]] = evidence.stranger
    row[_INDEX["none rest"]] = float(evidence.rest is not None)
    return row


def _vector(known: Knowledge, evidence: Evidence, group: Group, length: float, best: float) -> Vector:
    row = [0.0] * len(FEATURES)
    detectors, profiles, gains = known.detectors, known.profiles, evidence.fit.gains
    if any(member in detectors.bayes_knows for member in group):
        value = math.log(min(1.0, max(sum(evidence.bayes.get(member, 0.0) for member in group), 1e-4)))
        row[_INDEX["bayes"]] = value
        row[_INDEX["bayes length"]] = value * length
    else:
        row[_INDEX["bayes unknown"]] = 1.0
    share = sum(evidence.compact.shares.get(member, 0.0) for member in group)
    row[_INDEX["compact"]] = share
    row[_INDEX["compact length"]] = share * length
    row[_INDEX["compact stands"]] = float(evidence.compact.stands in group)
    row[_INDEX["compact unknown"]] = float(not any(member in detectors.compact_knows for member in group))
    row[_INDEX["neural"]] = evidence.certainty if any(member in evidence.neural for member in group) else 0.0
    places = [known.places[member] for member in group if _profiled(known, evidence, member)]
    if not places:
        row[_INDEX["profile none"]] = 1.0
    else:
        index = max(places, key=lambda place: float(gains[place]))
        distance = max(
            -12.0, min(0.0, (float(gains[index]) - best) / math.sqrt(max(1.0, evidence.fit.weight)))
        )
        row[_INDEX["profile"]] = distance
        row[_INDEX["profile length"]] = distance * length
        row[_INDEX["profile thin"]] = float(
            not profiles.full[index] and not _named(known, evidence, profiles.languages[index])
        )
        score = max((evidence.compact.scores.get(member, 0.0) for member in group), default=0.0)
        gain, words, lead, score = profiles.strangeness(evidence.fit, index, score)
        row[_INDEX["strange lead"]] = lead
        row[_INDEX["strange score"]] = score
        row[_INDEX["strange least"]] = min(gain, words, lead, score)
        row[_INDEX["strange gain"]] = gain
        row[_INDEX["strange known"]] = words
        row[_INDEX["strange both"]] = min(gain, words)
    if evidence.rest is not None:
        _of_rest(known, evidence.rest, group, row)
    row[_INDEX["script"]] = float(group[0] != NO_LANGUAGE and not written_in(group[0], evidence.script))
    row[_INDEX["romanised"]] = float(group[0].endswith("-Latn") and group[0] != "sr-Latn")
    row[_INDEX["no language"]] = float(group[0] == NO_LANGUAGE)
    return row


def _profiled(known: Knowledge, evidence: Evidence, language: str) -> bool:
    """Returns whether the language has a profile that may speak: Uzbek's, in Latin letters, knows no Cyrillic.

    It is silent where CLD2 scores the text as the language's own in another of its scripts, and no word is known.
    """
    if language not in known.places:
        return False
    if evidence.compact.scores.get(language, 0.0) < OWN or "-" in language:
        return True
    if evidence.script == usual_script(language) or not written_in(language, evidence.script):
        return True
    return float(evidence.fit.known[known.places[language]]) > 0


def _named(known: Knowledge, evidence: Evidence, language: str) -> bool:
    """Returns whether a language of which we have one legal text is named by detectors that know it from much more.

    CLD2 has to score it as the language's own text, py3langid to put it first where it knows it, and CLD2 to
    stand by it or CLD3 to be sure. No unsupported language may fit better (Tok Pisin is Bislama to the detectors),
    and the text has to be strange to the language that our profiles put first (Northern Sotho is Sotho to them).
    """
    if evidence.compact.scores.get(language, 0.0) < OWN or evidence.stranger > NEARLY:
        return False
    if language in known.detectors.bayes_knows and evidence.bayes.get(language, 0.0) < SURE:
        return False
    if evidence.compact.stands != language and not (
        language in evidence.neural and evidence.certainty >= SURE
    ):
        return False
    if not evidence.leaders or evidence.leaders[0] == language:
        return True
    return known.profiles.strangeness(evidence.fit, known.places[evidence.leaders[0]])[1] <= STRANGE


def _of_rest(known: Knowledge, rest: Rest, group: Group, row: Vector) -> None:
    if any(member in known.detectors.bayes_knows for member in group):
        row[_INDEX["rest bayes"]] = math.log(
            min(1.0, max(sum(rest.bayes.get(member, 0.0) for member in group), 1e-4))
        )
    row[_INDEX["rest compact"]] = sum(rest.compact.get(member, 0.0) for member in group)
    gains = [float(rest.fit.gains[known.places[member]]) for member in group if member in known.places]
    best = max((float(rest.fit.gains[known.places[name]]) for name in rest.leaders), default=0.0)
    distance = (max(gains, default=0.0) - best) / math.sqrt(max(1.0, rest.fit.weight))
    row[_INDEX["rest profile"]] = max(-12.0, min(0.0, distance))


def within(known: Knowledge, evidence: Evidence, family: Family) -> list[Vector]:
    """Returns one row of :data:`WITHIN` per member of the family."""
    members = family.members
    length = _length(evidence)
    root = math.sqrt(max(1.0, evidence.fit.weight))
    siblings = family.evidence(evidence.fit.cues(), evidence.fit.words)
    logs = _below([math.log(max(evidence.bayes.get(member, 0.0), 1e-4)) for member in members], -3.0)
    shares = _below([evidence.compact.shares.get(member, 0.0) for member in members], -1.0)
    gains = [
        float(evidence.fit.gains[known.places[member]]) / root if member in known.places else 0.0
        for member in members
    ]
    profile = _below(gains, -12.0)
    neural = [evidence.certainty if member in evidence.neural else 0.0 for member in members]
    return [
        [sibling, sibling * length, log, log * length, share, share * length, network, fit, fit * length]
        for sibling, log, share, network, fit in zip(siblings, logs, shares, neural, profile, strict=True)
    ]


def constant(evidence: Evidence, family: Family) -> float:
    """Returns how much the constants of a family's members count.

    Given weights lean to one member the more, the longer the text is; in a headline a constant would only repeat
    which member the few translators of the fit's headlines wrote most like.
    """
    return max(0.0, _length(evidence)) if len(family.given) else 1.0


def _below(values: list[float], least: float) -> list[float]:
    top = max(values)
    return [max(least, value - top) for value in values]
