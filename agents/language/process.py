"""The work of the stage `language`, behind its declaration in `agents/language/stage.py`."""

from __future__ import annotations

from collections import Counter
from dataclasses import fields

from agents.language import decide
from agents.language.decide import Judge, Verdict
from agents.language.evidence import SAMPLE, sample
from agents.language.segments import segments
from agents.language.tags import declared
from agents.stage import Emit, Outcome, Process, Resources
from schemas.article import Alternative, CleanArticle, Language, LanguageSegment, TaggedArticle

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
    parts = segments(judge, article.text, verdict)
    if len(parts) > 1:
        verdict = _of_most(judge, article.text, parts, verdict, claims)
    return Language(
        tag=verdict.tag,
        script=verdict.script,
        confidence=round(verdict.confidence, 4),
        reliable=verdict.reliable,
        macro=verdict.macro,
        alternatives=tuple(
            Alternative(tag=tag, confidence=round(share, 4)) for tag, share in verdict.alternatives
        ),
        segments=parts,
    )


def _of_most(
    judge: Judge, text: str, parts: tuple[LanguageSegment, ...], whole: Verdict, claims: frozenset[str]
) -> Verdict:
    """Decides again about a mixed text by the parts in its main language alone, which the others had blurred."""
    lengths: Counter[str] = Counter()
    for part in parts:
        lengths[part.tag] += part.end - part.start
    most = max(lengths, key=lambda tag: (lengths[tag], tag == whole.tag, tag))
    verdict = judge.decide(
        sample("\n".join(text[part.start : part.end] for part in parts if part.tag == most)), claims
    )
    return verdict if verdict.tag == most else whole
