"""Finds names in a text and decides which entity each of them means."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from agents.entities.fold import fold
from agents.entities.inflection import bases
from agents.entities.kb import Item, Lexicon
from agents.entities.names import provisional_id
from agents.entities.text import Words, hangul, read, unspaced
from schemas.article import EntityType

_MAX_WORDS = 10
_LANGUAGES = {"tl": "fil", "nb": "no", "nn": "no", "bs": "sr-Latn", "hr": "sr-Latn"}


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


class Linker:
    """The linker over one knowledge base."""

    def __init__(self, lexicon: Lexicon) -> None:
        self._lexicon = lexicon

    def link(self, text: str, tag: str) -> list[Found]:
        """Returns the mentions in ``text``, in order, none overlapping."""
        language = tag.split("-")[0]
        words = read(text)
        found = self._known(words, language)
        found = self._coreference(words, found, language)
        return sorted(found, key=lambda one: one.start)

    def _known(self, words: Words, language: str) -> list[Found]:
        found: list[Found] = []
        at = 0
        while at < len(words):
            best = self._longest(words, at, language) if words.capital[at] else None
            if best is None:
                best = self._person(words, at)
            if best is None:
                at += 1
                continue
            one, after = best
            found.append(one)
            at = after
        return found

    def _longest(self, words: Words, at: int, language: str) -> tuple[Found, int] | None:
        lexicon = self._lexicon
        states = [("", 0)]
        best: tuple[Found, int] | None = None
        end = at
        while states and end < len(words) and end - at < _MAX_WORDS and (end == at or words.joined[end]):
            grown = []
            for prefix, changed in states:
                for form, cost in (
                    (words.word[end], 0),
                    *((base, 1) for base in bases(words.word[end], language)),
                ):
                    candidate = f"{prefix} {form}" if prefix else form
                    if end == at and not lexicon.opens(form):
                        continue
                    item = self._pick(candidate, words, at, end, language, changed + cost)
                    if item is not None and (best is None or best[1] <= end):
                        method = "inflected" if changed + cost else "exact"
                        best = (
                            Found(
                                words.start[at], words.end[end], item.type, item, method, 0.9, item.metonym_of
                            ),
                            end + 1,
                        )
                    if lexicon.begins(candidate + " "):
                        grown.append((candidate, changed + cost))
            states = grown[:24]
            end += 1
        if best is None and (unspaced(words, at) or hangul(words, at)):
            return None
        return best

    def _pick(self, alias: str, words: Words, at: int, end: int, language: str, changed: int) -> Item | None:
        best: Item | None = None
        score = 0.0
        for posting in self._lexicon.find(alias):
            item = self._lexicon.item(posting.entity)
            if item.kind == "city" and (item.weight < (4.0 if at == end else 2.0) or changed):
                continue
            value = item.weight + (2.0 if posting.language == language else 0.0) - changed
            if best is None or value > score:
                best, score = item, value
        return best

    def _person(self, words: Words, at: int) -> tuple[Found, int] | None:
        """Returns a person no knowledge base has: a given name and one or two capitalised words more."""
        if not (words.capital[at] and words.cased[at] and words.word[at] in given_names()):
            return None
        end = at + 1
        while (
            end < len(words)
            and end - at < 4
            and words.joined[end]
            and words.capital[end]
            and words.cased[end]
        ):
            end += 1
        if end - at < 2:
            return None
        item = unknown_person(words.text[words.start[at] : words.end[end - 1]])
        return Found(words.start[at], words.end[end - 1], "PER", item, "provisional", 0.7), end

    def _coreference(self, words: Words, found: list[Found], language: str) -> list[Found]:
        heads: dict[str, Counter[str]] = {}
        items: dict[str, Item] = {}
        taken: set[int] = set()
        for one in found:
            taken.update(range(one.start, one.end))
        for at in range(len(words)):
            for one in found:
                if (
                    one.type == "PER"
                    and one.item
                    and one.start <= words.start[at]
                    and words.end[at] == one.end
                ):
                    heads.setdefault(words.word[at], Counter())[one.item.id] += 1
                    items[one.item.id] = one.item
        for at in range(len(words)):
            if words.start[at] in taken or not (words.capital[at] and words.cased[at]):
                continue
            for form in (words.word[at], *bases(words.word[at], language)):
                if form in heads:
                    item = items[heads[form].most_common(1)[0][0]]
                    found.append(Found(words.start[at], words.end[at], "PER", item, "coreference", 0.9))
                    break
        return found


@lru_cache(1)
def given_names() -> frozenset[str]:
    """Returns the given names, folded."""
    lines = (Path(__file__).parent / "given.txt").read_text("utf-8").splitlines()
    return frozenset(fold(word) for line in lines if not line.startswith("#") for word in line.split())


def unknown_person(name: str) -> Item:
    """Returns a provisional entity for a person no knowledge base has."""
    return Item(provisional_id(name), "PER", name, "person", 0.0, None, None, None, None)
