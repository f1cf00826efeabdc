"""Which lines and sentences are not the article's own."""

from __future__ import annotations

from dataclasses import dataclass

from agents.clean.lines import cut_off, ends_sentence, line_spans, sentence_spans
from agents.clean.phrasebook import Phrases, fold_words
from schemas.article import RemovalReason


@dataclass(slots=True)
class Unit:
    """A line, or a sentence of a line, and what was decided about it."""

    start: int
    end: int
    text: str
    words: list[str]
    reason: RemovalReason | None = None


def removals(text: str, phrases: Phrases) -> list[tuple[int, int, RemovalReason]]:
    """Returns the spans of ``text`` that are not the article's own, in order, with reasons."""
    units = [_unit(text, *span) for span in line_spans(text)]
    for unit in units:
        unit.reason = _by_phrase(unit, phrases)
    _teasers(units)
    found: list[tuple[int, int, RemovalReason]] = []
    for unit in units:
        if unit.reason is not None:
            found.append((unit.start, unit.end, unit.reason))
            continue
        for start, end in sentence_spans(text, unit.start, unit.end):
            reason = _by_phrase(_unit(text, start, end), phrases)
            if reason is not None:
                found.append((start, end, reason))
    return found


def _unit(text: str, start: int, end: int) -> Unit:
    piece = text[start:end]
    return Unit(start, end, piece, fold_words(piece))


def _by_phrase(unit: Unit, phrases: Phrases) -> RemovalReason | None:
    hits = phrases.search(unit.words)
    for hit in hits:
        if hit.whole or len(unit.words) <= 4 * (hit.end - hit.start) + 4:
            return hit.reason
    return None


def _teasers(units: list[Unit]) -> None:
    """Marks runs of lines in the last part of the text that all break off."""
    for index, unit in enumerate(units):
        if (
            unit.reason is None
            and cut_off(unit.text)
            and not ends_sentence(unit.text)
            and index * 5 > len(units) * 2
        ):
            neighbours = units[max(0, index - 1) : index] + units[index + 1 : index + 2]
            if any(cut_off(other.text) for other in neighbours):
                unit.reason = "related_teaser"
