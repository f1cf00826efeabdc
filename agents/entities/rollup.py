"""From what was found to what is published: the mentions with their positions, the entities with their weight."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from agents.entities.found import Found
from schemas.article import Entity, Mention, TaggedArticle
from schemas.offsets import to_raw


def mentions(article: TaggedArticle, found: Sequence[Found]) -> tuple[Mention, ...]:
    """Returns the mentions in order of position, with their place in the raw content."""
    result = []
    for one in found:
        raw_start, raw_end = to_raw(article.alignment, one.start, one.end)
        result.append(
            Mention(
                start=one.start,
                end=one.end,
                raw_start=raw_start,
                raw_end=raw_end,
                text=article.text[one.start : one.end],
                type=one.type,
                confidence=round(one.confidence, 2),
                entity_id=one.item.id if one.item else None,
                method=one.method,
                metonym_of=one.metonym_of,
            )
        )
    return tuple(result)


def entities(listed: Sequence[Mention], found: Sequence[Found], article: TaggedArticle) -> tuple[Entity, ...]:
    """Returns one row for each entity named, most salient first.

    Salience is the share of the article's mentions, each weighing from 1 (at the end) to 2 (at the very start):
    news puts what matters first.
    """
    items = {one.item.id: one.item for one in found if one.item}
    weights: dict[str, float] = defaultdict(float)
    counts: dict[str, int] = defaultdict(int)
    first: dict[str, int] = {}
    length = max(1, len(article.text))
    for mention in listed:
        if mention.entity_id is None:
            continue
        weights[mention.entity_id] += 2.0 - mention.start / length
        counts[mention.entity_id] += 1
        first.setdefault(mention.entity_id, mention.start)
    total = sum(weights.values()) or 1.0
    order = sorted(weights, key=lambda identifier: (-weights[identifier], first[identifier], identifier))
    return tuple(
        Entity(
            id=identifier,
            name=items[identifier].name,
            type=items[identifier].type,
            mentions=counts[identifier],
            first=first[identifier],
            salience=round(weights[identifier] / total, 3),
            wikidata=items[identifier].wikidata,
            country=items[identifier].country,
            provisional=identifier.startswith("nil:"),
        )
        for identifier in order
    )
