"""From what was found to what is published: the mentions with their positions, the entities with their weight."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from agents.entities.linking.found import Found
from agents.entities.linking.heading import Headed
from agents.entities.spelling.names import is_provisional
from schemas.article import Entity, Mention, TaggedArticle, TitleMention
from schemas.offsets import to_raw


def title_mentions(found: Sequence[Found], read: Headed) -> tuple[TitleMention, ...]:
    """Returns the mentions in the title, in order of position."""
    return tuple(TitleMention(**_told(one, read)) for one in found if read.in_title(one.start))


def mentions(article: TaggedArticle, found: Sequence[Found], read: Headed) -> tuple[Mention, ...]:
    """Returns the mentions in the text, in order of position, with their place in the raw content."""
    result = []
    for one in found:
        if not read.in_title(one.start):
            raw_start, raw_end = to_raw(article.alignment, read.place(one.start), read.place(one.end))
            result.append(Mention(**_told(one, read), raw_start=raw_start, raw_end=raw_end))
    return tuple(result)


def _told(one: Found, read: Headed) -> dict[str, Any]:
    """Returns what is said of a mention wherever it stands."""
    return {
        "start": read.place(one.start),
        "end": read.place(one.end),
        "text": read.whole[one.start : one.end],
        "type": one.type,
        "confidence": round(one.confidence, 2),
        "entity_id": one.item.id if one.item else None,
        "method": one.method,
        "metonym_of": one.metonym_of,
    }


def entities(
    above: Sequence[TitleMention],
    listed: Sequence[Mention],
    found: Sequence[Found],
    article: TaggedArticle,
    read: Headed,
) -> tuple[Entity, ...]:
    """Returns one row for each entity named, most salient first.

    Salience is the share of the article's mentions, each weighing from 1 (at the end) to 2 (at the very start, and in
    the title): news puts what matters first. A name and its gloss in brackets behind it count once.

    above     the mentions in the title
    listed    those in the text
    """
    glosses = {read.place(one.start) for one in found if one.gloss and not read.in_title(one.start)}
    items = {one.item.id: one.item for one in found if one.item}
    titled = {mention.entity_id for mention in above}
    weights: dict[str, float] = defaultdict(float)
    counts: dict[str, int] = defaultdict(int)
    first = {one.entity_id: one.start for one in reversed(listed)}
    length = max(1, len(article.text))
    placed = [(one.entity_id, 0) for one in above] + [
        (one.entity_id, one.start) for one in listed if one.start not in glosses
    ]
    for identifier, start in placed:
        if identifier is not None:
            weights[identifier] += 2.0 - start / length
            counts[identifier] += 1
    total = sum(weights.values()) or 1.0
    order = sorted(weights, key=lambda identifier: -weights[identifier])  # of equal ones, the first named
    return tuple(
        Entity(
            id=identifier,
            name=items[identifier].name,
            type=items[identifier].type,
            mentions=counts[identifier],
            first=first.get(identifier, 0),
            salience=round(weights[identifier] / total, 3),
            wikidata=items[identifier].wikidata,
            country=items[identifier].country,
            provisional=is_provisional(identifier),
            in_title=identifier in titled,
        )
        for identifier in order
    )
