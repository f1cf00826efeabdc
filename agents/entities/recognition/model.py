"""The token classifier: a small multilingual encoder in ONNX, run by onnxruntime on one thread.

The folder holds ``model.onnx`` (input ``input_ids``, int64 [texts, pieces]; output ``logits``, float32 [texts,
pieces, 9]) and ``tokenizer.json``. A run takes one text: filling others up to its length costs more than runs of
their own, and what 8 bits make of a text would depend on its neighbours. The libraries are imported when a model is
loaded, since whoever only asks what stages there are shall not wait for them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

FOLDER = Path(__file__).parent / "weights"
FILES = ("model.onnx", "tokenizer.json")
_OPEN = "<s>"
_CLOSE = "</s>"


class Model:
    """The model in ``folder``."""

    def __init__(self, folder: Path = FOLDER) -> None:
        from onnxruntime import InferenceSession, SessionOptions
        from tokenizers import Tokenizer

        options = SessionOptions()
        # A worker has a core; a second thread would only take another worker's.
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        options.log_severity_level = 3
        self._session = InferenceSession(
            str(folder / "model.onnx"), options, providers=["CPUExecutionProvider"]
        )
        self._tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self._tokenizer.no_padding()
        self._tokenizer.no_truncation()
        numbers = self._tokenizer.get_vocab()
        self._open, self._close = numbers[_OPEN], numbers[_CLOSE]
        self.version = content_version(folder)

    def cut(self, text: str) -> tuple[list[int], list[tuple[int, int]]]:
        """Returns the sub-words of ``text``: their numbers, and where each starts and ends."""
        found = self._tokenizer.encode(text, add_special_tokens=False)
        return found.ids, found.offsets

    def __call__(self, row: Sequence[int]) -> npt.NDArray[np.float32]:
        """Returns the scores of a row of sub-words, one column a label."""
        ids = np.array([[self._open, *row, self._close]], dtype=np.int64)
        [logits] = self._session.run(["logits"], {"input_ids": ids})
        scores: npt.NDArray[np.float32] = logits[0, 1:-1]
        return scores


def content_version(folder: Path) -> str:
    """Returns the digest of the model's files: 16 hex digits of SHA-256."""
    state = hashlib.sha256()
    for name in FILES:
        state.update(hashlib.sha256((folder / name).read_bytes()).digest())
    return state.hexdigest()[:16]
