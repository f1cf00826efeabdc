"""The work of the stage `entities`, behind its declaration in `agents/entities/stage.py`."""

from __future__ import annotations

from dataclasses import fields, replace
from functools import lru_cache
from pathlib import Path

from agents.entities.knowledge.additions import extend
from agents.entities.knowledge.kb import FOLDER, Compiled, Lexicon
from agents.entities.linking.found import Found
from agents.entities.linking.heading import headed
from agents.entities.linking.link import Linker
from agents.entities.recognition.recogniser import Recogniser
from agents.entities.rollup import entities, mentions, title_mentions
from agents.stage import Emit, Process, Resources
from schemas.article import EnrichedArticle, TaggedArticle

_CARRIED = tuple(item.name for item in fields(TaggedArticle))


def load(resources: Resources) -> Process:
    """Returns the stage's function over the knowledge base and the operators' additions to it.

    Called again whenever the additions change: what is slow to load is kept.
    """
    linker, lexicon = linker_of(resources)

    def process(article: TaggedArticle) -> Emit:
        read = headed(article.title, article.text)
        found = [_settled(one, lexicon) for one in linker.link(read.whole, article.language.tag)]
        listed = mentions(article, found, read)
        above = title_mentions(found, read)
        carried = {name: getattr(article, name) for name in _CARRIED}
        carried["provenance"] = replace(article.provenance, kb=lexicon.version, model=linker.model)
        rows = entities(above, listed, found, article, read)
        return Emit(EnrichedArticle(**carried, mentions=listed, entities=rows, title_mentions=above))

    return process


def linker_of(resources: Resources) -> tuple[Linker, Lexicon]:
    """Returns the linker the stage runs, and what it knows: the knowledge base with the operators' additions."""
    lexicon = extend(_compiled(resources.knowledge_base or FOLDER), resources.additions)
    return Linker(lexicon, _recogniser() if resources.recognition == "model" else None), lexicon


def _settled(one: Found, lexicon: Lexicon) -> Found:
    """Gives a mention the entity that its own proved to be, also where no lexicon has its own (``nil:``)."""
    item = None if one.item is None else lexicon.settle(one.item)
    if item is None or item is one.item:
        return one
    return replace(one, item=item, type=one.type if one.type == "NORP" else item.type)


@lru_cache(1)
def _compiled(folder: Path) -> Compiled:
    """Maps the knowledge base into memory, once in a process."""
    return Compiled(folder)


@lru_cache(1)
def _recogniser() -> Recogniser:
    """Loads the model, once in a process: half a second and a hundred megabytes."""
    return Recogniser()
