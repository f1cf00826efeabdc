"""What the recogniser found beside what the knowledge base knows: which of the two a stretch of text follows.

The knowledge base knows the known: a name it has keeps its entity, and its type against the model's. The model finds
the unknown, and sees where a known name is part of a longer one ("Bank of England" names no country).
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import compress
from operator import gt, not_
from typing import Protocol

from agents.entities.knowledge.kb import Lexicon
from agents.entities.knowledge.records import NOTED
from agents.entities.linking.candidates import Option, Span
from agents.entities.linking.found import Found
from agents.entities.linking.gate import Belief
from agents.entities.linking.persons import second_syllable
from agents.entities.linking.resolve import Believe, Decision
from agents.entities.linking.text import Words
from agents.entities.recognition.decode import Kind
from agents.entities.recognition.recogniser import Reading, Wanted
from agents.entities.recognition.recogniser import Span as Recognised
from agents.entities.spelling.fold import words as split
from agents.entities.spelling.languages import language
from agents.entities.spelling.names import PARTICLES, similarity

SURE = {"PER": 0.4, "ORG": 0.4, "LOC": 0.4}
"""Confidence from which a name without an entry is published."""
OVERRULES = {"PER": 0.67, "ORG": 0.47, "LOC": 0.67}
"""Confidence from which a longer name takes the place of a known one inside it."""
DOUBTED = 0.05
"""Likelihood of a name below which one ordinary word is none, whatever the knowledge base has."""
_OFFICE = 0.67
"""Confidence below which a name that begins with a word for a role is the office someone holds."""
_NEAR = 2
"""Characters between a given name and the surname that damage has parted."""
_TWO = 2
"""Known persons that one name cannot be."""
_SAME_GIVEN = 0.8
"""Similarity of two spellings of a given name, where the surname and the article name the person already."""
_SHORTEST_NOMINAL = 4
"""Letters of a noun with its article, from which its ending tells it."""
_BREAKS = frozenset(",;:()[]!?\n")
_LONGEST_PARTICLE = 3
_LONGEST_POSTPOSITION = 4
_HIRAGANA = re.compile("[ぁ-ゟ]")
_DOUBTFUL = frozenset("은이가로도만나와과서")
"""Korean particles that names end with too."""


class Recognises(Protocol):
    """What the linker asks of a recogniser."""

    version: str

    def read(self, text: str, tag: str, wanted: Wanted | None = None) -> Reading:
        """Returns the names in the ``wanted`` sentences of ``text``, and how likely each word is part of one."""


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


def names(reading: Reading, words: Words, code: str, lexicon: Lexicon) -> list[Name]:
    """Returns what was recognised with the words it covers, without those around it that are no part of a name."""
    result = []
    elsewhere = _Elsewhere(words)
    korean = sorted({words.word[at] for at in range(len(words)) if words.hangul[at]})
    for one in reading.spans:
        first = bisect_right(words.end, one.start)
        last = bisect_left(words.start, one.end)
        start, end = one.start, one.end
        glued = next((at for at in range(first + 1, last) if words.glued[at] and words.cased[at]), None)
        if glued is not None and any(words.capital[first:glued]):
            # "KamikawaBlinken": the first is named, the other stands for itself
            last, end = glued, words.end[glued - 1]
        elif glued is not None and _noted(words.word[glued], lexicon):  # "uTrump"; "iRobot" is whole
            first, start = glued, words.start[glued]
        if one.type == "PER":
            while (
                last - first > 1
                and words.start[first] >= start
                and (_no_name(words, first, code, lexicon) or _shouted(words, first, last, lexicon))
            ):
                first += 1
                start = words.start[first]
            while (
                last - first > 1
                and words.end[last - 1] <= end
                and _no_name(words, last - 1, code, lexicon, first)
            ):
                last -= 1
                end = words.end[last - 1]
            if last - first == 1 and _opens_only(words, first, code, lexicon, elsewhere):
                continue
        if first < last and not _office(words, first, last, one, code):
            end = _without_particle(words, max(start, words.start[last - 1]), last - 1, end, korean)
            last, end = _without_postposition(words, first, last, start, end, code, lexicon)
            result.append(Name(start, end, first, last, one.type, one.confidence))
    return result


def _no_name(words: Words, at: int, code: str, lexicon: Lexicon, first: int | None = None) -> bool:
    """Tells whether an outer word of a person's name is a word for a role, or a common one that opens a sentence.

    ``first`` is the name's first word where ``at`` is its last.
    """
    word = words.word[at]
    if not words.cased[at]:
        return word in language(code).roles and not words.unspaced[at]
    if word in PARTICLES or lexicon.given(word):
        return False
    return (
        not (words.capital[at] or (first is not None and second_syllable(words, first, at, code, lexicon)))
        or word in language(code).roles
        or (words.initial[at] and lexicon.common(word, code))
    )


def _noted(word: str, lexicon: Lexicon) -> bool:
    """Tells whether a word by itself names something that the news often name."""
    return any(lexicon.item(posting.entity).weight >= NOTED for posting in lexicon.find(word))


def _opens_only(words: Words, at: int, code: str, lexicon: Lexicon, elsewhere: _Elsewhere) -> bool:
    """Tells whether a word has its capital from opening a sentence: ``El a plecat``, ``Șoferul a fugit``.

    It is a common word, a noun with its article, or written small elsewhere; but no given name, nothing that the news
    often name, and nowhere in the text with a capital of its own.
    """
    word = words.word[at]
    if not (words.cased[at] and words.initial[at]) or words.in_capitals(at):
        return False
    common = lexicon.common(word, code)
    if word in PARTICLES:
        return common
    if word in elsewhere.named or lexicon.given(word) or _noted(word, lexicon):
        return False
    nominal = len(word) >= _SHORTEST_NOMINAL and word.endswith(language(code).nominals)
    return common or nominal or word in elsewhere.small


class _Elsewhere:
    """How a text writes its words where a capital tells something."""

    def __init__(self, words: Words) -> None:
        self._words = words

    @cached_property
    def small(self) -> frozenset[str]:
        """Words that stand somewhere without a capital."""
        return frozenset(compress(self._words.word, map(not_, self._words.capital)))

    @cached_property
    def named(self) -> frozenset[str]:
        """Words that have a capital of their own somewhere inside a sentence."""
        words = self._words
        return frozenset(compress(words.word, map(gt, words.capital, words.initial)))


def _shouted(words: Words, first: int, last: int, lexicon: Lexicon) -> bool:
    """Tells whether two words in a line of capitals are a known surname behind a word that is no given name."""
    if last != first + 2 or not words.cased[first] or lexicon.given(words.word[first]):
        return False
    known = lexicon.find(words.word[first + 1]) if words.in_capitals(first) else ()
    return any(lexicon.item(posting.entity).type == "PER" for posting in known)


def _office(words: Words, first: int, last: int, one: Recognised, code: str) -> bool:
    """Tells whether what was recognised is an office someone holds: a role alone, or with what it is for."""
    if words.word[first] not in language(code).roles or not words.cased[first]:
        return False
    return last - first == 1 or (one.type != "PER" and one.confidence < _OFFICE)


def _without_particle(words: Words, start: int, at: int, end: int, known: Sequence[str]) -> int:
    """Returns where a Korean name ends before the particle that is written together with it.

    A syllable that ends names too is cut off only where the article, of which ``known`` are the Korean words in
    order, has the name without it.
    """
    if not words.hangul[at] or end != words.end[at]:
        return end
    word = words.text[start:end]
    for length in range(min(_LONGEST_PARTICLE, len(word) - 2), 0, -1):
        particle, rest = word[-length:], word[:-length]
        if particle in language("ko").particles:
            near = known[bisect_left(known, rest) :][:2]
            told = any(other.startswith(rest) and other != word for other in near)
            return end - length if told or particle not in _DOUBTFUL else end
    return end


def _without_postposition(
    words: Words, first: int, last: int, start: int, end: int, code: str, lexicon: Lexicon
) -> tuple[int, int]:
    """Returns where a name ends, by words and in the text, before a particle behind it: ``東京で``, ``दिल्ली में``.

    Written together with it, a particle in hiragana is cut from what is in another script, else from a known name.
    """
    particles = language(code).particles
    if not particles or words.hangul[last - 1] or words.cased[last - 1]:
        return last, end
    if not words.unspaced[last - 1]:
        while (
            last - first > 1
            and end == words.end[last - 1]
            and words.text[words.start[last - 1] : end] in particles
        ):
            last -= 1
            end = words.end[last - 1]
        return last, end
    written = words.folded[start:end]
    if lexicon.find(written):
        return last, end
    for cut in range(max(1, len(written) - _LONGEST_POSTPOSITION), len(written)):
        rest, particle = written[:cut], written[cut:]
        apart = _HIRAGANA.match(particle) and not _HIRAGANA.match(rest[-1])
        if particle in particles and (apart or lexicon.find(rest)):
            return bisect_left(words.start, start + cut), start + cut
    return last, end


def open_sentences(words: Words, decisions: Sequence[Decision], code: str, lexicon: Lexicon) -> Wanted:
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
        span = decision.span
        if (
            decision.option is not None
            and decision.believed is Belief.AT_ONCE
            and not _doubtful(decision, words)
        ):
            settled.update(range(span.first, span.last))

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


def supported(believe: Believe, listed: Sequence[Name], words: Words) -> Believe:
    """Returns ``believe`` one step bolder where the recogniser found the same name with the same type.

    Not for a part of a person's name, which the recogniser does not know either: ``哈里斯``.
    """
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
        if name.type == "PER" and not words.cased[span.first] and plain is Belief.WITH_EVIDENCE:
            return plain
        return Belief(plain + 1)

    return bolder


def settle(
    found: Sequence[tuple[Found, Span | None]],
    listed: Sequence[Name],
    words: Words,
    code: str,
    lexicon: Lexicon,
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
            if last == len(order) or not _given_apart(name, order[last][0], words):
                free.append(name)
        elif last - first == 1 and _respelt(order[first], name, words):
            one, span = order[first]
            order[first] = replace(one, start=name.start, end=name.end, method="skeleton"), span
        elif name.confidence >= OVERRULES[name.type] and not _BREAKS & set(words.text[name.start : name.end]):
            inside = order[first:last]
            persons = {one.item.id for one, _ in inside if one.type == "PER" and one.item}
            if len(persons) < _TWO and all(
                span and _part(one, span, name, words, code, lexicon) for one, span in inside
            ):
                gone.update(range(first, last))
                free.append(name)
    return [entry for at, entry in enumerate(order) if at not in gone], free


def believable(decisions: Sequence[Decision], reading: Reading, words: Words) -> list[Decision]:
    """Leaves out what the model takes for an ordinary word: ``Mann`` is no island, ``Dacă`` no capital."""
    result = []
    for decision in decisions:
        if _doubtful(decision, words):
            chance = reading.chance(decision.span.start, decision.span.end)
            if chance is not None and chance < DOUBTED:
                continue
        result.append(decision)
    return result


def _doubtful(decision: Decision, words: Words) -> bool:
    """Tells whether a decision rests on one word that may be an ordinary one: it opens a sentence or names little."""
    span, option = decision.span, decision.option
    if span.last != span.first + 1 or not words.cased[span.first] or option is None:
        return False
    if option.kind in ("adjective", "proper_adjective", "acronym") or option.item.kind in (
        "country",
        "office",
    ):
        return False
    return words.initial[span.first] or option.method != "exact" or option.item.weight < NOTED


def _respelt(entry: tuple[Found, Span | None], name: Name, words: Words) -> bool:
    """Tells whether a full name is another spelling of the person whom its surname was taken for."""
    one, span = entry
    if one.item is None or span is None or name.type != "PER" or one.method != "surname":
        return False
    if one.start < name.start or one.end > name.end or span.last != name.last or span.first != name.first + 1:
        return False
    return similarity(words.word[name.first : name.first + 1], split(one.item.name)[:1]) >= _SAME_GIVEN


def _given_apart(name: Name, after: Found, words: Words) -> bool:
    """Tells whether a name is the given name of the known person behind it: ``Vladimir) Putin``."""
    if name.type != "PER" or after.type != "PER" or after.item is None or name.last != name.first + 1:
        return False
    near = after.start - name.end <= _NEAR
    return near and words.word[name.first] == split(after.item.name)[0]


def _part(one: Found, span: Span, name: Name, words: Words, code: str, lexicon: Lexicon) -> bool:
    """Tells whether a known name is only part of a longer one, and means nothing on its own there."""
    before, after = one.start - name.start, name.end - one.end
    if before < 0 or after < 0 or not before + after:
        return False
    if name.type == "PER":
        if span.last != span.first + 1 or words.unspaced[span.first] or one.type in ("ORG", "NORP"):
            return False
        if one.item and one.item.kind == "country" and before:
            return False
        others = (at for at in range(name.first, name.last) if at != span.first)
        return all(words.named(at) or words.word[at] in PARTICLES for at in others)
    apart = all(
        words.text[place : place + 1] == " " or not cut
        for place, cut in ((one.start - 1, before), (one.end, after))
    )
    if not apart and not words.unspaced[span.first]:
        return False
    country = one.type == "LOC" and one.item is not None and one.item.kind == "country"
    return not country and (name.type != "ORG" or one.type != "ORG")
