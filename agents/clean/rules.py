"""Which lines and sentences are not the article's own, and why.

Two kinds of evidence decide. A phrase that makes up most of a line speaks for itself; of anything else the line model
is asked, which knows no language but sees form, place and company. A full sentence needs more evidence than a
fragment, and a text keeps at least one line: where the model would take everything, it is not believed.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice, pairwise
from typing import TypeAlias

from agents.clean.agencies import credits_in, is_credit, prefix_end, services_in
from agents.clean.features import LineView, features, line_marks
from agents.clean.forms import by_form, is_self_portrait
from agents.clean.lines import LOWER, UPPER, cut_off, ends_sentence, line_spans, sentence_spans
from agents.clean.model import line_model
from agents.clean.phrasebook import Phrases, fold_words
from agents.clean.repeated import Repeated
from schemas.article import RemovalReason

_BELOW = 1_500
"""Thousandths of a logit from which a fragment below the story's last paragraph is residue (82 % sure).

On news pages of sites the model had not seen, 227 of 230 such lines were residue at this level."""
_ABOVE = 2_400
"""The same above the first paragraph, where a fragment may be the headline: 137 of 138 from 2,500."""
_BETWEEN = 1_500
"""The same between paragraphs, where it may be a heading, a score, a line of an interview: 59 of 59."""
_LISTED = 4_500
"""The same where it is likelier a price, a date, a result: between paragraphs with many short lines, and among lines
built alike.

On unseen pages of all kinds with so many short lines, 22 of 80 that the model takes for residue were at 1,500."""
_SHORT_LINES = 20
_SENTENCE = 3_500
"""The same for a full sentence above the story, or between paragraphs with many short lines."""
_SENTENCE_BETWEEN = 2_000
"""The same between other paragraphs, where the model sees most of what the story says: 16 of 16 from 1,000."""
_SENTENCE_BELOW = 2_000
"""The same below the last paragraph: 42 of 42."""
_LEAST = min(_BELOW, _ABOVE, _BETWEEN, _SENTENCE_BETWEEN, _SENTENCE_BELOW)
_ALIKE = 3
"""Lines of the three on either side with the same punctuation and numbers, which make a line the item of a list."""
_MARKS = 2
"""Kinds of them that are too many for chance."""
_PARAGRAPH = 14
"""Words from which a full sentence may be a paragraph of the story."""
_OWN = -2_000
"""Below this the model is so sure that a line is the article's own that a phrase in it is taken for chance."""
_FEW = (2, 3)
"""Words, and characters where words are not spaced, that a phrase needs to speak for a full sentence it is not."""
_SUBJECT = (2, 4)
"""Words, and characters, at the start of a sentence that may stand before its phrase."""
_NAME = (5, 12)
"""Words, and characters, of a name that may stand before what its bearer is."""
_FEWEST = 3
"""Lines a text must have for the model to see a line in its company."""
_MOST = 4_000
"""Lines beyond which a text is no article, and its lines are judged by phrases alone; bounds time and memory."""
_MOST_AT_ALL = 20_000
"""Lines beyond which a text is left as it is."""
_GLUES = 4
"""Places in a line that may be glued; a line with more is not a button before a sentence."""
_HEAD = 80
"""Characters of a line in which it may be glued."""
_MARKED = ":：©("
"""Characters of which a credit holds one."""
_UNDER = 8
"""Lines for which a heading ("Read also") explains what stands under it."""
_BUTTON = 3
_CREDIT = 6
"""Words up to which a line that names an agency is its credit."""
_EDGE = 8
"""Lines that do not repeat within which the search for repeated lines goes on, from either end of the text."""
_CONTACT = re.compile(r"(?<![\w.])[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
"""An address for electronic mail."""
_CONTACT_WORDS = 9
"""Words, those of the address among them, of a line that is no more than a name with its address."""
_CONTACT_LENGTH = 120
_NUMBERED = re.compile(r"(\d{1,3})[.)]\s")
_COUNTED = 3
"""Numbers in a row that make a list."""
_GLUED = re.compile(f"(?<=[{LOWER}.!?…])(?=[{UPPER}])")
_HEADINGS: tuple[RemovalReason, ...] = ("related_teaser", "comment_form", "subscription", "cookie_banner")
_BUTTONS: tuple[RemovalReason, ...] = ("related_teaser", "navigation", "share_buttons")

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


def removals(
    text: str, phrases: Phrases, repeated: Repeated | None = None, views: Views | None = None
) -> list[tuple[int, int, RemovalReason]]:
    """Returns the spans of ``text`` that are not the article's own, in order, with reasons.

    ``repeated`` holds the lines that repeat within its source, where any are known; ``views`` is filled with what was
    seen of each line, for the next time the text is looked at.
    """
    views = {} if views is None else views
    lines = text.count("\n") + 1
    units = list(_units(text, phrases, views, glued=lines <= _MOST)) if lines <= _MOST_AT_ALL else []
    if not units:
        return []
    if _FEWEST <= len(units) <= _MOST:
        for unit, logit in zip(
            units, line_model().logits(features([unit.view for unit in units])).tolist(), strict=True
        ):
            unit.logit = logit
    for unit in units:
        unit.reason = _by_phrase(unit)
    _bios(units)
    _teasers(units)
    _by_model(units)
    for before, unit in pairwise(units):
        if before.reason == "cookie_banner" and unit.reason in _BUTTONS and len(unit.view.words) <= _BUTTON:
            unit.reason = "cookie_banner"
    _services(units)
    if repeated is not None:
        _repeating(units, repeated)
    found: list[tuple[int, int, RemovalReason]] = []
    head = prefix_end(text, units[0].start)
    if head and units[0].reason is None:
        found.append((units[0].start, head, "syndication_notice"))
    for unit in units:
        if unit.reason is not None:
            found.append((unit.start, unit.end, unit.reason))
        else:
            found += _sentences(text, unit, phrases, views)
    return sorted(set(found))


def glued_credits(text: str, phrases: Phrases, views: Views) -> list[tuple[int, int, RemovalReason]]:
    """Returns the credits that are glued to the first letter of a sentence, with reasons.

    They are looked for before missing spaces are put in, because after that nothing says where they end.
    """
    found: list[tuple[int, int, RemovalReason]] = []
    if text.count("\n") >= _MOST:
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


def _services(units: Sequence[Unit]) -> None:
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
            and len(unit.view.words) < _PARAGRAPH
            and not ends_sentence(unit.view.text)
        ):
            unit.reason = "syndication_notice"


def _repeating(units: Sequence[Unit], repeated: Repeated) -> None:
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
            long = len(words) >= _PARAGRAPH or (len(words) >= 8 and ends_sentence(unit.view.text))
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


def line_views(lines: Iterable[str], phrases: Phrases) -> list[LineView]:
    """Returns the lines as the line model needs them."""
    return [_view(line, phrases, {}) for line in lines]


def _view(line: str, phrases: Phrases, views: Views) -> LineView:
    view = views.get(line)
    if view is None:
        words = fold_words(line)
        view = views[line] = LineView(line, words, phrases.search(words), by_form(line, words, phrases))
    return view


def _units(text: str, phrases: Phrases, views: Views, *, glued: bool) -> Iterator[Unit]:
    """Yields the lines; one that is glued together of a button or credit and something else, in its parts."""
    for start, end in line_spans(text):
        yield from _parts(text, start, end, phrases, views, glues=_GLUES if glued else 0)


def _parts(text: str, start: int, end: int, phrases: Phrases, views: Views, *, glues: int) -> Iterator[Unit]:
    """Yields what a line is glued together of."""
    at = start
    whole = _view(text[start:end], phrases, views)
    most = glues if whole.form is None else 0
    for found in islice(_GLUED.finditer(text, start, min(end, start + _HEAD)), most):
        place = found.start()
        left = _view(text[at:place], phrases, views)
        if left.form is None and not any(
            hit.whole or (hit.at_start and len(left.words) <= 5) for hit in left.hits
        ):
            continue
        yield Unit(at, place, left)
        at = place
    yield Unit(at, end, whole if at == start else _view(text[at:end], phrases, views))


def _by_phrase(unit: Unit) -> RemovalReason | None:
    view = unit.view
    words = len(view.words)
    best: tuple[float, RemovalReason] | None = None
    whole = next((hit.reason for hit in view.hits if hit.whole), view.form)
    if view.form == "syndication_notice":
        whole = view.form  # "Source: AFP" is a photo's only where nothing speaks for the text's
    if whole is not None:
        return whole
    if not view.hits:
        return "syndication_notice" if is_credit(view.text) else None
    unspaced = _is_unspaced(view)
    sentence = words >= 5 and ends_sentence(view.text)
    said = _said(view)
    for hit in view.hits:
        size = said[hit.reason]
        if sentence and size < _FEW[unspaced] and unit.logit < _BELOW:
            continue
        # what a sentence is about is said at its start: "We use cookies to", not "Ministers are to ban cookies from"
        each, more = (4, 4) if sentence and hit.start > _SUBJECT[unspaced] else (6, 10)
        if unit.logit > _OWN and (
            words <= 3 * size + 2 + 2 * hit.at_start or (unit.logit > 0 and words <= each * size + more)
        ):
            best = max(best or (0.0, hit.reason), (size / words, hit.reason))
    if best is None and is_credit(view.text):
        return "syndication_notice"
    if best is None and _covered(view):
        return max(view.hits, key=lambda hit: (hit.end - hit.start, hit.reason)).reason
    return best[1] if best else None


def _is_unspaced(view: LineView) -> bool:
    """Whether most words of a line are characters of a script that does not space its words."""
    return 2 * sum(map(len, view.words)) < 3 * len(view.words)


def _said(view: LineView) -> Counter[RemovalReason]:
    """Returns how many words of the line the phrases of each reason take up: two of one reason say more than one."""
    said: Counter[RemovalReason] = Counter()
    ends: dict[RemovalReason, int] = {}
    for hit in sorted(view.hits, key=lambda hit: (hit.start, -hit.end)):
        at = max(hit.start, ends.get(hit.reason, 0))
        if hit.end > at:
            said[hit.reason] += hit.end - at
            ends[hit.reason] = hit.end
    return said


def _covered(view: LineView) -> bool:
    """Whether each word of the line belongs to a phrase: several phrases one after the other are no sentence."""
    at = 0
    for hit in sorted(view.hits, key=lambda hit: hit.start):
        if hit.start > at:
            return False
        at = max(at, hit.end)
    return at == len(view.words) > 0


def _teasers(units: Sequence[Unit]) -> None:
    """Marks runs of lines in the last part of the text that all break off."""
    for index, unit in enumerate(units):
        if unit.reason is None and index * 5 > len(units) * 2 and _breaks_off(unit):
            neighbours = (*units[max(0, index - 1) : index], *units[index + 1 : index + 2])
            if any(_breaks_off(other) for other in neighbours):
                unit.reason = "related_teaser"


def _bios(units: Sequence[Unit]) -> None:
    """Marks what is said of the author in the last lines, and leaves what is said of somebody in the story.

    That is a row of fragments, a name with its address, or what somebody is whom no other line names.
    """
    told: _Told | None = None
    for index, unit in enumerate(units):
        view = unit.view
        if unit.reason == "author_bio":
            if ends_sentence(view.text) and view.form is None:
                told = told or _Told(units)
                if _bearer(view, told) is False:
                    unit.reason = None
        elif unit.reason is None and index >= max(_FEWEST - 1, len(units) - 2):
            short = len(view.words) <= _CONTACT_WORDS and len(view.text) <= _CONTACT_LENGTH
            if (
                is_self_portrait(view.text)
                or (short and _CONTACT.search(view.text))
                or _bearer(view, _Told(units, besides=unit))
            ):
                unit.reason = "author_bio"


class _Told:
    """The words of the lines that are the article's own so far."""

    def __init__(self, units: Sequence[Unit], besides: Unit | None = None) -> None:
        self._lines = [unit.view.words for unit in units if unit.reason is None and unit is not besides]
        self._words = {word for words in self._lines for word in words}

    def names(self, name: Sequence[str], *, unspaced: bool) -> bool:
        """Whether a line holds the name, or the last word of it where words are spaced."""
        if not unspaced:
            return name[-1] in self._words
        return "".join(name) in "\n".join(map("".join, self._lines))


def _bearer(view: LineView, told: _Told) -> bool | None:
    """Whether the line says what somebody is whom no other line names; None where it says nothing so."""
    unspaced = _is_unspaced(view)
    starts = [
        hit.start for hit in view.hits if hit.reason == "author_bio" and 0 < hit.start <= _NAME[unspaced]
    ]
    if not starts or view.text[0].islower():
        return None
    return not told.names(view.words[: min(starts)], unspaced=unspaced)


def _breaks_off(unit: Unit) -> bool:
    return cut_off(unit.view.text) and not ends_sentence(unit.view.text)


def _by_model(units: Sequence[Unit]) -> None:
    heading: tuple[int, RemovalReason] | None = None
    own = [index for index, unit in enumerate(units) if unit.reason is None and unit.logit < 0]
    if not own:
        return
    own = [index for index in own if len(units[index].view.words) >= _PARAGRAPH] or own
    short = [
        unit for unit in units[own[0] : own[-1]] if unit.reason is None and len(unit.view.words) < _PARAGRAPH
    ]
    listed = len(short) >= _SHORT_LINES
    between, sentence_between = (_LISTED, _SENTENCE) if listed else (_BETWEEN, _SENTENCE_BETWEEN)
    counted = _counted(units[own[0] : own[-1]])
    for index, unit in enumerate(units):
        if unit.reason in _HEADINGS:
            heading = (index, unit.reason)
        under = heading[1] if heading and index - heading[0] <= _UNDER else None
        if unit.reason is not None or unit.logit < _LEAST:
            continue
        beside = {item.start for item in units[max(0, index - 1) : index + 2]} - {unit.start}
        if unit.start in counted and not (under and beside & counted):
            continue
        above, below = index < own[0], index > own[-1]
        if len(unit.view.words) >= 8 and ends_sentence(unit.view.text):
            least = _SENTENCE_BELOW if below else sentence_between if not above else _SENTENCE
        else:
            least = _ABOVE if above else _BELOW if below else between
            if not above and least <= unit.logit < _LISTED and _is_item(units, index):
                continue
        if unit.logit >= least:
            unit.reason = _explained(unit, under, above, below)
            unit.doubted = True


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
            runs.update(item.start for item in found)
    return runs


def _is_item(units: Sequence[Unit], index: int) -> bool:
    """Whether a line is built like most around it: dates of a tour, votes, results."""
    form = line_marks(units[index].view)
    if len(form) < _MARKS:
        return False
    around = units[max(0, index - 3) : index + 4]
    left = (unit for unit in around if unit.reason is None or unit.doubted)
    return sum(line_marks(unit.view) == form for unit in left) > _ALIKE


def _explained(unit: Unit, under: RemovalReason | None, before: bool, after: bool) -> RemovalReason:
    """Names the likeliest reason for a line that the model took out."""
    view = unit.view
    if view.hits:
        return max(view.hits, key=lambda hit: (hit.end - hit.start, hit.reason)).reason
    if "©" in view.text:
        return "copyright"
    if len(view.words) <= _CREDIT and credits_in(view.text):
        return "syndication_notice"
    if under:
        return under
    if cut_off(view.text) or len(view.words) >= 8:
        return "related_teaser" if not before else "navigation"
    return "related_teaser" if after and len(view.words) >= 4 else "navigation"


def _sentences(
    text: str, unit: Unit, phrases: Phrases, views: Views
) -> Iterator[tuple[int, int, RemovalReason]]:
    """Yields the sentences of a kept line that are boilerplate by their phrases."""
    if not unit.view.hits:
        return
    spans = list(sentence_spans(text, unit.start, unit.end))
    for start, end in spans if len(spans) > 1 else ():
        view = _view(text[start:end], phrases, views)
        hits = [
            hit
            for hit in view.hits
            if (hit.whole and hit.end > 1) or 3 * (hit.end - hit.start) >= len(view.words)
        ]
        hits += [
            hit
            for hit in view.hits
            if hit.reason in ("syndication_notice", "company_boilerplate") and hit.end - hit.start >= 3
        ]
        if hits:
            yield start, end, hits[0].reason
