"""What phrases say of a line or of a sentence in it: they speak for themselves where they make up most of it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

from agents.clean.residue.addressed import speaks_to_reader
from agents.clean.residue.agencies import is_credit, services_in
from agents.clean.residue.features import LineView
from agents.clean.residue.forms import ends_credited, unsigned
from agents.clean.residue.labels import signs
from agents.clean.residue.lines import ends_sentence, sentence_spans
from agents.clean.residue.phrasebook import Hit, Phrases, is_unspaced, longest_said
from agents.clean.residue.units import Unit, Views, view_of
from schemas.article import RemovalReason

_OWN = -2_000
"""Below this the model is so sure that a line is the article's own that a phrase in it is taken for chance."""
_LIKELY = 1_500
"""From this a full sentence is so likely residue that one word of a phrase may say why."""
_FEW = (2, 3)
"""Words, and characters where words are not spaced, that a phrase needs to speak for a full sentence it is not."""
_NOTICES = frozenset(("copyright", "comment_form", "cookie_banner", "subscription", "syndication_notice"))
"""Reasons for removal whose lines say more than their phrase."""
_TOLD_OF = frozenset(("cookie_banner", "subscription"))
"""Reasons whose subject news tell of too, by what it is called and without a word to the reader."""
_REST = 30
"""Words that may follow a notice in its line at most, twice as many characters where words are not spaced."""
_SUBJECT = (2, 4)
"""Words, and characters, at the start of a sentence that may stand before its phrase."""


def by_phrase(unit: Unit) -> RemovalReason | None:
    """Returns the reason for which a line goes whatever stands around it; None for most lines."""
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
    unspaced = is_unspaced(view.words)
    sentence = words >= 5 and ends_sentence(unsigned(view.text))
    by_reason: defaultdict[RemovalReason, list[Hit]] = defaultdict(list)
    for hit in view.hits:
        by_reason[hit.reason].append(hit)
    # two phrases of one reason say more than one
    said = {reason: _taken_up(hits) for reason, hits in by_reason.items()}
    told_of = sentence and not _TOLD_OF.isdisjoint(by_reason) and not speaks_to_reader(view.words)
    for hit in view.hits:
        size = said[hit.reason]
        if sentence and size < _FEW[unspaced] and unit.logit < _LIKELY:
            continue
        if hit.reason == "author_bio" and hit.at_start and not signs(view.text, view.words, hit):
            continue
        if unit.logit < _LIKELY and _is_count(view.words[hit.start : hit.end]):
            continue
        # what a sentence is about is said at its start: "We use cookies to", not "Ministers are to ban cookies from"
        late = sentence and hit.start > _SUBJECT[unspaced]
        told = told_of and hit.start > 0 and hit.reason in _TOLD_OF
        each, more = (4, 4) if late else (6, 10)
        shown = sentence and hit.reason == "photo_credit"
        most = 2 * size + 1 if told or shown else 3 * size + 2 + 2 * hit.at_start
        if unit.logit > _OWN and (
            words <= most or (unit.logit > (_LIKELY if told or shown else 0) and words <= each * size + more)
        ):
            best = max(best or (0.0, hit.reason), (size / words, hit.reason))
    if best is None and is_credit(view.text):
        return "syndication_notice"
    if best is None and is_covered(view):
        return longest_said(view.hits)
    return best[1] if best else None


def is_covered(view: LineView) -> bool:
    """Whether each word of the line belongs to a phrase: several phrases one after the other are no sentence."""
    return _taken_up(view.hits) == len(view.words) > 0


def sentences_by_phrase(
    text: str, unit: Unit, phrases: Phrases, views: Views, *, last: bool = False
) -> Iterator[tuple[int, int, RemovalReason]]:
    """Yields the sentences of a kept line that are boilerplate by their phrases, and a credit at its end.

    What follows a notice in the same line goes with it where the line is one of the ``last``: ``All rights reserved.
    Copying needs our permission.``
    """
    credit = ends_credited(unit.view.text, phrases)
    if credit is not None:
        yield unit.start + credit, unit.end, "photo_credit"
        return
    if not unit.view.hits:
        return
    spans = list(sentence_spans(text, unit.start, unit.end))
    notice: RemovalReason | None = None
    left: list[tuple[int, int]] = []
    for start, end in spans if len(spans) > 1 else ():
        view = view_of(text[start:end], phrases, views)
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
            if start == unit.start or hits[0].reason == "copyright":
                notice = hits[0].reason
        elif notice is not None:
            left.append((start, end))
    if notice in _NOTICES and (last or notice == "copyright"):
        following = [view_of(text[start:end], phrases, views) for start, end in left]
        size = sum(len(view.words) // (1 + is_unspaced(view.words)) for view in following)
        sure = notice == "copyright" or unit.logit > _OWN or any(services_in(view.text) for view in following)
        if sure and size <= _REST:
            for start, end in left:
                yield start, end, notice


def _is_count(words: Sequence[str]) -> bool:
    """Whether a phrase is numbers with one word, which anything may hold: ``30 minutes before bed``."""
    return sum(word != "0" for word in words) == 1 < len(words)


def _taken_up(hits: Iterable[Hit]) -> int:
    """Returns how many words of a line its phrases take up, each word counted once."""
    count = at = 0
    for hit in sorted(hits, key=lambda hit: hit.start):
        count += max(0, hit.end - max(hit.start, at))
        at = max(at, hit.end)
    return count
