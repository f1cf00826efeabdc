"""Reading the published word lists."""

from __future__ import annotations

import json
import struct
from pathlib import Path

import pytest

from agents.language.ngrams import grams, plain
from agents.language.profiles import upper
from tests.quality.language_words import emoji, listed, tables

CHARACTERS = [" ", *"abcdefgh"]
LAST, ENDS = 1, 4


def model(path: Path, words: list[str]) -> Path:
    """Writes words as Tesseract keeps them: of 24 components the 20th is the graph, the 22nd its characters."""
    tree: dict[str, set[str]] = {}
    for word in words:
        for end in range(len(word)):
            tree.setdefault(word[:end], set()).add(word[end])
    starts, count = {}, 0
    for prefix in sorted(tree):
        starts[prefix], count = count, count + len(tree[prefix])
    bits = len(CHARACTERS).bit_length()
    edges = b""
    for prefix in sorted(tree):
        for letter in sorted(tree[prefix]):
            flags = (LAST if letter == max(tree[prefix]) else 0) | (ENDS if prefix + letter in words else 0)
            edge = starts.get(prefix + letter, 0) << bits + 3 | flags << bits | CHARACTERS.index(letter)
            edges += struct.pack("<Q", edge)
    graph = struct.pack("<hii", 42, len(CHARACTERS), count) + edges
    lines = [str(len(CHARACTERS)), "NULL 0", *(f"{character} 3" for character in CHARACTERS[1:])]
    characters = ("\n".join(lines) + "\n").encode()
    offsets = [-1] * 24
    offsets[19] = 4 + 24 * 8
    offsets[21] = offsets[19] + len(graph)
    path.write_bytes(struct.pack("<i24q", 24, *offsets) + graph + characters)
    return path


def test_every_word_of_a_model_is_read(tmp_path: Path) -> None:
    words = ["a", "ab", "abc", "bad", "bed", "cab", "head"]
    assert listed(model(tmp_path / "one.traineddata", words)) == set(words)


def test_another_graph_is_refused(tmp_path: Path) -> None:
    path = model(tmp_path / "one.traineddata", ["ab"])
    data = bytearray(path.read_bytes())
    data[4 + 24 * 8] = 7
    path.write_bytes(data)
    with pytest.raises(ValueError, match="expected a word graph"):
        listed(path)


def test_words_are_kept_with_the_lists_that_know_them_unless_all_do(tmp_path: Path) -> None:
    model(tmp_path / "ind.traineddata", ["abc", "bad", "head"])
    model(tmp_path / "msa.traineddata", ["abc", "bed"])
    hashes, lists, count = tables(tmp_path, "id")
    by_word = dict(zip(hashes.tolist(), lists.tolist(), strict=True))
    known = {
        word: by_word.get(int(upper(grams(plain(word))[1])[0])) for word in ("abc", "bad", "head", "bed")
    }
    assert known == {"abc": None, "bad": 1, "head": 1, "bed": 2}
    assert count == 2
    assert tables(tmp_path, "fa")[2] == 0


def test_emoji_are_read_by_member_and_only_where_cldr_has_it(tmp_path: Path) -> None:
    entry = {"🚂": {"tts": ["lokomotiva"], "default": ["vlak", "parni vlak"]}, "a": {"tts": ["a"]}}
    (tmp_path / "no").mkdir()
    (tmp_path / "no" / "annotations.json").write_text(json.dumps({"annotations": {"annotations": entry}}))
    assert emoji(tmp_path, ("nb", "nn")) == {"nb": ["lokomotiva vlak parni vlak"]}
