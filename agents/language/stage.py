"""Tags an article with its language.

Three detectors read a sample of the title and the text; a fitted model weighs what they say, together with the
script, the length and the language that the feed and the page declare, into one BCP 47 tag with a calibrated
confidence. ``und`` is a language we cannot tell or do not know, ``zxx`` a text without language. A mixed text
gets its languages by position.
"""

from __future__ import annotations

from dataclasses import fields

from agents.language import decide
from agents.language.decide import Judge, Verdict
from agents.language.evidence import SAMPLE, sample
from agents.language.segments import segments
from agents.language.tags import declared
from agents.stage import Emit, Outcome, Process, Resources, Stage
from schemas.article import Alternative, CleanArticle, Language, TaggedArticle

_TITLE_HELPS = 300
"""A text shorter than this many characters is tagged together with its title."""


def load(resources: Resources) -> Process:
    """Loads the detectors: about 0.5 s of processor time and 120 MB."""
    judge = decide.load()

    def process(article: CleanArticle) -> Outcome:
        values = {field.name: getattr(article, field.name) for field in fields(article)}
        return Emit(TaggedArticle(**values, language=identify(judge, article)))

    return process


def identify(judge: Judge, article: CleanArticle) -> Language:
    """Returns the language of the article's text."""
    evidence = sample(article.text)
    if article.title and len(evidence) < _TITLE_HELPS:
        evidence = f"{sample(article.title, SAMPLE // 3)}\n{evidence}".strip()
    claims = declared(article.language_hint) | declared(article.language_declared)
    verdict = judge.decide(evidence, claims)
    return _language(verdict, judge, article.text)


def _language(verdict: Verdict, judge: Judge, text: str) -> Language:
    return Language(
        tag=verdict.tag,
        script=verdict.script,
        confidence=round(verdict.confidence, 4),
        reliable=verdict.reliable,
        macro=verdict.macro,
        alternatives=tuple(Alternative(tag=tag, confidence=round(share, 4)) for tag, share in verdict.alternatives),
        segments=segments(judge, text, verdict),
    )


STAGE = Stage(
    name="language",
    version="1",
    accepts=CleanArticle,
    emits=TaggedArticle,
    requires=frozenset({"text", "title", "language_hint", "language_declared"}),
    assigns=frozenset({"language"}),
    load=load,
)
