"""Fewer attention heads and inner units: what the others can stand in for goes, and they are fitted anew.

Layer by layer, over the activations of sample texts: the parts whose loss moves the layer's output least go, a few at
a time, and each time the weights of the others take over what they can (optimal brain surgeon, Hassibi and Stork
1993, in groups). A layer is fitted to its output in the whole model, from its input in the slim one, so that it also
mends what the layers before it lost. Then a training draws the scores to those of the whole model, and a little to
the labels where there are some.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch.nn import functional

from agents.entities.training.encoder import Floats
from agents.entities.training.model import (
    FROZEN,
    Tensors,
    attended,
    depth,
    embedded,
    linear,
    logits,
    normed,
    to_numpy,
    to_torch,
)
from agents.entities.training.pieces import Example, padded
from agents.entities.training.train import Shape, precision

Doubles = npt.NDArray[np.float64]
Places = npt.NDArray[np.int64]

TOGETHER = 16
"""Inner units that go before all are weighed anew, for time's sake."""
IN_LINE = 4
"""Times as many are next in line, among which they are chosen one by one."""
RIDGE = 1e-4
"""Of the mean variance of a layer's inputs, added to each: keeps what hardly varies from getting large weights."""
NAMES = 6.0
"""How much more a piece weighs in the fit that is surely part of a name: the scores of the slim model move away from
those of the whole one by a third less than with equal weights (20 is worse again)."""
BATCHES = 40
"""Of about a thousand pieces, that layers are fitted on."""
STEPS = 8_000
"""Of the training that follows, a batch each, over an hour of one core; the first with a rising rate. 400 are enough
where a seventh of the layers is taken out."""
RATE = 1e-4
"""Highest learning rate. At first it undoes some of what the fit has reached; as it falls, more comes back."""
GOLD = 0.3
"""Share of a label in what a piece is drawn to, for each one of its weight; the rest is the whole model's scores."""
MOST = 0.9
"""Of that share."""
CLIP = 0.5
_RISING = 100
_REPORT = 500
"""Steps after which is reported how far the training is."""


@dataclass(frozen=True, slots=True)
class Left:
    """What a layer keeps."""

    heads: int
    units: int


PLAN = (Left(6, 1024), Left(6, 1024), Left(6, 1024), Left(6, 768), Left(6, 512), Left(6, 256))
"""Of 12 heads and 1,536 units: more from the layers whose parts move the scores less for the time they save. What it
costs stands in ``docs/quality-recognition.md``."""


@dataclass(slots=True)
class _Texts:
    """Texts on their way through the whole model and the slim one."""

    seen: Any
    worth: Any
    """Square root of each piece's weight."""
    whole: Any
    slim: Any


def slim(
    tensors: dict[str, Floats], plan: Sequence[Left], batches: Iterable[Sequence[Example]], shape: Shape
) -> dict[str, Floats]:
    """Returns the tensors with as many heads and inner units in each layer as ``plan`` leaves it.

    No gradient and no draw: the same batches give the same weights. Raises ValueError when the plan is for another
    number of layers.
    """
    if len(plan) != depth(tensors):
        raise ValueError(f"expected what is left of {depth(tensors)} layers, got {len(plan)}")
    size = tensors["words"].shape[1] // shape.heads
    whole = to_torch(tensors)
    made = dict(whole)
    with torch.no_grad():
        held = [_embedded(whole, batch, shape) for batch in batches]
        for layer, left in enumerate(plan):
            _thin(made, whole, held, _Part(f"{layer}.qkv", f"{layer}.mix", size, left.heads), shape)
            _thin(made, whole, held, _Part(f"{layer}.in", f"{layer}.out", 1, left.units), shape)
    return to_numpy(made)


@dataclass(frozen=True, slots=True)
class _Part:
    """Heads or inner units of a layer."""

    makes: str
    """The linear layer whose outputs they are."""
    mixes: str
    """The one whose inputs they are."""
    size: int
    """Inputs of one: a head's width, 1 for a unit."""
    left: int

    @property
    def norm(self) -> str:
        layer, _, name = self.mixes.partition(".")
        return f"{layer}.norm1" if name == "mix" else f"{layer}.norm2"

    def inputs(self, tensors: Tensors, hidden: Any, seen: Any) -> Any:
        """Returns what goes into the layer that mixes."""
        made = linear(tensors, hidden, self.makes)
        return functional.gelu(made) if self.size == 1 else attended(made, seen, self.size)


def _embedded(tensors: Tensors, batch: Sequence[Example], shape: Shape) -> _Texts:
    ids, mask, _, _ = map(torch.from_numpy, padded(batch))
    seen = mask.bool()
    scores = logits(tensors, ids, mask, heads=shape.heads, epsilon=shape.epsilon)
    named = 1 - torch.softmax(scores[seen], -1)[:, 0]
    hidden = embedded(tensors, ids, shape.epsilon)
    return _Texts(seen, (1 + NAMES * named).sqrt()[:, None], hidden, hidden)


def _thin(made: Tensors, whole: Tensors, held: Sequence[_Texts], part: _Part, shape: Shape) -> None:
    """Takes parts out of ``made``, and moves the texts on to behind them."""
    width = whole[f"{part.mixes}.w"].shape[1]
    square = np.zeros((width + 1, width + 1))
    across = np.zeros((width + 1, whole["words"].shape[1]))
    for texts in held:
        inputs = part.inputs(made, texts.slim, texts.seen)[texts.seen]
        inputs = functional.pad(inputs, (0, 1), value=1.0) * texts.worth
        texts.whole = texts.whole + linear(whole, part.inputs(whole, texts.whole, texts.seen), part.mixes)
        square += (inputs.T @ inputs).numpy()
        across += (inputs.T @ ((texts.whole - texts.slim)[texts.seen] * texts.worth)).numpy()
    before = whole[f"{part.mixes}.w"].numpy().astype(np.float64)
    kept, weights, bias = _fitted(square, across, before, part)
    rows = np.concatenate([kept + width * at for at in range(len(whole[f"{part.makes}.b"]) // width)])
    for kind in "wb":
        made[f"{part.makes}.{kind}"] = whole[f"{part.makes}.{kind}"][rows]
    made[f"{part.mixes}.w"] = torch.from_numpy(weights.astype(np.float32))
    made[f"{part.mixes}.b"] = torch.from_numpy(bias.astype(np.float32))
    for texts in held:
        mixed = linear(made, part.inputs(made, texts.slim, texts.seen), part.mixes)
        texts.slim = normed(whole, texts.slim + mixed, part.norm, shape.epsilon)
        texts.whole = normed(whole, texts.whole, part.norm, shape.epsilon)


def _fitted(
    square: Doubles, across: Doubles, before: Doubles, part: _Part
) -> tuple[Places, Doubles, Doubles]:
    """Returns the inputs that stay, their weights (outputs by inputs) and the bias.

    square    sums over the pieces of the products of inputs, a one at the end
    across    sums of the products of inputs and outputs
    before    the weights so far, which the ridge draws to
    """
    count = square[-1, -1]
    mean, wanted = square[-1, :-1] / count, across[-1] / count
    varies = square[:-1, :-1] / count - np.outer(mean, mean)
    ridge = RIDGE * float(np.mean(np.diag(varies)))
    varies[np.diag_indices_from(varies)] += ridge
    inverse = np.linalg.inv(varies)
    weights = (across[:-1] / count - np.outer(mean, wanted) + ridge * before.T).T @ inverse
    kept = np.arange(len(mean))
    size = part.size
    while (much := len(kept) // size - part.left) > 0:
        gone = _least(inverse, weights, size, min(much, TOGETHER if size == 1 else 1))
        out = (gone[:, None] * size + np.arange(size)).ravel()
        stays = np.setdiff1d(np.arange(len(kept)), out)
        share = np.linalg.solve(inverse[np.ix_(out, out)], inverse[np.ix_(out, stays)])
        weights = weights[:, stays] - weights[:, out] @ share
        inverse = inverse[np.ix_(stays, stays)] - inverse[np.ix_(stays, out)] @ share
        kept = kept[stays]
    return kept, weights, wanted - weights @ mean[kept]


def _least(inverse: Doubles, weights: Doubles, size: int, count: int) -> Places:
    """Returns the ``count`` parts that cost least when one goes after the other.

    Those next in line are weighed anew after each, since of two that stand in for one another one must stay.
    """
    number = len(inverse) // size
    places = np.arange(number)
    blocks = inverse.reshape(number, size, number, size)[places, :, places, :]
    own = weights.reshape(-1, number, size)
    loss = np.einsum("ogi,gij,ogj->g", own, np.linalg.inv(blocks), own, optimize=True)
    if count == 1:
        return np.array([int(loss.argmin())])
    line = np.argsort(loss, kind="stable")[: IN_LINE * count]
    near, small = inverse[np.ix_(line, line)], weights[:, line]
    gone: list[int] = []
    for _ in range(count):
        costs = (small**2).sum(0) / np.diag(near)
        costs[gone] = np.inf
        at = int(costs.argmin())
        gone.append(at)
        share = near[at] / near[at, at]
        small = small - np.outer(small[:, at], share)
        near = near - np.outer(near[:, at], share)
        near[at, at] = 1.0
    return np.sort(line[gone])


def mended(
    tensors: dict[str, Floats],
    whole: dict[str, Floats],
    batches: Iterable[Sequence[Example]],
    shape: Shape,
    report: Callable[[int, float, dict[str, Floats]], None] = lambda _steps, _loss, _tensors: None,
) -> dict[str, Floats]:
    """Returns the slim tensors after a training that draws their scores to those of the ``whole`` ones and to labels.

    A step a batch, at most ``STEPS``: counted in steps and not in time, so that a machine repeats it. Now and then
    ``report`` gets the steps done, the mean divergence of the scores since it was last told (Kullback-Leibler, nats a
    piece) and the tensors so far.
    """
    taught, teacher = to_torch(tensors), {name: torch.from_numpy(array) for name, array in whole.items()}
    trained = [tensor for name, tensor in taught.items() if name not in FROZEN]
    steps = torch.optim.AdamW(trained, lr=RATE, weight_decay=0.0, fused=True)
    moved: list[float] = []
    for at, batch in enumerate(islice(batches, STEPS)):
        for group in steps.param_groups:
            group["lr"] = RATE * min((at + 1) / _RISING, (STEPS - at) / STEPS)
        ids, mask, labels, weights = map(torch.from_numpy, padded(batch))
        seen = mask.bool()
        with precision():
            with torch.no_grad():
                wanted = logits(teacher, ids, mask, heads=shape.heads, epsilon=shape.epsilon)
            said = logits(taught, ids, mask, heads=shape.heads, epsilon=shape.epsilon)
        wanted, said = (torch.log_softmax(scores.float()[seen], -1) for scores in (wanted, said))
        share = (GOLD * weights[seen]).clamp(max=MOST)
        apart = functional.kl_div(said, wanted, reduction="none", log_target=True).sum(-1)
        wrong = functional.nll_loss(said, labels[seen], reduction="none")
        ((1 - share) * apart + share * wrong).mean().backward()
        torch.nn.utils.clip_grad_norm_(trained, CLIP)
        steps.step()
        steps.zero_grad()
        moved.append(float(apart.detach().mean()))
        if len(moved) == _REPORT:
            report(at + 1, float(np.mean(moved)), to_numpy(taught))
            moved.clear()
    return to_numpy(taught)
