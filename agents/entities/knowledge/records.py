"""An entity: what is compiled of it, and what its sources hold before."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, get_args

from schemas.article import EntityType

AliasKind = Literal["label", "adjective", "proper_adjective", "surname", "acronym"]
ALIAS_KINDS: tuple[AliasKind, ...] = get_args(AliasKind)
"""``proper_adjective``: written with a capital. ``acronym``: written in capitals."""

ANY = "*"
"""Language of an alias that is written so in several languages."""
SHARED = "?"
"""Language of an alias that others bear too, in any language: believed only with evidence from the article."""
BELIEVED = (ANY, "en")
"""Languages whose aliases are believed in a text of any language, as are those of its own."""

NOTED = 6.5
"""Weight from which a person's surname and other spellings are looked for, and one word is believed to name an
organisation or a place that is no city; below, only what is stored, and with evidence from the article."""
AT_WAR = 3.1
"""Weight of a city of 220,000 people, and the least of a town where there is war: from here on one word is believed
to name it where the article names the country."""


@dataclass(frozen=True, slots=True)
class Item:
    """An entity as the linker needs it."""

    id: str
    type: EntityType
    name: str
    kind: str
    """What it is, finer than the type: ``country``, ``city``, ``region``, ``head``, ``agency``, ``company`` ..."""
    weight: float
    """How often news means it rather than a namesake: natural logarithm, 0 (a town) to 12 (a great power)."""
    country: str | None = None
    wikidata: str | None = None
    metonym_of: str | None = None
    """Entity a mention of this one often means: the state of a capital."""
    part_of: str | None = None
    """Code of the state or province: the one a city lies in, a region's own (``US-AL``); an office's code."""
    common_word: bool = False
    """Its name is also an ordinary word or another's name: believed only with evidence from the article."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Record(Item):
    """An entity as its sources hold it: with everything it is called."""

    names: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Aliases by language (:data:`ANY` where several write it so)."""
    adjectives: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Nationality adjectives and demonyms by language."""
    surnames: tuple[str, ...] = ()
    """What a person is called by alone, where the rule would not find it."""
    surname_first: bool = False
    merges: str | None = None
    """Id of a package's record that is the same entity: its names are taken over."""
