"""The token classifier: a small multilingual encoder in ONNX, run by onnxruntime on one thread.

The folder holds ``model.onnx`` (inputs ``input_ids`` and ``attention_mask``, int64 [batch, length]; output
``logits``, float32 [batch, length, 7]) and ``tokenizer.json``. The libraries are imported when a model is loaded,
since whoever only asks what stages there are shall not wait for them.
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
_PAD = "<pad>"


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
        self._open, self._close, self._pad = numbers[_OPEN], numbers[_CLOSE], numbers[_PAD]
        self.version = content_version(folder)

    def cut(self, text: str) -> tuple[list[int], list[tuple[int, int]]]:
        """Returns the sub-words of ``text``: their numbers, and where each starts and ends."""
        found = self._tokenizer.encode(text, add_special_tokens=False)
        return found.ids, found.offsets

    def __call__(self, rows: Sequence[Sequence[int]]) -> list[npt.NDArray[np.float32]]:
        """Returns for each row of sub-words their scores, one column a label."""
        length = max(map(len, rows)) + 2
        ids = np.full((len(rows), length), self._pad, dtype=np.int64)
        mask = np.zeros((len(rows), length), dtype=np.int64)
        for place, row in enumerate(rows):
            ids[place, : len(row) + 2] = [self._open, *row, self._close]
            mask[place, : len(row) + 2] = 1
        [logits] = self._session.run(["logits"], {"input_ids": ids, "attention_mask": mask})
        return [logits[place, 1 : len(row) + 1] for place, row in enumerate(rows)]


def content_version(folder: Path) -> str:
    """Returns the digest of the model's files: 16 hex digits of SHA-256."""
    state = hashlib.sha256()
    for name in FILES:
        state.update(hashlib.sha256((folder / name).read_bytes()).digest())
    return state.hexdigest()[:16]
