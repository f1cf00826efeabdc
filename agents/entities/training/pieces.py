"""From tokens to what the model sees: running text, its pieces, and a label and a weight for each piece."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from agents.entities.training.data import LABELS, NOMINAL, Sentence

LONGEST = 256
"""Pieces of a text; what is longer is cut."""
_UNSPACED = frozenset({"zh", "ja", "th", "lo", "km", "my", "bo", "dz", "yue"})
_CLOSING = frozenset(".,;:!?)]}»”’%…،؛؟。，、！？：；）")
_OPENING = frozenset("([{«„“‘¿¡（")
_QUOTES = frozenset('"')
_LABEL = {label: number for number, label in enumerate((*LABELS, *NOMINAL))}

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Text:
    """A running text, its names by characters, and what of it teaches nothing."""

    text: str
    spans: tuple[tuple[int, int, str], ...]
    ignored: tuple[tuple[int, int], ...]
    weight: float


@dataclass(frozen=True, slots=True)
class Example:
    """A text as the model sees it."""

    ids: Sequence[int]
    labels: Sequence[int]
    weights: Sequence[float]


def written(sentence: Sentence, *, spaced: bool) -> Text:
    """Joins the tokens of a sentence.

    spaced    put a space between all tokens, as many corpora and some feeds have it; else as a printer would,
              punctuation at the word it belongs to
    """
    unspaced = sentence.language in _UNSPACED
    bounds: list[tuple[int, int]] = []
    text = ""
    quoted = False
    for at, token in enumerate(sentence.tokens):
        before = sentence.tokens[at - 1] if at else ""
        if unspaced:
            gap = bool(before) and before[-1].isascii() and token[0].isascii() and token[0].isalnum()
        elif spaced:
            gap = bool(before)
        else:
            inner = before in _QUOTES and quoted
            gap = bool(before) and before not in _OPENING and not inner and token not in _CLOSING
            gap = gap and not (token in _QUOTES and quoted) and not token.startswith(("'", "’", "n't"))
        if token in _QUOTES:
            quoted = not quoted
        text += " " if gap else ""
        bounds.append((len(text), len(text) + len(token)))
        text += token
    spans = tuple((bounds[start][0], bounds[end - 1][1], kind) for start, end, kind in sentence.spans)
    named = {at for start, end, _ in sentence.spans for at in range(start, end)}
    ignored = tuple(
        bounds[at]
        for at, token in enumerate(sentence.tokens)
        if sentence.source.partial and at and at not in named and token[0].isupper()
    )
    return Text(text, spans, ignored, sentence.source.weight)


def joined(texts: Sequence[Text]) -> Text:
    """Returns neighbouring texts as one, a space between them; the weight is that of the first."""
    if len(texts) == 1:
        return texts[0]
    text = ""
    spans: list[tuple[int, int, str]] = []
    ignored: list[tuple[int, int]] = []
    for one in texts:
        text += " " if text else ""
        at = len(text)
        spans += [(start + at, end + at, kind) for start, end, kind in one.spans]
        ignored += [(start + at, end + at) for start, end in one.ignored]
        text += one.text
    return Text(text, tuple(spans), tuple(ignored), texts[0].weight)


def example(text: Text, encoding: Any) -> Example:
    """Labels the pieces of a text: the first of a name ``B``, its others ``I``; markers and ignored words weigh 0.

    encoding    what the tokenizer makes of the text
    """
    kinds: list[int] = [0] * (len(text.text) + 1)
    silent = [False] * (len(text.text) + 1)
    for number, (start, end, _) in enumerate(text.spans, start=1):
        kinds[start:end] = [number] * (end - start)
    for start, end in text.ignored:
        silent[start:end] = [True] * (end - start)
    ids = encoding.ids[:LONGEST]
    labels: list[int] = []
    weights: list[float] = []
    before = 0
    for (start, end), special in zip(encoding.offsets[:LONGEST], encoding.special_tokens_mask, strict=False):
        while start < len(text.text) and text.text[start].isspace():
            start += 1
        number = 0 if special or end == 0 else kinds[start]
        if number:
            labels.append(_LABEL[("I-" if number == before else "B-") + text.spans[number - 1][2]])
        else:
            labels.append(0)
        weights.append(0.0 if special or silent[start] else text.weight)
        before = number
    return Example(ids, labels, weights)


def batches(
    texts: Sequence[Text], tokenizer: Any, rng: random.Random, *, pieces: int
) -> Iterator[list[Example]]:
    """Yields the texts in batches of about ``pieces`` pieces, texts of like length together."""
    chunk = 1024
    for start in range(0, len(texts), chunk):
        held = texts[start : start + chunk]
        encodings = tokenizer.encode_batch([one.text for one in held])
        examples = sorted(map(example, held, encodings), key=lambda one: len(one.ids))
        made: list[list[Example]] = [[]]
        for one in examples:
            if made[-1] and len(one.ids) * (len(made[-1]) + 1) > pieces:
                made.append([])
            made[-1].append(one)
        rng.shuffle(made)
        yield from made


def padded(batch: Sequence[Example]) -> tuple[Ints, Ints, Ints, npt.NDArray[np.float32]]:
    """Returns ids, mask, labels and weights of a batch, as long as its longest text; the padding is piece 1."""
    shape = len(batch), max(len(one.ids) for one in batch)
    ids, mask, labels = np.ones(shape, np.int64), np.zeros(shape, np.int64), np.zeros(shape, np.int64)
    weights = np.zeros(shape, np.float32)
    for row, one in enumerate(batch):
        length = len(one.ids)
        ids[row, :length], mask[row, :length] = one.ids, 1
        labels[row, :length], weights[row, :length] = one.labels, one.weights
    return ids, mask, labels, weights
