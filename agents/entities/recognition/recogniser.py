"""Persons, organisations and places by the model, with their exact place in the text.

    text -> sentences -> sub-words -> windows -> scores -> labels of words -> spans

The same article gives the same spans: each window is read by itself, and confidence is rounded.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from agents.entities.recognition.decode import (
    LABELS,
    LEAST,
    NAMELESS,
    Kind,
    Labelled,
    Scores,
    names,
    word_scores,
)
from agents.entities.recognition.model import FOLDER, Model
from agents.entities.recognition.tokens import sentences, tokens
from agents.entities.recognition.windows import windows
from agents.entities.spelling.fold import MARKS

MAX_TEXT = 120_000
"""Characters of an article that are read."""
MAX_PIECES = 16_384
"""Sub-words of an article that are read: seventy thousand characters of English, a few seconds for a hostile text."""
LONGEST_RUN = 4_000
"""Characters that go through the tokenizer at once, for memory's sake."""
_SURROGATES = re.compile("[\ud800-\udfff]")
_MARK = re.compile(f"[{MARKS}]")
_CLOSING = {
    "(": ")",
    "[": "]",
    "«": "»",
    "»": "«",
    "„": "”“",
    "“": "”",
    "”": "”",
    '"': '"',
    "（": "）",
    "「": "」",
    "『": "』",
}
"""What closes a mark that may stand inside a name; some of them are each other's."""

Wanted = Callable[[int, int], bool]


@dataclass(frozen=True, slots=True)
class Span:
    """A name in the text."""

    start: int
    end: int
    type: Kind
    confidence: float


@dataclass(frozen=True, slots=True)
class Reading:
    """What the model makes of a text."""

    spans: list[Span] = field(default_factory=list)
    """The names, in order, none overlapping."""
    starts: list[int] = field(default_factory=list)
    """Where each word that was read starts."""
    ends: list[int] = field(default_factory=list)
    chances: list[float] = field(default_factory=list)
    """How likely each word is part of a name, 0 to 1."""
    nominals: list[tuple[int, int]] = field(default_factory=list)
    """Start and end of each person called by a common noun or a pronoun, in order: no names."""

    def chance(self, start: int, end: int) -> float | None:
        """Returns how likely a stretch of the text has part of a name; None where nothing was read."""
        first = bisect_right(self.ends, start)
        last = bisect_left(self.starts, end)
        return max(self.chances[first:last], default=None)


@dataclass(frozen=True, slots=True)
class Placed:
    """A name or a nominal as the model labels it, with its place in the text."""

    start: int
    end: int
    name: Labelled


@dataclass(frozen=True, slots=True)
class Labels:
    """The words of a text with the model's scores, and the names and nominals they make."""

    names: list[Placed] = field(default_factory=list)
    """In order, none overlapping; nominals among them."""
    words: list[tuple[int, int]] = field(default_factory=list)
    """Start and end of each word that was read."""
    scores: Scores = field(default_factory=lambda: np.zeros((0, len(LABELS)), dtype=np.float32))
    """Logarithm of how likely each label is, words by labels."""


@dataclass(slots=True)
class _Pieces:
    """Sub-words, and the words they make up."""

    ids: list[int] = field(default_factory=list)
    bounds: list[tuple[int, int]] = field(default_factory=list)
    """Sub-words of each sentence."""
    words: list[tuple[int, int, int, int]] = field(default_factory=list)
    """Start and end in the text, first sub-word and one past the last."""
    sentences: list[tuple[int, int]] = field(default_factory=list)
    """Words of each sentence."""


class Recogniser:
    """Finds names with the model in a folder."""

    def __init__(self, folder: Path = FOLDER) -> None:
        self._model = Model(folder)
        self.version = self._model.version

    def spans(self, text: str, tag: str, wanted: Wanted | None = None) -> list[Span]:
        """Returns the names in ``text``, in order, none overlapping; as :meth:`read`."""
        return self.read(text, tag, wanted).spans

    def read(self, text: str, tag: str, wanted: Wanted | None = None) -> Reading:
        """Returns what the model makes of ``text``.

        ``tag`` is the language (BCP 47); the model is one for all. Only sentences that are ``wanted`` (by start and
        end) are read, all of them where nothing is said.
        """
        labels = self.labelled(text, wanted)
        found, nominals = [], []
        for one in labels.names:
            kind = one.name.kind
            if kind == "NOM":
                nominals.append((one.start, one.end))
            else:
                found.append(Span(one.start, one.end, kind, round(one.name.probability, 3)))
        chances: list[float] = (1 - np.exp(labels.scores[:, NAMELESS]).sum(axis=1)).round(3).tolist()
        starts, ends = [start for start, _ in labels.words], [end for _, end in labels.words]
        return Reading(found, starts, ends, chances, nominals)

    def labelled(self, text: str, wanted: Wanted | None = None, least: float = LEAST) -> Labels:
        """Returns the words of ``text`` with their scores, and the names that are at least so probable.

        Only sentences that are ``wanted`` are read, as in :meth:`read`.
        """
        text = _SURROGATES.sub("\ufffd", text[:MAX_TEXT])
        read = self._pieces(text, wanted)
        if not read.words:
            return Labels()
        places = np.array(read.words, dtype=np.intp)
        logs = word_scores(self._scores(read), places[:, 2], places[:, 3])
        small = text == text.lower()
        found = []
        for name in names(logs, read.sentences, least):
            lower = small or name.kind == "NOM"
            place = _placed(text, read.words[name.first][0], read.words[name.last - 1][1], lower)
            if place:
                found.append(Placed(*place, name))
        return Labels(found, [(start, end) for start, end, _, _ in read.words], logs)

    def _pieces(self, text: str, wanted: Wanted | None) -> _Pieces:
        read = _Pieces()
        for start, end in sentences(text):
            if wanted is not None and not wanted(start, end):
                continue
            ids, places = self._cut(text, start, end)
            first, word = len(read.ids), len(read.words)
            if first == MAX_PIECES:
                break
            ids, places = ids[: MAX_PIECES - first], places[: MAX_PIECES - first]
            read.ids += ids
            read.bounds.append((first, len(read.ids)))
            read.words += _words(text, start, end, first, places)
            read.sentences.append((word, len(read.words)))
        return read

    def _cut(self, text: str, start: int, end: int) -> tuple[list[int], list[tuple[int, int]]]:
        """Returns the sub-words of a sentence with their places in it; a long one is cut up for the tokenizer."""
        if end - start <= LONGEST_RUN:
            return self._model.cut(text[start:end])
        ids: list[int] = []
        places: list[tuple[int, int]] = []
        at = start
        while at < end and len(ids) < MAX_PIECES:
            stop = min(end, at + LONGEST_RUN)
            if stop < end:
                blank = text.rfind(" ", at + 1, stop)
                stop = blank if blank > at else stop
            found, offsets = self._model.cut(text[at:stop])
            ids += found
            places += [(first + at - start, last + at - start) for first, last in offsets]
            at = stop
        return ids, places

    def _scores(self, read: _Pieces) -> Scores:
        scores = np.zeros((len(read.ids), len(LABELS)), dtype=np.float32)
        for window in windows(read.bounds):
            row = self._model(read.ids[window.first : window.last])
            scores[window.begin : window.stop] = row[window.begin - window.first : window.stop - window.first]
        return scores


def _words(
    text: str, start: int, end: int, first: int, places: Sequence[tuple[int, int]]
) -> Iterator[tuple[int, int, int, int]]:
    """Yields the words of a sentence with their sub-words: start, end, first sub-word, one past the last.

    ``places`` says where each sub-word starts and ends in the sentence; ``first`` is the number of the first one.
    """
    at, count = 0, len(places)
    for token in tokens(text, start, end):
        opens, closes = token.start - start, token.end - start
        while at < count and places[at][1] <= opens:
            at += 1
        last = at
        while last < count and places[last][0] < closes:
            last += 1
        if token.dense:
            for piece in range(at, last):
                begin, stop = max(opens, places[piece][0]), min(closes, places[piece][1])
                if stop > begin:
                    yield start + begin, start + stop, first + piece, first + piece + 1
        elif last > at:
            yield token.start, token.end, first + at, first + last
        at = max(at, last - 1)


def _placed(text: str, start: int, end: int, small: bool) -> tuple[int, int] | None:
    """Returns a name's place without the marks around it.

    None for what holds no letter, or no capital where the script has them (unless it may be ``small``): worth
    0.3 to 1.5 F1 in the study.
    """
    while start < end and not text[start].isalnum():
        start += 1
    while end > start and not text[end - 1].isalnum() and not _MARK.match(text[end - 1]):
        end -= 1
    surface = text[start:end]
    if not any(char.isalpha() for char in surface):
        return None
    if not small and surface == surface.lower() != surface.upper():
        return None
    return _balanced(text, start, end)


def _balanced(text: str, start: int, end: int) -> tuple[int, int]:
    """Returns a name's place with the other half of a bracket or quotation that is in it: ``Banca „Ion Țiriac”``."""
    before = start - 1 - (text[start - 1 : start] == " ")
    closes = _CLOSING.get(text[before], "") if before >= 0 else ""
    opened: list[str] = []
    for at in range(start, end):
        char = text[at]
        if opened and char in opened[-1]:
            opened.pop()
        elif char in closes and not opened and not (text[at - 1] == " " and text[at + 1 : at + 2].isalnum()):
            start, closes = before, ""
        elif char in _CLOSING:
            opened.append(_CLOSING[char])
    after = end + (text[end : end + 1] == " ")
    if opened and after < len(text) and text[after] in opened[-1]:
        end = after + 1
    return start, end
