"""What a stretch of text may name: the entities, and how its spelling leads to them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, NamedTuple

from agents.entities.knowledge.records import AliasKind, Item

Method = Literal["exact", "inflected", "skeleton"]


class Option(NamedTuple):
    """An entity that a stretch of text may name; a tuple for speed, as :class:`~.kb.Posting`."""

    item: Item
    kind: AliasKind
    own: bool
    """The alias belongs to the language of the text, or to several."""
    method: Method = "exact"


@dataclass(frozen=True, slots=True)
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
