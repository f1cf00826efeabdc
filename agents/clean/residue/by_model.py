"""What the line model says of lines, and how sure it must be by where a line stands.

A full sentence needs more evidence than a fragment, and more above the story than below it; lists that are built
alike or numbered are the story's own.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from agents.clean.residue.agencies import credits_in
from agents.clean.residue.features import features, line_marks
from agents.clean.residue.labels import entry_stamps
from agents.clean.residue.lines import OPENS, cut_off, ends_sentence
from agents.clean.residue.model import line_model
from agents.clean.residue.phrasebook import longest_said
from agents.clean.residue.units import MOST_LINES, PARAGRAPH, Unit
from schemas.article import RemovalReason

_BELOW = 1_900
"""Thousandths of a logit from which a fragment below the story's last paragraph is residue (87 % sure).

These levels let both sets of pages of sites the model had not seen keep a recall of .60, and no more: from 300 to 500
lower, precision is .8792 instead of .8888 on all kinds of pages, and .9855 instead of .9889 on news pages."""
_ABOVE = 2_700
"""The same above the first paragraph, where a fragment may be the headline."""
_BETWEEN = 2_000
"""The same between paragraphs, where it may be a heading, a score, a line of an interview."""
_LISTED = 4_500
"""The same where it is likelier a price, a date, a result: between paragraphs with many short lines, and among lines
built alike.

On unseen pages of all kinds with so many short lines, 22 of 80 that the model takes for residue were at 1,500."""
_HEADLINE = 3
"""Words a line above the story needs to be known as its headline by what comes back below."""
_LONG_WORD = 4
_STEM = 5
"""Letters of a word that are compared, and of the shortest."""
_SHORT_LINES = 20
_SENTENCE = 3_500
"""The same for a full sentence above the story, or between paragraphs with many short lines."""
_SENTENCE_BETWEEN = 2_300
"""The same between other paragraphs, where the model sees most of what the story says."""
_SENTENCE_BELOW = 2_300
"""The same below the last paragraph."""
_LEAST = min(_BELOW, _ABOVE, _BETWEEN, _SENTENCE_BETWEEN, _SENTENCE_BELOW)
_ALIKE = 3
"""Lines of the three on either side with the same punctuation and numbers, which make a line the item of a list."""
_MARKS = 2
"""Kinds of them that are too many for chance."""
_BEGINNING = 3
"""Kinds of them by which lines are compared: what follows differs even between the dates of one tour."""
_FEWEST = 3
"""Lines a text must have for the model to see a line in its company."""
_UNDER = 8
"""Lines for which a heading ("Read also") explains what stands under it."""
_CREDIT = 6
"""Words up to which a line that names an agency is its credit."""
_NUMBERED = re.compile(r"(\d{1,3})[.)]\s")
_COUNTED = 3
"""Numbers in a row that make a list, and lines of speech that make a conversation."""
_SAID = re.compile(r"[—–]\s?\w|-\w|[—–-]?[¿¡]")
"""How a line of speech begins."""
_RUNS_ON = (",", "、", "，", "،", ";", "；")
"""Signs after which a sentence goes on in the next line."""
_HEADINGS: tuple[RemovalReason, ...] = ("related_teaser", "comment_form", "subscription", "cookie_banner")


def weigh(units: Sequence[Unit]) -> None:
    """Asks the line model of every line, where there are enough of them and not too many."""
    if _FEWEST <= len(units) <= MOST_LINES:
        logits = line_model().logits(features([unit.view for unit in units])).tolist()
        for unit, logit in zip(units, logits, strict=True):
            unit.logit = logit


def mark_by_model(units: Sequence[Unit]) -> None:
    """Marks the lines that the model is sure enough of.

    Where it would take every line, it is not believed.
    """
    heading: tuple[int, RemovalReason] | None = None
    own = [index for index, unit in enumerate(units) if unit.reason is None and unit.logit < 0]
    if not own:
        return
    own = [index for index in own if len(units[index].view.words) >= PARAGRAPH] or own
    short = [
        unit for unit in units[own[0] : own[-1]] if unit.reason is None and len(unit.view.words) < PARAGRAPH
    ]
    listed = len(short) >= _SHORT_LINES
    between, sentence_between = (_LISTED, _SENTENCE) if listed else (_BETWEEN, _SENTENCE_BETWEEN)
    counted = _counted(units[own[0] : own[-1]])
    announced = _announced(units)
    said = [unit for unit in units if _SAID.match(unit.view.text)]
    spoken = (
        {unit.start for unit in said if ends_sentence(unit.view.text)} if len(said) >= _COUNTED else set()
    )
    told = _told(units) if own[0] else {}
    stamps = entry_stamps(units)
    for index, unit in enumerate(units):
        if unit.reason in _HEADINGS:
            heading = (index, unit.reason)
        under = heading[1] if heading and index - heading[0] <= _UNDER else None
        if unit.reason is not None or unit.logit < _LEAST:
            continue
        beside = {item.start for item in units[max(0, index - 1) : index + 2]} - {unit.start}
        if (
            unit.start in spoken
            or unit.start in stamps
            or (unit.start in counted and not (under and beside & counted))
        ):
            continue
        above, below = index < own[0], index > own[-1]
        if above and not under and _heads(unit, index, told):
            continue
        if len(unit.view.words) >= 8 and ends_sentence(unit.view.text):
            least = _SENTENCE_BELOW if below else sentence_between if not above else _SENTENCE
        else:
            least = _ABOVE if above else _BELOW if below else between
            if (
                not above
                and least <= unit.logit < _LISTED
                and (unit.start in announced or _is_item(units, index) or unit.view.text.endswith(_RUNS_ON))
            ):
                continue
        if unit.logit >= least:
            unit.reason = _explained(unit, under, above, below)
            unit.doubted = True


def _told(units: Sequence[Unit]) -> dict[str, int]:
    """Returns the last line in which the story's sentences have a word, by how the word begins."""
    found: dict[str, int] = {}
    for index, unit in enumerate(units):
        if unit.reason is None and ends_sentence(unit.view.text):
            found.update(dict.fromkeys(_stems(unit), index))
    return found


def _heads(unit: Unit, index: int, told: Mapping[str, int]) -> bool:
    """Tells whether a line says what the sentences below it say, as a headline does: two of five words come back."""
    stems = _stems(unit)
    back = sum(told.get(stem, -1) > index for stem in stems)
    return len(stems) >= _HEADLINE and 5 * back >= 2 * len(stems)


def _stems(unit: Unit) -> set[str]:
    """Returns how the longer words of a line begin, whatever case they stand in."""
    return {word[:_STEM] for word in unit.view.words if len(word) >= _LONG_WORD}


def _counted(units: Sequence[Unit]) -> set[int]:
    """Returns the starts of the lines that are numbered one after the other: a list, the story's own or a box."""
    found: list[Unit] = []
    runs: set[int] = set()
    for unit in units:
        number = _NUMBERED.match(unit.view.text)
        if number is None:
            continue
        before = _NUMBERED.match(found[-1].view.text) if found else None
        if before is None or abs(int(number[1]) - int(before[1])) != 1:
            found = []
        found.append(unit)
        if len(found) >= _COUNTED:
            runs.update(item.start for item in found[-_COUNTED:])
    return runs


def _announced(units: Sequence[Unit]) -> set[int]:
    """Returns the starts of the lines of lists that a line of the story announces: ``Results:`` and what they are."""
    found: set[int] = set()
    form = ""
    opening: Unit | None = None
    for unit in units:
        if opening and unit.reason is None and (marks := line_marks(unit.view)) and marks == (form or marks):
            form = marks
            found |= {opening.start, unit.start}
            continue
        form = ""
        opens = unit.reason is None and unit.view.text.endswith(OPENS) and len(unit.view.words) > 1
        opening = unit if opens else None
    return found


def _is_item(units: Sequence[Unit], index: int) -> bool:
    """Whether a line is built like most around it: dates of a tour, votes, results."""
    form = line_marks(units[index].view)[:_BEGINNING]
    if len(form) < _MARKS:
        return False
    around = units[max(0, index - 3) : index + 4]
    left = (unit for unit in around if unit.reason is None or unit.doubted)
    return sum(line_marks(unit.view)[:_BEGINNING] == form for unit in left) > _ALIKE


def _explained(unit: Unit, under: RemovalReason | None, before: bool, after: bool) -> RemovalReason:
    """Names the likeliest reason for a line that the model took out."""
    view = unit.view
    if view.hits:
        return longest_said(view.hits)
    if "©" in view.text:
        return "copyright"
    if len(view.words) <= _CREDIT and credits_in(view.text):
        return "syndication_notice"
    if under:
        return under
    if cut_off(view.text) or len(view.words) >= 8:
        return "related_teaser" if not before else "navigation"
    return "related_teaser" if after and len(view.words) >= 4 else "navigation"
