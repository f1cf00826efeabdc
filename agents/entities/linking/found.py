"""A mention before it is published."""

from __future__ import annotations

from dataclasses import dataclass

from agents.entities.knowledge.records import Item
from schemas.article import EntityType


@dataclass(slots=True)
class Found:
    """A mention before it is published; not frozen, for speed (:mod:`candidates`)."""

    start: int
    end: int
    type: EntityType
    item: Item | None
    method: str
    confidence: float
    metonym_of: str | None = None
    ranked: tuple[tuple[str, float], ...] = ()
    """The best candidates: id and score."""
    gloss: bool = False
    """Says in brackets how the name before it is spelt in Latin letters: no second time that it is named."""
