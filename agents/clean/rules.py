"""Which lines and sentences are not the article's own, and why.

Two kinds of evidence decide. A phrase that makes up most of a line speaks for itself (`by_phrase.py`, `forms.py`);
of anything else the line model is asked, which knows no language but sees form, place and company (`by_model.py`).
What only the whole text tells is decided here: runs of teasers, services, repeated lines; authors by `bios.py`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from agents.clean.repeated import Repeated
from agents.clean.residue.addressed import mark_addressed, mark_companies
from agents.clean.residue.agencies import prefix_end, services_in
from agents.clean.residue.bios import mark_bios
from agents.clean.residue.by_model import mark_by_model, weigh
from agents.clean.residue.by_phrase import by_phrase, is_covered, sentences_by_phrase
from agents.clean.residue.labels import mark_labelled
from agents.clean.residue.lines import OPENS, cut_off, ends_sentence
from agents.clean.residue.phrasebook import Phrases
from agents.clean.residue.units import PARAGRAPH, Unit, Views, units_of
from schemas.article import RemovalReason

_MOST_AT_ALL = 20_000
"""Lines beyond which a text is left as it is."""
_BUTTON = 3
"""Words of a button at most."""
_CREDITED = 6
"""Words of a name that stands under the label of a credit at most."""
_ASKED = ("?", "？", "؟", "՞", ";")
"""Signs that end a question."""
_ASKED_OF_READERS: tuple[RemovalReason, ...] = ("comment_form", "subscription")
_SPEECH = ("—", "–", "-")
"""Signs that begin what somebody says."""
_HEADLINE = 4
"""Words, or characters where words are not spaced, of a headline at least."""
_LAST = 6
"""Lines at the end of a text in which a notice may say more than its phrase."""
_ABOVE = 2
"""Lines that stand above them at least."""
_EDGE = 8
"""Lines that do not repeat within which the search for repeated lines goes on, from either end of the text."""
_REACHED = re.compile(r"[\w.+-]+@[\w-]+\.\w|(?<![\w.,])\+?\d(?:[ ()/.-]{0,2}\d){7,14}(?![\d.,]\d)")
"""An address of mail, or a telephone number."""
_BUTTONS: tuple[RemovalReason, ...] = ("related_teaser", "navigation")


def removals(
    text: str, phrases: Phrases, repeated: Repeated | None = None, views: Views | None = None
) -> list[tuple[int, int, RemovalReason]]:
    """Returns the spans of ``text`` that are not the article's own, in order, with reasons.

    ``repeated`` holds the lines that repeat within its source, where any are known; ``views`` is filled with what was
    seen of each line, for the next time the text is looked at.
    """
    views = {} if views is None else views
    units = list(units_of(text, phrases, views)) if text.count("\n") < _MOST_AT_ALL else []
    if not units:
        return []
    weigh(units)
    for unit in units:
        unit.reason = by_phrase(unit)
    _keep_told(units)
    _mark_credited(units)
    mark_labelled(units)
    mark_bios(units)
    _mark_teasers(units)
    mark_addressed(units)
    _mark_headed(units)
    mark_by_model(units)
    for before, unit in pairwise(units):
        if before.reason == "cookie_banner" and unit.reason in _BUTTONS and len(unit.view.words) <= _BUTTON:
            unit.reason = "cookie_banner"
    _mark_services(units)
    mark_companies(units)
    _mark_contacts(units)
    if repeated is not None:
        _mark_repeated(units, repeated)
    found: list[tuple[int, int, RemovalReason]] = []
    head = prefix_end(text, units[0].start)
    if head and units[0].reason is None:
        found.append((units[0].start, head, "syndication_notice"))
    for index, unit in enumerate(units):
        if unit.reason is not None:
            found.append((unit.start, unit.end, unit.reason))
        else:
            last = index >= max(_ABOVE, len(units) - _LAST)
            found += sentences_by_phrase(text, unit, phrases, views, last=last)
    return sorted(set(found))


def _keep_told(units: Sequence[Unit]) -> None:
    """Leaves an answer under its question (``Answer: The fishermen``), and a question that the story goes on after.

    ``What do you think?`` is asked of the reader below the story and of somebody else in an interview.
    """
    last = _last_sentence(units, -1)
    for unit in units[:last]:
        text = unit.view.text
        if any(hit.whole for hit in unit.view.hits):
            continue
        asked = unit.reason in _ASKED_OF_READERS and text.endswith(_ASKED)
        opens = unit.reason == "related_teaser" and text.endswith(OPENS) and not is_covered(unit.view)
        spoken = unit.reason in _ASKED_OF_READERS and text.startswith(_SPEECH) and not text[1:2].isspace()
        if asked or opens or spoken:
            unit.reason = None
    if units[0].reason == units[0].view.form == "comment_form":
        units[0].reason = None  # "Comment: Why we need no bridge" is the headline of one
    for before, unit in pairwise(units):
        text = before.view.text
        if (
            before.reason == "related_teaser"
            and text.endswith(OPENS)
            and unit.reason is None
            and any(map(str.isdigit, unit.view.text))
            and not is_covered(before.view)
        ):
            before.reason = None
        if (
            unit.reason == "comment_form"
            and unit.view.form == "comment_form"
            and before.reason is None
            and before.view.text.endswith(_ASKED)
        ):
            unit.reason = None


def _mark_headed(units: Sequence[Unit]) -> None:
    """Marks the headlines below the last paragraph under a heading that is one of teasers and nothing else."""
    last = _last_sentence(units, len(units))
    under = False
    for unit in units[last + 1 :]:
        if unit.reason == "related_teaser":
            under = under or any(hit.whole for hit in unit.view.hits)
        elif unit.reason is not None:
            under = False
        elif under:
            if ":" in unit.view.text[-1:] or len(unit.view.words) < _HEADLINE:
                under = False
            else:
                unit.reason = "related_teaser"


def _last_sentence(units: Sequence[Unit], default: int) -> int:
    """Returns the place of the last full sentence that is the story's own; ``default`` where there is none."""
    places = range(len(units) - 1, -1, -1)
    return next((index for index in places if _is_own_sentence(units[index])), default)


def _is_own_sentence(unit: Unit) -> bool:
    return unit.reason is None and ends_sentence(unit.view.text) and not unit.view.text.endswith(_ASKED)


def _mark_credited(units: Sequence[Unit]) -> None:
    """Marks the name under a label that stands alone: ``Photo:`` and then ``Mara Lind``."""
    for label, unit in pairwise(units):
        if (
            label.reason == "photo_credit"
            and label.view.text.endswith((":", "："))
            and unit.reason is None
            and len(unit.view.words) <= _CREDITED
            and not ends_sentence(unit.view.text)
        ):
            unit.reason = "photo_credit"


def _mark_teasers(units: Sequence[Unit]) -> None:
    """Marks runs of lines in the last part of the text that all break off."""
    for index, unit in enumerate(units):
        if unit.reason is None and index * 5 > len(units) * 2 and _breaks_off(unit):
            neighbours = (*units[max(0, index - 1) : index], *units[index + 1 : index + 2])
            if any(_breaks_off(other) for other in neighbours):
                unit.reason = "related_teaser"


def _breaks_off(unit: Unit) -> bool:
    return cut_off(unit.view.text) and not ends_sentence(unit.view.text)


def _mark_services(units: Sequence[Unit]) -> None:
    """Marks what a press release service says of itself: the lines after its notice that name it again."""
    names: set[str] = set()
    for unit in units:
        if unit.reason == "syndication_notice":
            names |= services_in(unit.view.text)
        elif unit.reason is None and names and names & services_in(unit.view.text):
            unit.reason = "company_boilerplate"
    for before, unit, after in zip(units, units[1:], units[2:], strict=False):
        if (
            unit.reason is None
            and (before.reason, after.reason) == ("syndication_notice", "company_boilerplate")
            and len(unit.view.words) < PARAGRAPH
            and not ends_sentence(unit.view.text)
        ):
            unit.reason = "syndication_notice"


def _mark_contacts(units: Sequence[Unit]) -> None:
    """Marks whom to ask below what a company says of itself: lines with an address of mail or a telephone number."""
    for before, unit in pairwise(units[max(0, len(units) - _LAST) :]):
        if (
            before.reason == "company_boilerplate"
            and unit.reason is None
            and not ends_sentence(unit.view.text)
            and _REACHED.search(unit.view.text)
        ):
            unit.reason = "company_boilerplate"


def _mark_repeated(units: Sequence[Unit], repeated: Repeated) -> None:
    """Marks the lines at either end that repeat within the source, up to the first paragraph that does not.

    Where they are more than half of what is left, the text is a form filled in (weather, results, a list of events),
    and they are its own.
    """
    found: dict[int, Unit] = {}
    for order in (units, units[::-1]):
        others = 0
        for unit in order:
            words = unit.view.words
            if unit.reason is not None:
                continue
            long = len(words) >= PARAGRAPH or (len(words) >= 8 and ends_sentence(unit.view.text))
            if repeated.knows(words, sentence=long):
                found[unit.start] = unit
                continue
            others += 1
            if long or others > _EDGE:
                break
    left = sum(unit.end - unit.start for unit in units if unit.reason is None)
    if 2 * sum(unit.end - unit.start for unit in found.values()) <= left:
        for unit in found.values():
            unit.reason = "repeated_line"
