"""Ministries, central banks and supreme courts by composition: an office and the country beside it.

``russischen Außenministeriums``, ``Ministerului rus al Apărării`` and ``Foreign Ministry of Russia`` are
``gov:RU:mfa`` and so on, unless the knowledge base has that office under an id of its own (``part_of`` of the
record is ``US:mfa``).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from agents.entities.knowledge.kb import Lexicon
from agents.entities.knowledge.records import Item
from agents.entities.linking.resolve import Decision
from agents.entities.linking.text import Words

_AFTER = 26
"""Characters between an office and the country that follows: ``of the Republic of``."""
_BEFORE = 3
_BEFORE_UNCASED = 4
"""The same between a country and the office after it: in the scripts of India a postposition parts them."""
_MIN_NAMED = 3
_DOMINANT = 2
"""An office alone belongs to a country that is named, with its people and places, so often, and so many times as
often as the next."""
_BREAKS = frozenset(".,;:!?\n()。，、；：！？（）؟،؛۔।॥։።")
"""Marks between an office and a country that are then none of each other's, in all scripts."""
_OWNED = frozenset({"'s ", "’s ", "' ", "’ "})
"""What makes a capital the owner of the office after it: ``Kyiv's defence ministry``."""


class Offices:
    """Composes offices over one knowledge base."""

    def __init__(self, lexicon: Lexicon) -> None:
        self._lexicon = lexicon

    def compose(
        self, decision: Decision, others: Sequence[Decision], words: Words
    ) -> tuple[int, int, Item] | None:
        """Returns the place of an office with its country, and the entity; None where no country is near."""
        option = decision.option
        if option is None:
            return None
        start, end = decision.span.start, decision.span.end
        if decision.span.country:
            return start, end, self.of(option.item, decision.span.country)
        best: tuple[int, int, int, str] | None = None
        reach = _BEFORE if words.cased[decision.span.first] else _BEFORE_UNCASED
        for other in others:
            near = other.option
            if near is None or near.item.country is None or near.item.kind not in ("country", "capital"):
                continue
            adjective = near.kind in ("adjective", "proper_adjective")
            capital = near.item.kind == "capital"
            after = words.folded[end : other.span.start] if other.span.start >= end else None
            before = words.folded[other.span.end : start] if other.span.end <= start else None
            distance = None
            if before is not None and len(before) <= reach and not _BREAKS & set(before):
                if not capital or before in _OWNED or (near.method == "inflected" and before == " "):
                    distance = len(before)
            elif after is not None and not capital and not _BREAKS & set(after):
                if not _reaches(after, adjective or words.unspaced[decision.span.first]):
                    continue
                distance = len(after) + (0 if adjective else 5)
            if distance is not None and (best is None or distance < best[0]):
                best = (distance, min(start, other.span.start), max(end, other.span.end), near.item.country)
        if best is None:
            return None
        return best[1], best[2], self.of(option.item, best[3])

    def of(self, office: Item, country: str) -> Item:
        """Returns the office of a country."""
        code = f"{country}:{office.part_of}"
        own = self._lexicon.by_id(f"gov:{code}")
        if own is not None:
            return own
        return Item(
            f"gov:{code}", "ORG", f"{office.name} ({country})", "office", 6.0, country, None, None, code
        )


def main_country(decisions: Sequence[Decision]) -> str | None:
    """Returns the country an article is about above all, to which an office alone belongs; None where none is."""
    named = Counter(
        decision.option.item.country
        for decision in decisions
        if decision.option is not None and decision.option.item.country
    )
    (first, most), (_, next_most) = [*named.most_common(2), ("", 0), ("", 0)][:2]
    return first if first and most >= _MIN_NAMED and most >= _DOMINANT * next_most else None


def _reaches(gap: str, adjective: bool) -> bool:
    """Tells whether a country after ``gap`` still belongs to the office: an adjective at once, a name after "of"."""
    return len(gap) <= _BEFORE if adjective else len(gap) <= _AFTER and len(gap.split()) <= 3
