"""Fits the line model: ``python -m tests.quality.cleaning_fit [--write]``; needs scikit-learn.

Learnt from the development pages as three extractors leave them, and from NTREX articles in 128 languages with the
residue of those pages, or headlines and summaries of other articles, put around them. Prints what the model does to
pages of sites it was not fitted on (four folds, each site in one); with ``--write`` it then fits on everything.
"""

from __future__ import annotations

import argparse
import random
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import trafilatura
from numpy.typing import NDArray
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.model_selection import GroupKFold

import agents.clean.residue
from agents.clean.residue import by_model
from agents.clean.residue.features import features
from agents.clean.residue.model import LineModel, Model, model_of
from agents.clean.residue.phrasebook import all_phrases
from agents.clean.residue.story import standing
from agents.clean.residue.units import line_views
from tests.quality.cleaning import lines
from tests.quality.cleaning_data import Gold, Page, Tally, newspages, residue, rows, scrapinghub

FOLDS = 4
WEIGHTS = {"main": 1.0, "whole": 0.15, "trafilatura": 1.0, "built": 0.5}
SECOND = (120, 16, 0.07)
"""Trees of the second look, leaves of each, and rate of learning."""
MODEL = Path(agents.clean.residue.__file__).with_name("lines.npz")


@dataclass(frozen=True, slots=True)
class Document:
    """A text with its lines labelled: 1 residue, 0 the article's own."""

    kind: str
    host: str
    language: str
    lines: list[str]
    labels: list[int]
    size: int
    """Characters of ink of the article."""


def documents(pages: Iterable[Page]) -> Iterator[Document]:
    """Yields what three extractors leave of each page."""
    for page in pages:
        gold = Gold(page.text)
        for kind, text in (
            ("main", residue(page)),
            ("whole", residue(page, main=False)),
            ("trafilatura", trafilatura.extract(page.html, include_comments=False) or ""),
        ):
            found = [(line.strip(), gold.own(line)) for line in text.split("\n") if line.strip()]
            lines = [line for line, _ in found]
            labels = [0 if own else 1 for _, own in found]
            if lines:
                yield Document(kind, page.host, page.language, lines, labels, gold.size)


def built(sources: list[Document], seed: int = 7) -> Iterator[Document]:
    """Yields articles in many languages with the head and tail residue of a page around them.

    Some have headings and lists of their own, some have teasers of other articles in their language under them.
    """
    chance = random.Random(seed)
    around = [document for document in sources if document.kind == "main" and 0 in document.labels]
    articles = list(rows("news/ntrex-dev.jsonl.gz"))
    others: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for article in articles:
        others[article["lang"]].append(article)
    chance.shuffle(articles)
    for number, article in enumerate(articles[:1400]):
        body = [line.strip() for line in article["text"].split("\n") if line.strip()]
        while len(body) > 4 and chance.random() < 0.6:  # sentences into paragraphs
            at = chance.randrange(1, len(body) - 1)
            body[at : at + 2] = [body[at] + " " + body[at + 1]]
        source = around[number % len(around)]
        first, last = source.labels.index(0), len(source.labels) - 1 - source.labels[::-1].index(0)
        head, tail = (
            source.lines[:first][-chance.choice((0, 2, 6, 20)) :],
            source.lines[last + 1 :][: chance.choice((0, 2, 6, 30))],
        )
        if number % 4 == 0:
            head, tail = [], []
        if chance.random() < 0.35:
            body = _with_headings(body, chance)
        if chance.random() < 0.2:
            body = _with_list(body, chance)
        if chance.random() < 0.4:
            at = chance.randrange(len(tail) + 1)
            tail[at:at] = _teasers(article, others[article["lang"]], chance)
        lines = head + body + tail
        labels = [1] * len(head) + [0] * len(body) + [1] * len(tail)
        yield Document("built", source.host, article["lang"], lines, labels, sum(map(len, body)))


def _fragment(body: list[str], chance: random.Random, words: int) -> str:
    """Returns the first words of a sentence; of one in a script without spaces, its first characters."""
    sentence = chance.choice(body)
    found = sentence.split()
    whole = sentence[: 3 * words] if len(sentence) > 15 * len(found) else " ".join(found[:words])
    return whole.rstrip(".,;:!?。、，")


def _with_headings(body: list[str], chance: random.Random) -> list[str]:
    """Returns the article with headings between its paragraphs."""
    found = list(body)
    for _ in range(chance.randint(1, 4)):
        found.insert(chance.randint(1, len(found) - 1), _fragment(body, chance, chance.randint(2, 8)))
    return found


def _with_list(body: list[str], chance: random.Random) -> list[str]:
    """Returns the article with a list in it or at its end: results, dates, prices, points."""
    form = chance.randrange(6)
    items = []
    for number in range(1, chance.randint(3, 14)):
        name, other = (
            _fragment(body, chance, chance.randint(1, 4)),
            _fragment(body, chance, chance.randint(1, 3)),
        )
        amount = chance.randint(1, 400)
        items.append(
            (
                f"{number}. {name}",
                f"{name}: {amount}",
                f"{chance.randint(1, 28)}.{chance.randint(1, 12)}. {name}, {other}",
                f"- {name} {other}",
                f"{name} – {other} {amount % 7}:{amount % 5}",
                f"{name} ({amount})",
            )[form]
        )
    at = len(body) if chance.random() < 0.4 else chance.randint(1, len(body) - 1)
    return [*body[:at], *items, *body[at:]]


def _teasers(article: dict[str, Any], others: list[dict[str, Any]], chance: random.Random) -> list[str]:
    """Returns teasers of other articles: a headline, its first sentence, or as much of it as fits."""
    form = chance.randrange(4)
    found: list[str] = []
    for other in chance.sample(others, min(len(others), chance.randint(2, 7))):
        if other["doc"] == article["doc"]:
            continue
        summary = next(line.strip() for line in other["text"].split("\n") if line.strip())
        short = summary[: chance.randint(50, 90)].rstrip() + "…"
        title = _fragment([summary], chance, 9) if not other["title"] else other["title"]
        found += ([title], [title, summary], [short], [title, short])[form]
    return found


def prepared(
    found: list[Document],
) -> tuple[NDArray[np.float64], NDArray[np.int64], NDArray[np.float64], list[slice]]:
    """Returns features, labels, weights, and the rows of each document."""
    phrases = all_phrases()
    parts, labels, weights, slices = [], [], [], []
    at = 0
    for document in found:
        rows_ = features(line_views(document.lines, phrases))
        parts.append(rows_)
        labels += document.labels
        # an own line lost costs by its length, whatever it is
        weights += [
            WEIGHTS[document.kind] * (1.0 if label else 1.0 + min(len(line), 400) / 100)
            for line, label in zip(document.lines, document.labels, strict=True)
        ]
        slices.append(slice(at, at + len(document.lines)))
        at += len(document.lines)
    return np.vstack(parts), np.array(labels), np.array(weights), slices


def booster(trees: int = 190, leaves: int = 24, rate: float = 0.08) -> HistGradientBoostingClassifier:
    """Returns the learner of the first look, or one of another size."""
    return HistGradientBoostingClassifier(
        max_iter=trees,
        learning_rate=rate,
        max_leaf_nodes=leaves,
        min_samples_leaf=25,
        l2_regularization=3.0,
        max_features=0.4,
        early_stopping=False,
        random_state=1,
    )


def report(
    found: list[Document], slices: list[slice], logits: NDArray[np.float64], thresholds: Iterable[float]
) -> None:
    """Prints precision and recall of lines and the share of the bodies lost, by kind of text and threshold."""
    for threshold in thresholds:
        counts: dict[str, list[float]] = defaultdict(lambda: [0.0] * 5)
        for document, part in zip(found, slices, strict=True):
            for name in (document.kind, f"{document.kind} {document.language}"):
                if document.kind == "built" and name != "built":
                    continue
                count = counts[name]
                count[4] += document.size
                for line, label, logit in zip(document.lines, document.labels, logits[part], strict=True):
                    dropped = logit >= threshold
                    count[0] += dropped
                    count[1] += dropped and label
                    count[2] += label
                    count[3] += len("".join(line.split())) if dropped and not label else 0
        print(f"threshold {threshold}")
        for name, (dropped, rightly, total, lost, size) in sorted(counts.items()):
            if " " not in name or name.startswith("main"):
                print(
                    f"  {name:14} P {rightly / max(dropped, 1):.4f} R {rightly / max(total, 1):.3f} of {total:6.0f} "
                    f"lost {100 * lost / size:.2f} %"
                )


def arrays(model: HistGradientBoostingClassifier, width: int) -> dict[str, NDArray[Any]]:
    """Returns the trees as arrays, one row for each tree."""
    trees = [stage[0].nodes for stage in model._predictors]
    nodes = max(len(tree) for tree in trees)
    shape = (len(trees), nodes)
    column, left, right = np.zeros(shape, np.int16), np.zeros(shape, np.int16), np.zeros(shape, np.int16)
    threshold, leaf = np.zeros(shape), np.zeros(shape, np.int32)
    left[:], right[:] = np.arange(nodes), np.arange(nodes)
    depth = 0
    for number, tree in enumerate(trees):
        inner = ~tree["is_leaf"].astype(bool)
        size = len(tree)
        column[number, :size] = np.where(inner, tree["feature_idx"], 0)
        threshold[number, :size] = np.where(inner, tree["num_threshold"], 0)
        left[number, :size] = np.where(inner, tree["left"], np.arange(size))
        right[number, :size] = np.where(inner, tree["right"], np.arange(size))
        leaf[number, :size] = np.where(inner, 0, np.round(tree["value"] * 1000))
        depth = max(depth, int(tree["depth"].max()))
    base = round(float(model._baseline_prediction[0, 0]) * 1000)
    return {
        "column": column,
        "threshold": threshold.astype(np.float32),
        "left": left,
        "right": right,
        "leaf": leaf,
        "base": np.array(base),
        "depth": np.array(depth),
        "width": np.array(width),
    }


def looked_at(
    columns: NDArray[np.float64], logits: NDArray[np.float64], slices: list[slice]
) -> NDArray[np.float64]:
    """Returns what the second look sees of every line, text by text."""
    logits = np.round(logits, 3)  # as the first look gives them
    return np.vstack([standing(logits[part], columns[part]) for part in slices])


def held_out(pages: list[Page], fitted: list[tuple[set[str], LineModel]]) -> None:
    """Prints what the whole stage does to the lines of pages of sites that its model was not fitted on."""
    tallies: dict[str, Tally] = defaultdict(Tally)
    for hosts, model in fitted:
        by_model.line_model = lambda model=model: model  # type: ignore[assignment,attr-defined]
        for name, tally in lines([page for page in pages if page.host in hosts], main=True).items():
            tallies[name].merge(tally)
    for name, tally in sorted(tallies.items()):
        print(
            f"  {name:12} {tally.dropped:5} dropped of {tally.residue:5} "
            f"P {tally.precision:.4f} R {tally.recall:.3f} body lost {100 * tally.body_lost:.2f} %"
        )


def main() -> None:
    """Fits, and reports or writes."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--write", action="store_true", help="then fit on everything and write the model")
    asked = parser.parse_args()
    found = list(documents([*scrapinghub(), *newspages()]))
    found += built(found)
    columns, labels, weights, slices = prepared(found)
    print(f"{len(found)} texts, {len(labels)} lines, {columns.shape[1]} features", flush=True)
    groups = np.concatenate([[document.host] * len(document.lines) for document in found])
    logits = np.zeros(len(labels))
    first: list[Model] = []
    folds = list(GroupKFold(FOLDS).split(columns, labels, groups))
    for train, test in folds:
        model = booster().fit(columns[train], labels[train], sample_weight=weights[train])
        logits[test] = model.decision_function(columns[test])
        first.append(model_of(arrays(model, columns.shape[1])))
    # the second look learns from what the first one says of sites it was not fitted on
    seen = looked_at(columns, logits, slices)
    fitted: list[tuple[set[str], LineModel]] = []
    again = np.zeros(len(labels))
    for (train, test), alone in zip(folds, first, strict=True):
        model = booster(*SECOND).fit(seen[train], labels[train], sample_weight=weights[train])
        again[test] = model.decision_function(seen[test])
        fitted.append((set(groups[test]), LineModel(alone, model_of(arrays(model, seen.shape[1])))))
    print("the model alone")
    report(found, slices, again, (1.0, 1.5, 2.5, 3.5))
    for name, pages in (("newspages", newspages()), ("scrapinghub", scrapinghub())):
        print(f"the whole stage on {name}")
        held_out(pages, fitted)
    if asked.write:
        whole = booster().fit(columns, labels, sample_weight=weights)
        together = booster(*SECOND).fit(seen, labels, sample_weight=weights)
        looks = {"first": arrays(whole, columns.shape[1]), "second": arrays(together, seen.shape[1])}
        named = {f"{look}.{name}": array for look, stored in looks.items() for name, array in stored.items()}
        np.savez_compressed(MODEL, **named)
        print(f"{MODEL.name}: {MODEL.stat().st_size / 1024:.0f} KiB")


if __name__ == "__main__":
    main()
