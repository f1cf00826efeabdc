"""Words that tell siblings apart, from published lists; used by :mod:`tests.quality.language_fit`.

* Tesseract's word lists (``tessdata_fast``, Apache-2.0; Debian's ``tesseract-ocr-hrv`` and so on): the words of a
  crawl of the web in one language, without frequencies, with much that is the siblings'. Which lists know a word
  and which do not says most of a rare word.
* CLDR's names and keywords of emoji (npm ``cldr-annotations-full``, Unicode licence): everyday words, the same
  things in every language.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import numpy as np

from agents.language.ngrams import grams, plain
from agents.language.profiles import upper

LISTS: Final = {
    "bs": ("bos", "hrv", "srp_latn"),
    "nb": ("nor", "dan"),
    "id": ("ind", "msa"),
    "gl": ("glg", "por", "spa"),
}
"""First member of a family -> the word lists that are compared."""
_EMOJI: Final = {"nb": "no", "zh-Hans": "zh"}
"""Our candidates -> CLDR's names, where they differ."""
_WORDS, _CHARACTERS = 19, 21
"""Components of a ``traineddata`` file: the words as a graph, and the characters that its edges stand for."""


def tables(folder: Path, member: str) -> tuple[np.ndarray, np.ndarray, int]:
    """Returns hashes of words, the set of lists that know each (a bit a list) and the number of lists.

    Words that all lists know or that have no letters are left out; so is everything for a family without lists.
    """
    names = LISTS.get(member, ())
    knows: dict[str, int] = {}
    for bit, name in enumerate(names):
        for word in listed(folder / f"{name}.traineddata"):
            clean = plain(word).strip()
            if clean and " " not in clean:
                knows[clean] = knows.get(clean, 0) | 1 << bit
    everyone = (1 << len(names)) - 1
    some = sorted(word for word, lists in knows.items() if lists != everyone)
    if not some:
        return np.empty(0, np.uint32), np.empty(0, np.uint8), 0
    hashes = np.concatenate(
        [upper(grams(plain(" ".join(some[start : start + 100])))[1]) for start in range(0, len(some), 100)]
    )
    hashes, first = np.unique(hashes, return_index=True)
    return hashes, np.array([knows[word] for word in some], np.uint8)[first], len(names)


def known(folder: Path, member: str) -> set[str]:
    """Returns all words that the lists of a family know, in small letters."""
    names = LISTS.get(member, ())
    return {plain(word).strip() for name in names for word in listed(folder / f"{name}.traineddata")}


def listed(path: Path) -> set[str]:
    """Returns the words of one Tesseract model: every path through its graph that ends a word."""
    data = path.read_bytes()
    (count,) = struct.unpack_from("<i", data)
    offsets = struct.unpack_from(f"<{count}q", data, 4)

    def component(number: int) -> bytes:
        later = [offset for offset in offsets if offset > offsets[number]]
        return data[offsets[number] : min(later, default=len(data))]

    lines = component(_CHARACTERS).decode("utf-8").split("\n")
    characters = [line.split(" ")[0] for line in lines[1 : int(lines[0]) + 1]]
    graph = component(_WORDS)
    magic, size, edges = struct.unpack_from("<hii", graph)
    if magic != 42:
        raise ValueError(f"{path}: expected a word graph of Tesseract 4 or 5, got magic number {magic}")
    # an edge: the character, then three flags (last of its node, backwards, ends a word), then the next node
    bits = int(size).bit_length()
    records = np.frombuffer(graph, "<u8", edges, 10)
    letters, flags, nodes = (
        (records & ((1 << bits) - 1)).tolist(), (records >> bits & 7).tolist(), (records >> (bits + 3)).tolist()
    )  # fmt: skip
    found: set[str] = set()
    ahead = [(0, "")]
    while ahead:
        edge, before = ahead.pop()
        while True:
            if not flags[edge] & 2:
                word = before + characters[letters[edge]]
                if flags[edge] & 4:
                    found.add(word)
                if nodes[edge] and len(word) < 40:
                    ahead.append((nodes[edge], word))
            if flags[edge] & 1 or edge + 1 == edges:
                break
            edge += 1
    return found


def emoji(folder: Path, members: Sequence[str]) -> dict[str, list[str]]:
    """Returns, per member that CLDR has, one line an emoji: its name and its keywords."""
    found: dict[str, list[str]] = {}
    for member in members:
        path = folder / _EMOJI.get(member, member) / "annotations.json"
        if path.exists():
            named = json.loads(path.read_text(encoding="utf-8"))["annotations"]["annotations"]
            lines = (
                " ".join((*one.get("tts", ()), *one.get("default", ()))) for _, one in sorted(named.items())
            )
            found[member] = [line for line in lines if len(line) > 20]
    return found
