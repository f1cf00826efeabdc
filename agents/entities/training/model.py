"""The tagger: the first layers of the encoder and a linear layer on top, as functions over named tensors.

Functions and not modules, since the same tensors are handed to the export, where torch has no part.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch.nn import functional

from agents.entities.training.data import LABELS
from agents.entities.training.encoder import Encoder, Floats

Tensors = dict[str, Any]
"""torch tensors by name; ``words`` and ``positions`` stay as they are, all others are trained."""

Watch = Callable[[str, Any], None]

FROZEN = ("words", "positions")
DROPOUT = 0.1
"""Of the embeddings only: inside the layers it cost 6 % of the time and the text seen is hardly ever seen twice."""


def tensors_of(encoder: Encoder, layers: int, seed: int) -> dict[str, Floats]:
    """Returns what training starts from: the first ``layers`` of the encoder, and a tagger that knows nothing.

    Raises ValueError when the encoder has fewer layers.
    """
    if not 1 <= layers <= encoder.layers:
        raise ValueError(f"expected between 1 and {encoder.layers} layers, got {layers}")
    source = encoder.tensors
    out = {
        "words": encoder.words.floats(),
        "positions": source["emb.pos"] + source["emb.type"][0],
        "norm.w": source["emb.ln.w"],
        "norm.b": source["emb.ln.b"],
    }
    for layer in range(layers):
        old, new = f"l{layer}", f"{layer}"
        for kind in "wb":
            out[f"{new}.qkv.{kind}"] = np.concatenate([source[f"{old}.{part}.{kind}"] for part in "qkv"])
            for name, part in (
                ("mix", "ao"),
                ("norm1", "aln"),
                ("in", "fi"),
                ("out", "fo"),
                ("norm2", "oln"),
            ):
                out[f"{new}.{name}.{kind}"] = source[f"{old}.{part}.{kind}"]
    random = np.random.default_rng(seed)
    out["tag.w"] = random.normal(0, 0.02, (len(LABELS), encoder.width)).astype(np.float32)
    out["tag.b"] = np.zeros(len(LABELS), np.float32)
    return out


def to_torch(tensors: dict[str, Floats]) -> Tensors:
    """Returns the tensors as torch has them; all but the frozen ones collect gradients."""
    return {
        name: torch.from_numpy(array.copy()).requires_grad_(name not in FROZEN)
        for name, array in tensors.items()
    }


def to_numpy(tensors: Tensors) -> dict[str, Floats]:
    """Returns a copy of the tensors that training does not touch."""
    return {name: tensor.detach().float().numpy().copy() for name, tensor in tensors.items()}


def depth(tensors: Any) -> int:
    """Returns how many layers there are."""
    return sum(name.endswith(".qkv.w") for name in tensors)


def embedded(tensors: Tensors, ids: Any, epsilon: float) -> Any:
    """Returns what goes into the first layer."""
    return normed(tensors, tensors["words"][ids] + tensors["positions"][: ids.shape[1]], "norm", epsilon)


def normed(tensors: Tensors, hidden: Any, name: str, epsilon: float) -> Any:
    """Returns ``hidden`` after the norm ``name``."""
    weight, bias = tensors[f"{name}.w"], tensors[f"{name}.b"]
    return functional.layer_norm(hidden, hidden.shape[-1:], weight, bias, epsilon)


def linear(tensors: Tensors, hidden: Any, name: str) -> Any:
    """Returns what the linear layer ``name`` makes of ``hidden``."""
    return functional.linear(hidden, tensors[f"{name}.w"], tensors[f"{name}.b"])


def attended(qkv: Any, seen: Any, size: int) -> Any:
    """Returns the values that the heads of a layer mix, side by side.

    qkv     queries, keys and values of all heads, texts by pieces by three times the heads' width
    seen    where there is a piece, texts by pieces
    size    width of a head; how many there are may differ from layer to layer
    """
    texts, length, width = qkv.shape
    queries, keys, values = qkv.view(texts, length, 3, -1, size).permute(2, 0, 3, 1, 4).float()
    with torch.autocast("cpu", enabled=False):  # in bfloat16 its backward pass takes six times as long
        mask = seen[:, None, None, :]
        mixed = functional.scaled_dot_product_attention(queries, keys, values, attn_mask=mask)
    return mixed.transpose(1, 2).reshape(texts, length, width // 3)


def logits(
    tensors: Tensors,
    ids: Any,
    mask: Any,
    *,
    heads: int,
    epsilon: float,
    train: bool = False,
    watch: Watch = lambda _name, _hidden: None,
) -> Any:
    """Returns the scores of each label for each piece.

    ids, mask    integers, texts by pieces; the mask is 1 where there is a piece
    heads        of a layer that has all of them
    watch        is shown what goes into each linear layer
    """

    def shown(hidden: Any, name: str) -> Any:
        watch(name, hidden)
        return linear(tensors, hidden, name)

    size = tensors["words"].shape[1] // heads
    seen = mask.bool()
    hidden = functional.dropout(embedded(tensors, ids, epsilon), DROPOUT, train)
    for layer in range(depth(tensors)):
        mixed = shown(attended(shown(hidden, f"{layer}.qkv"), seen, size), f"{layer}.mix")
        hidden = normed(tensors, hidden + mixed, f"{layer}.norm1", epsilon)
        inner = functional.gelu(shown(hidden, f"{layer}.in"))
        hidden = normed(tensors, hidden + shown(inner, f"{layer}.out"), f"{layer}.norm2", epsilon)
    return shown(hidden, "tag")
