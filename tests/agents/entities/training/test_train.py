from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

pytest.importorskip("torch", reason="what trains the recogniser is not installed (make ner-setup)")

import torch

from agents.entities.training.data import LABELS
from agents.entities.training.model import to_numpy
from agents.entities.training.parallel import agreed, agreeing, counts
from agents.entities.training.pieces import Example
from agents.entities.training.run import mean_with
from agents.entities.training.train import Averaged, Progress, Shape, f1, train

SHAPE = Shape(2, 1e-12)
WIDTH = 8


def tensors() -> dict[str, object]:
    """Returns a tagger of one layer over ten pieces."""
    torch.manual_seed(0)
    made = {
        "words": torch.randn(10, WIDTH), "positions": torch.zeros(16, WIDTH),
        "norm.w": torch.ones(WIDTH), "norm.b": torch.zeros(WIDTH),
        "0.qkv.w": torch.randn(3 * WIDTH, WIDTH) * 0.1, "0.qkv.b": torch.zeros(3 * WIDTH),
        "0.mix.w": torch.randn(WIDTH, WIDTH) * 0.1, "0.mix.b": torch.zeros(WIDTH),
        "0.norm1.w": torch.ones(WIDTH), "0.norm1.b": torch.zeros(WIDTH),
        "0.in.w": torch.randn(16, WIDTH) * 0.1, "0.in.b": torch.zeros(16),
        "0.out.w": torch.randn(WIDTH, 16) * 0.1, "0.out.b": torch.zeros(WIDTH),
        "0.norm2.w": torch.ones(WIDTH), "0.norm2.b": torch.zeros(WIDTH),
        "tag.w": torch.randn(len(LABELS), WIDTH) * 0.02, "tag.b": torch.zeros(len(LABELS)),
    }  # fmt: skip
    return {name: tensor.requires_grad_(name not in ("words", "positions")) for name, tensor in made.items()}


def batches(_number: int) -> Iterator[list[Example]]:
    """Yields texts in which piece 5 is a person and piece 6 a place."""
    rng = np.random.default_rng(0)
    for _ in range(50):
        ids = rng.integers(4, 10, (8, 6)).tolist()
        yield [Example(row, [{5: 1, 6: 5}.get(piece, 0) for piece in row], [1.0] * 6) for row in ids]


def test_training_learns_and_leaves_the_embeddings_alone() -> None:
    given = tensors()
    words = given["words"].clone()
    seen: list[Progress] = []
    mean = train(
        given, batches, SHAPE, seconds=3, report=lambda progress, _mean: seen.append(progress), every=1
    )
    assert torch.equal(given["words"], words)
    assert seen[-1].loss < seen[0].loss
    assert seen[-1].steps > 20
    held = next(batches(0))
    state = {name: torch.from_numpy(array) for name, array in mean.numpy().items()}
    assert f1(state, held, SHAPE) > 0.9


def test_what_weighs_nothing_teaches_nothing() -> None:
    given = tensors()
    before = to_numpy(given)

    def silent(_number: int) -> Iterator[list[Example]]:
        for _ in range(1000):
            yield [Example([5, 6, 7], [1, 3, 5], [0.0] * 3)]

    train(given, silent, SHAPE, seconds=0.3, report=lambda _progress, _mean: None)
    after = to_numpy(given)
    assert np.abs(after["tag.b"]).max() == 0
    assert np.abs(after["0.in.w"] - before["0.in.w"]).max() < 1e-3


def test_the_mean_follows_the_weights() -> None:
    given = {"tag.w": torch.zeros(2), "words": torch.ones(1)}
    mean = Averaged(given)
    for _ in range(2000):
        mean.add({"tag.w": torch.full((2,), 3.0), "words": torch.ones(1)})
    assert mean.numpy()["tag.w"] == pytest.approx([3.0, 3.0], abs=0.1)
    assert mean.numpy()["words"].tolist() == [1.0]


def test_most_of_the_languages_decide_how_many_names_there_are() -> None:
    assert agreed([(1, 0, 2)] * 3 + [(1, 0, 1)] * 2) == (1, 0, 2)
    assert agreed([(1, 0, 2), (1, 0, 1), (0, 0, 0)]) is None
    assert agreed([]) is None


def test_a_marking_is_made_bolder_until_it_agrees_or_left_out() -> None:
    logs = np.log(np.full((3, len(LABELS)), 0.02, np.float32))
    logs[:, 0] = np.log(0.6)
    logs[1, LABELS.index("B-PER")] = np.log(0.3)
    assert counts(LABELS[label] for label in logs.argmax(-1)) == (0, 0, 0)
    assert agreeing(logs, (1, 0, 0)) == ["O", "B-PER", "O"]
    assert agreeing(logs, (0, 0, 0)) == ["O", "O", "O"]
    assert agreeing(logs, (0, 0, 2)) is None


def test_every_training_has_the_same_part_in_the_mean() -> None:
    states = [{"tag.b": np.full(3, value, np.float32)} for value in (3.0, 6.0, 12.0)]
    two = mean_with(states[0], states[1], 1)
    assert mean_with(two, states[2], 2)["tag.b"].tolist() == [7.0, 7.0, 7.0]
