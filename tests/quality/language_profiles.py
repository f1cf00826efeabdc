"""Makes the profiles and the families' weights from texts; used by :mod:`tests.quality.language_fit`."""

from __future__ import annotations

import itertools
import tomllib
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

import numpy as np
from babel import Locale, UnknownLocaleError
from scipy import sparse  # type: ignore[import-untyped]

from agents.language import scripts
from agents.language.detectors import Detectors
from agents.language.evidence import sample
from agents.language.ngrams import grams, pairs, plain
from agents.language.profiles import STEPS, WORDLESS, Profiles, kin, upper
from agents.language.siblings import STEPS as SIBLING_STEPS
from agents.language.siblings import Family, hits
from tests.quality.language_given import NOTHING, Given

Texts = dict[str, list[str]]

FULL = (6000, 2000)
"""N-grams and words kept of a language known from news."""
THIN = (1500, 400)
"""The same of one known from the Declaration only."""
CUES = Path(__file__).with_name("language_cues.toml")
FLOOR = 2e-5
"""Frequency that whatever is not listed is taken to have."""


def _hashes(lines: Iterable[str]) -> tuple[np.ndarray, np.ndarray]:
    pieces, words = [], []
    for line in lines:
        for start in range(0, max(1, len(line)), 3000):
            found = grams(plain(line[start : start + 3000]))
            pieces.append(found[0])
            words.append(found[1])
    return (np.concatenate(pieces) >> np.uint64(32)).astype(np.uint32), (
        np.concatenate(words) >> np.uint64(32)
    ).astype(np.uint32)


def profiles(texts: Texts, full: set[str]) -> Profiles:
    """Counts the words and n-grams of each language and keeps the most frequent."""
    languages = tuple(sorted(texts))
    hashes, owners, weights = [], [], []
    for index, language in enumerate(languages):
        for found, keep, per_letter in zip(
            _hashes(texts[language]), FULL if language in full else THIN, (4.5, 1.0), strict=True
        ):
            kinds, times = np.unique(found, return_counts=True)
            total = len(found) / per_letter
            enough = times >= (2 if total > 8000 else 1)
            kinds, times = kinds[enough], times[enough]
            order = np.argsort(-times, kind="stable")[:keep]
            value = np.log1p(times[order] / total / FLOOR) * STEPS
            hashes.append(kinds[order])
            owners.append(np.full(len(order), index, dtype=np.uint16))
            weights.append(np.clip(np.rint(value), 1, 255).astype(np.uint8))
    every, owner, weight = np.concatenate(hashes), np.concatenate(owners), np.concatenate(weights)
    order = np.lexsort((owner, every))
    every, owner, weight = every[order], owner[order], weight[order]
    unique, first = np.unique(every, return_index=True)
    size = len(languages)
    return Profiles(
        languages=languages,
        full=np.array([language in full for language in languages]),
        hashes=unique,
        starts=np.append(first, len(every)).astype(np.int32),
        owners=owner,
        weights=weight,
        usual_gain=np.zeros(size, np.float32),
        usual_known=np.zeros(size, np.float32),
        usual_lead=np.zeros(size, np.float32),
        usual_score=np.zeros(size, np.float32),
        spread=np.ones(8, np.float32),
        kin=kin(languages),
    )


Usual = dict[str, list[tuple[float, ...]]]


def measure(made: Profiles, detectors: Detectors, texts: Iterable[tuple[str, str]], into: Usual) -> None:
    """Adds, per (language, text), gain per weight, share of known words, lead, CLD2's score, weight and words."""
    places = {language: index for index, language in enumerate(made.languages)}
    for language, raw in texts:
        text = sample(raw)
        fit = made.fit(text)
        if language in places and fit.weight > 5 and fit.words:
            index = places[language]
            share = float(fit.known[index]) / fit.words
            score = detectors.compact(text, scripts.main(scripts.histogram(text))).scores.get(language, 0.0)
            into[language].append(
                (
                    float(fit.gains[index]) / fit.weight,
                    share,
                    made.lead(fit, index),
                    score,
                    fit.weight,
                    fit.words,
                )
            )


def usual() -> Usual:
    """Returns an empty collection for :func:`measure`."""
    return defaultdict(list)


def with_usual(made: Profiles, measured: Usual) -> Profiles:
    """Sets what fit is usual for each language's own texts that the profiles were not made of."""
    size = len(made.languages)
    means = np.zeros((4, size), np.float32)
    relative: list[list[tuple[float, float]]] = [[], [], [], []]
    for index, language in enumerate(made.languages):
        rows = np.array(measured.get(language, []))
        if len(rows) < 8:
            continue
        for kind, by in enumerate((4, 5, 4, 4)):
            values = rows[rows[:, 3] > 0] if kind == 3 else rows
            if len(values) < 8:
                continue
            mean = np.average(values[:, kind], weights=values[:, by])
            if mean <= (WORDLESS if kind == 1 else 0.05 if kind == 2 else 0):
                continue
            means[kind, index] = mean
            relative[kind] += [(row[kind] / mean - 1, row[by]) for row in values]
    spread = []
    for sizes in relative:
        table = np.array(sizes)
        # variance = a**2 + b**2 / size, by least squares over size classes
        edges = np.quantile(table[:, 1], np.linspace(0, 1, 12))
        points = []
        for low, high in itertools.pairwise(edges):
            inside = table[(table[:, 1] >= low) & (table[:, 1] <= high)]
            points.append((float(np.mean(1 / inside[:, 1])), float(np.mean(inside[:, 0] ** 2))))
        slope, base = np.polyfit([x for x, _ in points], [y for _, y in points], 1)
        spread += [max(base, 1e-4) ** 0.5, max(slope, 1e-4) ** 0.5]
    return replace(
        made,
        usual_gain=means[0],
        usual_known=means[1],
        usual_lead=means[2],
        usual_score=means[3],
        spread=np.array(spread, np.float32),
    )


PIECE = 9
"""Words of a piece as short as a headline."""
Case = tuple[str, frozenset[str], frozenset[str], str]
"""A line, the members it may be of, the members it is compared with, and its source."""
Lists = tuple[np.ndarray, np.ndarray, int]
"""Words, the set of lists that know each, the number of lists (:mod:`tests.quality.language_words`)."""


def family(
    members: Sequence[str],
    cases: Sequence[Case],
    lists: Lists,
    given: Given = NOTHING,
    keep: int = 150_000,
    rounds: int = 45,
    rate: float = 0.3,
) -> Family:
    """Fits one family by logistic regression (AdaGrad, full batches).

    Every source counts by its share in :data:`SHARES`, and within it every set of members alike. A source that
    lacks members compares only those it has, so that its topics are not taken for a language. What the family is
    given beforehand stays as it is: the weights are fitted on top of it.
    """
    order = list(members)
    cues, words = zip(*(_cues_of(line) for line, _, _, _ in cases), strict=True)
    every, times = np.unique(np.concatenate(cues), return_counts=True)
    table = every[times >= 3]
    places = [hits(table, one) for one in cues]
    sizes = np.array([len(one) for one in places])
    values = np.repeat((1 / np.sqrt(np.maximum(sizes, 1))).astype(np.float32), sizes)
    shape = (len(cases), len(table))
    known = sparse.csr_matrix((values, np.concatenate(places), np.append(0, np.cumsum(sizes))), shape=shape)
    blank = _family(order, table, lists, given)
    before = np.stack([blank.beforehand(one, count) for one, count in zip(cues, words, strict=True)])
    before = before.astype(np.float32)
    listed = np.stack([blank.listed(one, count) for one, count in zip(cues, words, strict=True)])
    inputs = sparse.hstack((known, sparse.csr_matrix(listed))).tocsr()
    turned = inputs.T.tocsr()
    right = np.array([[name in accepted for name in order] for _, accepted, _, _ in cases])
    allowed = np.array([[name in compared for name in order] for _, _, compared, _ in cases])
    together = Counter((accepted, source) for _, accepted, _, source in cases)
    kinds = Counter(source for _, source in together)
    share = np.array(
        [SHARES[source] / kinds[source] / together[accepted, source] for _, accepted, _, source in cases]
    )
    share /= share.sum()
    weights = np.zeros((inputs.shape[1], len(order)), np.float32)
    squares = np.full_like(weights, 1e-8)
    for _ in range(rounds):
        logits = np.where(allowed, before + inputs @ weights, -1e9)
        odds = np.exp(logits - logits.max(1, keepdims=True))
        odds /= odds.sum(1, keepdims=True)
        good = np.where(right, odds, 0)
        error = ((odds - good / np.maximum(good.sum(1, keepdims=True), 1e-12)) * share[:, None]).astype(
            np.float32
        )
        gradient = turned @ error
        squares += gradient * gradient
        weights -= rate * gradient / np.sqrt(squares)
    weights -= weights.mean(1, keepdims=True)
    cut = len(table)
    best = np.sort(np.argsort(-np.abs(weights[:cut]).max(1), kind="stable")[:keep])
    quantised = np.clip(np.rint(weights[best] * SIBLING_STEPS), -32000, 32000).astype(np.int16)
    return replace(
        blank, hashes=table[best], weights=quantised, list_weights=weights[cut:].astype(np.float32)
    )


def _family(order: Sequence[str], table: np.ndarray, lists: Lists, given: Given) -> Family:
    words, sets, count = lists
    hashes, weights = given
    return Family(
        tuple(order), table, np.zeros((len(table), len(order)), np.int16), words, sets,
        np.zeros((1 << count, len(order)), np.float32), hashes, weights.reshape(len(hashes), len(order)),
    )  # fmt: skip


@lru_cache(maxsize=200_000)
def _cues_of(line: str) -> tuple[np.ndarray, int]:
    pieces, words = grams(plain(line))
    return np.concatenate([np.unique(upper(one)) for one in (pieces, words, pairs(words))]), len(words)


SHARES = {"news": 1.0, "other": 0.5, "emoji": 0.3, "names": 0.15, "cues": 0.15}
"""How much each source counts in the fit of a family."""


def family_cases(
    members: Sequence[str], news: Texts, others: Texts, emoji: Mapping[str, list[str]]
) -> list[Case]:
    """Returns what a family is fitted on: parallel news, other sources, CLDR's names and emoji, and the cue words.

    Every long line is also cut into pieces as short as a headline.
    """
    whole = frozenset(members)
    cases: list[Case] = [
        (line, frozenset({name}), whole, "news") for name in members for line in news[name] if len(line) > 20
    ]
    available = frozenset(name for name in members if others.get(name))
    if len(available) > 1:
        cases += [
            (line, frozenset({name}), available, "other")
            for name in sorted(available)
            for line in others[name][:3000]
            if len(line) > 20
        ]
    for line, accepted, compared, source in list(cases):
        words = line.split()
        if len(words) > 14:
            count = round(len(words) / PIECE)
            ends = [round(number * len(words) / count) for number in range(count + 1)]
            cases += [
                (" ".join(words[start:end]), accepted, compared, source)
                for start, end in itertools.pairwise(ends)
            ]
    if len(emoji) > 1:
        cases += [
            (line, frozenset({name}), frozenset(emoji), "emoji")
            for name, lines in emoji.items()
            for line in lines
        ]
    cases += _listed(members, _cldr(members), "names")
    cases += _listed(members, _cues(members), "cues")
    return cases


def _listed(members: Sequence[str], words: dict[str, set[str]], source: str) -> list[Case]:
    users: dict[str, set[str]] = defaultdict(set)
    for name, found in words.items():
        for word in found:
            users[word].add(name)
    compared = frozenset(words)
    return [
        (word, frozenset(by), compared, source)
        for word, by in sorted(users.items())
        if len(by) < len(compared)
    ]


def _cldr(members: Sequence[str]) -> dict[str, set[str]]:
    """Returns the names of territories, languages, months and days in each member, from CLDR by Babel."""
    found: dict[str, set[str]] = {}
    for name in members:
        try:
            locale = Locale.parse(name, sep="-")
        except UnknownLocaleError:
            continue
        names = [*locale.territories.values(), *locale.languages.values()]
        names += [*locale.months["format"]["wide"].values(), *locale.days["format"]["wide"].values()]
        found[name] = {str(word) for word in names if len(str(word)) > 3}
    return found if len(found) > 1 else {}


def _cues(members: Sequence[str]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = defaultdict(set)
    for names, words in tomllib.loads(CUES.read_text(encoding="utf-8")).get(members[0], {}).items():
        for name in names.split():
            found[name] |= set(words.split())
    return found
