"""Annotations for languages that have none: the same article names the same things in every language.

The model marks the paragraphs of parallel articles (NTREX-128, CC BY-SA 4.0) in many languages. How many names of
each type a paragraph has is what most of the languages with annotated data say; in another language the marking is
kept if it agrees, or if it comes to agree when the model is made bolder or shyer. What never agrees is left out.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from agents.entities.training.articles import PIVOTS, paragraphs, read_articles
from agents.entities.training.data import LABELS, TYPES, spans_of
from agents.entities.training.encoder import Floats
from agents.entities.training.model import Tensors
from agents.entities.training.pieces import Example, Text, example
from agents.entities.training.train import Shape, probabilities

TAUGHT = (
    "ita", "rus", "hau", "fil", "ukr", "pol", "ces", "slv", "bul", "ell", "tur", "fin", "est", "lit", "lav", "cat",
    "glg", "eus", "ind", "msa", "vie", "tha", "kor", "jpn", "zho-CN", "zho-TW", "arb", "heb", "fas", "hin", "ben",
    "mar", "tam", "tel", "urd", "kat", "hye", "aze-Latn", "kaz", "bel", "isl", "mkd", "sqi", "srp-Cyrl", "slk", "swa",
    "yor", "ibo", "zul", "som", "amh", "afr",
)  # fmt: skip
"""Languages that are taught besides."""
BOLDNESS = (0.0, 1.0, -1.0, 2.0, -2.0, 3.0)
"""Taken from the log-probability of "no name", in the order tried."""
WEIGHT = 0.6
AGREEMENT = 0.5
"""Share of the pivots that must give the same counts."""

Key = tuple[str, int]
"""Article, paragraph."""


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph of an article in one language."""

    language: str
    key: Key
    text: str


def read_paragraphs(path: Path, languages: Iterable[str]) -> list[Paragraph]:
    """Reads the paragraphs of parallel articles; of no language, all."""
    return [
        Paragraph(article.language, (article.doc, at), article.text[start:end])
        for article in read_articles(path, languages)
        for at, (start, end) in enumerate(paragraphs(article.text))
        if end > start
    ]


def counts(tags: Iterable[str]) -> tuple[int, ...]:
    """Returns how many names of each type the tags mark."""
    found = Counter(kind for _, _, kind in spans_of(list(tags)))
    return tuple(found[kind] for kind in TYPES)


def agreed(said: Sequence[tuple[int, ...]]) -> tuple[int, ...] | None:
    """Returns the counts that most of the pivots give, or None when too few of them agree."""
    if not said:
        return None
    counted, votes = Counter(said).most_common(1)[0]
    return counted if votes >= AGREEMENT * len(said) else None


def agreeing(logs: Floats, wanted: tuple[int, ...]) -> list[str] | None:
    """Returns the tags that mark ``wanted`` names, made bolder or shyer if need be, or None."""
    for boldness in BOLDNESS:
        moved = logs.copy()
        moved[:, 0] -= boldness
        tags = [LABELS[label] for label in moved.argmax(-1)]
        if counts(tags) == wanted:
            return tags
    return None


def taught(tensors: Tensors, shape: Shape, tokenizer: Any, path: Path) -> list[Text]:
    """Returns the paragraphs of all languages whose names the model and the languages agree on.

    Paragraphs that all agree hold no name are as good as any: silver sets have none such, and without them the model
    finds names everywhere.
    """
    listed = read_paragraphs(path, {*PIVOTS, *TAUGHT})
    encodings = tokenizer.encode_batch([one.text for one in listed])
    examples = [
        example(Text(one.text, (), (), 1.0), made) for one, made in zip(listed, encodings, strict=True)
    ]
    logs = probabilities(tensors, examples, shape)
    said: dict[Key, list[tuple[int, ...]]] = defaultdict(list)
    for one, scores in zip(listed, logs, strict=True):
        if one.language in PIVOTS:
            said[one.key].append(counts(LABELS[label] for label in scores.argmax(-1)))
    out: list[Text] = []
    for one, scores, made, seen in zip(listed, logs, encodings, examples, strict=True):
        wanted = agreed(said[one.key])
        tags = agreeing(scores, wanted) if wanted is not None else None
        if tags is not None:
            out.append(_text(one, tags, made, seen))
    return out


def _text(paragraph: Paragraph, tags: list[str], encoding: Any, seen: Example) -> Text:
    offsets = np.array(encoding.offsets[: len(seen.ids)])
    spans = []
    for first, end, kind in spans_of(tags):
        start, stop = int(offsets[first][0]), int(offsets[end - 1][1])
        while start < stop and paragraph.text[start].isspace():
            start += 1
        if start < stop:
            spans.append((start, stop, kind))
    text = paragraph.text[: int(offsets[:, 1].max())]
    return Text(text, tuple(spans), (), WEIGHT)
