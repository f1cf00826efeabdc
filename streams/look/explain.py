"""The story of one article: everything the topics hold about it, in order.

Records are keyed by article id, so one partition of each topic is read (murmur2). A raw record that its
producer keyed otherwise is found through the outcomes that name it.
"""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from agents.hop import known_id
from agents.pipeline import STAGES, output_topic
from agents.stage import Stage
from schemas import codec
from schemas.article import CleanArticle, RawArticle
from schemas.cloudevents import header
from schemas.errors import BadInput
from schemas.ids import article_id as id_of
from schemas.outcomes import (
    REDRIVE_OF_HEADER,
    REPLAY_HEADER,
    DeadLetterHeaders,
    DroppedArticle,
    Position,
    input_of,
)
from schemas.topics import DEAD_LETTERS, DROPPED, RAW
from streams.broker import layout, records
from streams.broker.records import Progress, Record
from streams.look import dead_letters
from streams.settings import Settings

What: TypeAlias = Literal["received", "published", "dropped", "rejected", "redriven", "unreadable"]

_MOST_RECORDS = 2000
"""An article replayed more often than this is told in part."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One thing that happened to the article."""

    what: What
    stage: str
    """The stage that did it; empty for what was received."""
    at_ms: int
    """The record's timestamp: when it was received or published."""
    position: Position
    answers: Position | None = None
    """The record it is the outcome of."""
    event_id: str | None = None
    reason: str = ""
    detail: str = ""
    copies: int = 0
    """Redeliveries: further records that say the same."""
    differing: int = 0
    """Further records that answer the same input with other bytes."""
    latency_ms: int | None = None
    """From the input record's timestamp to this one's."""
    copy_of: Position | None = None
    """What was replayed or redriven."""
    depth: int = 0
    """How many outcomes lie between it and what was received."""


@dataclass(frozen=True, slots=True)
class Story:
    """All that was found of one article."""

    article_id: str
    steps: tuple[Step, ...] = ()
    unanswered: tuple[Position, ...] = ()
    """Inputs without an outcome: under way, or lost (`babelwire audit` tells which)."""
    furthest: dict[str, Any] | None = None
    """The newest event of the furthest stage, as parsed JSON."""
    article: CleanArticle | None = None
    """The same, as its type; None when it cannot be read by this version."""
    searched: tuple[str, ...] = ()
    """The partitions that were read."""
    received: bytes | None = None
    """The untouched bytes it came with, if a topic still has them."""


async def explain(
    settings: Settings,
    named: str,
    *,
    since_ms: int | None = None,
    all_partitions: bool = False,
    stages: tuple[Stage, ...] = STAGES,
    progress: Progress | None = None,
) -> Story:
    """Reads the article's partition of every topic and puts together what happened.

    Args:
        settings: the installation.
        named: the article's id, or the position of one of its records, as the audit and the log name it.
        since_ms: leave out records before this, milliseconds since 1970.
        all_partitions: read every partition: after partitions were added, old records lie elsewhere.
        stages: the pipeline.
        progress: told how far the reading is.
    """
    chain = {settings.topic(output_topic(stage, stages).name): stage for stage in stages}
    raw, dropped = settings.topic(RAW.name), settings.topic(DROPPED.name)
    topics = (raw, *chain, dropped, settings.topic(DEAD_LETTERS.name))
    article_id, found = named, list[Record]()
    position = _position(named, topics)
    if position is not None:
        at = await records.read_one(settings, position)
        if at is None:
            return Story(named, searched=(f"{position.topic}/{position.partition}",))
        article_id, found = _article_id(at, raw), [at]
    key = article_id.encode()
    known = {record.position for record in found}
    async for record in records.scan(
        settings, topics, since_ms=since_ms, key=None if all_partitions else key, progress=progress
    ):
        if record.key == key and record.position not in known and len(found) < _MOST_RECORDS:
            found.append(record)
    found += await _inputs_elsewhere(settings, found)
    # A copy keeps its original's time, so how long it took to answer is not known.
    timestamps = {record.position: record.timestamp for record in found if _copy_of(record) is None}
    steps = _without_copies(((_step(record, chain, raw, dropped), record) for record in found), topics)
    steps = [_with_latency(step, timestamps) for step in steps]
    furthest, article = _furthest(found, chain)
    numbers = await layout.partitions(settings, topics)
    return Story(
        article_id=article_id,
        steps=tuple(_told(steps, topics)),
        unanswered=tuple(_unanswered(steps, (raw, *list(chain)[:-1]))),
        furthest=furthest,
        article=article,
        searched=tuple(
            f"{topic}/{'*' if all_partitions else layout.partition_of(key, numbers[topic])}"
            for topic in topics
        ),
        received=_received(found, position, raw, settings.topic(DEAD_LETTERS.name)),
    )


def _position(named: str, topics: Collection[str]) -> Position | None:
    """Reads the position of a record on one of ``topics``; an id may hold slashes too."""
    try:
        position = Position.parse(named)
    except ValueError:
        return None
    return position if position.topic in topics else None


def _article_id(record: Record, raw: str) -> str:
    """Returns the id that the article of ``record`` has or would have got."""
    value = record.value or b""
    if record.topic != raw:
        return record.key_text
    try:
        return id_of(codec.decode(value, RawArticle))
    except BadInput:
        return known_id(value, record.key)


def _received(found: Iterable[Record], position: Position | None, raw: str, letters: str) -> bytes | None:
    """Returns the bytes of the record that was asked for, else of the newest that came, else of a letter."""
    came = [record for record in found if record.topic in (raw, letters) and record.value is not None]
    came.sort(key=lambda record: (record.position == position, record.topic == raw, record.timestamp))
    return came[-1].value if came else None


async def _inputs_elsewhere(settings: Settings, found: list[Record]) -> list[Record]:
    known = {record.position for record in found}
    missing = {answers for record in found if (answers := _answers(record)) is not None} - known
    read = [
        await records.read_one(settings, position)
        for position in sorted(missing)[:20]
        if position.offset >= 0
    ]
    return [record for record in read if record is not None]


def _answers(record: Record) -> Position | None:
    return None if dead_letters.marked(record) else input_of(record.headers)


def _step(record: Record, chain: dict[str, Stage], raw: str, dropped: str) -> Step:
    position, at_ms, answers = record.position, record.timestamp, _answers(record)
    marked = dead_letters.marked(record)
    if marked is not None:
        return Step(what="redriven", stage="", at_ms=at_ms, position=position, copy_of=marked)
    if record.topic == raw or (record.topic in chain and answers is None):
        return Step(what="received", stage="", at_ms=at_ms, position=position, copy_of=_copy_of(record))
    if record.topic in chain:
        return Step(
            what="published",
            stage=chain[record.topic].name,
            at_ms=at_ms,
            position=position,
            answers=answers,
            event_id=header(record.headers, "ce_id"),
        )
    try:
        if record.topic == dropped:
            line = codec.decode(record.value or b"", DroppedArticle)
            stage, reason, detail = line.stage, line.reason, line.detail
        else:
            why = DeadLetterHeaders.from_headers(record.headers)
            stage, reason, detail = why.stage, why.reason, why.detail
    except BadInput as error:
        return Step(what="unreadable", stage="", at_ms=at_ms, position=position, detail=error.detail)
    return Step(
        what="dropped" if record.topic == dropped else "rejected",
        stage=stage,
        at_ms=at_ms,
        position=position,
        answers=answers,
        reason=reason,
        detail=detail,
    )


def _copy_of(record: Record) -> Position | None:
    text = header(record.headers, REPLAY_HEADER) or header(record.headers, REDRIVE_OF_HEADER)
    try:
        return None if text is None else Position.parse(text)
    except ValueError:
        return None


def _without_copies(pairs: Iterable[tuple[Step, Record]], order: Sequence[str]) -> list[Step]:
    """Joins the records that answer one input on one topic into one step that counts them.

    A redelivered event is an input of its own for the next stage; its outcomes are joined with those of the first.
    """
    first: dict[tuple[Position, str], tuple[Step, bytes]] = {}
    same_as: dict[Position, Position] = {}
    alone: list[Step] = []
    for step, record in sorted(pairs, key=lambda pair: (order.index(pair[1].topic), pair[0].position)):
        if step.answers is None or step.answers.offset < 0:
            alone.append(step)
            continue
        answers = same_as.get(step.answers, step.answers)
        content = hashlib.sha256((step.event_id or "").encode() + b"\0" + (record.value or b"")).digest()
        known = first.get((answers, record.topic))
        if known is None:
            first[answers, record.topic] = (dataclasses.replace(step, answers=answers), content)
            continue
        earlier, digest = known
        same_as[step.position] = earlier.position
        equal = digest == content
        joined = dataclasses.replace(
            earlier, copies=earlier.copies + equal, differing=earlier.differing + (not equal)
        )
        first[answers, record.topic] = (joined, digest)
    return [*alone, *(step for step, _ in first.values())]


def _with_latency(step: Step, timestamps: dict[Position, int]) -> Step:
    came = None if step.answers is None else timestamps.get(step.answers)
    return step if came is None else dataclasses.replace(step, latency_ms=step.at_ms - came)


def _told(steps: list[Step], topics: tuple[str, ...]) -> list[Step]:
    """Puts every outcome under the record it answers, and what was received in the order it came."""
    places = {step.position for step in steps}
    under: dict[Position, list[Step]] = {}
    roots: list[Step] = []
    for step in sorted(steps, key=lambda step: (topics.index(step.position.topic), step.position)):
        above = step.copy_of if step.what == "redriven" else step.answers
        if above in places and above is not None:
            under.setdefault(above, []).append(step)
        else:
            roots.append(step)
    told: list[Step] = []
    stack = [(step, 0) for step in reversed(roots)]
    while stack:
        step, depth = stack.pop()
        told.append(dataclasses.replace(step, depth=depth))
        stack.extend((child, depth + 1) for child in reversed(under.pop(step.position, [])))
    return told


def _unanswered(steps: list[Step], inputs: tuple[str, ...]) -> list[Position]:
    answered = {step.answers for step in steps}
    return sorted(
        step.position for step in steps if step.position.topic in inputs and step.position not in answered
    )


def _furthest(
    found: list[Record], chain: dict[str, Stage]
) -> tuple[dict[str, Any] | None, CleanArticle | None]:
    for topic, stage in reversed(chain.items()):
        events = [record for record in found if record.topic == topic]
        if not events:
            continue
        newest = max(events, key=lambda record: (record.timestamp, record.offset))
        try:
            value = codec.parse(newest.value or b"")
        except BadInput:
            return None, None
        article: Any
        try:
            article = codec.convert(value, stage.emits)
        except BadInput:
            article = None
        return value if isinstance(value, dict) else None, article if isinstance(
            article, CleanArticle
        ) else None
    return None, None
