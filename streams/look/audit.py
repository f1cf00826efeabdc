"""Conservation, checked on the topics themselves: every input has exactly one kind of outcome.

Nothing the workers say of themselves is used. In this order:

1. read the offsets the workers' group has committed: what lies before them has been answered, and the answers
   are on their topics, since a worker commits only what the broker has confirmed;
2. read every article topic, the dropped and the dead letters to their ends, once, in the order of the pipeline:
   an input is known before what answers it;
3. match each outcome with its input by the ``bw_input`` header, whichever hop wrote it, so that a change of
   topology raises no false alarm. Both tell when the article was received (and behind the raw topic which one it
   is): a topic that was lost and made anew counts its offsets from 0 again, and what answered the record that lay
   at a position before does not answer the one that lies there now. It is counted as *earlier topic*.

A breach is an input before the committed offset without an outcome (*missing*), one with two kinds of outcome
or with copies that differ (*conflicting*), or one that waits on a topic that no hop reads (*stranded*).
An input whose outcome is gone with the topic it lay on is *replayed* when a replay's copy of it has one.

Copies that are equal are what at-least-once means; they are counted as *redelivered*. Where copies differ, they
are read again: events of one version must be equal, those of another (an upgrade in the middle of a batch) may
differ.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime

import orjson
import xxhash

from agents.pipeline import STAGES, hops, output_topic
from agents.stage import Stage
from schemas import codec
from schemas.cloudevents import header
from schemas.errors import BadInput
from schemas.outcomes import (
    REDRIVEN_HEADER,
    REPLAY_HEADER,
    DeadLetterHeaders,
    DroppedArticle,
    Header,
    Position,
    input_of,
)
from schemas.times import milliseconds
from schemas.topics import DEAD_LETTERS, DROPPED, RAW, Topic
from streams.broker import layout, provision, records
from streams.broker.layout import Partition
from streams.broker.records import Progress, Record
from streams.look.ledger import Balance, Ending, Ledger, identity
from streams.settings import Settings

_CLOCKS_MS = 3600 * 1000
"""Producers' clocks may be this far ahead of the workers': outcomes are read from this much earlier."""
_WAIT_STEP = 0.5
_MOST_DIFFERING = 10_000
"""Inputs with differing copies that are looked at again; beyond this something is wrong with the stages."""


@dataclass(slots=True, kw_only=True)
class StageCount:
    """What became of the articles that reached one stage."""

    stage: str
    received: int = 0
    published: int = 0
    dropped: Counter[str] = field(default_factory=Counter)
    """By reason."""
    rejected: Counter[str] = field(default_factory=Counter)
    """By reason."""
    unanswered: int = 0
    """In flight, stranded, expired, missing or replayed: the hop's line says which."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HopCount:
    """The balance of one input topic."""

    hop: str
    """The hop that reads it; empty when none does in this topology."""
    topic: str
    received: int
    published: int
    dropped: int
    rejected: int
    in_flight: int
    stranded: int
    expired: int
    missing: int
    replayed: int
    conflicting: int
    other_version: int
    redelivered: int
    earlier_topic: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """The result of an audit."""

    hops: tuple[HopCount, ...]
    stages: tuple[StageCount, ...]
    refused_at_ingest: Counter[str]
    """Articles that sources refused before they were on a topic, by reason."""
    missing: tuple[Position, ...]
    """The first of them."""
    conflicting: tuple[Position, ...]
    """The first of them."""
    group: str
    since_ms: int | None

    @property
    def in_flight(self) -> int:
        """Articles without an outcome that are not committed either."""
        return sum(hop.in_flight for hop in self.hops)

    @property
    def breaches(self) -> int:
        """Inputs that are missing, conflicting or stranded."""
        return sum(hop.missing + hop.conflicting + hop.stranded for hop in self.hops)


async def audit(
    settings: Settings,
    *,
    stages: tuple[Stage, ...] = STAGES,
    since_ms: int | None = None,
    examples: int = 10,
    progress: Progress | None = None,
) -> Report:
    """Reads the topics and draws the balance.

    Args:
        settings: the installation; its topology says which topics are read.
        stages: the pipeline.
        since_ms: look only at inputs with a timestamp from here on, milliseconds since 1970.
        examples: how many positions of missing and conflicting inputs to name.
        progress: told how far the reading is.
    """
    chain = (RAW, *dict.fromkeys(output_topic(stage, stages) for stage in stages))
    names = [settings.topic(topic.name) for topic in chain]
    inputs, ends = names[:-1], [settings.topic(DROPPED.name), settings.topic(DEAD_LETTERS.name)]
    group = settings.group("articles")
    found = await layout.existing(settings, inputs)
    committed = await layout.committed(
        settings, group, [(topic, number) for topic, numbers in found.items() for number in numbers]
    )
    ledger = Ledger(await records.spans(settings, inputs))
    horizon = await _horizon(settings, chain)
    refused: Counter[str] = Counter()
    start = None if since_ms is None else since_ms - _CLOCKS_MS
    read = 0
    for group_of_topics in (*([name] for name in inputs), [names[-1], *ends]):
        before = read
        tell = None if progress is None else _further(progress, before)
        async for record in records.scan(settings, group_of_topics, since_ms=start, progress=tell):
            read += 1
            if record.topic in inputs and (since_ms is None or record.timestamp >= since_ms):
                _receive(ledger, record, raw=names[0], old=record.timestamp < horizon)
            _book(ledger, record, names, ends, refused)
    for position in await _of_other_versions(settings, ledger, names):
        ledger.excuse(position)
    return _report(settings, ledger, committed, chain, stages, refused, examples, since_ms, group)


async def wait_until_idle(settings: Settings, seconds: float, stages: tuple[Stage, ...] = STAGES) -> bool:
    """Waits until the workers have committed everything, at most ``seconds``; says whether they have."""
    topics = [settings.topic(hop.input.name) for hop in hops(settings.topology, stages)]
    group = settings.group("articles")
    deadline = time.monotonic() + seconds
    spans = await records.spans(settings, topics)
    while True:
        # Offsets first, ends second: whatever an earlier hop had published by then is within the later ends.
        committed = await layout.committed(settings, group, spans)
        spans = await records.spans(settings, topics)
        if all(end <= max(first, committed.get(partition, 0)) for partition, (first, end) in spans.items()):
            return True
        if time.monotonic() > deadline:
            return False
        await asyncio.sleep(_WAIT_STEP)


async def _horizon(settings: Settings, chain: tuple[Topic, ...]) -> float:
    """Returns the timestamp before which outcomes may have been deleted by retention, in milliseconds."""
    shortest = await provision.shortest_retention(settings, (*chain[1:], DROPPED, DEAD_LETTERS))
    return 0.0 if shortest is None else (time.time() - shortest) * 1000


async def _of_other_versions(settings: Settings, ledger: Ledger, names: list[str]) -> list[Position]:
    """Returns those inputs whose events differ between versions and are equal within each."""
    differing = ledger.differing(_MOST_DIFFERING)
    if not differing:
        return []
    events: dict[Position, dict[tuple[str, bytes], set[tuple[str, bytes]]]] = {item: {} for item in differing}
    plain: set[Position] = set()
    async for record in records.scan(settings, names[1:]):
        answers = input_of(record.headers)
        if answers not in events or answers is None:
            continue
        if not ledger.is_of(answers, _of_event(record.headers, first=answers.topic == names[0])):
            continue
        version = _version(record.value or b"")
        if version is None:
            plain.add(answers)
            continue
        content = xxhash.xxh3_128_digest(record.value or b"")
        same = events[answers].setdefault((record.topic, version), set())
        same.add((header(record.headers, "ce_id") or "", content))
    return [
        position
        for position, versions in events.items()
        if position not in plain and len(versions) > 1 and all(len(same) == 1 for same in versions.values())
    ]


def _version(value: bytes) -> bytes | None:
    """Returns what made an event, in bytes: its provenance but for the input; None where it has none."""
    try:
        article = codec.parse(value)
        provenance = {**article["provenance"]}
    except (BadInput, KeyError, TypeError):
        return None
    provenance.pop("input", None)
    return orjson.dumps(provenance, option=orjson.OPT_SORT_KEYS)


def _further(progress: Progress, before: int) -> Progress:
    """Returns ``progress`` for a reading that follows others, which have read ``before`` records."""
    return lambda read, total: progress(before + read, before + total)


def _receive(ledger: Ledger, record: Record, *, raw: str, old: bool) -> None:
    """Books an input, and of which record it is a replay's copy."""
    if record.topic == raw:
        # As the worker writes it down: Faust keeps timestamps as seconds.
        of = identity(round(record.timestamp / 1000 * 1000))
    else:
        of = _of_event(record.headers, first=False)
    ledger.received(record.position, record=of, old=old)
    original = header(record.headers, REPLAY_HEADER)
    if original is not None:
        try:
            ledger.replayed(Position.parse(original), record.position)
        except ValueError:
            return


def _of_event(headers: tuple[Header, ...], *, first: bool) -> int:
    """Returns the identity of the record that an event, or a dead letter with an event's headers, came from.

    ``first`` says that this record lay on the raw topic, where the time of receipt is all there is to know; what
    an event cannot tell is 0.
    """
    received, article = header(headers, "ce_time"), header(headers, "ce_subject")
    try:
        moment = datetime.fromisoformat(received or "")
        return _of_article(moment, article or "", first=first)
    except (ValueError, TypeError):  # none, no time, or none with a time zone
        return 0


def _of_article(received: datetime, article: str, *, first: bool) -> int:
    ms = milliseconds(received)
    return identity(ms) if first else identity(ms, article)


def _book(ledger: Ledger, record: Record, names: list[str], ends: list[str], refused: Counter[str]) -> None:
    dropped, dead_letters = ends
    raw = names[0]
    value = record.value or b""
    if record.topic == dead_letters:
        if header(record.headers, REDRIVEN_HEADER) is not None:
            return
        try:
            letter = DeadLetterHeaders.from_headers(record.headers)
            position = Position.parse(letter.input)
        except (BadInput, ValueError):
            return
        if position.offset < 0:
            refused[letter.reason] += 1
        else:
            first = position.topic == raw
            of = identity(letter.timestamp) if first else _of_event(record.headers, first=False)
            ending = Ending("rejected", letter.stage, letter.reason)
            ledger.answered(position, ending, record.topic, (value,), record=of)
        return
    answers = input_of(record.headers)
    if answers is None:
        return
    if record.topic == dropped:
        try:
            line = codec.decode(value, DroppedArticle)
        except BadInput:
            return
        of = _of_article(line.received_at, line.id, first=answers.topic == raw)
        ledger.answered(
            answers, Ending("dropped", line.stage, line.reason), record.topic, (value,), record=of
        )
    elif record.topic in names:
        event = (header(record.headers, "ce_id") or "").encode()
        of = _of_event(record.headers, first=answers.topic == raw)
        ledger.answered(answers, Ending("published", record.topic), record.topic, (event, value), record=of)


def _report(
    settings: Settings,
    ledger: Ledger,
    committed: dict[Partition, int],
    chain: tuple[Topic, ...],
    stages: tuple[Stage, ...],
    refused: Counter[str],
    examples: int,
    since_ms: int | None,
    group: str,
) -> Report:
    names = [settings.topic(topic.name) for topic in chain]
    reading = {settings.topic(hop.input.name): hop.name for hop in hops(settings.topology, stages)}
    counts = {stage.name: StageCount(stage=stage.name) for stage in stages}
    hop_counts: list[HopCount] = []
    missing: list[Position] = []
    conflicting: list[Position] = []
    for topic in names[:-1]:
        balance, lost, clash = ledger.balance(topic, committed, read=topic in reading, examples=examples)
        missing += lost
        conflicting += clash
        if topic in reading or balance.received:
            hop_counts.append(_hop_count(reading.get(topic, ""), topic, balance))
        _share_out(counts, settings, stages, topic, balance)
    return Report(
        hops=tuple(hop_counts),
        stages=tuple(counts.values()),
        refused_at_ingest=refused,
        missing=tuple(missing[:examples]),
        conflicting=tuple(conflicting[:examples]),
        group=group,
        since_ms=since_ms,
    )


def _hop_count(hop: str, topic: str, balance: Balance) -> HopCount:
    total: Counter[str] = Counter()
    for ending, count in balance.endings.items():
        total[ending.outcome] += count
    return HopCount(
        hop=hop,
        topic=topic,
        received=balance.received,
        published=total["published"],
        dropped=total["dropped"],
        rejected=total["rejected"],
        in_flight=balance.in_flight,
        stranded=balance.stranded,
        expired=balance.expired,
        missing=balance.missing,
        replayed=balance.replayed,
        conflicting=balance.conflicting,
        other_version=balance.other_version,
        redelivered=balance.redelivered,
        earlier_topic=balance.earlier_topic,
    )


def _share_out(
    counts: dict[str, StageCount], settings: Settings, stages: tuple[Stage, ...], topic: str, balance: Balance
) -> None:
    """Books one topic's endings on the stages its records passed: a fused hop answers for several."""
    order = [stage.name for stage in stages]
    after = {
        settings.topic(output_topic(stage, stages).name): index + 1 for index, stage in enumerate(stages)
    }
    first = after.get(topic, 0)
    unanswered = balance.received
    for ending, count in balance.endings.items():
        unanswered -= count
        if ending.outcome == "published":
            for name in order[first : after.get(ending.where, first)]:
                counts[name].received += count
                counts[name].published += count
            continue
        for name in order[first : order.index(ending.where)] if ending.where in counts else ():
            counts[name].received += count
            counts[name].published += count
        at = counts.setdefault(ending.where or "?", StageCount(stage=ending.where or "?"))
        at.received += count
        (at.dropped if ending.outcome == "dropped" else at.rejected)[ending.reason] += count
    counts[order[first]].received += unanswered
    counts[order[first]].unanswered += unanswered
