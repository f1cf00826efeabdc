"""Which lines and sentences are not the article's own, and why.

Two kinds of evidence decide. A phrase that makes up most of a line speaks for itself (`by_phrase.py`, `forms.py`);
of anything else the line model is asked, which knows no language but sees form, place and company (`by_model.py`).
What only the whole text tells is decided here: runs of teasers, services, repeated lines; authors by `bios.py`.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from agents.clean.addressed import mark_addressed, mark_companies
from agents.clean.agencies import prefix_end, services_in
from agents.clean.bios import mark_bios
from agents.clean.by_model import mark_by_model, weigh
from agents.clean.by_phrase import by_phrase, sentences_by_phrase
from agents.clean.labels import mark_labelled
from agents.clean.lines import cut_off, ends_sentence
from agents.clean.phrasebook import Phrases
from agents.clean.repeated import Repeated
from agents.clean.units import PARAGRAPH, Unit, Views, units_of
from schemas.article import RemovalReason

_MOST_AT_ALL = 20_000
"""Lines beyond which a text is left as it is."""
_BUTTON = 3
"""Words of a button at most."""
_CREDITED = 6
"""Words of a name that stands under the label of a credit at most."""
_LAST = 6
"""Lines at the end of a text in which a notice may say more than its phrase."""
_ABOVE = 2
"""Lines that stand above them at least."""
_EDGE = 8
"""Lines that do not repeat within which the search for repeated lines goes on, from either end of the text."""
_BUTTONS: tuple[RemovalReason, ...] = ("related_teaser", "navigation", "share_buttons")


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
    _mark_credited(units)
    mark_labelled(units)
    mark_bios(units)
    _mark_teasers(units)
    mark_addressed(units)
    mark_by_model(units)
    for before, unit in pairwise(units):
        if before.reason == "cookie_banner" and unit.reason in _BUTTONS and len(unit.view.words) <= _BUTTON:
            unit.reason = "cookie_banner"
    _mark_services(units)
    mark_companies(units)
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
