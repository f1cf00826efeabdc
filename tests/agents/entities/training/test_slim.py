from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("torch", reason="what trains the recogniser is not installed (make ner-setup)")
pytest.importorskip("onnx", reason="what trains the recogniser is not installed (make ner-setup)")

import torch
from onnxruntime import InferenceSession

from agents.entities.training.data import LABELS
from agents.entities.training.encoder import Floats, Words
from agents.entities.training.export import export
from agents.entities.training.model import logits
from agents.entities.training.pieces import Example
from agents.entities.training.slim import PLAN, Left, mended, slim
from agents.entities.training.train import Shape

WIDTH, INNER, HEADS, PIECES, LAYERS = 64, 96, 4, 50, 2
SHAPE = Shape(HEADS, 1e-12)
WHOLE = [Left(HEADS, INNER)] * LAYERS


@pytest.fixture
def words() -> Words:
    random = np.random.default_rng(7)
    codes = random.integers(-8, 8, (PIECES, WIDTH)).astype(np.int8)
    return Words(codes, random.uniform(0.05, 0.15, (PIECES, WIDTH // 32)).astype(np.float16))


@pytest.fixture
def tensors(words: Words) -> dict[str, Floats]:
    random = np.random.default_rng(3)
    made: dict[str, Any] = {"words": words.floats(), "positions": random.normal(0, 0.1, (32, WIDTH))}
    shapes = {"qkv": (3 * WIDTH, WIDTH), "mix": (WIDTH, WIDTH), "in": (INNER, WIDTH), "out": (WIDTH, INNER)}
    for layer in range(LAYERS):
        for name, shape in shapes.items():
            made[f"{layer}.{name}.w"] = random.normal(0, 0.15, shape)
            made[f"{layer}.{name}.b"] = random.normal(0, 0.1, shape[0])
    for name in ("norm", *(f"{layer}.norm{at}" for layer in range(LAYERS) for at in (1, 2))):
        made[f"{name}.w"], made[f"{name}.b"] = np.ones(WIDTH), np.zeros(WIDTH)
    made["tag.w"], made["tag.b"] = random.normal(0, 0.3, (len(LABELS), WIDTH)), np.zeros(len(LABELS))
    return {name: array.astype(np.float32) for name, array in made.items()}


@pytest.fixture
def batches() -> list[list[Example]]:
    random = np.random.default_rng(1)
    texts = [random.integers(4, PIECES, length).tolist() for length in random.integers(5, 20, 120)]
    made = [Example(ids, [0] * len(ids), [0.0] * len(ids)) for ids in texts]
    return [made[at : at + 8] for at in range(0, len(made), 8)]


def scores(tensors: dict[str, Floats], ids: np.ndarray) -> np.ndarray:
    held = {name: torch.from_numpy(array) for name, array in tensors.items()}
    with torch.no_grad():
        made = logits(held, torch.from_numpy(ids), torch.ones(ids.shape), heads=HEADS, epsilon=1e-12)
    return np.asarray(made.numpy())


IDS = np.random.default_rng(2).integers(4, PIECES, (6, 15))


def test_a_layer_that_keeps_all_says_the_same(
    tensors: dict[str, Floats], batches: list[list[Example]]
) -> None:
    assert scores(slim(tensors, WHOLE, batches, SHAPE), IDS) == pytest.approx(scores(tensors, IDS), abs=2e-2)


def test_what_is_there_twice_goes_first_and_costs_nothing(
    tensors: dict[str, Floats], batches: list[list[Example]]
) -> None:
    for kind in "wb":
        tensors[f"0.in.{kind}"][40:] = tensors[f"0.in.{kind}"][: INNER - 40][:56]
        heads = tensors[f"1.qkv.{kind}"].reshape(3, HEADS, WIDTH // HEADS, -1)
        heads[:, 2] = heads[:, 1]
    made = slim(tensors, [Left(HEADS, INNER - 40), Left(HEADS - 1, INNER)], batches, SHAPE)
    assert made["0.in.w"].shape == (INNER - 40, WIDTH)
    assert made["0.out.w"].shape == (WIDTH, INNER - 40)
    assert made["1.qkv.b"].shape == (3 * WIDTH * (HEADS - 1) // HEADS,)
    assert scores(made, IDS) == pytest.approx(scores(tensors, IDS), abs=5e-2)


def test_the_fit_is_nearer_than_leaving_the_same_parts_out(
    tensors: dict[str, Floats], batches: list[list[Example]]
) -> None:
    made = slim(tensors, [Left(HEADS, 64), Left(HEADS, INNER)], batches, SHAPE)
    kept = [int(np.flatnonzero((tensors["0.in.w"] == row).all(1))[0]) for row in made["0.in.w"]]
    left = {**made, "0.out.w": tensors["0.out.w"][:, kept], "0.out.b": tensors["0.out.b"]}
    wanted = scores(tensors, IDS)
    assert np.abs(scores(made, IDS) - wanted).mean() < 0.8 * np.abs(scores(left, IDS) - wanted).mean()


def test_the_training_afterwards_draws_nearer_and_is_repeatable(
    tensors: dict[str, Floats], batches: list[list[Example]]
) -> None:
    thin = slim(tensors, [Left(2, 32), Left(2, 32)], batches, SHAPE)
    once, twice = (mended(thin, tensors, batches * 20, SHAPE) for _ in range(2))
    wanted = scores(tensors, IDS)
    assert np.abs(scores(once, IDS) - wanted).mean() < np.abs(scores(thin, IDS) - wanted).mean()
    assert np.array_equal(once["words"], tensors["words"])
    assert all(np.array_equal(once[name], twice[name]) for name in once)


def test_the_training_afterwards_also_learns_labels_by_what_they_weigh(
    tensors: dict[str, Floats], batches: list[list[Example]]
) -> None:
    thin = slim(tensors, [Left(2, 32), Left(2, 32)], batches, SHAPE)
    label = LABELS.index("B-LOC")

    def learnt(weight: float) -> float:
        marked = [
            [Example(one.ids, [label] * len(one.ids), [weight] * len(one.ids)) for one in batch]
            for batch in batches
        ]
        return float((scores(mended(thin, tensors, marked * 20, SHAPE), IDS).argmax(-1) == label).mean())

    without, some, more = map(learnt, (0.0, 1.0, 3.0))
    assert without + 0.1 < some < more - 0.1


def test_the_training_afterwards_tells_how_far_it_is(
    tensors: dict[str, Floats], batches: list[list[Example]]
) -> None:
    told: list[tuple[int, float]] = []
    thin = slim(tensors, [Left(2, 32), Left(2, 32)], batches, SHAPE)
    mended(thin, tensors, batches * 70, SHAPE, lambda steps, moved, _: told.append((steps, moved)))
    assert [steps for steps, _ in told] == [500, 1000]
    assert told[1][1] < told[0][1]


def test_layers_of_different_size_are_exported(
    tensors: dict[str, Floats], words: Words, batches: list[list[Example]], tmp_path: Path
) -> None:
    made = slim(tensors, [Left(3, 80), Left(2, 32)], batches, SHAPE)
    path = tmp_path / "model.onnx"
    export(made, words, {}, path, heads=HEADS, epsilon=1e-12, exact=True)
    session = InferenceSession(str(path), providers=["CPUExecutionProvider"])
    [said] = session.run(["logits"], {"input_ids": IDS})
    assert said == pytest.approx(scores(made, IDS), abs=1e-2)


def test_a_plan_for_other_layers_is_refused(tensors: dict[str, Floats], batches: list[list[Example]]) -> None:
    with pytest.raises(ValueError, match=f"what is left of 2 layers, got {len(PLAN)}"):
        slim(tensors, PLAN, batches, SHAPE)
