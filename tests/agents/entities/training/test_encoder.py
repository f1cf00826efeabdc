from __future__ import annotations

import struct
from pathlib import Path

import numpy as np
import pytest

from agents.entities.training.encoder import MissingPackageError, load_encoder, package_file

WIDTH, INNER, PIECES = 64, 128, 3


def block(scale: float, codes: list[int]) -> bytes:
    low, high = np.array(codes[:16], np.uint8), np.array(codes[16:], np.uint8)
    return np.float16(scale).tobytes() + (low | (high << 4)).astype(np.uint8).tobytes()


def file_of(tensors: dict[str, tuple[int, bytes]]) -> bytes:
    """Returns an encoder file of one layer with a vocabulary of one piece."""
    head = struct.pack("<4sI7i", b"E5S1", 1, WIDTH, 1, 4, INNER, PIECES, 8, 1)
    head += struct.pack("<fi5iQ", 1e-12, 32, 1, 0, 2, 1, 3, 5)
    head += struct.pack("<2I", 0, 5) + struct.pack("<f", -1.0) + b"piece"
    head += struct.pack("<iI", 0, 4) + b"norm" + struct.pack("<i", len(tensors))
    size = len(head) + sum(2 + len(name) + 21 for name in tensors)
    directory, data = b"", b""
    for name, (count, raw) in tensors.items():
        directory += struct.pack("<H", len(name)) + name.encode()
        directory += struct.pack("<BIQQ", 0, count, size + len(data), len(raw))
        data += raw
    return head + directory + data


def test_blocks_of_four_bits_become_the_numbers_they_stand_for(tmp_path: Path) -> None:
    codes = [list(range(16)) + list(range(15, -1, -1))] * 2 * PIECES
    words = b"".join(block(0.5 * (at + 1), one) for at, one in enumerate(codes))
    bias = np.arange(WIDTH, dtype="<f4")
    path = tmp_path / "encoder.bin"
    path.write_bytes(file_of({"emb.word": (WIDTH * PIECES, words), "l0.q.b": (WIDTH, bias.tobytes())}))
    encoder = load_encoder(path)
    assert (encoder.width, encoder.layers, encoder.heads, encoder.positions) == (WIDTH, 1, 4, 8)
    floats = encoder.words.floats()
    assert floats.shape == (PIECES, WIDTH)
    assert floats[0, 0] == -8 * 0.5
    assert floats[0, 15] == 7 * 0.5
    assert floats[0, 16] == 7 * 0.5
    assert floats[1, 0] == -8 * 1.5
    assert floats[2, 63] == -8 * 3.0
    assert encoder.tensors["l0.q.b"].tolist() == bias.tolist()


def test_some_of_the_words_are_the_words_themselves(tmp_path: Path) -> None:
    words = b"".join(block(0.25 * (at + 1), [at] * 32) for at in range(2 * PIECES))
    path = tmp_path / "encoder.bin"
    path.write_bytes(file_of({"emb.word": (WIDTH * PIECES, words)}))
    encoder = load_encoder(path)
    kept = encoder.words.only(np.array([2, 0]))
    assert (kept.floats() == encoder.words.floats()[[2, 0]]).all()


def test_a_layer_in_four_bits_has_the_shape_of_its_kind(tmp_path: Path) -> None:
    words = block(1, [8] * 32) * 2 * PIECES
    layer = block(1, [9] * 32) * (WIDTH * INNER // 32)
    path = tmp_path / "encoder.bin"
    path.write_bytes(
        file_of(
            {
                "emb.word": (WIDTH * PIECES, words),
                "l0.fi.w": (WIDTH * INNER, layer),
                "l0.fo.w": (WIDTH * INNER, layer),
            }
        )
    )
    tensors = load_encoder(path).tensors
    assert tensors["l0.fi.w"].shape == (INNER, WIDTH)
    assert tensors["l0.fo.w"].shape == (WIDTH, INNER)
    assert (tensors["l0.fi.w"] == 1).all()


def test_another_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "encoder.bin"
    path.write_bytes(b"GGUF" + bytes(60))
    with pytest.raises(ValueError, match="GGUF"):
        load_encoder(path)


def test_a_package_that_is_missing_is_named_with_what_to_do() -> None:
    with pytest.raises(MissingPackageError, match=r"nowhere_to_be_found.*dependency group `ner`"):
        package_file("nowhere_to_be_found", "weights.bin")
