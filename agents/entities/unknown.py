"""Names that no knowledge base has: the recogniser's, and persons by the shape of their names where it reads nothing.

Each gets a provisional id from its name, the same in every article. Within one article the forms of a name are one
entity: its case endings by the language's rules, its acronym in brackets behind it, a surname after the full name.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from agents.entities.coreference import Heads, begin_of
from agents.entities.fold import key
from agents.entities.found import Found
from agents.entities.inflection import bases
from agents.entities.kb import Lexicon
from agents.entities.merge import Name
from agents.entities.names import nominative, provisional_id
from agents.entities.persons import person_at
from agents.entities.recognition.decode import Kind
from agents.entities.records import Item
from agents.entities.spans import Span
from agents.entities.text import Words

_BY_SHAPE = 0.7
_COREFERENCE = 0.93
_WEIGHT = {"PER": 0.0, "ORG": 0.0, "LOC": 0.0}
_STEM = 3
"""Letters that the forms of one name have in common at its beginning."""
_MOST = 40
"""Forms of names with one beginning that are compared with each other."""


@dataclass(frozen=True, slots=True)
class Form:
    """One way an article writes a name."""

    type: Kind
    key: str


def complete(
    found: Sequence[tuple[Found, Span | None]],
    free: Sequence[Name],
    words: Words,
    code: str,
    lexicon: Lexicon,
) -> list[Found]:
    """Returns ``found`` with the names of ``free`` and with persons and surnames by rule, in no order."""
    taken = {at for one, _ in found for at in range(one.start, one.end)}
    heads = Heads(code)
    for one, span in found:
        if one.type == "PER" and one.item and span:
            heads.add(words, span.first, span.last, one.item)
    result: list[Found] = []
    items = _items(free, words, code, lexicon)
    single: list[Name] = []
    for name in free:
        if name.type == "PER" and name.last == name.first + 1 and not _several(name, words):
            single.append(name)
            continue
        item = items[_form(name, words)]
        if name.type == "PER":
            heads.add(words, name.first, name.last, item)
        result.append(Found(name.start, name.end, name.type, item, "model", name.confidence))
    fresh = {at for name in free for at in range(name.start, name.end)}
    at = 0
    while at < len(words):
        end = person_at(words, at, code, lexicon, taken)
        if end is None or any(words.start[n] in fresh for n in range(at, end)):
            at += 1
            continue
        start, stop = words.start[at], words.end[end - 1]
        item = _item("PER", words.text[start:stop], code, lexicon)
        heads.add(words, at, end, item)
        result.append(Found(start, stop, "PER", item, "provisional", _BY_SHAPE))
        fresh.update(range(start, stop))
        at = end
    heads.sort()
    for name in single:
        person = heads.find(words, name.first)
        if person is not None:
            result.append(Found(name.start, name.end, "PER", person, "coreference", _COREFERENCE))
        else:
            result.append(
                Found(name.start, name.end, "PER", items[_form(name, words)], "model", name.confidence)
            )
    result += [_refer(one, span, words, heads) for one, span in found]
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


def _refer(one: Found, span: Span | None, words: Words, heads: Heads) -> Found:
    """A single word that is the surname of someone named in full means that person."""
    if span is None or span.last != span.first + 1 or not heads:
        return one
    if one.item is not None and (one.item.kind == "country" or one.type in ("ORG", "NORP")):
        return one
    item = heads.find(words, span.first)
    if item is None or any(option.kind == "label" and option.item.id == item.id for option in span.options):
        return one
    return Found(one.start, one.end, "PER", item, "coreference", _COREFERENCE, None, one.ranked)


def _several(name: Name, words: Words) -> bool:
    """Tells whether a name within one run of a script without spaces has several parts: ``尼古拉·贝内代蒂``."""
    return " " in key(words.text[name.start : name.end])


def _form(name: Name, words: Words) -> Form:
    return Form(name.type, key(words.text[name.start : name.end]))


def _items(free: Sequence[Name], words: Words, code: str, lexicon: Lexicon) -> dict[Form, Item]:
    """Returns the entity of each form: forms that differ in case endings share one, and one type."""
    counts: Counter[Form] = Counter()
    surfaces: dict[str, str] = {}
    for name in free:
        form = _form(name, words)
        counts[form] += 1
        surfaces.setdefault(form.key, words.text[name.start : name.end])
    kinds: dict[str, Counter[Kind]] = defaultdict(Counter)
    for form, count in counts.items():
        kinds[form.key][form.type] += count
    stems: dict[tuple[int, str], list[str]] = defaultdict(list)
    for written in kinds:
        stems[written.count(" "), written[:_STEM]].append(written)
    chosen: dict[str, str] = {}
    for listed in stems.values():
        for written in listed:
            rivals = [
                other for other in listed[:_MOST] if other != written and _base_of(other, written, code)
            ]
            chosen[written] = min(rivals, key=lambda other: (len(other), other), default=written)
    result: dict[Form, Item] = {}
    for form in counts:
        basic = chosen[form.key]
        kind = max(kinds[basic].items(), key=lambda entry: (entry[1], entry[0]))[0]
        result[form] = _item(kind, surfaces[basic], code, lexicon)
    return result


def _base_of(one: str, other: str, code: str) -> bool:
    """Tells whether ``one`` is ``other`` without its case endings."""
    return all(a == b or a in bases(b, code) for a, b in zip(one.split(" "), other.split(" "), strict=True))


def _item(kind: Kind, name: str, code: str, lexicon: Lexicon) -> Item:
    parts = nominative(name, code, lexicon.given) if kind == "PER" else key(name).split(" ")
    return Item(provisional_id(parts, kind), kind, name, "person" if kind == "PER" else "", _WEIGHT[kind])
