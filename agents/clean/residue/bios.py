"""Lines that say who wrote the article."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from functools import cached_property
from itertools import accumulate

from agents.clean.residue.forms import is_self_portrait
from agents.clean.residue.lines import ends_sentence
from agents.clean.residue.phrasebook import is_unspaced
from agents.clean.residue.units import Unit

_LAST = 2
"""Lines at the end of what is left of a text that may say so without a phrase that says it all."""
_ABOVE = 2
"""Lines that stand above them at least."""
_NAME = (5, 12)
"""Words, and characters, of a name that may stand before what its bearer is."""
_CONTACT = re.compile(r"(?<![\w.])[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
"""An address for electronic mail."""
_CONTACT_WORDS = 9
"""Words, those of the address among them, of a line that is no more than a name with its address."""
_CONTACT_LENGTH = 120


def mark_bios(units: Sequence[Unit]) -> None:
    """Marks what is said of the author in the last lines, and leaves what is said of somebody in the story.

    That is a row of fragments, a name with its address, or what somebody is whom no other line names.
    """
    told = _Told(units)
    left = [index for index, unit in enumerate(units) if unit.reason is None]
    first = max(_ABOVE, left[-_LAST] if len(left) >= _LAST else 0)
    for index, unit in enumerate(units):
        view = unit.view
        if unit.reason == "author_bio":
            if ends_sentence(view.text) and view.form is None and _is_stranger(unit, told) is False:
                unit.reason = None
        elif unit.reason is None and index >= first:
            short = len(view.words) <= _CONTACT_WORDS and len(view.text) <= _CONTACT_LENGTH
            if (
                is_self_portrait(view.text)
                or (short and _CONTACT.search(view.text))
                or _is_stranger(unit, told)
            ):
                unit.reason = "author_bio"


class _Told:
    """The lines that were the article's own before bios were looked for; their words are counted when first asked."""

    def __init__(self, units: Sequence[Unit]) -> None:
        self._own = [unit for unit in units if unit.reason is None]

    @cached_property
    def _lines_with(self) -> Counter[str]:
        return Counter(word for unit in self._own for word in set(unit.view.words))

    @cached_property
    def _text(self) -> tuple[str, dict[int, int]]:
        """The lines without their spaces, and where each of them begins, by its start."""
        lines = ["".join(unit.view.words) for unit in self._own]
        places = accumulate((len(line) + 1 for line in lines), initial=0)
        return "\n".join(lines) + "\n", {unit.start: at for unit, at in zip(self._own, places, strict=False)}

    def names(self, name: Sequence[str], besides: Unit, *, unspaced: bool) -> bool:
        """Whether another line holds the name, or the last word of it where words are spaced."""
        if not unspaced:
            return self._lines_with[name[-1]] > any(unit is besides for unit in self._own)
        text, places = self._text
        whole, place = "".join(name), places.get(besides.start)
        if place is None:
            return whole in text
        return text.find(whole, 0, place) >= 0 or text.find(whole, text.find("\n", place)) >= 0


def _is_stranger(unit: Unit, told: _Told) -> bool | None:
    """Whether the line says what somebody is whom no other line names; None where it says nothing so."""
    view = unit.view
    unspaced = is_unspaced(view.words)
    starts = [
        hit.start for hit in view.hits if hit.reason == "author_bio" and 0 < hit.start <= _NAME[unspaced]
    ]
    if not starts or view.text[0].islower():
        return None
    return not told.names(view.words[: min(starts)], unit, unspaced=unspaced)
