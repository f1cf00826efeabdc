"""Names of some languages found again in all others: what the versions of one article say of each other.

Annotation projection (Yarowsky, Ngai and Wicentowski 2001) over parallel articles. The pipeline itself reads every
version. A name that several pivots have in a paragraph is found again in the same paragraph of another language by
its entity id, by its sound, or because as many names of its kinds are left there as here. Where every name of a
paragraph is found, all its words teach; else the names alone and the words beside them.
"""

from __future__ import annotations

import random
import re
from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from rapidfuzz.distance import JaroWinkler

from agents.entities.knowledge.records import Record
from agents.entities.linking.found import Found
from agents.entities.linking.text import Words, read
from agents.entities.spelling.fold import words as split
from agents.entities.spelling.inflection import bases
from agents.entities.spelling.languages import base
from agents.entities.spelling.names import sound
from agents.entities.training.articles import PIVOTS, Article, bcp47, paragraphs
from agents.entities.training.data import TYPES
from agents.entities.training.pieces import Text

HELD_OUT = 4
"""One article in so many teaches no names, so that agreement across languages can be judged on it."""
WHOLE, PART = 2.0, 3.0
"""Weights of a paragraph whose names are all found, and of one where some are."""
EMPTY = 0.3
"""Share of the paragraphs without a name that teach."""
RENAMED = 0.75
"""Share of the texts that get other names."""
SWAP = 0.4
"""Chance that a name of those gives way to another."""
KNOWN = 0.4
"""Chance that the other one is of a curated record."""
_BELIEVED = 2
"""Pivots that have an entity in a paragraph, before a mention of it is a name."""
_SOUGHT = 4
"""Pivots that have a name in a paragraph, before it is looked for."""
_MISSED = 5
"""Pivots that have a name in a paragraph, before a paragraph without it lacks something."""
_COUNTED = 6
"""Pivots that have a name in a paragraph, before it counts among those that are left over."""
_SPELLINGS = 12
"""Of a name in the pivots, by which it is looked for."""
_LETTERS = 4
"""That a name has at least, to be looked for by its sound."""
_ALIKE, _ALIKE_ALONE = 0.86, 0.9
"""Similarity of the least alike words, of a name of several and of one."""
_SHORT = 3
"""Letters under which a word is the same or another."""
_UNREAD = frozenset({"bo", "dz"})
"""Languages whose words nothing here tells apart."""
_WORD = re.compile(r"\S+")

Place = tuple[int, int]
"""Start and end in the text of an article."""
Link = Callable[[str, str], Sequence[Found]]
"""Reads a text of a language (BCP 47)."""


@dataclass(frozen=True, slots=True)
class Name:
    """A name in a version of an article."""

    start: int
    end: int
    kind: str
    entity: str
    """Its id, or how it is written where it has none."""

    def meets(self, place: Place) -> bool:
        """Tells whether they share a character."""
        return self.start < place[1] and place[0] < self.end


@dataclass(slots=True)
class Wanted:
    """A name that pivots have in a paragraph."""

    entity: str
    kind: str = ""
    """The most frequent one in the article."""
    pivots: set[str] = field(default_factory=set)
    spellings: Counter[str] = field(default_factory=Counter)


def projected(
    articles: Iterable[Article], link: Link, report: Callable[[int], None] = lambda _: None
) -> dict[str, list[Text]]:
    """Returns by language (as the set has it) the paragraphs that teach, with the names found in them.

    link      reads an article
    report    is told how many articles are read, now and then
    """
    by_doc: dict[str, dict[str, tuple[Article, list[Name]]]] = defaultdict(dict)
    for at, article in enumerate(articles, start=1):
        by_doc[article.doc][article.language] = article, _names(article, link)
        if at % 500 == 0:
            report(at)
    rng = random.Random(0)  # noqa: S311 (repeatable draws, no secret)
    out: dict[str, list[Text]] = defaultdict(list)
    for doc in sorted(by_doc.keys() - held_out(by_doc)):
        wanted = _wanted([by_doc[doc][pivot] for pivot in PIVOTS if pivot in by_doc[doc]])
        for language, (article, names) in sorted(by_doc[doc].items()):
            if language not in PIVOTS and base(bcp47(article.language)) not in _UNREAD:
                texts = _taught(article, names, wanted)
                out[language] += (one for one in texts if one.spans or rng.random() < EMPTY)
    return dict(out)


def held_out(docs: Iterable[str]) -> frozenset[str]:
    """Returns the articles that teach no names, of all that there are."""
    return frozenset(sorted(docs)[HELD_OUT - 1 :: HELD_OUT])


def _names(article: Article, link: Link) -> list[Name]:
    return [
        Name(
            one.start,
            one.end,
            one.type,
            one.item.id if one.item else article.text[one.start : one.end].lower(),
        )
        for one in link(article.text, bcp47(article.language))
    ]


def _wanted(pivots: Sequence[tuple[Article, list[Name]]]) -> list[list[Wanted]]:
    """Returns for each paragraph the names that pivots have there."""
    kinds: dict[str, Counter[str]] = defaultdict(Counter)
    by_paragraph: dict[int, dict[str, Wanted]] = defaultdict(dict)
    for article, names in pivots:
        for at, place in enumerate(paragraphs(article.text)):
            for name in names:
                if name.kind in TYPES and name.meets(place):
                    one = by_paragraph[at].setdefault(name.entity, Wanted(name.entity))
                    one.pivots.add(article.language)
                    one.spellings[article.text[name.start : name.end]] += 1
                    kinds[name.entity][name.kind] += 1
    for listed in by_paragraph.values():
        for one in listed.values():
            one.kind = kinds[one.entity].most_common(1)[0][0]
    return [list(by_paragraph[at].values()) for at in range(max(by_paragraph, default=-1) + 1)]


def _taught(article: Article, names: Sequence[Name], wanted: Sequence[Sequence[Wanted]]) -> Iterator[Text]:
    """Yields the paragraphs of a version that teach something."""
    code = base(bcp47(article.language))
    for at, place in enumerate(paragraphs(article.text)):
        own = [name for name in names if name.kind in TYPES and name.meets(place)]
        found, rest, lacking = _found(article.text, place, own, wanted[at] if at < len(wanted) else (), code)
        whole = not rest and all(len(one.pivots) < _MISSED for one in lacking)
        start, end = place
        text = article.text[start:end]
        spans = tuple((one.start - start, one.end - start, one.kind) for one in found)
        if whole:
            yield Text(text, spans, (), WHOLE)
        elif spans:
            apart = [(one.start - start, one.end - start) for one in rest]
            yield Text(text, spans, tuple(_unsaid(text, spans, apart)), PART)


def _found(
    text: str, place: Place, own: Sequence[Name], wanted: Sequence[Wanted], code: str
) -> tuple[list[Name], list[Name], list[Wanted]]:
    """Returns the names of a paragraph, what else was taken for a name there, and what is wanted and not found."""
    by_id = {one.entity: one for one in wanted if len(one.pivots) >= _BELIEVED}
    known = [name for name in own if name.entity in by_id]
    found = [name for name in known if name.kind == by_id[name.entity].kind]
    rest = [name for name in own if name not in found]
    met = {name.entity for name in known}
    sought = [one for one in wanted if one.entity not in met and len(one.pivots) >= _SOUGHT]
    lacking: list[Wanted] = []
    words = read(text[place[0] : place[1]], lambda _: False)
    for one in sought:
        heard = _heard(words, one, code)
        start, end = (heard[0] + place[0], heard[1] + place[0]) if heard else (0, 0)
        if heard is None or any(name.meets((start, end)) for name in found):
            lacking.append(one)
        else:
            found.append(Name(start, end, one.kind, one.entity))
            rest = [name for name in rest if not name.meets((start, end))]
    left = [one.kind for one in lacking if len(one.pivots) >= _COUNTED]
    if rest and sorted(name.kind for name in rest) == sorted(left):
        found, rest, lacking = [*found, *rest], [], []
    return _apart(found), rest, lacking


def _heard(words: Words, wanted: Wanted, code: str) -> Place | None:
    """Returns the words that sound most like one of a name's spellings, if they do so at all."""
    best, place = 0.0, None
    for spelling in list(wanted.spellings)[:_SPELLINGS]:
        parts = split(spelling)
        if sum(map(len, parts)) < _LETTERS:
            continue
        least = _ALIKE if len(parts) > 1 else _ALIKE_ALONE
        for at in range(len(words) - len(parts) + 1):
            end = at + len(parts)
            if any(words.unspaced[at:end]) or not all(words.joined[at + 1 : end]):
                continue
            alike = min(_alike(words.word[at + n], part, code) for n, part in enumerate(parts))
            if alike >= least and alike > best:
                best, place = alike, (words.start[at], words.end[end - 1])
    return place


@lru_cache(1 << 20)
def _alike(word: str, part: str, code: str) -> float:
    """Returns how alike a word of the language, or one of its base forms, and a part of a name sound, 0 to 1."""
    if len(part) < _SHORT:
        return float(word == part)
    return max(JaroWinkler.similarity(sound(form), sound(part)) for form in (word, *bases(word, code)))


def _apart(names: Iterable[Name]) -> list[Name]:
    """Returns the names in order, none that begins within another."""
    kept: list[Name] = []
    for name in sorted(names, key=lambda one: (one.start, one.end)):
        if not kept or name.start >= kept[-1].end:
            kept.append(name)
    return kept


def _unsaid(text: str, spans: Iterable[tuple[int, int, str]], apart: Sequence[Place]) -> Iterator[Place]:
    """Yields what of a paragraph teaches nothing: all but its names and the words beside them.

    apart    what may be a name too: such a word beside a name teaches nothing either
    """
    words = [match.span() for match in _WORD.finditer(text)]
    said: list[Place] = []
    for start, end, _ in spans:
        first = next(at for at, word in enumerate(words) if word[1] > start)
        last = next(at for at in range(len(words) - 1, -1, -1) if words[at][0] < end)
        said.append((words[first][0], words[last][1]))
        beside = words[max(0, first - 1) : first] + words[last + 1 : last + 2]
        said += [word for word in beside if not any(a < word[1] and word[0] < b for a, b in apart)]
    at = 0
    for start, end in sorted(said):
        if start > at:
            yield at, start
        at = max(at, end)
    if at < len(text):
        yield at, len(text)


class Projection:
    """The paragraphs with the names found in them, of which texts are drawn to learn from.

    A hundred languages tell of the same names, so others take the place of some: one of the same kind that was found
    in the language, or what a curated record is called in it.
    """

    def __init__(self, found: Mapping[str, Sequence[Text]], records: Iterable[Record]) -> None:
        self._texts = [(language, one) for language, texts in found.items() for one in texts]
        self._found: dict[tuple[str, str], list[str]] = defaultdict(list)
        for language, one in self._texts:
            for start, end, kind in one.spans:
                self._found[language, kind].append(one.text[start:end])
        self._known: dict[tuple[str, str], list[str]] = defaultdict(list)
        for record in records:
            for code, names in record.names.items():
                self._known[code, record.type] += names[:1]

    def __len__(self) -> int:
        return len(self._texts)

    def drawn(self, count: int, rng: random.Random) -> list[Text]:
        """Returns ``count`` of the paragraphs, or all where there are fewer."""
        chosen = rng.sample(self._texts, min(count, len(self._texts)))
        return [
            self._renamed(language, one, rng) if rng.random() < RENAMED else one for language, one in chosen
        ]

    def _renamed(self, language: str, text: Text, rng: random.Random) -> Text:
        code = base(bcp47(language))
        written, done = "", 0
        spans: list[tuple[int, int, str]] = []
        moved = [(0, 0)]
        for start, end, kind in text.spans:
            name = text.text[start:end]
            if rng.random() < SWAP:
                known = self._known.get((code, kind))
                other = rng.choice(known if known and rng.random() < KNOWN else self._found[language, kind])
                name = other if other[:1].isupper() == name[:1].isupper() else name
            written += text.text[done:start] + name
            spans.append((len(written) - len(name), len(written), kind))
            moved.append((end, len(written) - end))
            done = end

        def place(at: int) -> int:
            return at + moved[bisect_right(moved, at, key=lambda one: one[0]) - 1][1]

        ignored = tuple((place(start), place(end)) for start, end in text.ignored)
        return Text(written + text.text[done:], tuple(spans), ignored, text.weight)
