"""The words of a text as the recogniser labels them, and its sentences.

A word is what the training sets call one: letters and digits with the hyphens and dots inside them; an apostrophe
ends a word (``dell'``, ``l'``) unless a small ending follows (``Rusya'nın``, ``Lavrov's``), which is a word of its
own. In a script without spaces every sub-word of the model is a word, since nobody knows the words there.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from agents.entities.spelling.fold import JOINERS, MARKS, UNSPACED

_LETTER = rf"[^\W_](?:[{MARKS}{JOINERS}])*"
_RUN = rf"(?:{_LETTER})+"
_UNSPACED = UNSPACED.pattern[1:-1]
TOKEN = re.compile(
    rf"(?P<dense>[{_UNSPACED}][{_UNSPACED}{MARKS}{JOINERS}ー・]*)"
    rf"|(?P<word>(?:(?![{_UNSPACED}]){_LETTER})+(?:[-‐‑.&@״\"](?:(?![{_UNSPACED}]){_LETTER})+)*)"
    r"|(?P<mark>\S)"
)
"""One word, a run of a script without spaces, or one other character."""
_END = re.compile(r"\n+|[。！？]+[」』”’）)]*|(?<![.!?…؟۔։።।])[.!?…؟۔։።।]++[\"'»“”’)\]]*+(?=\s)")
"""Where a sentence may end. Linear in any text: a run of dots is looked at once."""
_SHORT = 4
"""A full stop after fewer letters may belong to an abbreviation: ``St.``, ``Dr.``, ``J.``."""


@dataclass(frozen=True, slots=True)
class Token:
    """One word, or a run of a script without spaces."""

    start: int
    end: int
    dense: bool
    """Of a script without spaces."""


def tokens(text: str, start: int, end: int) -> list[Token]:
    """Returns the words of ``text`` from ``start`` to ``end``, and single characters that are none."""
    return [
        Token(match.start(), match.end(), match.lastgroup == "dense")
        for match in TOKEN.finditer(text, start, end)
    ]


def sentences(text: str) -> Iterator[tuple[int, int]]:
    """Yields where each sentence starts and ends; what lies between them is blank.

    Only places to cut at: a sentence that is missed costs a longer window, one too many a little context.
    """
    start = 0
    for match in _END.finditer(text):
        stop = match.end()
        if match.group()[0] == "." and not _closes(text, match.start(), stop):
            continue
        yield from _trimmed(text, start, stop)
        start = stop
    yield from _trimmed(text, start, len(text))


def _closes(text: str, at: int, stop: int) -> bool:
    """Tells whether the full stop at ``at`` ends a sentence rather than an abbreviation or a number."""
    begin = at
    while begin and at - begin < _SHORT and text[begin - 1].isalnum():
        begin -= 1
    after = text[stop : stop + 2].strip()
    return at - begin >= _SHORT and not text[begin:at].isdigit() and not after[:1].islower()


def _trimmed(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    if end > start:
        yield start, end
