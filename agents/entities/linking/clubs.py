"""A club that a text calls by its town alone: ``Barcelona beat Real Madrid 3-1``.

Only in a sentence that tells a result and names another club in full, and never behind a word for a place.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import replace

from agents.entities.linking.candidates import Option, Span
from agents.entities.linking.spans import Finder
from agents.entities.linking.text import Words
from agents.entities.spelling.fold import key
from agents.entities.spelling.languages import language

_RESULT = re.compile(r"(?<![\w.,:/–-])\d ?[-–:] ?\d(?![\w:/–-]|[.,]\d)")
"""Goals of two sides. Hours and dates have more digits."""
_CALLED = ("fc {}", "{} fc", "cf {}", "{} cf")
"""How the full names of clubs are made of their town's."""
_CLUB = "club"


def played(spans: Sequence[Span], words: Words, code: str, finder: Finder) -> list[Span]:
    """Returns ``spans``, with the club in place of its town where the sentence is about a match."""
    result = list(spans)
    sides = [span.first for span in spans if any(option.item.kind == _CLUB for option in span.options)]
    if not sides:
        return result
    results = [bisect_left(words.start, found.start()) for found in _RESULT.finditer(words.text)]
    if not results:
        return result
    opens = [at for at, initial in enumerate(words.initial) if initial]
    about = {bisect_left(opens, at + 1) for at in sides} & {bisect_left(opens, at + 1) for at in results}
    for number, span in enumerate(spans):
        if bisect_left(opens, span.first + 1) in about and _alone(span, words, code):
            clubs = _clubs(span, words, code, finder)
            if len({option.item.id for option in clubs}) == 1:
                result[number] = replace(span, options=clubs)
    return result


def _alone(span: Span, words: Words, code: str) -> bool:
    """Tells whether a town's name of one word stands where a club's may: no word for a place goes before it."""
    at = span.first
    if span.last != at + 1 or not (words.cased[at] and words.capital[at]) or words.hyphened(at):
        return False
    if words.before(at) in language(code).locative:
        return False
    return any(option.item.type == "LOC" and option.item.kind != "country" for option in span.options)


def _clubs(span: Span, words: Words, code: str, finder: Finder) -> tuple[Option, ...]:
    """Returns the clubs that are called like a town, as the text or as English has its name."""
    names = {
        words.word[span.first],
        *(key(option.item.name) for option in span.options if option.item.type == "LOC"),
    }
    countries = {option.item.country for option in span.options}
    found = {
        option.item.id: option
        for name in sorted(names)
        for called in _CALLED
        for option in finder.exact(called.format(name), code)
        if option.item.kind == _CLUB and option.item.country in countries
    }
    method = span.options[0].method
    return tuple(replace(option, own=True, method=method) for option in found.values())
