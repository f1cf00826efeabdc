"""What a family is given before its fit: what others have counted or listed, as weights of n-grams and words.

* lingua's n-gram models (wheel ``lingua-language-detector`` 1.4.2, Apache-2.0): how likely a letter is after up to
  four others in the news of a country (counted by lingua's author in the Leipzig corpora, CC BY 4.0). Its Serbian
  is Cyrillic and is read as if written in Latin letters.
* hrLex and srLex (wheel ``spacy-lookups-data`` 1.0.5, from reldi-tagger, Apache-2.0): all forms of a word. From
  them follows which words write the yat as ``e`` (ekavian: Serbian) or as ``je`` and ``ije`` (Bosnian, Croatian),
  and which have an ending or a stem that is not Croatian.

The fit learns what these leave open: they stay as they are while it runs.
"""

from __future__ import annotations

import gzip
import json
import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Final

import brotli  # type: ignore[import-untyped]
import numpy as np

from agents.language.ngrams import grams, plain
from agents.language.profiles import upper
from agents.language.siblings import GIVEN_STEPS

Given = tuple[np.ndarray, np.ndarray]
"""Hashes, and a weight per member for each."""
NOTHING: Final[Given] = (np.empty(0, np.uint32), np.empty((0, 0), np.int8))
MODELS: Final = {"bs": ("bs", "hr", "sr"), "id": ("id", "ms")}
"""First member of a family -> lingua's models of its members. Those of nb, nn and da help neither half."""
SHARE: Final = 0.5
"""What a log-odd of lingua's counts; 0.25 leaves a larger log loss on unseen headlines, 1 does on one half."""
MARK: Final = 8.0
"""What a word counts that a member does not use; 5 leaves a larger log loss on unseen headlines."""
BACK_OFF: Final = 0.7
"""Cost of each letter that a context has to be shortened by."""
UNSEEN: Final = 1e-6
"""Probability of a letter that a model has never seen."""
_ORDERS: Final = ("unigrams", "bigrams", "trigrams", "quadrigrams", "fivegrams")
_CYRILLIC: Final = "абвгдђежзијклљмнњопрстћуфхцчџш"
_LATIN: Final = {
    **dict(zip(_CYRILLIC, "abvgdđežzijkl?mn?oprstćufhcč?š", strict=True)), "љ": "lj", "њ": "nj", "џ": "dž"
}  # fmt: skip
_TWO: Final = {"lj": "љ", "nj": "њ", "dž": "џ"}
_ONE: Final = {latin: letter for letter, latin in _LATIN.items() if len(latin) == 1}
_DOUBLE: Final = {"l": "љ", "n": "њ", "d": "џ"}
EASTERN: Final = (
    ("isa", "ira"), ("iše", "ira"), ("iši", "iraj"), ("ova", "ira"), ("uje", "ira"), ("uju", "iraju"),
    ("ujem", "iram"), ("opšt", "opć"), ("tij", "cij"), ("hem", "kem"), ("hor", "kor"), ("hiljad", "tisuć"),
    ("tačk", "točk"), ("tačn", "točn"), ("evr", "eur"), ("lac", "telj"), ("oci", "telji"), ("oca", "telja"),
    ("oce", "telje"), ("laca", "telja"), ("ubic", "ubojic"), ("ubist", "ubojst"), ("štv", "ćstv"),
    ("avgust", "august"), ("niko", "nitko"), ("neko", "netko"), ("svako", "svatko"), ("sveš", "sveć"),
    ("uticaj", "utjecaj"), ("fabri", "tvorni"),
)  # fmt: skip
"""What Bosnian and Serbian write, and Croatian instead: the first that makes a word of hrLex counts."""

Conditional = Callable[[str], float | None]


def given(members: Sequence[str], models: Path, lexicons: Path, words: Iterable[str]) -> Given:
    """Returns the weights of a family's n-grams and words; nothing for a family that none are known for.

    ``words`` are those that published lists know, in which marked ones are looked for.
    """
    weights: dict[int, list[float]] = {}
    for code, values in _distances([_model(models, code) for code in MODELS.get(members[0], ())]):
        weights[code] = [SHARE * value for value in values]
    for word, users in (_marked(lexicons, words) if members[0] == "bs" else {}).items():
        (code,) = upper(grams(plain(word))[1]).tolist()
        weights[code] = [0.0 if member in users else -MARK for member in members]
    if not weights:
        return NOTHING
    hashes = np.array(sorted(weights), np.uint32)
    table = np.array([weights[code] for code in hashes.tolist()])
    steps = np.clip(np.rint(table * GIVEN_STEPS), -127, 127).astype(np.int8)
    kept = (steps != 0).any(1)
    return hashes[kept], steps[kept]


def _model(folder: Path, code: str) -> tuple[set[str], Conditional]:
    """Returns the n-grams that one of lingua's models knows, and the probability of the last letter of each."""
    known: dict[str, float] = {}
    for order in _ORDERS:
        packed = (folder / code / f"{order}.json.br").read_bytes()
        for share, found in json.loads(brotli.decompress(packed))["ngrams"].items():
            part, whole = map(int, share.split("/"))
            known.update(dict.fromkeys(found.split(" "), part / whole))
    if code != "sr":
        return set(known), known.get
    latin = {"".join(_LATIN.get(letter, letter) for letter in piece) for piece in known}
    return {piece for piece in latin if len(piece) <= len(_ORDERS)}, lambda piece: _read(known, piece)


def _read(known: dict[str, float], piece: str) -> float | None:
    """Returns the probability of a piece's last letter in Latin script, where љ, њ and џ are two letters."""
    last, before = piece[-1], piece[:-1]
    if piece[-2:] in _TWO:
        first, double = known.get(_cyrillic(before)), known.get(_cyrillic(piece))
        return double / (double + (first or 0.0)) if double else None
    single = known.get(_cyrillic(piece))
    double = known.get(_cyrillic(before) + _DOUBLE[last]) if last in _DOUBLE else None
    return None if single is None and double is None else (single or 0.0) + (double or 0.0)


def _cyrillic(piece: str) -> str:
    for latin, letter in _TWO.items():
        piece = piece.replace(latin, letter)
    return "".join(_ONE.get(letter, letter) for letter in piece)


def _distances(models: Sequence[tuple[set[str], Conditional]]) -> Iterator[tuple[int, list[float]]]:
    """Yields the hash of each n-gram with what it adds to the log-odds of each member beyond its own ending.

    The sum over all n-grams that end at a letter is then the letter's log probability by the longest that is known.
    """
    pieces = sorted(set().union(*(known for known, _ in models)), key=lambda piece: (len(piece), piece))
    logs: dict[str, list[float]] = {"": [math.log(UNSEEN) + BACK_OFF] * len(models)}

    def of(piece: str) -> list[float]:
        if piece not in logs:
            shorter = of(piece[1:])
            shares = [conditional(piece) for _, conditional in models]
            logs[piece] = [
                math.log(share) if share else less - BACK_OFF
                for share, less in zip(shares, shorter, strict=True)
            ]
        return logs[piece]

    by_size: dict[int, list[str]] = defaultdict(list)
    for piece in pieces:
        by_size[len(piece)].append(piece)
    for size, found in by_size.items():
        for piece, code in zip(found, _hashed(found, size), strict=True):
            gains = [mine - less for mine, less in zip(of(piece), of(piece[1:]), strict=True)]
            mean = sum(gains) / len(gains)
            yield code, [gain - mean for gain in gains]


def _hashed(pieces: Sequence[str], size: int) -> list[int]:
    """Returns the hashes of pieces of one length, as :func:`agents.language.ngrams.grams` has them."""
    found: list[int] = []
    for start in range(0, len(pieces), 800):
        text = "".join(pieces[start : start + 800])
        begin = sum(len(text) - shorter + 1 for shorter in range(1, size))
        found += upper(grams(text)[0][begin : begin + len(text) - size + 1 : size]).tolist()
    return found


def _marked(folder: Path, words: Iterable[str]) -> dict[str, frozenset[str]]:
    """Returns the words that not all of Bosnian, Croatian and Serbian use, with those that do."""
    croatian = _forms(folder / "hr_lemma_lookup.json.gz")
    serbian = {
        "".join(_LATIN.get(letter, letter) for letter in word)
        for word in _forms(folder / "sr_lemma_lookup.json.gz")
    }
    found: dict[str, frozenset[str]] = {}
    for word in sorted({*words} | serbian):
        if word in croatian or not _single(word):
            continue
        ijekavian = [form for form in _ijekavian(word) if form in croatian]
        if ijekavian:
            found[word] = frozenset(("sr-Latn",))
            found.update(
                dict.fromkeys((form for form in ijekavian if form not in serbian), frozenset(("bs", "hr")))
            )
        elif len(word) > 3 and any(form in croatian for form in _western(word)):
            found[word] = frozenset(("bs", "sr-Latn"))
    return {word: users for word, users in found.items() if _single(word)}


def _forms(path: Path) -> set[str]:
    with gzip.open(path, "rt", encoding="utf-8") as file:
        forms = json.load(file)
    return {word.lower() for word in (*forms, *forms.values())}


def _single(word: str) -> bool:
    clean = plain(word).strip()
    return clean == word and " " not in clean


def _ijekavian(word: str) -> Iterator[str]:
    for place, letter in enumerate(word):
        if letter == "e":
            yield f"{word[:place]}je{word[place + 1 :]}"
            yield f"{word[:place]}ije{word[place + 1 :]}"


def _western(word: str) -> Iterator[str]:
    for eastern, western in EASTERN:
        if eastern in word:
            yield word.replace(eastern, western, 1)
