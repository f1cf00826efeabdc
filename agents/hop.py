"""Runs the stages of one hop on one record: bytes in, a result out, never an exception.

This is the whole treatment of an article between two topics, as a pure function. The runner calls it in a
worker process, ``babelwire run`` calls it directly, tests call it with values; so staged, fused and local
runs give the same bytes.
"""

from __future__ import annotations

import dataclasses
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from agents.pipeline import Hop
from agents.stage import Drop, Emit, Reject, Resources
from schemas import codec
from schemas.article import CleanArticle, EnrichedArticle, RawArticle, TaggedArticle
from schemas.cloudevents import CloudEvent, event_type, schema_uri
from schemas.errors import EXPLANATIONS, BadInput, DropReason, RejectReason
from schemas.ids import article_id, digest, event_id
from schemas.outcomes import DroppedArticle, OutcomeName
from schemas.times import instant

_MAX_TIMESTAMP_MS = 253_402_300_799_000  # 9999-12-31T23:59:59Z, the last instant a datetime holds
_MAX_AHEAD = timedelta(days=2)
"""Clocks and time zones of publishers are off by up to a day; what is further ahead is not a date."""

Timer = Callable[[], float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Bounds on what is taken and given."""

    max_article_bytes: int = 1 << 20
    """Largest raw record that is taken."""
    max_event_bytes: int = 8 << 20
    """Largest event that is published or taken from an earlier stage."""
    max_age: timedelta | None = None
    """Articles published longer than this before they were received are dropped; None keeps all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What became of one record."""

    outcome: OutcomeName
    stage: str
    """The stage that ended it; the hop's last stage when it was published."""
    article: str
    """The article's id, as far as it could be known."""
    reason: str = ""
    detail: str = ""
    value: bytes | None = None
    """The event, or the :class:`DroppedArticle`; None for a dead letter, whose value is the input's."""
    event: CloudEvent | None = None
    passed: tuple[tuple[str, float], ...] = ()
    """The stages that saw it, with the seconds each took."""
    received_at: datetime | None = None
    language: str | None = None
    entities: int | None = None


class LoadedHop:
    """A hop whose stages have loaded their resources."""

    def __init__(self, hop: Hop, resources: Resources, limits: Limits, timer: Timer) -> None:
        """Loads every stage; takes seconds. ``timer`` gives seconds on any monotonic clock."""
        self.hop = hop
        self._limits = limits
        self._timer = timer
        self._stages = [(stage, stage.load(resources)) for stage in hop.stages]
        self._first = hop.input.value is RawArticle
        self._event_type = event_type(hop.output.name)

    def renew(self, resources: Resources) -> None:
        """Loads the stages again that take operators' additions; the others stay as they are."""
        self._stages = [
            (stage, stage.load(resources) if stage.takes_additions else process)
            for stage, process in self._stages
        ]

    def __call__(self, value: bytes, key: bytes | None, timestamp_ms: int) -> Result:
        """Treats one record; ``timestamp_ms`` is the record's own, milliseconds since 1970."""
        known = known_id(value, key)
        passed: list[tuple[str, float]] = []
        try:
            return self._treat(value, known, timestamp_ms, passed)
        except Exception as error:  # the last fence: whatever it is, it is this article's outcome
            stage = passed[-1][0] if passed else self.hop.stages[0].name
            return self._rejected(known, stage, RejectReason.STAGE_FAILED, _describe(error), passed)

    def _treat(self, value: bytes, known: str, timestamp_ms: int, passed: list[tuple[str, float]]) -> Result:
        try:
            article: Any = self._admit(value, timestamp_ms)
        except BadInput as error:
            return self._rejected(known, self.hop.stages[0].name, error.reason, error.detail, passed)
        known = str(article.id)
        max_age = self._limits.max_age
        if self._first and max_age is not None and too_old(article, max_age):
            drop = Drop(
                DropReason.TOO_OLD, f"Published {article.published_at}, more than {max_age} before receipt."
            )
            return self._dropped(article, self.hop.stages[0].name, drop, [(self.hop.stages[0].name, 0.0)])
        for stage, process in self._stages:
            started = self._timer()
            try:
                outcome = process(article)
                if isinstance(outcome, Emit):
                    article = _stamp(outcome.article, stage.name, stage.version)
            except Exception as error:  # a bug in a stage must not stop the stream
                outcome = Reject(RejectReason.STAGE_FAILED, _describe(error))
            passed.append((stage.name, self._timer() - started))
            if isinstance(outcome, Reject):
                return self._rejected(known, stage.name, outcome.reason, outcome.detail, passed)
            if isinstance(outcome, Drop):
                return self._dropped(article, stage.name, outcome, passed)
        return self._published(article, passed)

    def _admit(self, value: bytes, timestamp_ms: int) -> Any:
        limit = self._limits.max_article_bytes if self._first else self._limits.max_event_bytes
        if len(value) > limit:
            raise BadInput(
                RejectReason.TOO_LARGE,
                f"Expected at most {limit:,} bytes, got {len(value):,} (max_article_bytes).",
            )
        article: Any = codec.decode(value, self.hop.input.value)
        return admit(article, timestamp_ms) if isinstance(article, RawArticle) else article

    def _published(self, article: Any, passed: list[tuple[str, float]]) -> Result:
        last = self.hop.stages[-1].name
        try:
            value = codec.encode(article)
            codec.decode(
                value, self.hop.output.value
            )  # a stage that breaks the contract is a bug, not an event
        except Exception as error:
            return self._rejected(article.id, last, RejectReason.STAGE_FAILED, _describe(error), passed)
        if len(value) > self._limits.max_event_bytes:
            detail = (
                f"Expected at most {self._limits.max_event_bytes:,} bytes, the stage gave {len(value):,}."
            )
            return self._rejected(article.id, last, RejectReason.RESULT_TOO_LARGE, detail, passed)
        language = article.language.tag if isinstance(article, TaggedArticle) else None
        return Result(
            outcome="published",
            stage=last,
            article=article.id,
            value=value,
            event=CloudEvent(
                id=event_id(self._event_type, article.id, article.revision, article.provenance),
                source=f"/babelwire/{last}",
                type=self._event_type,
                time=article.received_at,
                subject=article.id,
                dataschema=schema_uri(self._event_type),
                lang=language,
            ),
            passed=tuple(passed),
            received_at=article.received_at,
            language=language,
            entities=len(article.entities) if isinstance(article, EnrichedArticle) else None,
        )

    def _dropped(self, article: Any, stage: str, drop: Drop, passed: list[tuple[str, float]]) -> Result:
        line = DroppedArticle(
            id=article.id,
            revision=article.revision,
            stage=stage,
            reason=drop.reason,
            detail=drop.detail,
            received_at=article.received_at,
            source=article.source,
            url=article.url,
            title=article.title,
        )
        return Result(
            outcome="dropped",
            stage=stage,
            article=article.id,
            reason=drop.reason,
            detail=drop.detail,
            value=codec.encode(line),
            passed=tuple(passed),
            received_at=article.received_at,
        )

    def _rejected(
        self, article: str, stage: str, reason: RejectReason, detail: str, passed: list[tuple[str, float]]
    ) -> Result:
        if not passed or passed[-1][0] != stage:
            passed = [*passed, (stage, 0.0)]
        return Result(
            outcome="rejected",
            stage=stage,
            article=article,
            reason=reason,
            detail=_printable(detail or EXPLANATIONS[reason]),
            passed=tuple(passed),
        )


def admit(raw: RawArticle, timestamp_ms: int) -> RawArticle:
    """Returns ``raw`` with its id and the time it was received, and its times in UTC.

    Raises:
        BadInput: the record's timestamp is not a time, or ``published_at`` lies too far ahead of it.
    """
    if not 0 <= timestamp_ms <= _MAX_TIMESTAMP_MS:
        raise BadInput(
            RejectReason.INVALID_FIELD,
            f"Expected a record timestamp in milliseconds since 1970, got {timestamp_ms}.",
        )
    received = instant(timestamp_ms)
    published = _utc(raw.published_at)
    if published is not None and published - received > _MAX_AHEAD:
        raise BadInput(
            RejectReason.PUBLISHED_IN_FUTURE,
            f"Expected published_at at most {_MAX_AHEAD.days} days after {received.isoformat()} (received), "
            f"got {published.isoformat()}.",
        )
    return dataclasses.replace(
        raw,
        id=article_id(raw),
        received_at=received,
        published_at=published,
        fetched_at=_utc(raw.fetched_at),
    )


def too_old(article: RawArticle, max_age: timedelta) -> bool:
    """Says whether the article was published longer than ``max_age`` before it was received."""
    if article.published_at is None or article.received_at is None:
        return False
    return article.received_at - article.published_at > max_age


def _utc(moment: datetime | None) -> datetime | None:
    if moment is None:
        return None
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        raise BadInput(
            RejectReason.INVALID_FIELD, f"Expected a time between year 1 and 9999 UTC, got {moment}."
        ) from None


def _stamp(article: CleanArticle, stage: str, version: str) -> CleanArticle:
    stages = {**article.provenance.stages}
    stages.setdefault(stage, version)
    provenance = dataclasses.replace(article.provenance, stages=stages)
    stamped: CleanArticle = dataclasses.replace(article, provenance=provenance)
    return stamped


def known_id(value: bytes, key: bytes | None) -> str:
    """Returns the best id known of a record that could not be decoded: its key, else a digest of its bytes."""
    if key:
        text = key.decode("utf-8", "replace")
        if len(text) <= 200 and text.isprintable() and " " not in text:
            return text
    return digest("bytes", value)


def _describe(error: Exception) -> str:
    frames = traceback.extract_tb(error.__traceback__)
    where = f" at {frames[-1].filename.rsplit('/', 1)[-1]}:{frames[-1].lineno}" if frames else ""
    return f"{type(error).__name__}: {error}{where}"


def _printable(text: str) -> str:
    """Bounds a detail to one header-sized line of valid UTF-8."""
    return text[:1000].encode("utf-8", "replace").decode()
