"""A person's middle initials, which one article writes and another leaves out: ``Sergei V. Lavrov``."""

from __future__ import annotations

from collections.abc import Sequence

from agents.entities.knowledge.kb import Lexicon
from agents.entities.knowledge.records import NOTED
from agents.entities.linking.candidates import Option, Span
from agents.entities.linking.merge import Name
from agents.entities.linking.text import Words
from agents.entities.spelling.fold import words as split
from agents.entities.spelling.names import ALIKE, parts_skeleton, similarity


def without_initials(parts: Sequence[str]) -> list[str]:
    """Returns the words of a name without the single letters between the first and the last."""
    return [part for at, part in enumerate(parts) if len(part) > 1 or at in (0, len(parts) - 1)]


def initialled(name: Name, words: Words, lexicon: Lexicon) -> Span | None:
    """Returns the noted persons whom a recognised name may mean once its initials are left out.

    None who has other initials, and like a surname only with evidence from the article: a namesake has them to be
    told apart.
    """
    parts = words.word[name.first : name.last]
    bare = without_initials(parts)
    if name.type != "PER" or not 1 < len(bare) < len(parts) or not words.cased[name.first]:
        return None
    dropped = [part for part in parts[1:-1] if len(part) == 1]
    near = dict.fromkeys((one.entity for one in lexicon.find(" ".join(bare))), (bare, True))
    for entity, alias in lexicon.alike(parts_skeleton(bare)):
        near.setdefault(entity, (alias.split(" "), False))
    options = []
    for entity, (alias_parts, exact) in near.items():
        item = lexicon.item(entity)
        if item.type != "PER" or item.weight < NOTED or similarity(bare, alias_parts) < ALIKE:
            continue
        own = [part for part in split(item.name) if len(part) == 1]
        if not own or own == dropped:
            options.append(Option(item, "surname", True, "exact" if exact else "skeleton"))
    return Span(name.start, name.end, name.first, name.last, tuple(options)) if options else None
