"""What the recogniser found beside what the knowledge base knows: which of the two a stretch of text follows.

The knowledge base knows the known: a name it has keeps its entity, and its type against the model's. The model finds
the unknown, and sees where a known name is part of a longer one ("Bank of England" names no country).
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from agents.entities.found import Found
from agents.entities.gate import Belief
from agents.entities.kb import Lexicon
from agents.entities.recognition.decode import Kind
from agents.entities.recognition.recogniser import Span as Recognised
from agents.entities.resolve import Believe, Decision
from agents.entities.spans import Option, Span
from agents.entities.text import Words

SURE = {"PER": 0.6, "ORG": 0.6, "LOC": 0.6}
"""Confidence from which a name without an entry is published."""
OVERRULES = 0.8
"""Confidence from which a longer name takes the place of a known one inside it."""


@dataclass(frozen=True, slots=True)
class Name:
    """A name that the recogniser found, by place and by words."""

    start: int
    end: int
    first: int
    last: int
    """One past its last word."""
    type: Kind
    confidence: float


def names(found: Sequence[Recognised], words: Words) -> list[Name]:
    """Returns what was recognised with the words it covers."""
    result = []
    for one in found:
        first = bisect_right(words.end, one.start)
        last = bisect_left(words.start, one.end)
        if first < last:
            result.append(Name(one.start, one.end, first, last, one.type, one.confidence))
    return result


def open_sentences(
    words: Words, decisions: Sequence[Decision], code: str, lexicon: Lexicon
) -> Callable[[int, int], bool]:
    """Returns the test whether a sentence may hold a name that the knowledge base leaves open.

    Settled is one in which every word with a capital is part of a name believed at once, or opens the sentence and
    is a common word. In a script without capitals any word may be a name; a text without any is read whole.
    """
    if not any(words.cased) or not any(
        capital for capital, cased in zip(words.capital, words.cased, strict=True) if cased
    ):
        return lambda start, end: True
    settled: set[int] = set()
    for decision in decisions:
        if decision.option is not None and decision.believed is Belief.AT_ONCE:
            settled.update(range(decision.span.first, decision.span.last))

    def test(start: int, end: int) -> bool:
        at = bisect_left(words.start, start)
        opening = True
        while at < len(words) and words.start[at] < end:
            if words.capital[at] and at not in settled:
                if not words.cased[at]:
                    if words.word[at][0].isalpha():
                        return True
                elif not (opening and lexicon.common(words.word[at], code)):
                    return True
            opening = False
            at += 1
        return False

    return test


def supported(believe: Believe, listed: Sequence[Name]) -> Believe:
    """Returns ``believe`` one step bolder where the recogniser found the same name with the same type."""
    places = {(name.start, name.end): name for name in listed}

    def bolder(option: Option, span: Span) -> Belief:
        plain = believe(option, span)
        name = places.get((span.start, span.end))
        if (
            name is None
            or plain is Belief.AT_ONCE
            or option.item.type != name.type
            or option.kind == "surname"
        ):
            return plain
        return Belief(plain + 1)

    return bolder


def settle(
    found: Sequence[tuple[Found, Span | None]], listed: Sequence[Name]
) -> tuple[list[tuple[Found, Span | None]], list[Name]]:
    """Returns the known names that stand, and the recognised ones that are free of them."""
    order = sorted(found, key=lambda entry: entry[0].start)
    starts = [one.start for one, _ in order]
    gone: set[int] = set()
    free = []
    for name in listed:
        if name.confidence < SURE[name.type]:
            continue
        last = bisect_left(starts, name.end)
        first = last
        while first and order[first - 1][0].end > name.start:
            first -= 1
        if first == last:
            free.append(name)
        elif name.confidence >= OVERRULES and all(_within(order[at], name) for at in range(first, last)):
            gone.update(range(first, last))
            free.append(name)
    return [entry for at, entry in enumerate(order) if at not in gone], free


def _within(entry: tuple[Found, Span | None], name: Name) -> bool:
    """Tells whether a known name is only part of a longer one, and means nothing on its own there."""
    one, span = entry
    if span is None or one.start < name.start or one.end > name.end:
        return False
    if (one.start, one.end) == (name.start, name.end):
        return False
    if name.type == "PER":
        return span.last == span.first + 1
    if name.type == "ORG":
        return one.type != "ORG"
    return one.type in ("PER", "NORP")
