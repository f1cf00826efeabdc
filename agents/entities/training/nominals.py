"""The last labels of a finished model: nominals, persons called by a common noun or a pronoun (``the minister``).

Only RONEC marks them, as persons: half of its persons have no capital. Training on names leaves them out, or Romanian
would fill with common nouns; yet what is known to be a nominal is known to be no name, so two labels beside those of
names tell them. They are two more columns of the tagger, fitted on what the finished encoder makes of RONEC's
sentences, while all else stays as it is: a minute, and names keep their scores (a linear probe, Alain and Bengio
2016).
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain, count, islice
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper
from onnxruntime import InferenceSession, SessionOptions
from torch.nn import functional

from agents.entities.training.data import LABELS, NOMINAL, Sentence, read_nominals
from agents.entities.training.encoder import Floats
from agents.entities.training.pieces import Example, Ints, example, joined, written

STEPS = 1000
"""Some six passes over the sets. What more would gain is under a thousandth of a nat a piece."""
RATE = 0.01
"""At the first step; it falls to nothing."""
PIECES = 4096
"""In a step."""
SHY = -5.0
"""Bias the fit begins with: hardly any piece is a nominal."""


def add_nominals(path: Path, folder: Path, tokenizer: Any) -> int:
    """Fits the labels of nominals for the model in ``path`` and writes them into it; returns how many taught them.

    Columns that it has already are replaced. ``folder`` is that of the annotated sets.
    """
    model = onnx.load(str(path))
    examples = _examples(read_nominals(folder), tokenizer)
    hidden, labels = _read(model, examples)
    weights, bias = _tagger(model)
    columns, offsets = fitted(hidden, hidden @ weights + bias, labels)
    _set(model, np.hstack([weights, columns]), np.concatenate([bias, offsets]))
    onnx.checker.check_model(model)
    path.write_bytes(model.SerializeToString())
    return int((labels == len(LABELS)).sum())


def fitted(hidden: Floats, scores: Floats, labels: Ints) -> tuple[Floats, Floats]:
    """Returns the columns and biases of two more labels, which make the labels of the pieces likeliest.

    hidden    what goes into the tagger, pieces by width
    scores    of the labels of names, which stay as they are, pieces by labels
    labels    of the pieces; the two last are those that are fitted
    """
    inputs, given, wanted = map(torch.from_numpy, (hidden, scores, labels))
    columns = torch.zeros(hidden.shape[1], 2, requires_grad=True)
    offsets = torch.full((2,), SHY, requires_grad=True)
    steps = torch.optim.Adam([columns, offsets], lr=RATE)
    order = torch.Generator().manual_seed(0)
    passes = (torch.randperm(len(inputs), generator=order).split(PIECES) for _ in count())
    for at, held in enumerate(islice(chain.from_iterable(passes), STEPS)):
        steps.param_groups[0]["lr"] = RATE * (1 - at / STEPS)
        said = torch.cat([given[held], inputs[held] @ columns + offsets], dim=1)
        functional.cross_entropy(said, wanted[held]).backward()
        steps.step()
        steps.zero_grad()
    return columns.detach().numpy(), offsets.detach().numpy()


def _examples(sentences: Sequence[Sentence], tokenizer: Any) -> list[Example]:
    """Returns the sentences as texts: a third alone, the others in pairs, half with spaces between all words."""
    texts = [written(one, spaced=at % 4 < 2) for at, one in enumerate(sentences)]
    texts = [joined(texts[at : at + 1 + bool(at % 3)]) for at in range(len(texts)) if at % 3 < 2]
    encodings = tokenizer.encode_batch([text.text for text in texts])
    return [example(*pair) for pair in zip(texts, encodings, strict=True)]


def _read(model: Any, examples: Sequence[Example]) -> tuple[Floats, Ints]:
    """Returns what goes into the tagger and the label of each piece that counts."""
    [tagger] = [node for node in model.graph.node if "tag.w" in node.input]
    shown = onnx.ModelProto()
    shown.CopyFrom(model)
    shown.graph.output.append(helper.make_tensor_value_info(tagger.input[0], TensorProto.FLOAT, None))
    options = SessionOptions()
    options.intra_op_num_threads = 1
    session = InferenceSession(shown.SerializeToString(), options, providers=["CPUExecutionProvider"])
    found, labels = [], []
    for one in examples:
        [hidden] = session.run([tagger.input[0]], {"input_ids": np.array([one.ids], np.int64)})
        counts = np.array(one.weights) > 0
        found.append(hidden[0, counts])
        labels.append(np.array(one.labels, np.int64)[counts])
    return np.concatenate(found), np.concatenate(labels)


def _tagger(model: Any) -> tuple[Floats, Floats]:
    """Returns the columns and biases of the labels of names."""
    held = {one.name: numpy_helper.to_array(one) for one in model.graph.initializer}
    return held["tag.w"][:, : len(LABELS)], held["tag.b"][: len(LABELS)]


def _set(model: Any, weights: Floats, bias: Floats) -> None:
    for one in model.graph.initializer:
        if one.name in ("tag.w", "tag.b"):
            array = weights if one.name == "tag.w" else bias
            one.CopyFrom(numpy_helper.from_array(np.ascontiguousarray(array), one.name))
    labels = model.graph.output[0].type.tensor_type.shape.dim[-1]
    labels.dim_value = len(LABELS) + len(NOMINAL)
