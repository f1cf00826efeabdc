"""A text as lines and sentences, and what can be seen of a line in any language."""

from __future__ import annotations

import re
from collections.abc import Iterator

_LETTERS = [chr(point) for point in (*range(0x41, 0x590), *range(0x1E00, 0x2000))]
# Latin (with Vietnamese and Yoruba), Greek, Cyrillic, Armenian: the scripts with case
LOWER = "".join(filter(str.islower, _LETTERS))
UPPER = "".join(filter(str.isupper, _LETTERS))
TERMINALS = frozenset(".!?。！？…।॥؟۔።՞։‼⁈⁉")
OPENS = (":", "：", "․", "՝")
"""Signs with which a line announces those under it: ``See the new lines:``."""
CLOSERS = "”\"»“’'\\')]）」』››"
_LINE = re.compile(r"\S(?:[^\n]*\S)?")
_STOP = re.compile(
    r"(?:(?<![.!?…])[.!?…]++[”\"»’)\]]*(?=\s+[“\"«„‘(\[]?[^\W_])|(?<![。！？])[。！？]++[”」』）]*(?=\S)|[।۔።]\s*(?=\S))"
)
_LONGEST_ABBREVIATION = 24
"""Characters before a stop that may be one, with what stands before it; bounds the time of a line of initials."""
_ABBREVIATED = re.compile(r"(?:^|[\s(“\"«„])(?:[^\W\d_]|[^\W\d_]{1,3}|(?:[^\W\d_]\.)+[^\W\d_])$")


def line_spans(text: str) -> Iterator[tuple[int, int]]:
    """Yields the spans of the lines of ``text`` that hold more than white space, without the space around them."""
    for found in _LINE.finditer(text):
        yield found.span()


def sentence_spans(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Yields the spans of the sentences of ``text[start:end]``; never splits after what may be an abbreviation."""
    at = start
    for found in _STOP.finditer(text, start, end):
        if found.group() == "." and _ABBREVIATED.search(
            text, max(at, found.start() - _LONGEST_ABBREVIATION), found.start()
        ):
            continue
        yield at, found.end()
        at = found.end()
        while at < end and text[at].isspace():
            at += 1
    if at < end:
        yield at, end


def ends_sentence(line: str) -> bool:
    """Whether ``line`` ends as a sentence does; one cut off by an ellipsis does not."""
    bare = line.rstrip(CLOSERS + " ")
    return bool(bare) and bare[-1] in TERMINALS and not cut_off(line)


def cut_off(line: str) -> bool:
    """Whether ``line`` breaks off in an ellipsis."""
    bare = line.rstrip(CLOSERS + " ")
    return bare.endswith(("…", "...", ". ."))
