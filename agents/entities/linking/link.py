"""Finds names in a text and decides which entity each of them means.

In this order: spans of the knowledge base (:mod:`spans`), what may be believed (:mod:`gate`), which entity is
meant (:mod:`resolve`), persons without an entry (:mod:`persons`), offices with their country (:mod:`offices`),
surnames (:mod:`coreference`), metonyms.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from math import tanh

from agents.entities.knowledge.kb import Lexicon
from agents.entities.knowledge.records import Item
from agents.entities.linking.candidates import Option, Span
from agents.entities.linking.clubs import played
from agents.entities.linking.found import Found
from agents.entities.linking.gate import Belief, belief
from agents.entities.linking.gloss import abbreviated, glossed
from agents.entities.linking.initials import initialled
from agents.entities.linking.merge import (
    Name,
    Recognises,
    believable,
    names,
    open_sentences,
    settle,
    supported,
)
from agents.entities.linking.offices import Offices, main_country
from agents.entities.linking.resolve import Believe, Decision, Weighing, resolve
from agents.entities.linking.spans import Finder
from agents.entities.linking.states import stated
from agents.entities.linking.text import Words, read
from agents.entities.linking.unknown import complete
from agents.entities.spelling.languages import base, language
from agents.entities.spelling.reading import romanised
from schemas.article import EntityType

MAX_TEXT = 120_000
"""Characters of an article that are linked: forty times a usual one, and a bound on time for what is none."""
_ADJECTIVES = ("adjective", "proper_adjective")
_SURE = {"exact": 0.97, "inflected": 0.93, "skeleton": 0.88}
_OFFICE = 0.95
_ALONE = 0.75
"""An office with no country beside it."""
_AMBIGUOUS = 0.5
_TOWN = 2
"""Words from which a town is told by its name."""
_PARTICLE = 3
"""Letters of a small word inside it: ``de``."""
_INSIDE = 8
"""Spans of the knowledge base inside one recognised name that are looked at."""


class Linker:
    """The linker over one knowledge base."""

    def __init__(self, lexicon: Lexicon, recogniser: Recognises | None = None) -> None:
        self._lexicon = lexicon
        self._recogniser = recogniser
        self._finder = Finder(lexicon)
        self._offices = Offices(lexicon)

    @property
    def model(self) -> str | None:
        """Version of the model that recognises names; None where rules alone do."""
        return None if self._recogniser is None else self._recogniser.version

    def link(self, text: str, tag: str, told: list[Weighing] | None = None) -> list[Found]:
        """Returns the mentions in ``text``, in order, none overlapping; ``tag`` is its language (BCP 47).

        ``told`` is filled with how each span was weighed, for whoever asks why (:mod:`explain`).
        """
        code = base(tag)
        words = read(text[:MAX_TEXT], self._whole)
        believe = self._believer(words, code)
        spans = self._spans(words, code, believe)
        decisions = resolve(spans, words, code, believe, None if self._recogniser else told)
        listed: list[Name] = []
        if self._recogniser is not None:
            wanted = open_sentences(words, decisions, code, self._lexicon)
            reading = self._recogniser.read(words.text, tag, wanted)
            listed = names(reading, words, code, self._lexicon)
            spans = self._with(spans, listed, words, code)
            decisions = resolve(spans, words, code, supported(believe, listed, words), told)
            decisions = believable(decisions, reading, words)
        known = [
            (_with_metonym(one, span, words, code), span) for one, span in self._compose(decisions, words)
        ]
        known, free = settle(known, listed, words, code, self._lexicon)
        found = sorted(complete(known, free, words, code, self._lexicon), key=lambda one: one.start)
        return abbreviated(glossed(found, words.text), words.text)

    def _with(self, spans: list[Span], listed: Sequence[Name], words: Words, code: str) -> list[Span]:
        """Adds what the knowledge base has for exactly the names that were recognised.

        A person's full name takes the place of what its parts mean.
        """
        starts = [span.start for span in spans]
        added: list[Span] = []
        gone: set[int] = set()
        for name in listed:
            place = bisect_left(starts, name.end)
            if place and spans[place - 1].end > name.start:
                inside = [span for span in spans[max(0, place - _INSIDE) : place] if span.end > name.start]
                full = self._finder.full(words, name.first, name.start, name.end, code)
                full = full or initialled(name, words, self._lexicon)
                if name.type == "PER" and full and all(_within(span, full) for span in inside):
                    gone.update(span.start for span in inside)
                    added.append(full)
                continue
            span = self._finder.at(words, name.first, name.start, name.end, name.type, code)
            span = span or initialled(name, words, self._lexicon)
            if span is not None:
                added.append(span)
        kept = (span for span in spans if span.start not in gone)
        return sorted([*kept, *added], key=lambda span: span.start)

    def _whole(self, folded: str) -> bool:
        return bool(self._lexicon.find(folded))

    def _believer(self, words: Words, code: str) -> Believe:
        """Returns :func:`gate.belief` for one article, each asked once: spans are chosen by it and weighed by it.

        It holds the spans, so that no two have one number.
        """
        lexicon = self._lexicon
        held: dict[int, tuple[Span, dict[int, Belief]]] = {}

        def believe(option: Option, span: Span) -> Belief:
            known = held.get(id(span))
            if known is None:
                known = held[id(span)] = (span, {})
            found = known[1].get(id(option))
            if found is None:
                found = known[1][id(option)] = belief(option, span, words, code, lexicon)
            return found

        return believe

    def _spans(self, words: Words, code: str, believe: Believe) -> list[Span]:
        def choose(spans: Sequence[Span]) -> Span | None:
            weak: Span | None = None
            town: Span | None = None
            for span in spans:
                hopeful = False
                for option in span.options:
                    strength = believe(option, span)
                    if strength is Belief.AT_ONCE:
                        return town or span
                    hopeful = hopeful or strength is Belief.WITH_EVIDENCE
                if town is None and _is_town(span, words, code):
                    town = span
                if weak is None and (hopeful or _is_place(span, words)):
                    weak = span
            return weak

        spans = stated(list(self._finder.walk(words, code, choose)), words, self._finder)
        return played(spans, words, code, self._finder)

    def _compose(self, decisions: Sequence[Decision], words: Words) -> list[tuple[Found, Span | None]]:
        """Turns decisions into mentions; offices take in the country beside them."""
        found: list[tuple[Found, Span | None]] = []
        swallowed: set[int] = set()
        last_office: dict[str, Item] = {}
        about = main_country(decisions) if any(map(_is_office, decisions)) else None
        for number, decision in enumerate(decisions):
            option = decision.option
            if option is None or option.item.kind != "office" or option.item.part_of is None:
                continue
            near = [*decisions[max(0, number - 2) : number], *decisions[number + 1 : number + 3]]
            composed = self._offices.compose(decision, near, words)
            if composed:
                start, end, item = composed
                last_office[option.item.part_of] = item
                swallowed.update(range(start, end))
                found.append((Found(start, end, "ORG", item, "office", _OFFICE, None, decision.ranked), None))
            elif option.item.part_of in last_office and words.capital[decision.span.first]:
                item = last_office[option.item.part_of]
                span = decision.span
                found.append((Found(span.start, span.end, "ORG", item, "coreference", 0.8), None))
            elif about and words.capital[decision.span.first]:
                span, alone = decision.span, self._offices.of(option.item, about)
                one = Found(span.start, span.end, "ORG", alone, "office", _ALONE, None, decision.ranked)
                found.append((one, None))
        found.extend(
            (_mention(decision, words), decision.span)
            for decision in decisions
            if not _is_office(decision) and decision.span.start not in swallowed
        )
        return found


def _is_office(decision: Decision) -> bool:
    return decision.option is not None and decision.option.item.kind == "office"


def _within(span: Span, full: Span) -> bool:
    """Tells whether a span is a part of a longer one."""
    return full.start <= span.start and span.end <= full.end and span.end - span.start < full.end - full.start


def _with_initials(words: Words, span: Span, item: Item) -> int:
    """Returns where a person's surname begins with the initials before it: ``В. В. Путин``."""
    at = span.first
    while (
        at
        and words.joined[at]
        and words.capital[at - 1]
        and len(words.word[at - 1]) == 1
        and words.cased[at - 1]
    ):
        at -= 1
    if at == span.first:
        return span.start
    own = romanised(words.word[at])[:1] == romanised(item.name[:1].lower())[:1]
    return words.start[at] if own else span.start


def _is_town(span: Span, words: Words, code: str) -> bool:
    """Tells whether a span of several words is a town's name, its first word no other's: ``Santiago de Cuba``.

    A case form is one where a word for a place goes before it: ``v Českých Budějovicích``.
    """
    if span.last - span.first < _TOWN or not words.cased[span.first]:
        return False
    if not all(option.item.kind == "city" for option in span.options):
        return False
    located = words.before(span.first) in language(code).locative
    if not located and any(option.method != "exact" for option in span.options):
        return False
    return words.capital[span.last - 1] and all(
        words.capital[at] or len(words.word[at]) <= _PARTICLE for at in range(span.first, span.last)
    )


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
    start, end = span.start, _dotted(words, span)
    if option.item.type == "PER":
        start = _with_initials(words, span, option.item)
    kind = "NORP" if option.kind in _ADJECTIVES else option.item.type
    confidence = _SURE[option.method] * (0.75 + 0.25 * tanh(decision.margin / 2))
    if decision.believed is not Belief.AT_ONCE:
        confidence *= 0.9
    method = "surname" if option.kind == "surname" else option.method
    return Found(start, end, kind, option.item, method, confidence, None, decision.ranked)


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
