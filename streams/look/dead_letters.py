"""Dead letters: found, explained and sent again.

A letter holds the untouched bytes of what could not be taken, with the reason in its headers. Redriving it

1. puts its bytes, key, headers and timestamp on the topic they came from,
2. waits for the broker's confirmation,
3. and only then writes a *marker* into the dead-letters topic: same key, no value, ``bw_redriven`` naming the
   letter. A letter with a marker is not redriven again, from wherever that is tried.

A crash between 2 and 3 redrives a letter twice; the two have the same event ids. What fails again becomes a
new letter of its own.
"""

from __future__ import annotations

import time
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

from schemas import codec
from schemas.cloudevents import header
from schemas.errors import BadInput, BrokerError, UsageError
from schemas.outcomes import (
    KEY_HEADER,
    REDRIVE_OF_HEADER,
    REDRIVEN_HEADER,
    REDRIVEN_TO_HEADER,
    DeadLetterHeaders,
    Header,
    Position,
    without_ours,
)
from schemas.topics import DEAD_LETTERS, RAW, TOPICS
from streams.broker import kafka, provision, records, sending
from streams.broker.records import Progress, Record
from streams.settings import Settings
from streams.sources.articles import ready_json

INGEST = "ingest"

_MAX_TIMESTAMP = 2**63 - 1
"""What a record's timestamp holds; a letter that says more was not written by us."""
_CHUNK_RECORDS = 100
_CHUNK_BYTES = 16 << 20

Status: TypeAlias = Literal["redriven", "would", "already", "invalid", "refused"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """One dead letter."""

    position: Position
    written_ms: int
    key: bytes
    value: bytes
    why: DeadLetterHeaders
    own: tuple[Header, ...]
    """The headers the record had before it died."""
    original_key: bytes
    """The key the record had, which need not be text; a redrive restores it."""
    redriven: bool

    @property
    def article(self) -> str:
        """The article's id."""
        return self.key.decode("utf-8", "replace")

    @property
    def source(self) -> str | None:
        """The article's source, where its bytes still tell."""
        try:
            found = codec.parse(self.value)
        except BadInput:
            return None
        source = found.get("source") if isinstance(found, dict) else None
        return source if isinstance(source, str) else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """Which letters are meant; everything given must hold."""

    reason: str | None = None
    stage: str | None = None
    source: str | None = None
    since_ms: int | None = None
    positions: frozenset[Position] = field(default_factory=frozenset)
    redriven: bool = False
    """Letters that were redriven too."""

    def __contains__(self, letter: Letter) -> bool:
        """Says whether ``letter`` is meant."""
        return (
            (self.redriven or not letter.redriven)
            and self.reason in (None, letter.why.reason)
            and self.stage in (None, letter.why.stage)
            and (not self.positions or letter.position in self.positions)
            and (self.source is None or self.source == letter.source)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Redriven:
    """What became of one letter in a redrive."""

    letter: Letter
    status: Status
    detail: str = ""
    to: Position | None = None


def topic(settings: Settings) -> str:
    """Returns the full name of the dead-letters topic."""
    return settings.topic(DEAD_LETTERS.name)


def parse_position(settings: Settings, text: str) -> Position:
    """Reads ``topic/partition/offset``, or ``partition/offset`` on the dead-letters topic."""
    full = text if text.count("/") >= 2 else f"{topic(settings)}/{text}"
    try:
        return Position.parse(full)
    except ValueError:
        raise UsageError(
            f"Expected a position like 0/17 or {topic(settings)}/0/17 (`babelwire dlq ls` prints them), "
            f"got {text!r}."
        ) from None


async def letters(
    settings: Settings, choice: Choice, *, progress: Progress | None = None
) -> AsyncGenerator[Letter, None]:
    """Yields the letters that ``choice`` means, oldest first within a partition."""
    redriven = await _redriven(settings)
    name = topic(settings)
    start = None
    if choice.positions:
        start = {
            (name, position.partition): min(
                other.offset for other in choice.positions if other.partition == position.partition
            )
            for position in choice.positions
        }
        left = set(choice.positions)
    async with aclosing(
        records.scan(settings, [name], since_ms=choice.since_ms, start=start, progress=progress)
    ) as found:
        async for record in found:
            letter = _letter(record, redriven)
            if letter is not None and letter in choice:
                yield letter
            if choice.positions:
                left.discard(record.position)
                if not left:
                    return


async def redrive(
    settings: Settings,
    choice: Choice,
    *,
    dry_run: bool = False,
    new_time: bool = False,
    value: bytes | None = None,
    progress: Progress | None = None,
) -> AsyncGenerator[Redriven, None]:
    """Sends the letters that ``choice`` means again, and yields what became of each.

    Args:
        settings: the installation.
        choice: which letters.
        dry_run: only say what would be done.
        new_time: give the copies today's time instead of the time the originals were received.
        value: bytes to send instead of a letter's own: the fixed article.
        progress: told how far the reading of the dead letters is.
    """
    if value is not None and len(choice.positions) != 1:
        raise UsageError(f"Expected one position to redrive with other bytes, got {len(choice.positions)}.")
    known = {settings.topic(row.name): row for row in TOPICS}
    keeps = {name: await provision.shortest_retention(settings, [row]) for name, row in known.items()}
    async with kafka.producer(settings) as producer:
        waiting: list[_Copy] = []
        size = 0
        async with aclosing(letters(settings, choice, progress=progress)) as chosen:
            async for letter in chosen:
                if letter.redriven:
                    yield Redriven(letter=letter, status="already")
                    continue
                try:
                    copy = _copy(
                        settings, letter, letter.value if value is None else value, new_time=new_time
                    )
                    _check_target(copy, keeps)
                except BadInput as error:
                    yield Redriven(letter=letter, status="invalid", detail=error.detail)
                    continue
                except UsageError as error:
                    yield Redriven(letter=letter, status="refused", detail=str(error))
                    continue
                if dry_run:
                    yield Redriven(letter=letter, status="would", detail=copy.topic)
                    continue
                waiting.append(copy)
                size += len(copy.value)
                if len(waiting) >= _CHUNK_RECORDS or size >= _CHUNK_BYTES:
                    for done in await _send(settings, producer, waiting):
                        yield done
                    waiting, size = [], 0
        for done in await _send(settings, producer, waiting):
            yield done


@dataclass(frozen=True, slots=True, kw_only=True)
class _Copy:
    letter: Letter
    topic: str
    key: bytes
    value: bytes
    timestamp: int | None


def _copy(settings: Settings, letter: Letter, value: bytes, *, new_time: bool) -> _Copy:
    """Returns what to send; raises :class:`BadInput` when it would only die again at once."""
    timestamp = letter.why.timestamp if not new_time and 0 <= letter.why.timestamp <= _MAX_TIMESTAMP else None
    try:
        target = Position.parse(letter.why.input)
    except ValueError:
        raise UsageError(f"Expected the letter to name its input, got {letter.why.input!r}.") from None
    if letter.why.stage != INGEST and target.offset >= 0:
        return _Copy(
            letter=letter, topic=target.topic, key=letter.original_key, value=value, timestamp=timestamp
        )
    # It never was on a topic: judge it as the source did, and send what the source would have sent.
    ready = ready_json(value, str(letter.position), settings.max_article_bytes)
    return _Copy(
        letter=letter,
        topic=settings.topic(RAW.name),
        key=ready.id.encode(),
        value=ready.value,
        timestamp=timestamp,
    )


def _check_target(copy: _Copy, keeps: dict[str, float | None]) -> None:
    if copy.topic not in keeps:
        raise UsageError(f"Expected a topic of this installation, the letter came from {copy.topic!r}.")
    seconds = keeps[copy.topic]
    if copy.timestamp is None or seconds is None:
        return
    age = time.time() - copy.timestamp / 1000
    if age > seconds:
        raise UsageError(
            f"{copy.topic} keeps records for {seconds / 86400:.0f} days and this one was received "
            f"{age / 86400:.0f} days ago: the broker could delete it before a worker reads it. "
            "Pass --new-time to send it as received now."
        )


async def _send(settings: Settings, producer: Any, copies: Sequence[_Copy]) -> list[Redriven]:
    """Publishes the copies, waits for the broker's word, then publishes the markers and waits again."""
    sent = await sending.send(
        settings,
        producer,
        (
            {
                "topic": copy.topic,
                "value": copy.value,
                "key": copy.key,
                "timestamp_ms": copy.timestamp,
                "headers": [*copy.letter.own, (REDRIVE_OF_HEADER, str(copy.letter.position).encode())],
            }
            for copy in copies
        ),
    )
    done = [
        Redriven(letter=copy.letter, status="redriven", to=place)
        if isinstance(place, Position)
        else Redriven(letter=copy.letter, status="refused", detail=str(place))
        for copy, place in zip(copies, sent, strict=True)
    ]
    markers = (
        {
            "topic": topic(settings),
            "value": b"",
            "key": item.letter.key,
            "headers": [
                (REDRIVEN_HEADER, str(item.letter.position).encode()),
                (REDRIVEN_TO_HEADER, str(item.to).encode()),
            ],
        }
        for item in done
        if item.to is not None
    )
    for place in await sending.send(settings, producer, markers):
        if isinstance(place, BrokerError):
            raise place
    return done


async def _redriven(settings: Settings) -> dict[int, set[int]]:
    """Returns the offsets of the letters that have a marker, by partition."""
    found: dict[int, set[int]] = {}
    async for record in records.scan(settings, [topic(settings)]):
        position = marked(record)
        if position is not None and position.topic == record.topic:
            found.setdefault(position.partition, set()).add(position.offset)
    return found


def marked(record: Record) -> Position | None:
    """Returns the letter that ``record`` marks as redriven, or None when it is no marker."""
    text = header(record.headers, REDRIVEN_HEADER)
    try:
        return None if text is None else Position.parse(text)
    except ValueError:
        return None


def _letter(record: Record, redriven: dict[int, set[int]]) -> Letter | None:
    if header(record.headers, REDRIVEN_HEADER) is not None:
        return None
    try:
        why = DeadLetterHeaders.from_headers(record.headers)
    except BadInput as error:
        why = DeadLetterHeaders(
            stage="?", reason="?", detail=error.detail, input="?", timestamp=record.timestamp, pipeline="?"
        )
    return Letter(
        position=record.position,
        written_ms=record.timestamp,
        key=record.key or b"",
        value=record.value or b"",
        why=why,
        own=tuple(without_ours(record.headers)),
        original_key=next((value for name, value in record.headers if name == KEY_HEADER), record.key or b""),
        redriven=record.offset in redriven.get(record.partition, ()),
    )
