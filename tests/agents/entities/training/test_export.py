from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch", reason="what trains the recogniser is not installed (make ner-setup)")
pytest.importorskip("onnx", reason="what trains the recogniser is not installed (make ner-setup)")

import onnx
import torch
from onnxruntime import InferenceSession
from tokenizers import Tokenizer

from agents.entities.recognition.model import FOLDER
from agents.entities.training.data import LABELS
from agents.entities.training.encoder import Encoder, Floats, Words
from agents.entities.training.export import export, int8_columns, smoothing
from agents.entities.training.model import logits, tensors_of, to_torch
from agents.entities.training.pieces import Example
from agents.entities.training.run import load
from agents.entities.training.train import Shape, peaks

TEXTS = (
    "Peter Weber flew to Lisbon on Monday.",
    "In Hamburg sprach Jürgen Stahlmann mit der Reederei Nordwind.",
    "Андрей Колбасов приехал в Саратов.",
    "王小明昨天抵达上海。",
    "Maria Koch, who led the Lisbon office of Weber Systems until March, said the port of Rotterdam would reopen.",
)
WIDTH, INNER, HEADS, PIECES = 64, 128, 4, 50


@pytest.fixture
def encoder() -> Encoder:
    random = np.random.default_rng(7)
    words = Words(
        random.integers(-8, 8, (PIECES, WIDTH)).astype(np.int8),
        random.uniform(0.05, 0.15, (PIECES, WIDTH // 32)).astype(np.float16),
    )
    tensors: dict[str, Floats] = {
        "emb.pos": random.normal(0, 0.1, (32, WIDTH)).astype(np.float32),
        "emb.type": random.normal(0, 0.1, (1, WIDTH)).astype(np.float32),
        "emb.ln.w": np.ones(WIDTH, np.float32),
        "emb.ln.b": np.zeros(WIDTH, np.float32),
    }
    for layer in range(2):
        for name, shape in (
            ("q", (WIDTH, WIDTH)), ("k", (WIDTH, WIDTH)), ("v", (WIDTH, WIDTH)), ("ao", (WIDTH, WIDTH)),
            ("fi", (INNER, WIDTH)), ("fo", (WIDTH, INNER)),
        ):  # fmt: skip
            tensors[f"l{layer}.{name}.w"] = random.normal(0, 0.15, shape).astype(np.float32)
            tensors[f"l{layer}.{name}.b"] = random.normal(0, 0.1, shape[0]).astype(np.float32)
        for name in ("aln", "oln"):
            tensors[f"l{layer}.{name}.w"] = np.ones(WIDTH, np.float32)
            tensors[f"l{layer}.{name}.b"] = np.zeros(WIDTH, np.float32)
    return Encoder(WIDTH, 2, HEADS, 32, 1e-12, words, tensors)


def run(path: Path, ids: np.ndarray) -> np.ndarray:
    session = InferenceSession(str(path), providers=["CPUExecutionProvider"])
    return session.run(["logits"], {"input_ids": ids})[0]


def test_the_file_says_what_the_tensors_say_but_for_the_rounding(encoder: Encoder, tmp_path: Path) -> None:
    tensors = tensors_of(encoder, 2, seed=0)
    random = np.random.default_rng(1)
    ids = random.integers(4, PIECES, (3, 11))
    examples = [Example(row.tolist(), [0] * 11, [1.0] * 11) for row in ids]
    found = peaks(to_torch(tensors), examples, Shape(HEADS, 1e-12))
    assert set(found) == {f"{layer}.{name}" for layer in (0, 1) for name in ("qkv", "mix", "in", "out")} | {
        "tag"
    }
    del found["tag"]
    path = tmp_path / "model.onnx"
    size = export(tensors, encoder.words, found, path, heads=HEADS, epsilon=1e-12)
    assert size == path.stat().st_size
    with torch.no_grad():
        wanted = logits(
            to_torch(tensors), torch.from_numpy(ids), torch.ones(3, 11), heads=HEADS, epsilon=1e-12
        ).numpy()
    said = run(path, ids)
    assert said.shape == (3, 11, len(LABELS))
    assert said.dtype == np.float32
    assert np.abs(said - wanted).max() < 0.1 * np.abs(wanted).max()
    assert np.corrcoef(said.ravel(), wanted.ravel())[0, 1] > 0.995
    export(tensors, encoder.words, found, path, heads=HEADS, epsilon=1e-12, exact=True)
    assert np.abs(run(path, ids) - wanted).max() < 1e-3


def test_what_ships_can_be_trained_further(encoder: Encoder, tmp_path: Path) -> None:
    tensors = tensors_of(encoder, 2, seed=0)
    ids = np.random.default_rng(1).integers(4, PIECES, (3, 11))
    examples = [Example(row.tolist(), [0] * 11, [1.0] * 11) for row in ids]
    found = peaks(to_torch(tensors), examples, Shape(HEADS, 1e-12))
    del found["tag"]
    path = tmp_path / "model.onnx"
    export(tensors, encoder.words, found, path, heads=HEADS, epsilon=1e-12)
    back = load(path)
    assert {name: array.shape for name, array in back.items()} == {
        name: array.shape for name, array in tensors.items() if name != "words"
    }
    with torch.no_grad():
        said, wanted = (
            logits(
                to_torch(held), torch.from_numpy(ids), torch.ones(3, 11), heads=HEADS, epsilon=1e-12
            ).numpy()
            for held in ({**back, "words": tensors["words"]}, tensors)
        )
    assert np.abs(said - wanted).max() < 0.05 * np.abs(wanted).max()
    assert not np.array_equal(said, wanted)
    export(tensors, encoder.words, found, path, heads=HEADS, epsilon=1e-12, exact=True)
    with pytest.raises(ValueError, match="written with --exact"):
        load(path)


def test_every_value_of_the_embeddings_comes_back(encoder: Encoder, tmp_path: Path) -> None:
    path = tmp_path / "model.onnx"
    export(tensors_of(encoder, 1, seed=0), encoder.words, {}, path, heads=HEADS, epsilon=1e-12)
    model = onnx.load(str(path))
    model.graph.output.append(onnx.helper.make_tensor_value_info("words", onnx.TensorProto.FLOAT, None))
    onnx.save(model, str(path))
    session = InferenceSession(str(path), providers=["CPUExecutionProvider"])
    [words] = session.run(["words"], {"input_ids": np.arange(PIECES).reshape(2, -1)})
    assert np.array_equal(words.reshape(PIECES, WIDTH), encoder.words.floats().astype(np.float16))
    assert set(encoder.words.codes.ravel().tolist()) == set(range(-8, 8))


def with_runtimes_own_attention(path: Path, plain: Path) -> int:
    """Writes the model again with the operator that onnxruntime has had longest; returns how many were changed."""
    model = onnx.load(str(path))
    changed = [node for node in model.graph.node if node.op_type == "Attention"]
    for node in changed:
        [heads] = {item.i for item in node.attribute if item.name in {"q_num_heads", "kv_num_heads"}}
        node.op_type, node.domain = "MultiHeadAttention", "com.microsoft"
        del node.attribute[:]
        node.attribute.append(onnx.helper.make_attribute("num_heads", heads))
    onnx.save(model, str(plain))
    return len(changed)


def test_the_shipped_weights_say_the_same_with_the_runtimes_own_attention(tmp_path: Path) -> None:
    plain = tmp_path / "plain.onnx"
    assert with_runtimes_own_attention(FOLDER / "model.onnx", plain) == 6
    tokenizer = Tokenizer.from_file(str(FOLDER / "tokenizer.json"))
    for text in TEXTS:
        ids = np.array([tokenizer.encode(text).ids], np.int64)
        said, wanted = run(FOLDER / "model.onnx", ids), run(plain, ids)
        assert wanted.argmax(-1).any()
        assert np.array_equal(said.argmax(-1), wanted.argmax(-1))
        # Sums in another order differ in the last bit, and what falls on the other side of one of 256 steps goes on.
        assert np.abs(said - wanted).max() < 0.3


def test_without_steps_both_attentions_differ_in_the_last_bits(encoder: Encoder, tmp_path: Path) -> None:
    path, plain = tmp_path / "model.onnx", tmp_path / "plain.onnx"
    export(tensors_of(encoder, 2, seed=0), encoder.words, {}, path, heads=HEADS, epsilon=1e-12, exact=True)
    assert with_runtimes_own_attention(path, plain) == 2
    ids = np.random.default_rng(3).integers(4, PIECES, (1, 30))
    said, wanted = run(path, ids), run(plain, ids)
    assert np.abs(wanted).max() > 0.1
    assert np.abs(said - wanted).max() < 1e-5


def test_more_layers_than_the_encoder_has_are_refused(encoder: Encoder) -> None:
    with pytest.raises(ValueError, match="between 1 and 2 layers, got 3"):
        tensors_of(encoder, 3, seed=0)


def test_columns_in_eight_bits_are_within_half_a_step() -> None:
    weights = np.random.default_rng(0).normal(0, 1, (5, 40)).astype(np.float32)
    codes, scales = int8_columns(weights)
    assert codes.shape == (40, 5)
    assert np.abs(codes.T * scales[:, None] - weights).max() <= scales.max() / 2 + 1e-6


def test_smoothing_evens_out_the_channels() -> None:
    random = np.random.default_rng(0)
    highest = np.array([1, 1, 40, 1], np.float32)
    weights = random.normal(0, 1, (6, 4)).astype(np.float32)
    moved = smoothing(highest, weights)
    after = highest / moved
    assert after.max() / after.min() < 6
    assert moved.prod() == pytest.approx(1, rel=1e-3)
