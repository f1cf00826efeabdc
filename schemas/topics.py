"""The one table of topics: name, key, type, partitions, cleanup, retention, largest record.

A stage's topic is found by the type the stage emits, so a pipeline needs no names of its own. A stage that
emits a type with no row here gets a row derived from the stage's name (:func:`article_topic`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from schemas.additions import Addition
from schemas.article import CleanArticle, EnrichedArticle, RawArticle, TaggedArticle
from schemas.outcomes import DroppedArticle

NAMESPACE = "babelwire"

_DAY = 24 * 3600
_MIB = 1 << 20
_HEADROOM = 64 << 10
"""For keys, headers and framing, which a broker counts into a record's size."""

Cleanup = Literal["delete", "compact", "compact,delete"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Topic:
    """One row of the table."""

    name: str
    """Name without the installation's prefix."""
    key: str
    """What the record's key is."""
    value: type
    """Python type of the value; ``bytes`` where the original bytes are kept."""
    summary: str
    partitions: int = 12
    cleanup: Cleanup = "delete"
    retention_seconds: int | None = 7 * _DAY
    """How long records are kept; None: for ever, as a compacted topic keeps the last record of each key."""
    max_record_bytes: int = 8 * _MIB + _HEADROOM

    def config(self) -> dict[str, str]:
        """Returns the topic's configuration as Kafka spells it."""
        retention = -1 if self.retention_seconds is None else self.retention_seconds * 1000
        return {
            "cleanup.policy": self.cleanup,
            "retention.ms": str(retention),
            "max.message.bytes": str(self.max_record_bytes),
        }


def article_topic(stage: str, value: type, summary: str) -> Topic:
    """Returns the row of the article topic named after ``stage``."""
    return Topic(name=f"{NAMESPACE}.articles.{stage}.v1", key="article id", value=value, summary=summary)


RAW = Topic(
    name=f"{NAMESPACE}.articles.raw.v1",
    key="article id",
    value=RawArticle,
    summary="Articles as they came.",
    # A producer's oversized record must reach us, to be answered with a dead letter that holds it whole.
    max_record_bytes=64 * _MIB,
)
CLEAN = article_topic("clean", CleanArticle, "Articles reduced to their own words.")
TAGGED = article_topic("tagged", TaggedArticle, "Clean articles with their language.")
ENRICHED = article_topic("enriched", EnrichedArticle, "Tagged articles with their entities, for consumers.")
DROPPED = Topic(
    name=f"{NAMESPACE}.articles.dropped.v1",
    key="article id",
    value=DroppedArticle,
    summary="One line for each article that a stage ended on purpose, so that none is unaccounted for.",
)
DEAD_LETTERS = Topic(
    name=f"{NAMESPACE}.dead-letters.v1",
    key="article id",
    value=bytes,
    summary="The original bytes of what could not be taken; the reason is in the headers.",
    partitions=3,
    retention_seconds=30 * _DAY,
    max_record_bytes=64 * _MIB + _HEADROOM,
)
ENTITIES = Topic(
    name=f"{NAMESPACE}.entities.v1",
    key="entity id",
    value=Addition,
    summary="What operators added to the knowledge base; a record without a value takes it back.",
    # One partition: every worker reads all of it, and additions take effect in the order they were made.
    partitions=1,
    cleanup="compact",
    retention_seconds=None,
    max_record_bytes=_MIB + _HEADROOM,
)

TOPICS: tuple[Topic, ...] = (RAW, CLEAN, TAGGED, ENRICHED, DROPPED, ENTITIES, DEAD_LETTERS)


def topic_of(value: type) -> Topic | None:
    """Returns the row whose records are of type ``value``, or None."""
    return next((topic for topic in TOPICS if topic.value is value), None)


LARGEST_LETTER = RAW.max_record_bytes
"""Largest value a dead letter can hold, bytes. A record that was larger (a producer compressed it) leaves an empty
letter that names its position and size."""
