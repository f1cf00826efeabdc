"""Variants of annotated sentences: other names, other case, another script, other neighbours."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Callable, Iterable

from agents.entities.training.data import Sentence, Span

SWAP = 0.25
"""Chance that a name gives way to another of its type and language."""
CAPITALS, SMALL, HEADLINE = 0.03, 0.05, 0.02
"""Chances that a sentence is set in capitals, in small letters, or with capitals on every word."""
CYRILLIC = 0.5
"""Chance that a Serbian sentence is written in the other of its two scripts."""

_DIGRAPHS = {"nj": "њ", "lj": "љ", "dž": "џ"}
_LETTERS = dict(zip("abvgdđežzijklmnoprstćufhcčš", "абвгдђежзијклмнопрстћуфхцчш", strict=True))

Names = dict[tuple[str, str], list[tuple[str, ...]]]
"""Names (tokens) by language and type."""


def names_of(sentences: Iterable[Sentence]) -> Names:
    """Collects the names of the sets, each as often as it occurs, to be put in the place of others."""
    found: Names = defaultdict(list)
    for sentence in sentences:
        for start, end, kind in sentence.spans:
            found[sentence.language, kind].append(sentence.tokens[start:end])
    return dict(found)


def swapped(sentence: Sentence, names: Names, rng: random.Random) -> Sentence:
    """Returns the sentence with some of its names replaced by others of the same type and language."""
    tokens: list[str] = []
    spans: list[Span] = []
    done = 0
    for start, end, kind in sentence.spans:
        tokens += sentence.tokens[done:start]
        name = sentence.tokens[start:end]
        others = names.get((sentence.language, kind))
        if others and rng.random() < SWAP:
            other = rng.choice(others)
            name = other if _cased(other) == _cased(name) else name
        spans.append((len(tokens), len(tokens) + len(name), kind))
        tokens += name
        done = end
    tokens += sentence.tokens[done:]
    return Sentence(sentence.language, tuple(tokens), tuple(spans), sentence.source)


def recased(sentence: Sentence, rng: random.Random) -> Sentence:
    """Returns the sentence in capitals, small letters or headline case now and then, else as it is."""
    draw = rng.random()
    if draw < CAPITALS:
        return _mapped(sentence, str.upper)
    if draw < CAPITALS + SMALL:
        return _mapped(sentence, str.lower)
    if draw < CAPITALS + SMALL + HEADLINE and sentence.language == "en":
        return _mapped(sentence, lambda token: token[:1].upper() + token[1:])
    return sentence


def rescripted(sentence: Sentence, rng: random.Random) -> Sentence:
    """Returns a Serbian sentence in Cyrillic half of the time, any other as it is."""
    if sentence.language != "sr" or rng.random() >= CYRILLIC:
        return sentence
    return _mapped(sentence, cyrillic)


def cyrillic(token: str) -> str:
    """Returns a Serbian token in Cyrillic letters; one with a letter that Serbian lacks stays as it is."""
    if any(letter in "qwxyQWXY" for letter in token):
        return token
    out: list[str] = []
    at = 0
    while at < len(token):
        pair = token[at : at + 2]
        if pair.lower() in _DIGRAPHS:
            letter = _DIGRAPHS[pair.lower()]
            at += 2
        else:
            pair = token[at]
            letter = _LETTERS.get(pair.lower(), pair)
            at += 1
        out.append(letter.upper() if pair[0].isupper() else letter)
    return "".join(out)


def _cased(name: tuple[str, ...]) -> bool:
    return any(letter.isupper() for token in name for letter in token)


def _mapped(sentence: Sentence, change: Callable[[str], str]) -> Sentence:
    return Sentence(sentence.language, tuple(map(change, sentence.tokens)), sentence.spans, sentence.source)
