from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch", reason="what trains the recogniser is not installed (make ner-setup)")
pytest.importorskip("onnx", reason="what trains the recogniser is not installed (make ner-setup)")

import onnx
from onnx import numpy_helper
from tokenizers import Tokenizer

from agents.entities.recognition.model import FOLDER
from agents.entities.recognition.recogniser import Recogniser
from agents.entities.training.data import LABELS
from agents.entities.training.nominals import add_nominals, fitted
from agents.entities.training.run import load
from tests.agents.entities.training.annotated import write

WIDTH = 9


def test_the_labels_are_fitted_beside_those_that_stay() -> None:
    draws = np.random.default_rng(0)
    labels = draws.choice([0, 1, 7, 8], 20_000, p=[0.7, 0.1, 0.1, 0.1])
    hidden = draws.normal(0, 0.3, (len(labels), WIDTH)).astype(np.float32)
    hidden[np.arange(len(labels)), labels] += 2
    scores = np.zeros((len(labels), len(LABELS)), np.float32)
    scores[np.arange(len(labels)), np.minimum(labels, 1)] = 4  # a nominal is taken for a person
    columns, offsets = fitted(hidden, scores, labels)
    said = np.hstack([scores, hidden @ columns + offsets]).argmax(axis=1)
    assert np.mean(said == labels) > 0.97
    assert columns.shape == (WIDTH, 2)


def test_a_model_gets_the_labels_once_and_keeps_its_scores_for_names(tmp_path: Path) -> None:
    for name in ("model.onnx", "tokenizer.json"):
        (tmp_path / name).write_bytes((FOLDER / name).read_bytes())
    before = columns(tmp_path)
    line = "Ministrul/B-PER i-a/O spus/O primarului/B-PER că/O Ana/B-PER Pop/I-PER vine/O la/O Cluj/B-LOC ./O"
    for name in ("ro_ronec_train", "ro_ronec_valid"):
        write(tmp_path, "train", name, [line, "A/O plecat/O ministrul/B-PER Dan/B-PER"] * 60)
    tokenizer = Tokenizer.from_file(str(tmp_path / "tokenizer.json"))
    learnt = add_nominals(tmp_path / "model.onnx", tmp_path, tokenizer)
    after = columns(tmp_path)
    assert learnt > 200
    assert before.shape == after.shape == (len(LABELS) + 2, 385)
    assert np.array_equal(before[: len(LABELS)], after[: len(LABELS)])
    assert not np.array_equal(before[len(LABELS) :], after[len(LABELS) :])
    text = "Ministrul i-a spus primarului că Ana Pop vine la Cluj."
    read = Recogniser(tmp_path).read(text, "ro")
    assert [text[start:end] for start, end in read.nominals] == ["Ministrul", "primarului"]
    assert [text[span.start : span.end] for span in read.spans] == ["Ana Pop", "Cluj"]
    assert load(tmp_path / "model.onnx")["tag.b"].shape == (len(LABELS),)


def columns(folder: Path) -> np.ndarray:
    held = {
        one.name: numpy_helper.to_array(one)
        for one in onnx.load(str(folder / "model.onnx")).graph.initializer
    }
    return np.vstack([held["tag.w"], held["tag.b"]]).T
