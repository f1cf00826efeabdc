"""A text in the pieces that are judged: its lines, and a button or credit glued to the head of one apart from it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice, pairwise
from typing import TypeAlias

from agents.clean.residue.features import LineView
from agents.clean.residue.forms import by_form
from agents.clean.residue.lines import LOWER, UPPER, line_spans
from agents.clean.residue.phrasebook import Phrases, fold_words
from schemas.article import RemovalReason

MOST_LINES = 4_000
"""Lines beyond which a text is no article, and its lines are judged by phrases alone; bounds time and memory."""
PARAGRAPH = 14
"""Words from which a full sentence may be a paragraph of the story."""
_GLUES = 4
"""Places in a line that may be glued; a line with more is not a button before a sentence."""
_HEAD = 80
"""Characters of a line in which it may be glued."""
_MARKED = ":：©("
"""Characters of which a credit holds one."""
_GLUED = re.compile(
    f"(?=[{UPPER}«„“])(?:(?<=[{LOWER}.!?…])(?=[{UPPER}])|(?<=[{UPPER}]{{2}})(?=[{UPPER}][{LOWER}’'])"
    f"|(?<=[{LOWER}{UPPER}])(?=[«„“][{UPPER}]))"
)
"""Before a capital after a small letter, after an abbreviation and before a capitalized word, before a quotation."""

Views: TypeAlias = dict[str, LineView]
"""What was seen of lines, by their text."""


@dataclass(slots=True)
class Unit:
    """A line (or what is glued to its head) and what was decided about it."""

    start: int
    end: int
    view: LineView
    reason: RemovalReason | None = None
    logit: int = 0
    doubted: bool = False
    """Removed by the model alone."""


def line_views(lines: Iterable[str], phrases: Phrases) -> list[LineView]:
    """Returns the lines as the line model needs them."""
    return [view_of(line, phrases, {}) for line in lines]


def view_of(line: str, phrases: Phrases, views: Views) -> LineView:
    """Returns what is seen of a line; ``views`` remembers it."""
    view = views.get(line)
    if view is None:
        words = fold_words(line)
        view = views[line] = LineView(line, words, phrases.search(words), by_form(line, words, phrases))
    return view


def units_of(text: str, phrases: Phrases, views: Views) -> Iterator[Unit]:
    """Yields the lines; one that is glued together of a button or credit and something else, in its parts."""
    glues = _GLUES if text.count("\n") < MOST_LINES else 0
    for start, end in line_spans(text):
        yield from _parts(text, start, end, phrases, views, glues=glues)


def glued_credits(text: str, phrases: Phrases, views: Views) -> list[tuple[int, int, RemovalReason]]:
    """Returns the credits that are glued to the first letter of a sentence, with reasons.

    They are looked for before missing spaces are put in, because after that nothing says where they end.
    """
    found: list[tuple[int, int, RemovalReason]] = []
    if text.count("\n") >= MOST_LINES:
        return found
    for start, end in line_spans(text):
        head = text[start : start + _HEAD]
        if not any(mark in head for mark in _MARKED):
            continue
        found += [
            (unit.start, unit.end, unit.view.form)
            for unit in _parts(text, start, end, phrases, views, glues=_GLUES)
            if unit.end < end and unit.view.form is not None
        ]
    return found


def _parts(text: str, start: int, end: int, phrases: Phrases, views: Views, *, glues: int) -> Iterator[Unit]:
    """Yields what a line is glued together of."""
    at = start
    whole = view_of(text[start:end], phrases, views)
    most = glues if whole.form is None else 0
    places = [found.start() for found in islice(_GLUED.finditer(text, start, min(end, start + _HEAD)), most)]
    for place, following in pairwise((*places, end)):
        if following < end and not any(map(str.isspace, text[place:following])):
            continue  # "Photo: Ana Rusk/PhotoDeskThe ferry": a name may have a hump of its own
        left = view_of(text[at:place], phrases, views)
        if left.form is None and not any(
            hit.whole or (hit.at_start and len(left.words) <= 5) for hit in left.hits
        ):
            continue
        yield Unit(at, place, left)
        at = place
    yield Unit(at, end, whole if at == start else view_of(text[at:end], phrases, views))
