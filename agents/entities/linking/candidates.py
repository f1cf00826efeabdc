"""What a stretch of text may name: the entities, and how its spelling leads to them.

Nobody changes one that is made. They are not frozen all the same, and no tuples: a frozen one takes four times as
long to make, and the field of a named tuple four times as long to read. An article makes a hundred, and reads
thousands.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from agents.entities.knowledge.records import AliasKind, Item

Method = Literal["exact", "inflected", "skeleton"]


@dataclass(slots=True)
class Option:
    """An entity that a stretch of text may name."""

    item: Item
    kind: AliasKind
    own: bool
    """The alias belongs to the language of the text, or to several."""
    method: Method = "exact"


@dataclass(slots=True)
class Span:
    """A stretch of text and the entities it may name."""

    start: int
    end: int
    first: int
    """Number of its first word."""
    last: int
    """One past the number of its last word."""
    options: tuple[Option, ...]
    country: str | None = None
    """Country of the adjective inside it: ``Ministerului rus al Apărării``."""
