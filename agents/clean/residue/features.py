"""What can be measured of a line in any language: its form, its place, its company, and what phrases it holds.

No feature knows a language. Words that are frequent in the long lines stand in for a list of function words, the
words that lines share stand in for the topic, and a line is seen with its neighbours and with where the long
sentences of the text lie. Order and meaning of the columns are part of the fitted model: change one, fit again.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from itertools import groupby

import numpy as np
from numpy.typing import NDArray

from agents.clean.residue.lines import CLOSERS, TERMINALS, cut_off
from agents.clean.residue.phrasebook import Hit
from agents.code_points import code_points
from schemas.article import RemovalReason

GROUPS = (
    ("cookie_banner",),
    ("photo_credit",),
    ("syndication_notice", "company_boilerplate"),
    ("related_teaser",),
    ("comment_form",),
    ("navigation", "share_buttons"),
    ("subscription",),
    ("author_bio",),
    ("copyright", "advertisement"),
)
"""Reasons whose phrases are one feature."""
_COLUMN = {reason: 2 + number for number, group in enumerate(GROUPS) for reason in group}
_SEPARATORS = frozenset("|›»•·>/←→▶►✓*#")
_INNER = frozenset(",;:،、，；：")
_QUOTES = frozenset('"“”„«»‘‹「『')
_LINK = re.compile(r"https?:|www\.|@\w|\.(?:com|org|net)\b")
# begins with the digit, which is all that is looked for in most texts
_CLOCK = re.compile(
    r"\d(?:\d?[:.h]\d{2}(?!\d)|\d?/\d{1,2}/\d{2,4}|(?:(?<=\b1)9|(?<=\b2)0)\d\d\b|(?<=2)0\d\d年)"
)
_MARKS = re.compile(r"[\d!-/:-@\[-`{-~¡-¿‐-⁞₠-₿、-〿！-／：-＠](?:(?<=\d)\d*)?")
_MOST_MARKS = 12
"""Marks of a line that are compared."""
_LOOKED_AT = 200
"""Characters of a line that are searched for marks."""
_MANY = 12
"""Lines built alike beyond which more say nothing."""
_UNSPACED = (
    (0x0E00, 0x0EFF), (0x1000, 0x109F), (0x1780, 0x17FF), (0x3040, 0x30FF), (0x3400, 0x4DBF), (0x4E00, 0x9FFF),
    (0xF900, 0xFAFF),
)  # fmt: skip
"""Blocks of scripts that do not space their words: each character is a word."""
_LONG = 14
"""Words from which a line may be a paragraph; a character of a script without spaces is half a word."""
_FREQUENT = 25
"""Words taken for the function words of the text."""
_FAR = 12
_CLOSING = frozenset(")]}")
_POINTS = 0x32400
"""Characters whose classes are looked up; beyond the last Han character there are no letters."""
_Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class LineView:
    """A line as the features need it."""

    text: str
    words: Sequence[str]
    hits: Sequence[Hit]
    form: RemovalReason | None = None
    """The reason for which its form speaks by itself; no feature."""


def features(lines: Sequence[LineView]) -> _Floats:
    """Returns one row of features for each line."""
    own = _form(lines)
    size = own[:, 0]
    sentence = (own[:, 1] > 0) & (size >= _LONG)
    if not sentence.any():
        # no paragraph ends in a full stop: a script without one, or a text without paragraphs
        sentence = size >= 2 * _LONG
    company = _company(lines, sentence)
    place = _place(size, sentence)
    phrases = _phrases(lines)
    near = np.hstack([np.log1p(size)[:, None], own[:, 1:3], own[:, 5:6], company[:, :3], phrases[:, :1]])
    around = np.hstack([_shifted(near, step) for step in (-2, -1, 1, 2)])
    return np.hstack(
        [
            np.log1p(size)[:, None],
            own[:, 1:],
            company,
            place,
            phrases,
            _headings(phrases),
            _lists(lines),
            around,
        ]
    )


_ALPHA, _UPPER, _DIGIT, _SPACE, _SEPARATOR, _COMMA, _QUOTE, _SOLID = (1 << bit for bit in range(8))
_KINDS = 1 << 8
_HELD = (np.arange(_KINDS)[:, None] >> np.arange(8) & 1).astype(np.float64)
"""Which classes a character of each combination of classes is of."""


@cache
def _classes() -> NDArray[np.uint8]:
    """Returns the classes of every character; those beyond the last are of none."""
    every = "".join(map(chr, range(_POINTS)))
    found = np.zeros(_POINTS, dtype=np.uint8)
    for mask, holds in (
        (_ALPHA, str.isalpha),
        (_UPPER, str.isupper),
        (_DIGIT, str.isdigit),
        (_SPACE, str.isspace),
        (_SEPARATOR, _SEPARATORS.__contains__),
        (_COMMA, _INNER.__contains__),
        (_QUOTE, _QUOTES.__contains__),
    ):
        found |= np.where(
            np.fromiter(map(holds, every), dtype=bool, count=_POINTS), np.uint8(mask), np.uint8(0)
        )
    for first, last in _UNSPACED:
        found[first : last + 1] |= _SOLID
    return found


def _form(lines: Sequence[LineView]) -> _Floats:
    """Measures what each line looks like; the characters of all lines are counted at once."""
    texts = [line.text for line in lines]
    whole = "\n".join(texts)
    lengths = np.array([len(text) for text in texts])
    starts = np.concatenate([[0], np.cumsum(lengths + 1)[:-1]])
    points = code_points(whole)
    kinds = _classes().take(points, mode="clip")
    # what is between two lines is counted with the first of them
    row = np.repeat(np.arange(len(lines)), lengths + 1)[: len(kinds)]
    counts = np.bincount(row * _KINDS + kinds, minlength=len(lines) * _KINDS).reshape(-1, _KINDS) @ _HELD

    def count(kind: int) -> _Floats:
        column: _Floats = counts[:, kind.bit_length() - 1]
        return column

    def holds(pattern: re.Pattern[str]) -> _Floats:
        found = np.zeros(len(lines))
        at = [match.start() for match in pattern.finditer(whole)]
        found[np.searchsorted(starts, at, side="right") - 1] = 1.0
        return found

    space = (kinds & _SPACE) != 0
    begins = ~space
    begins[1:] &= space[:-1]
    tokens = np.bincount(row[begins], minlength=len(lines))
    titled = np.bincount(row[begins & ((kinds & _UPPER) != 0)], minlength=len(lines))
    unspaced = count(_SOLID)
    words = np.array([len(line.words) for line in lines], dtype=np.float64)
    size = words - unspaced / 2
    letters = np.maximum(count(_ALPHA), 1.0)
    first = kinds[starts]
    edges = np.array([_edges(text) for text in texts])
    return np.column_stack(
        [
            size,
            edges[:, :4],
            titled / tokens,
            count(_UPPER) / letters,
            count(_DIGIT) / lengths,
            edges[:, 4],
            (first & _UPPER) != 0,
            (first & _DIGIT) != 0,
            np.minimum(4.0, count(_SEPARATOR)),
            count(_COMMA) / np.maximum(size, 1.0),
            count(_QUOTE) > 0,
            holds(_LINK),
            holds(_CLOCK),
            edges[:, 5:],
            letters / np.maximum(words, 1.0),
            unspaced / lengths,
        ]
    )


def _edges(text: str) -> tuple[bool, ...]:
    """Measures how a line begins and ends."""
    bare = text.rstrip(CLOSERS)
    last = bare[-1:]
    cut = cut_off(text)
    return (
        last in TERMINALS and not cut,
        cut,
        last == ":" or last == "：",
        last == "?" or last == "？" or last == "؟",
        text[0].islower(),
        "©" in text or "(c)" in text,
        text[0] in "([{" and last in _CLOSING,
        text[0] in "-–—•*",
    )


def _company(lines: Sequence[LineView], sentence: NDArray[np.bool_]) -> _Floats:
    """Measures how a line's words stand to those of the other lines."""
    every = [word for line in lines for word in line.words]
    numbers = {word: number for number, word in enumerate(dict.fromkeys(every))}
    words = np.fromiter(map(numbers.__getitem__, every), dtype=np.int64, count=len(every))
    lengths = np.array([len(line.words) for line in lines])
    rows = np.repeat(np.arange(len(lines)), lengths)
    kinds = len(numbers)
    pairs = np.sort(rows * kinds + words)
    once = np.concatenate([[True], pairs[1:] != pairs[:-1]])[: len(pairs)]  # each word once a line
    row, word = np.divmod(pairs[once], max(kinds, 1))
    everywhere = np.bincount(word, minlength=kinds)
    among = np.bincount(word[sentence[row]], minlength=kinds)
    running = np.bincount(words[sentence[rows]], minlength=kinds)
    frequent = _frequent(running, list(numbers))
    if "0" in numbers:
        frequent[numbers["0"]] = False

    def share(chosen: NDArray[np.bool_]) -> _Floats:
        return np.bincount(row[chosen], minlength=len(lines)).astype(np.float64)

    content = ~frequent[word]
    count = np.maximum(share(content), 1.0)
    others = share(content & (among[word] > sentence[row]))
    keys = [tuple(line.words) for line in lines]
    copies = Counter(keys)
    headline = np.zeros(kinds, dtype=bool)
    headline[word[row == 0]] = True
    distinct = np.maximum(np.bincount(row, minlength=len(lines)), 1)
    return np.column_stack(
        [
            np.bincount(rows[frequent[words]], minlength=len(lines)) / np.maximum(lengths, 1),
            share(content & (everywhere[word] > 1)) / count,
            others / count,
            np.minimum(5.0, others),
            [min(5, copies[key]) for key in keys],
            [line.text.isupper() for line in lines],
            share(headline[word]) / distinct,
        ]
    )


def _lists(lines: Sequence[LineView]) -> _Floats:
    """Measures what a line's form has in common with other lines: the items of a list are built alike."""
    marks = [line_marks(line) for line in lines]
    same = Counter(marks)
    runs = [0] * len(lines)
    at = 0
    for mark, alike in groupby(marks):
        end = at + len(list(alike))
        if mark:
            runs[at:end] = [min(end - at, _MANY)] * (end - at)
        at = end
    columns = (
        [min(same[mark], _MANY) if mark else 0 for mark in marks],
        runs,
        [len(mark) for mark in marks],
        _equal([line.words[0] if line.words else None for line in lines]),
        _equal([line.words[-1] if line.words else None for line in lines]),
    )
    return np.array(columns, dtype=np.float64).T


def _equal(keys: Sequence[str | None]) -> list[int]:
    """Returns how many of the lines above and below have the same key."""
    padded = [None, *keys, None]
    return [
        0 if key is None else (key == before) + (key == after)
        for before, key, after in zip(padded, keys, padded[2:], strict=False)
    ]


def line_marks(line: LineView) -> str:
    """Returns the punctuation and the places of numbers of a short line, without a mark that ends it."""
    if len(line.words) >= 2 * _LONG:
        return ""
    found = _MARKS.findall(line.text.rstrip(".!?…。")[:_LOOKED_AT])
    return "".join(["0" if mark.isdigit() else mark for mark in found])[:_MOST_MARKS] if found else ""


def _frequent(running: NDArray[np.int64], words: Sequence[str]) -> NDArray[np.bool_]:
    """Says of each word whether it is among the most frequent; of equally frequent ones, the first by alphabet."""
    found = np.zeros(len(words), dtype=bool)
    used = np.flatnonzero(running)
    if len(used) > _FREQUENT:
        least = np.partition(running[used], -_FREQUENT)[-_FREQUENT]
        used = used[running[used] >= least]
    times = running.tolist()
    order = sorted(used.tolist(), key=lambda number: (-times[number], words[number]))
    found[order[:_FREQUENT]] = True
    return found


def _place(size: _Floats, sentence: NDArray[np.bool_]) -> _Floats:
    count = len(size)
    index = np.arange(count)
    mass = np.where(sentence, size, 0.0)
    total = mass.sum() or 1.0
    before = np.cumsum(mass) - mass
    before_it = np.concatenate([[-_FAR], np.maximum.accumulate(np.where(sentence, index, -_FAR))[:-1]])
    last = np.minimum(_FAR, index - before_it)
    after_it = np.minimum.accumulate(np.where(sentence, index, count + _FAR)[::-1])[::-1]
    following = np.minimum(_FAR, np.concatenate([after_it[1:], [count + _FAR]]) - index)
    padded = np.concatenate([[0], np.cumsum(sentence)])
    around = (padded[np.minimum(count, index + 6)] - padded[np.maximum(0, index - 5)]) / 11
    largest = np.sort(size)[int(0.8 * (count - 1))] or 1.0
    # short lines between paragraphs: few are residue on a news page, many are a list, a score sheet, an interview
    inside = np.zeros(count, dtype=bool)
    if sentence.any():
        inside[sentence.argmax() : count - sentence[::-1].argmax()] = True
    brief = inside & ~sentence
    return np.stack(
        [
            index / max(count - 1, 1),
            np.minimum(index, 10).astype(float),
            np.minimum(count - 1 - index, 10).astype(float),
            before / total,
            (total - before - mass) / total,
            last,
            following,
            around,
            np.full(count, sentence.mean()),
            np.full(count, min(count, 200)),
            np.full(count, mass.sum() / max(size.sum(), 1.0)),
            np.minimum(3.0, size / largest),
            sentence.astype(float),
            inside.astype(float),
            np.full(count, min(float(brief.sum()), 60.0)),
            np.full(count, brief.sum() / max(inside.sum(), 1)),
            np.full(count, min(float(sentence.sum()), 60.0)),
        ],
        axis=1,
    )


def _phrases(lines: Sequence[LineView]) -> _Floats:
    """Measures how much of a line is a phrase: first the most of all groups, then each group's."""
    result = np.zeros((len(lines), 2 + len(GROUPS)))
    for index, line in enumerate(lines):
        for hit in line.hits:
            share = (hit.end - hit.start) / len(line.words)
            if hit.at_start:
                share += 0.5
            column = _COLUMN.get(hit.reason)
            if column is not None:
                result[index, column] = max(result[index, column], share)
    result[:, 0] = result[:, 2:].max(axis=1)
    result[:, 1] = (result[:, 2:] > 0).sum(axis=1)
    return result


def _headings(phrases: _Floats) -> _Floats:
    """Measures what phrases stand above a line: of teasers, comments and pleas, near and anywhere; and below it."""
    strong = (phrases[:, [5, 6, 8]] >= 0.6).astype(float)
    ever = np.minimum(np.cumsum(strong, axis=0) - strong, 3)
    padded = np.vstack([np.zeros((1, 3)), np.cumsum(strong, axis=0)])
    count = len(phrases)
    index = np.arange(count)
    near = padded[index] - padded[np.maximum(0, index - 6)]
    any_strong = (phrases[:, :1] >= 0.6).astype(float)
    summed = np.vstack([np.zeros((1, 1)), np.cumsum(any_strong, axis=0)])
    above = summed[index] - summed[np.maximum(0, index - 5)]
    below = summed[np.minimum(count, index + 6)] - summed[np.minimum(count, index + 1)]
    return np.hstack([ever, near, above, below])


def _shifted(values: _Floats, step: int) -> _Floats:
    """Returns the values of the line ``step`` away; -1 beyond the ends of the text."""
    result = np.full_like(values, -1.0)
    if step < 0:
        result[-step:] = values[:step]
    else:
        result[:-step] = values[step:]
    return result
