"""A name and its spelling in Latin letters in brackets behind it are one: ``브렛 캐버노(Brett Kavanaugh)``.

News in Korean, Chinese, Thai and others spells a foreign name out where it comes first. Who is in no knowledge base
gets the id of the Latin spelling, so that the article agrees with those that have only that.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from agents.entities.knowledge.records import Item
from agents.entities.linking.found import Found
from agents.entities.spelling.fold import key
from agents.entities.spelling.fold import words as split
from agents.entities.spelling.names import is_provisional, sound

_OPENS = re.compile(r"\s?[(（\[]\s?")
_CLOSES = re.compile(r"\s?[)）\],，;]")
_LATIN = re.compile(r"[A-Za-zÀ-ɏḀ-ỿ]")
_OPENING = 1
"""Letters of a known place that its name in another script begins with too, read aloud."""


def glossed(found: Sequence[Found], text: str) -> list[Found]:
    """Returns the mentions of an article, in order, with one entity for a name and its gloss, which is marked."""
    meant: dict[str, Item] = {}
    pairs = [pair for pair in pairwise(found) if _explains(*pair, text)]
    if not pairs:
        return list(found)
    for one, gloss in pairs:
        if one.item is None or gloss.item is None or one.item.id == gloss.item.id:
            continue
        mine, told = (is_provisional(item.id) for item in (one.item, gloss.item))
        if mine and (told or _same(one, gloss, text)):
            meant.setdefault(one.item.id, gloss.item)
        elif told and not mine:
            meant.setdefault(gloss.item.id, one.item)
    joined = [
        replace(one, item=meant[one.item.id]) if one.item and one.item.id in meant else one for one in found
    ]
    before = {gloss.start: one.start for one, gloss in pairs}
    items = {one.start: one.item for one in joined}
    return [
        replace(one, gloss=True) if one.start in before and items[before[one.start]] == one.item else one
        for one in joined
    ]


def abbreviated(found: Sequence[Found], text: str) -> list[Found]:
    """Returns the mentions with an organisation's initials in brackets behind its name meaning it, here and wherever
    the article has them: ``International Cricket Council (ICC)``, though a court is called so too."""
    meant: dict[tuple[str, str], Item] = {}
    for one, short in pairwise(found):
        if one.item is None or short.item is None or one.type != "ORG" or short.type != "ORG":
            continue
        letters = text[short.start : short.end]
        if one.item.id == short.item.id or not (letters.isupper() and letters.isalpha()):
            continue
        if not _OPENS.fullmatch(text, one.end, short.start) or not _CLOSES.match(text, short.end):
            continue
        if letters in (_initials(text[one.start : one.end]), _initials(one.item.name)):
            meant.setdefault((letters, short.item.id), one.item)
    if not meant:
        return list(found)
    result = []
    for one in found:
        item = meant.get((text[one.start : one.end], one.item.id)) if one.item else None
        result.append(replace(one, item=item, method="coreference") if item else one)
    return result


def _initials(name: str) -> str:
    """Returns the first letters of the words of a name that have a capital."""
    return "".join(word[0] for word in name.split() if word[0].isupper())


def _explains(one: Found, gloss: Found, text: str) -> bool:
    """Tells whether a name in Latin letters stands in brackets behind one that is in others."""
    if one.type != gloss.type or not _OPENS.fullmatch(text, one.end, gloss.start):
        return False
    if not _CLOSES.match(text, gloss.end):
        return False
    return bool(_LATIN.match(text[gloss.start])) and not _LATIN.match(text[one.start])


def _same(one: Found, gloss: Found, text: str) -> bool:
    """Tells whether what is unknown may be the known one behind it: a person, or what sounds so at its beginning."""
    if one.type == "PER":
        return len(split(text[gloss.start : gloss.end])) > 1
    heard, told = (sound(key(text[name.start : name.end]).replace(" ", "")) for name in (one, gloss))
    return heard[:_OPENING] == told[:_OPENING]
