"""An entity as the knowledge base's sources hold it, before it is compiled."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from schemas.article import EntityType

AliasKind = Literal["label", "adjective", "surname"]

ANY = "*"
"""Language of an alias that is written so in several languages."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One entity."""

    id: str
    type: EntityType
    name: str
    kind: str
    """What it is, finer than the type: ``country``, ``city``, ``region``, ``head``, ``agency``, ``company``, ..."""
    weight: float
    """How often news means it rather than a namesake: natural logarithm, 0 (a town) to 12 (a great power)."""
    country: str | None = None
    wikidata: str | None = None
    metonym_of: str | None = None
    """Entity a mention of this one often means: the state of a capital."""
    part_of: str | None = None
    """Code of the state or province a city lies in, ``US-AL``."""
    names: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Aliases by language (:data:`ANY` where several write it so)."""
    adjectives: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Nationality adjectives and demonyms by language."""
