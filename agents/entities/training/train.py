"""The training itself: AdamW on one core, the learning rate falling to nothing as the time runs out."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import count
from typing import Any

import numpy as np
import torch
from torch.nn import functional

from agents.entities.training.data import LABELS, spans_of
from agents.entities.training.encoder import Floats
from agents.entities.training.model import FROZEN, Tensors, logits, to_numpy
from agents.entities.training.pieces import Example, padded

RATE = 2.5e-4
"""Highest learning rate of the encoder; the tagger, which starts from nothing, has five times as much."""
WARM_UP = 0.04
"""Share of the time in which the rate rises."""
DECAY = 0.01
AVERAGE = 0.998
"""Of the running mean of the weights that is returned: about the last 500 steps."""
CLIP = 1.0
PIECES = 1024
"""In a step."""


@dataclass(frozen=True, slots=True)
class Shape:
    """What the forward pass must know beside the tensors."""

    heads: int
    epsilon: float


@dataclass(frozen=True, slots=True)
class Progress:
    """Where the training is."""

    seconds: float
    """Of the clock that is used."""
    steps: int
    pieces: int
    loss: float
    """Mean over the last 100 steps."""


class Averaged:
    """A running mean of the trained tensors, which generalises better than the last of them."""

    def __init__(self, tensors: Tensors) -> None:
        self._mean = {name: tensor.detach().clone() for name, tensor in tensors.items() if name not in FROZEN}
        self._frozen = {name: tensor for name, tensor in tensors.items() if name in FROZEN}
        self._steps = 0

    def add(self, tensors: Tensors) -> None:
        """Takes in the tensors of a step."""
        self._steps += 1
        share = min(AVERAGE, self._steps / (self._steps + 9))
        torch._foreach_lerp_(
            list(self._mean.values()), [tensors[name].detach() for name in self._mean], 1 - share
        )

    def numpy(self) -> dict[str, Floats]:
        """Returns the mean, and the tensors that are never trained."""
        return to_numpy({**self._frozen, **self._mean})


def precision() -> Any:
    """Returns the context the model is computed in: bfloat16 where the processor multiplies it, else float32.

    Measured on an EPYC with AVX512-BF16: about twice the pieces per second at the same loss.
    """
    fast = bool(torch.cpu.get_capabilities().get("avx512_bf16", False))
    return torch.autocast("cpu", dtype=torch.bfloat16, enabled=fast)


def train(
    tensors: Tensors,
    passes: Callable[[int], Iterator[list[Example]]],
    shape: Shape,
    *,
    seconds: float,
    report: Callable[[Progress, Averaged], None],
    every: float = 120.0,
    clock: Callable[[], float] = time.process_time,
) -> Averaged:
    """Trains the tensors in place for ``seconds`` of ``clock``, and returns their running mean.

    passes    gives the batches of pass 0, 1, 2 ... over the data
    report    is called every ``every`` seconds and at the end; what it takes is not counted
    """
    body = [tensor for name, tensor in tensors.items() if name not in FROZEN and not name.startswith("tag.")]
    head = [tensor for name, tensor in tensors.items() if name.startswith("tag.")]
    steps = torch.optim.AdamW(
        [{"params": body, "scale": 1.0}, {"params": head, "scale": 5.0}],
        lr=RATE,
        weight_decay=DECAY,
        fused=True,
    )
    mean = Averaged(tensors)
    losses: list[float] = []
    begun, idle, done, due = clock(), 0.0, 0, every
    for batch in (batch for number in count() for batch in passes(number)):
        spent = clock() - begun - idle
        if spent >= seconds:
            break
        part = spent / seconds
        for group in steps.param_groups:
            group["lr"] = RATE * group["scale"] * min(part / WARM_UP, (1 - part) / (1 - WARM_UP))
        losses.append(_step(tensors, batch, shape, steps, body + head))
        mean.add(tensors)
        done += sum(len(one.ids) for one in batch)
        if spent >= due:
            paused = clock()
            report(Progress(spent, len(losses), done, float(np.mean(losses[-100:]))), mean)
            idle += clock() - paused
            due += every
    report(Progress(seconds, len(losses), done, float(np.mean(losses[-100:] or [0.0]))), mean)
    return mean


def _step(tensors: Tensors, batch: Sequence[Example], shape: Shape, steps: Any, trained: list[Any]) -> float:
    ids, mask, labels, weights = map(torch.from_numpy, padded(batch))
    with precision():
        scores = logits(tensors, ids, mask, heads=shape.heads, epsilon=shape.epsilon, train=True)
    loss = functional.cross_entropy(scores.float().view(-1, len(LABELS)), labels.view(-1), reduction="none")
    loss = (loss * weights.view(-1)).sum() / weights.sum().clamp(min=1.0)
    loss.backward()
    torch.nn.utils.clip_grad_norm_(trained, CLIP)
    steps.step()
    steps.zero_grad()
    return float(loss.detach())


def probabilities(tensors: Tensors, examples: Sequence[Example], shape: Shape) -> list[Floats]:
    """Returns the log-probability of each label for each piece of each example."""
    order = sorted(range(len(examples)), key=lambda at: len(examples[at].ids))
    out: list[Floats] = [np.zeros((0, len(LABELS)), np.float32)] * len(examples)
    for start in range(0, len(order), 16):
        held = order[start : start + 16]
        ids, mask, _, _ = map(torch.from_numpy, padded([examples[at] for at in held]))
        with torch.no_grad(), precision():
            scores = logits(tensors, ids, mask, heads=shape.heads, epsilon=shape.epsilon)
        logs = torch.log_softmax(scores.float(), -1).numpy()
        for row, at in enumerate(held):
            out[at] = logs[row, : len(examples[at].ids)]
    return out


def peaks(tensors: Tensors, examples: Sequence[Example], shape: Shape) -> dict[str, Floats]:
    """Returns the largest absolute value that goes into each linear layer, channel by channel."""
    found: dict[str, Any] = {}
    for start in range(0, len(examples), 8):
        ids, mask, _, _ = map(torch.from_numpy, padded(examples[start : start + 8]))
        seen = mask.bool()

        def watch(name: str, hidden: Any, seen: Any = seen) -> None:
            highest = hidden[seen].abs().amax(0).float()
            found[name] = torch.maximum(found[name], highest) if name in found else highest

        with torch.no_grad():
            logits(tensors, ids, mask, heads=shape.heads, epsilon=shape.epsilon, watch=watch)
    return {name: highest.numpy() for name, highest in found.items()}


def f1(tensors: Tensors, examples: Sequence[Example], shape: Shape) -> float:
    """Returns the strict F1 over the names of labelled examples, by pieces."""
    right = said = wanted = 0
    for one, logs in zip(examples, probabilities(tensors, examples, shape), strict=True):
        gold = set(spans_of([LABELS[label] for label in one.labels]))
        found = set(spans_of([LABELS[label] for label in logs.argmax(-1)]))
        right, said, wanted = right + len(gold & found), said + len(found), wanted + len(gold)
    return 2 * right / max(1, said + wanted)
