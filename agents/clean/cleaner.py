"""Cleans a text by edits: characters first, then what is not the article's own, then the layout."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import accumulate
from typing import TypeAlias

from agents.clean.edits import Aligned, Edit, merged
from agents.clean.repair.characters import character_repairs
from agents.clean.repair.joins import joins
from agents.clean.repeated import Repeated
from agents.clean.residue.phrasebook import Phrases
from agents.clean.residue.units import Views, glued_credits
from agents.clean.rules import removals
from schemas.article import Removed, Repair, RepairReason

_ROUNDS = 12
"""Times the rules are applied, until nothing changes any more; two or three are nearly always enough."""
_LOOKED_AT = 2_000_000
"""Characters that all rounds look at together, after which no other begins; bounds the time."""
_LINE = 100
"""Characters that a line counts for besides its own: what is looked at in each, however short it is."""
_PIECE = 20
"""The same for a run, which every round of edits counts anew."""
_SETTLING = 4
"""Times the repairs are made until they leave the text as it is; twice is nearly always enough."""
_LARGEST = 8 << 20
"""Bytes of JSON that an event may have at most, as in ``max_event_bytes``."""
_REPAIR, _RUN = 76, 37
"""Bytes that a repair and a run take at least where there are ten thousand and more; shorter ones are few."""
_UNTIDY = ("  ", " \n", "\n ", "\n\n", "\t", "\u3000")
_LAYOUT = re.compile(r"\s(?:\s+|(?<=\t)|\Z|(?<=\A\s))")
"""White space that is more than one sign, a tab, or stands at either end."""

_Repairing: TypeAlias = Callable[[str], list[Edit]]
"""Returns the repairs that a text needs."""


class TooManyRepairsError(Exception):
    """A text needs more repairs, or is in more pieces after them, than an event can tell of."""


@dataclass(frozen=True, slots=True)
class Cleaned:
    """A cleaned text and all that was done to it."""

    aligned: Aligned
    removed: tuple[Removed, ...]
    repairs: tuple[Repair, ...]


def clean_text(
    start: Aligned,
    source: str,
    phrases: Phrases,
    repeated: Repeated | None = None,
    restored: Iterable[Repair] = (),
) -> Cleaned:
    """Returns ``start`` cleaned; removals and repairs are given in positions of ``source``.

    ``restored`` tells what was repaired on the way from ``source`` to ``start``. Raises TooManyRepairsError where
    they could not be told, before any time goes into more of them.
    """
    removed: list[Removed] = []
    repairs = list(restored)
    current = start
    views: Views = {}
    quoted = 0

    def apply(edits: list[Edit], removing: bool) -> None:
        nonlocal current, quoted
        told = 0 if removing else _REPAIR * (len(repairs) + sum(edit.reason is not None for edit in edits))
        after = current.apply(edits) if told <= _LARGEST else current
        if not removing and told + _RUN * len(after.runs) > _LARGEST:
            raise TooManyRepairsError
        for edit in edits:
            if edit.reason is None:
                continue
            first, last = current.covered(edit.start, edit.end)
            # what stands nowhere in the source is told by all that stands around it, each time
            quoted += last - first
            if quoted > _LARGEST:
                raise TooManyRepairsError
            if removing:
                if first < last:
                    removed.append(
                        Removed(start=first, end=last, reason=edit.reason, text=safe(source[first:last]))
                    )
            else:
                repairs.append(
                    Repair(
                        start=first,
                        end=last,
                        reason=edit.reason,
                        text=safe(source[first:last]),
                        replacement=edit.replacement,
                    )
                )
        current = after

    settled: dict[_Repairing, Aligned] = {}

    def repair(sought: _Repairing) -> None:
        """Makes the repairs that are found, but for a kind that was found nowhere in this very text."""
        if settled.get(sought) is current:
            return
        before = current
        edits = merged(sought(before.text))
        if not edits:
            settled[sought] = before
        apply(edits, removing=False)
        if settled.get(character_repairs) is before and _joins_breaks(edits, before.text):
            settled[character_repairs] = current

    repair(character_repairs)
    repair(_layout)
    spans = glued_credits(current.text, phrases, views)
    apply([Edit(first, last, "", reason) for first, last, reason in spans], removing=True)
    looked_at = 0
    for _ in range(_ROUNDS):
        for _ in range(_SETTLING):
            before = current
            repair(character_repairs)
            repaired = current
            repair(_layout)
            laid_out = current
            repair(joins)
            if repaired is before and current is laid_out:
                break
        spans = removals(current.text, phrases, repeated, views)
        if not spans:
            break
        looked_at += len(current.text) + _LINE * current.text.count("\n") + _PIECE * len(current.runs)
        apply([Edit(first, last, "", reason) for first, last, reason in spans], removing=True)
        if looked_at > _LOOKED_AT:
            break
    return Cleaned(
        current,
        tuple(sorted(removed, key=lambda item: (item.start, item.end))),
        tuple(sorted(_outside(repairs, removed), key=lambda item: (item.start, item.end))),
    )


def safe(text: str) -> str:
    """Returns ``text`` with lone surrogates, which UTF-8 cannot carry, as U+FFFD."""
    return text if text.isascii() else re.sub("[\ud800-\udfff]", "\ufffd", text)


def _layout(text: str) -> list[Edit]:
    edits: list[Edit] = []
    # every other kind of space is plain by now
    if text == text.strip() and not any(piece in text for piece in _UNTIDY):
        return edits
    for found in _LAYOUT.finditer(text):
        at_edge = found.start() == 0 or found.end() == len(text)
        replacement = "" if at_edge else "\n" if "\n" in found.group() else " "
        if found.group() != replacement:
            reason: RepairReason | None = "whitespace" if replacement == " " else None
            edits.append(Edit(found.start(), found.end(), replacement, reason))
    return edits


def _joins_breaks(edits: Iterable[Edit], text: str) -> bool:
    """Whether ``edits`` change nothing but how many breaks stand between lines: their characters are as they were."""
    return all(
        edit.replacement in ("\n", "") and not text[edit.start : edit.end].strip("\n") for edit in edits
    )


def _outside(repairs: list[Repair], removed: list[Removed]) -> list[Repair]:
    spans = sorted((item.start, item.end) for item in removed)
    starts = [first for first, _ in spans]
    ends = list(accumulate((last for _, last in spans), max))

    def inside(item: Repair) -> bool:
        at = bisect_right(starts, item.start) - 1
        return at >= 0 and item.end <= ends[at]

    return [item for item in repairs if not inside(item)]
