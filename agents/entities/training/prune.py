"""The vocabulary, cut to the pieces that text in the languages we tag is made of.

The full vocabulary has 250,002 pieces, 54 MB of embeddings at 4 bits. What is cut is not lost: such a word is written
with shorter pieces, and every single character stays.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import islice
from typing import Any

import numpy as np

from agents.entities.training.pieces import Ints

SPECIAL = ("<s>", "<pad>", "</s>", "<unk>")
MASK = "<mask>"
PRIOR = 0.3
"""Weight of the vocabulary's own likelihood."""
_SPACE = "▁"


def count(tokenizer: Any, texts: Iterable[str]) -> Counter[int]:
    """Counts the pieces of ``texts``."""
    found: Counter[int] = Counter()
    rest = iter(texts)
    while held := list(islice(rest, 2048)):
        for encoding in tokenizer.encode_batch(held, add_special_tokens=False):
            found.update(encoding.ids)
    return found


def keep(vocabulary: list[tuple[str, float]], found: Sequence[Counter[int]], size: int) -> Ints:
    """Chooses ``size`` pieces: the markers, all single characters, and the pieces of most use in most languages.

    A piece's use is the squared mean of the roots of its shares in each language, which favours what the few texts
    of a small language need over the hundredth form of a big one, and a part of the vocabulary's own likelihood,
    which knows more text than we have. Measured on sentences of 57 languages: at 120,000 pieces 10.2 % are cut
    (12.3 % by the plain mean), and the language that loses most loses 19 % (27 %).

    found    what was counted in each language
    Raises ValueError when the characters alone are more than ``size``.
    """
    uses = np.zeros(len(vocabulary))
    for counted in found:
        shares = np.bincount(list(counted), list(counted.values()), len(vocabulary)) / counted.total()
        uses += np.sqrt(shares) / len(found)
    likelihood = np.exp([score for _, score in vocabulary])
    likelihood[[piece for piece, (text, _) in enumerate(vocabulary) if text in (*SPECIAL, MASK)]] = 0
    uses = uses**2 + PRIOR * likelihood / likelihood.sum()
    always = [
        piece
        for piece, (text, _) in enumerate(vocabulary)
        if text in SPECIAL or len(text.removeprefix(_SPACE)) <= 1
    ]
    if len(always) > size:
        raise ValueError(f"expected room for the {len(always)} single characters, got {size} pieces")
    uses[always] = np.inf
    uses[[piece for piece, (text, _) in enumerate(vocabulary) if text == MASK]] = -np.inf
    order = np.argsort(-uses, kind="stable")[:size]
    return np.sort(order[uses[order] > -np.inf])


def pruned(tokenizer: str, pieces: Ints) -> str:
    """Returns the tokenizer (its JSON) with only these pieces, numbered in their order."""
    data = json.loads(tokenizer)
    vocabulary = data["model"]["vocab"]
    data["model"]["vocab"] = [[vocabulary[piece][0], round(vocabulary[piece][1], 4)] for piece in pieces]
    texts = {text: number for number, (text, _) in enumerate(data["model"]["vocab"])}
    data["added_tokens"] = [
        {**token, "id": texts[token["content"]]}
        for token in data["added_tokens"]
        if token["content"] in texts
    ]
    return json.dumps(data, ensure_ascii=False, separators=(",", ":"))
