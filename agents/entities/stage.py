"""Entities: persons, organisations, places and nationalities, under one id for all spellings.

Reads the title, the text and its language, and adds `mentions` (every place in the text that names an entity, with
positions in the clean text and in the raw content), `title_mentions` and `entities` (one row for each, most salient
first).
"""

from __future__ import annotations

from agents.stage import Process, Resources, Stage
from schemas.article import EnrichedArticle, TaggedArticle


def load(resources: Resources) -> Process:
    """Returns the stage's function over the knowledge base and the operators' additions to it."""
    # Its libraries take a second to import, and whoever only asks what stages there are shall not wait for them.
    from agents.entities.process import load as build

    return build(resources)


STAGE = Stage(
    name="entities",
    version="13",
    accepts=TaggedArticle,
    emits=EnrichedArticle,
    requires=frozenset({"title", "text", "alignment", "language", "provenance"}),
    assigns=frozenset({"mentions", "entities", "title_mentions"}),
    load=load,
    takes_additions=True,
)
