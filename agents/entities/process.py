"""The work of the stage `entities`, behind its declaration in `agents/entities/stage.py`."""

from __future__ import annotations

from dataclasses import fields, replace

from agents.entities.kb import Compiled
from agents.entities.link import Linker
from agents.entities.rollup import entities, mentions
from agents.stage import Emit, Process, Resources
from schemas.article import EnrichedArticle, TaggedArticle

_CARRIED = tuple(item.name for item in fields(TaggedArticle))


def load(resources: Resources) -> Process:
    """Maps the knowledge base into memory and returns the stage's function."""
    lexicon = Compiled()
    linker = Linker(lexicon)

    def process(article: TaggedArticle) -> Emit:
        found = linker.link(article.text, article.language.tag)
        listed = mentions(article, found)
        carried = {name: getattr(article, name) for name in _CARRIED}
        carried["provenance"] = replace(article.provenance, kb=lexicon.version)
        return Emit(EnrichedArticle(**carried, mentions=listed, entities=entities(listed, found, article)))

    return process
