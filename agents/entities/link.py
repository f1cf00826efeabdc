"""Finds names in a text and decides which entity each of them means.

In this order: spans of the knowledge base (:mod:`spans`), what may be believed (:mod:`gate`), which entity is
meant (:mod:`resolve`), persons without an entry (:mod:`persons`), offices with their country (:mod:`offices`),
surnames (:mod:`coreference`), metonyms.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import tanh

from agents.entities.coreference import Heads, begin_of
from agents.entities.gate import Belief, belief
from agents.entities.kb import Lexicon
from agents.entities.languages import base, language
from agents.entities.offices import Offices
from agents.entities.persons import person_at, unknown
from agents.entities.records import Item
from agents.entities.resolve import Believe, Decision, resolve
from agents.entities.spans import Finder, Option, Span
from agents.entities.text import Words, read
from schemas.article import EntityType

MAX_TEXT = 120_000
"""Characters of an article that are linked: forty times a usual one, and a bound on time for what is none."""
_ADJECTIVES = ("adjective", "proper_adjective")
_SURE = {"exact": 0.97, "inflected": 0.93, "skeleton": 0.88}
_COREFERENCE = 0.93
_OFFICE = 0.95
_PROVISIONAL = 0.7
_AMBIGUOUS = 0.5


@dataclass(frozen=True, slots=True)
class Found:
    """A mention before it is published."""

    start: int
    end: int
    type: EntityType
    item: Item | None
    method: str
    confidence: float
    metonym_of: str | None = None
    ranked: tuple[tuple[str, float], ...] = ()
    """The best candidates: id and score."""


class Linker:
    """The linker over one knowledge base."""

    def __init__(self, lexicon: Lexicon) -> None:
        self._lexicon = lexicon
        self._finder = Finder(lexicon)
        self._offices = Offices(lexicon)

    def link(self, text: str, tag: str) -> list[Found]:
        """Returns the mentions in ``text``, in order, none overlapping; ``tag`` is its language (BCP 47)."""
        code = base(tag)
        words = read(text[:MAX_TEXT], self._whole)
        decisions = resolve(self._spans(words, code), words, code, self._believer(words, code))
        found = self._compose(decisions, words)
        return sorted(self._persons(found, words, code), key=lambda one: one.start)

    def _whole(self, folded: str) -> bool:
        return bool(self._lexicon.find(folded))

    def _believer(self, words: Words, code: str) -> Believe:
        def believe(option: Option, span: Span) -> Belief:
            return belief(option, span, words, code, self._lexicon)

        return believe

    def _spans(self, words: Words, code: str) -> list[Span]:
        believe = self._believer(words, code)

        def choose(spans: Sequence[Span]) -> Span | None:
            weak: Span | None = None
            for span in spans:
                strength = max((believe(option, span) for option in span.options), default=Belief.NO)
                if strength is Belief.AT_ONCE:
                    return span
                if weak is None and (strength is Belief.WITH_EVIDENCE or _is_place(span, words)):
                    weak = span
            return weak

        return list(self._finder.walk(words, code, choose))

    def _compose(self, decisions: Sequence[Decision], words: Words) -> list[tuple[Found, Span | None]]:
        """Turns decisions into mentions; offices take in the country beside them."""
        found: list[tuple[Found, Span | None]] = []
        swallowed: list[tuple[int, int]] = []
        last_office: dict[str, Item] = {}
        for number, decision in enumerate(decisions):
            option = decision.option
            if option is None or option.item.kind != "office" or option.item.part_of is None:
                continue
            near = [*decisions[max(0, number - 2) : number], *decisions[number + 1 : number + 3]]
            composed = self._offices.compose(decision, near, words)
            if composed:
                start, end, item = composed
                last_office[option.item.part_of] = item
                swallowed.append((start, end))
                found.append((Found(start, end, "ORG", item, "office", _OFFICE, None, decision.ranked), None))
            elif option.item.part_of in last_office and words.capital[decision.span.first]:
                item = last_office[option.item.part_of]
                span = decision.span
                found.append((Found(span.start, span.end, "ORG", item, "coreference", 0.8), None))
        for decision in decisions:
            span, option = decision.span, decision.option
            if option is not None and option.item.kind == "office":
                continue
            if any(start <= span.start < end for start, end in swallowed):
                continue
            found.append((_mention(decision, words), span))
        return found

    def _persons(self, found: list[tuple[Found, Span | None]], words: Words, code: str) -> list[Found]:
        """Adds persons without an entry, and gives surnames to the persons named in full."""
        taken = frozenset(at for one, _ in found for at in range(one.start, one.end))
        heads = Heads(code)
        result: list[Found] = []
        for one, span in found:
            if one.type == "PER" and one.item and span:
                heads.add(words, span.first, span.last, one.item)
        at = 0
        fresh: set[int] = set()
        while at < len(words):
            end = person_at(words, at, code, self._lexicon, taken)
            if end is None:
                at += 1
                continue
            start, stop = words.start[at], words.end[end - 1]
            item = unknown(words.text[start:stop], code, self._lexicon)
            heads.add(words, at, end, item)
            result.append(Found(start, stop, "PER", item, "provisional", _PROVISIONAL))
            fresh.update(range(start, stop))
            at = end
        heads.sort()
        result += [self._refer(one, span, words, heads, code) for one, span in found]
        for at in range(len(words) if heads else 0):
            start = words.start[at]
            if start in taken or start in fresh:
                continue
            person = heads.find(words, at)
            if person is not None:
                begin = words.start[begin_of(words, at, person.name.lower().split())]
                if begin in taken or begin in fresh:
                    begin = start
                result.append(Found(begin, words.end[at], "PER", person, "coreference", _COREFERENCE))
        return result

    def _refer(self, one: Found, span: Span | None, words: Words, heads: Heads, code: str) -> Found:
        """A single word that is the surname of someone named in full means that person."""
        if span is None or span.last != span.first + 1 or not heads:
            return _with_metonym(one, span, words, code)
        certain = one.item is not None and (one.item.kind == "country" or one.type in ("ORG", "NORP"))
        if not certain:
            item = heads.find(words, span.first)
            named = any(o.kind == "label" and item is not None and o.item.id == item.id for o in span.options)
            if item is not None and not named:
                return Found(one.start, one.end, "PER", item, "coreference", _COREFERENCE, None, one.ranked)
        return _with_metonym(one, span, words, code)


def _is_place(span: Span, words: Words) -> bool:
    """Tells whether a span may be the city of a "city, state"."""
    if not words.capital[span.first] or not words.cased[span.first]:
        return False
    after = words.folded[span.end : span.end + 2]
    return after in (", ", " (") and any(option.item.type == "LOC" for option in span.options)


def _dotted(words: Words, span: Span) -> int:
    """Returns where a span ends, the last dot of an abbreviation with dots (``U.S.``) included."""
    text, end = words.text, span.end
    return end + 1 if text[end : end + 1] == "." and text[span.start : end][-2:-1] == "." else end


def _mention(decision: Decision, words: Words) -> Found:
    span, option = decision.span, decision.option
    if option is None:
        kind: EntityType = next(o.item.type for o in span.options if o.item.id == decision.ranked[0][0])
        return Found(span.start, span.end, kind, None, "ambiguous", _AMBIGUOUS, None, decision.ranked)
    end = _dotted(words, span)
    kind = "NORP" if option.kind in _ADJECTIVES else option.item.type
    confidence = _SURE[option.method] * (0.75 + 0.25 * tanh(decision.margin / 2))
    if decision.believed is not Belief.AT_ONCE:
        confidence *= 0.9
    method = "surname" if option.kind == "surname" else option.method
    return Found(span.start, end, kind, option.item, method, confidence, None, decision.ranked)


def _with_metonym(one: Found, span: Span | None, words: Words, code: str) -> Found:
    """A capital stands for its government unless a word for a place goes before it, or it opens a dateline."""
    if one.item is None or one.item.metonym_of is None or span is None:
        return one
    if one.item.type == "LOC":
        before = words.word[span.first - 1] if span.first and not words.initial[span.first] else ""
        if before in language(code).locative or _dateline(one, words):
            return one
    return Found(
        one.start, one.end, one.type, one.item, one.method, one.confidence, one.item.metonym_of, one.ranked
    )


def _dateline(one: Found, words: Words) -> bool:
    line_start = one.start == 0 or words.text[one.start - 1] == "\n"
    return line_start and words.text[one.end : one.end + 3].strip(" ")[:1] in {",", "(", "–", "-", "—", "/"}
