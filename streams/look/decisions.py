"""The linker's decisions on one article, made once more with their reasons.

The topics hold what was decided, not why: keeping every candidate would make each event several times as large. But
linking is a pure function, so it is run again here, over the knowledge base and the additions that this
installation has now. Where version or result differ from what was published, that is said.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from agents.entities.linking.explain import Explanation, explain
from agents.entities.linking.heading import headed
from agents.entities.process import linker_of
from agents.entities.stage import STAGE
from schemas.additions import Addition
from schemas.article import EnrichedArticle, TaggedArticle
from streams.settings import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class Decisions:
    """Why the mentions of an article mean what they mean."""

    knowledge_base: str
    """Version of the knowledge base, additions included, that the reasons come from."""
    published_knowledge_base: str | None
    """The one the article was published with; None where it has not come so far."""
    stage: str
    """Version of the stage."""
    published_stage: str | None
    model: str | None
    """Version of the model that recognises names; None where rules alone do."""
    published_model: str | None
    explanations: tuple[Explanation, ...]
    differing: tuple[str, ...]
    """Mentions that were published otherwise, in words."""

    @property
    def same_versions(self) -> bool:
        """Tells whether these are the versions the article was published with."""
        now = (self.knowledge_base, self.stage, self.model)
        return now == (self.published_knowledge_base, self.published_stage, self.published_model)


def decide(settings: Settings, article: TaggedArticle, additions: tuple[Addition, ...]) -> Decisions:
    """Links ``article`` once more, as a worker with these settings and additions would, and keeps the reasons."""
    linker, lexicon = linker_of(replace(settings.resources(None), additions=additions))
    found = explain(linker, lexicon, headed(article.title, article.text), article.language.tag)
    published = isinstance(article, EnrichedArticle)
    return Decisions(
        knowledge_base=lexicon.version,
        published_knowledge_base=article.provenance.kb if published else None,
        stage=STAGE.version,
        published_stage=article.provenance.stages.get(STAGE.name) if published else None,
        model=linker.model,
        published_model=article.provenance.model if published else None,
        explanations=tuple(found),
        differing=tuple(_differences(article, found)) if isinstance(article, EnrichedArticle) else (),
    )


def _differences(article: EnrichedArticle, found: list[Explanation]) -> list[str]:
    now = {(one.in_title, one.start, one.end): one.id for one in found if one.method != "none"}
    before = {(True, one.start, one.end): one.entity_id for one in article.title_mentions}
    before |= {(False, one.start, one.end): one.entity_id for one in article.mentions}
    told = []
    for place in sorted(now.keys() | before.keys(), key=lambda place: (not place[0], *place[1:])):
        if place not in now or place not in before or now[place] != before[place]:
            in_title, start, end = place
            text = ((article.title or "") if in_title else article.text)[start:end]
            where = f"{start} of the title" if in_title else f"{start}"
            was = before[place] or "without id" if place in before else "no mention"
            would = now[place] or "without id" if place in now else "no mention"
            told.append(f"{text!r} at {where}: published as {was}, now {would}")
    return told
