"""Why a mention means what it means: the linker run once more, with its weighing kept.

Linking is a pure function of text, language and knowledge base, so the same versions give the same decisions; who
compares the versions knows whether this is what was published.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from agents.entities.knowledge.kb import Lexicon
from agents.entities.linking.found import Found
from agents.entities.linking.gate import Belief
from agents.entities.linking.heading import Headed
from agents.entities.linking.link import Linker
from agents.entities.linking.resolve import MARGIN, PARTS, Candidate, Standing, Weighing
from agents.entities.linking.text import read as words_of
from agents.entities.spelling.names import skeleton
from schemas.article import EntityType

_BELIEFS = {Belief.NO: "no", Belief.WITH_EVIDENCE: "with evidence", Belief.AT_ONCE: "at once"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Considered:
    """One candidate."""

    id: str
    name: str
    type: EntityType
    country: str | None
    alias: str
    """Kind of the alias that the text matches: ``label``, ``acronym``, ``surname`` ..."""
    spelling: str
    """How it matches: ``exact``, ``inflected``, ``skeleton``."""
    believed: str
    """What the gate says: ``at once``, ``with evidence``, ``no``."""
    standing: str
    """``chosen``, ``compared``, ``not believed here``, ``no evidence in the article``."""
    score: float
    parts: dict[str, float]
    """What the score is the sum of, zeros left out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """One stretch of the text, or of the title, that is a mention, or nearly was."""

    in_title: bool
    start: int
    """First code point in the text, or in the title."""
    end: int
    text: str
    method: str
    """The mention's; ``none`` where there is no mention."""
    id: str | None
    name: str | None
    metonym_of: str | None
    confidence: float | None
    why: str
    margin: float | None
    """Score of the best candidate over that of the next; None with fewer than two to compare."""
    candidates: tuple[Considered, ...]
    """Best first; those that were not compared last."""


def explain(linker: Linker, lexicon: Lexicon, read: Headed, tag: str) -> list[Explanation]:
    """Links a text under its title and explains each mention, and each name that became none, in order of position.

    ``lexicon`` is the linker's own: it tells what an entity was merged into.
    """
    weighings: list[Weighing] = []
    found = linker.link(read.whole, tag, weighings)
    told = [_mention(one, found, weighings, lexicon, read) for one in found]
    covered = [(one.start, one.end) for one in found]
    told += [
        _passed_over(weighing, read)
        for weighing in weighings
        if not any(start < weighing.span.end and weighing.span.start < end for start, end in covered)
    ]
    return sorted(told, key=lambda one: (not one.in_title, one.start, one.end))


def _mention(
    one: Found, found: Sequence[Found], weighings: Sequence[Weighing], lexicon: Lexicon, read: Headed
) -> Explanation:
    inside = [
        weighing for weighing in weighings if weighing.span.start < one.end and one.start < weighing.span.end
    ]
    chosen = one.item.id if one.item and one.method not in ("office", "coreference") else None
    best = _best(inside)
    candidates = _considered(inside, chosen)
    beside = len(inside) > 1 or any(weighing.span.country for weighing in inside)
    why = _why(one, best, found, read, beside=beside)
    if one.metonym_of:
        why += f"; it stands for {one.metonym_of}, since no word for a place goes before it"
    item = one.item and lexicon.settle(one.item)
    if item and one.item and item.id != one.item.id:
        why += f"; an operator merged {one.item.id} into it"
    return Explanation(
        in_title=read.in_title(one.start),
        start=read.place(one.start),
        end=read.place(one.end),
        text=read.whole[one.start : one.end],
        method=one.method,
        id=item.id if item else None,
        name=item.name if item else None,
        metonym_of=one.metonym_of,
        confidence=round(one.confidence, 2),
        why=why,
        margin=_margin(best),
        candidates=candidates,
    )


def _passed_over(weighing: Weighing, read: Headed) -> Explanation:
    span = weighing.span
    unsupported = any(one.standing is Standing.UNSUPPORTED for one in weighing.candidates)
    why = "the article names no country, role or longer name that supports a candidate"
    return Explanation(
        in_title=read.in_title(span.start),
        start=read.place(span.start),
        end=read.place(span.end),
        text=read.whole[span.start : span.end],
        method="none",
        id=None,
        name=None,
        metonym_of=None,
        confidence=None,
        why=why if unsupported else "no candidate is believed where it stands",
        margin=None,
        candidates=_considered([weighing], None),
    )


def _best(weighings: Sequence[Weighing]) -> list[Candidate]:
    """Returns the compared candidates, best first, each entity once."""
    best: dict[str, Candidate] = {}
    for weighing in weighings:
        for one in weighing.candidates:
            known = best.get(one.option.item.id)
            if one.standing is Standing.COMPARED and (known is None or one.score > known.score):
                best[one.option.item.id] = one
    return sorted(best.values(), key=lambda one: (-one.score, one.option.item.id))


def _margin(best: Sequence[Candidate]) -> float | None:
    return round(best[0].score - best[1].score, 2) if len(best) > 1 else None


def _considered(weighings: Sequence[Weighing], chosen: str | None) -> tuple[Considered, ...]:
    listed: dict[tuple[str, str, str], Candidate] = {}
    for weighing in weighings:
        for one in weighing.candidates:
            entry = (one.option.item.id, one.option.kind, one.option.method)
            listed[entry] = max(listed.get(entry, one), one, key=lambda candidate: candidate.score)
    order = sorted(
        listed.values(),
        key=lambda one: (one.standing is not Standing.COMPARED, -one.score, one.option.item.id),
    )
    first = next((one for one in order if one.option.item.id == chosen), None)
    return tuple(
        Considered(
            id=one.option.item.id,
            name=one.option.item.name,
            type=one.option.item.type,
            country=one.option.item.country,
            alias=one.option.kind,
            spelling=one.option.method,
            believed=_BELIEFS[one.belief],
            standing="chosen" if one is first else one.standing.value,
            score=round(one.score, 2),
            parts={name: round(value, 2) for name, value in zip(PARTS, one.parts, strict=True) if value},
        )
        for one in order
    )


def _why(one: Found, best: Sequence[Candidate], found: Sequence[Found], read: Headed, *, beside: bool) -> str:
    match one.method:
        case "ambiguous" if not any(score for _, score in one.ranked):
            bearers = " and ".join(identifier for identifier, _ in one.ranked)
            return f"the article names several persons so, none far more often in full: {bearers}"
        case "ambiguous":
            names = " and ".join(
                f"{option.option.item.name} ({option.option.item.id})" for option in best[:2]
            )
            return f"{names} lie {_margin(best) or 0.0:.2f} apart, less than the margin of {MARGIN}"
        case "coreference":
            return _named_before(one, found, read)
        case "office" if not beside:
            return "an office alone, of the country that the article names above all others"
        case "office":
            return "an office and the country beside it"
        case "provisional" | "model":
            name = words_of(read.whole[one.start : one.end], lambda _: True)
            sounds = " ".join(map(skeleton, name.word))
            how = (
                "the model reads a name" if one.method == "model" else "a given name or a role, and capitals"
            )
            return f"{how}; no knowledge base has it, so its id is made of how it sounds ({sounds})"
    if len(best) > 1:
        rival = best[1].option.item
        return f"leads by {_margin(best):.2f} over {rival.name} ({rival.id})"
    return "the only candidate" if best else "another name in the article decides"


def _named_before(one: Found, found: Sequence[Found], read: Headed) -> str:
    same = [
        other
        for other in found
        if one.item and other.item and other.item.id == one.item.id and other.method != "coreference"
    ]
    if not same:
        return "part of a name elsewhere in the article"
    nearest = min(same, key=lambda other: (other.start > one.start, abs(other.start - one.start)))
    where = "in the title" if read.in_title(nearest.start) else f"at {read.place(nearest.start)}"
    return f"short for {read.whole[nearest.start : nearest.end]!r} {where}"
