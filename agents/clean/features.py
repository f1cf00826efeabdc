"""What can be measured of a line in any language: its form, its place, its company, and what phrases it holds.

No feature knows a language. Words that are frequent in the long lines stand in for a list of function words, the
words that lines share stand in for the topic, and a line is seen with its neighbours and with where the long
sentences of the text lie. Order and meaning of the columns are part of the fitted model: change one, fit again.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from agents.clean.lines import CLOSERS, TERMINALS, cut_off
from agents.clean.phrasebook import Hit

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
_SEPARATORS = re.compile(r"[|›»•·>/←→▶►✓*#]")
_INNER = re.compile(r"[,;:،、，；：]")
_QUOTES = re.compile('["“”„«»‘‹「『]')
_LINK = re.compile(r"https?:|www\.|@\w|\.(?:com|org|net)\b")
_CLOCK = re.compile(r"\d{1,2}[:.h]\d{2}(?!\d)|\d{1,2}/\d{1,2}/\d{2,4}|\b(?:19|20)\d\d\b|20\d\d年")
_UNSPACED = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]"
)
_LONG = 14
"""Words from which a line may be a paragraph; a character of a script without spaces is half a word."""
_FREQUENT = 25
"""Words taken for the function words of the text."""
_FAR = 12
_Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class LineView:
    """A line as the features need it."""

    text: str
    words: Sequence[str]
    hits: Sequence[Hit]


def features(lines: Sequence[LineView]) -> _Floats:
    """Returns one row of features for each line."""
    own = np.array([_form(line) for line in lines], dtype=np.float64)
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
        [np.log1p(size)[:, None], own[:, 1:], company, place, phrases, _headings(phrases), around]
    )


def _form(line: LineView) -> list[float]:
    text = line.text
    bare = text.rstrip(CLOSERS)
    count = len(text)
    words = line.words
    unspaced = 0 if text.isascii() else len(_UNSPACED.findall(text))
    size = len(words) - unspaced / 2
    tokens = text.split()
    titled = sum(token[0].isupper() for token in tokens)
    letters = sum(map(str.isalpha, text)) or 1
    upper = sum(map(str.isupper, text))
    cut = cut_off(text)
    last = bare[-1:] if bare else ""
    return [
        size,
        float(last in TERMINALS and bool(last) and not cut),
        float(cut),
        float(last == ":" or last == "："),
        float(last == "?" or last == "？" or last == "؟"),
        titled / len(tokens),
        upper / letters,
        sum(map(str.isdigit, text)) / count,
        float(text[0].islower()),
        float(text[0].isupper()),
        float(text[0].isdigit()),
        min(4.0, len(_SEPARATORS.findall(text))),
        len(_INNER.findall(text)) / max(size, 1.0),
        float(bool(_QUOTES.search(text))),
        float(bool(_LINK.search(text))),
        float(bool(_CLOCK.search(text))),
        float("©" in text or "(c)" in text),
        float(text[0] in "([{" and last in ")]}" and bool(last)),
        float(text[0] in "-–—•*"),
        letters / max(len(words), 1),
        unspaced / count,
    ]


def _company(lines: Sequence[LineView], sentence: NDArray[np.bool_]) -> _Floats:
    """Measures how a line's words stand to those of the other lines."""
    sets = [set(line.words) for line in lines]
    everywhere: Counter[str] = Counter()
    among: Counter[str] = Counter()
    running: Counter[str] = Counter()
    for line, words, long in zip(lines, sets, sentence, strict=True):
        everywhere.update(words)
        if long:
            among.update(words)
            running.update(line.words)
    frequent = {word for word, _ in sorted(running.items(), key=lambda item: (-item[1], item[0]))[:_FREQUENT]}
    frequent.discard("0")
    copies = Counter(tuple(line.words) for line in lines)
    result = np.zeros((len(lines), 6))
    for index, (line, words, long) in enumerate(zip(lines, sets, sentence, strict=True)):
        content = words - frequent
        count = len(content) or 1
        own = 1 if long else 0
        result[index] = (
            sum(word in frequent for word in line.words) / (len(line.words) or 1),
            sum(everywhere[word] > 1 for word in content) / count,
            sum(among[word] > own for word in content) / count,
            min(5, sum(among[word] > own for word in content)),
            min(5, copies[tuple(line.words)]),
            float(line.text.isupper()),
        )
    return result


def _place(size: _Floats, sentence: NDArray[np.bool_]) -> _Floats:
    count = len(size)
    index = np.arange(count)
    mass = np.where(sentence, size, 0.0)
    total = mass.sum() or 1.0
    before = np.cumsum(mass) - mass
    at = index[sentence].tolist()
    last = np.full(count, _FAR)
    following = np.full(count, _FAR)
    for i in range(count):
        here = bisect_right(at, i)
        earlier = here - 1 if here and at[here - 1] < i else here - 2 if here and at[here - 1] == i else -1
        if here and at[here - 1] < i:
            last[i] = min(_FAR, i - at[here - 1])
        elif earlier >= 0:
            last[i] = min(_FAR, i - at[earlier])
        if here < len(at):
            following[i] = min(_FAR, at[here] - i)
    padded = np.concatenate([[0], np.cumsum(sentence)])
    around = (padded[np.minimum(count, index + 6)] - padded[np.maximum(0, index - 5)]) / 11
    largest = np.sort(size)[int(0.8 * (count - 1))] or 1.0
    # short lines between paragraphs: few are residue on a news page, many are a list, a score sheet, an interview
    inside = np.zeros(count, dtype=bool)
    if at:
        inside[at[0] : at[-1] + 1] = True
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
            column = 2 + next(i for i, group in enumerate(GROUPS) if hit.reason in group)
            result[index, column] = max(result[index, column], share)
        result[index, 0] = result[index, 2:].max()
        result[index, 1] = (result[index, 2:] > 0).sum()
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
