"""How an article ends at a stage, as it is written down.

``published`` is the output record itself. ``dropped`` is a :class:`DroppedArticle`. ``rejected`` is a dead
letter: the untouched original bytes, with a :class:`DeadLetterHeaders` in the record's headers. All three
name the input record they answer (``bw_input``), which is what ``babelwire audit`` counts by.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Annotated, Literal

from msgspec import Meta

from schemas.article import ArticleId, Revision
from schemas.errors import BadInput, DropReason, RejectReason

OutcomeName = Literal["published", "dropped", "rejected"]

Header = tuple[str, bytes]

PREFIX = "bw_"
"""Begins every header of ours that is not CloudEvents'; what begins so says something of one life of a record."""
INPUT_HEADER = "bw_input"
"""On an outcome: the position of the record it answers."""
KEY_HEADER = "bw_key"
"""On a dead letter: the key its record had, where that was not the article's id (the letter's own key)."""
TRUNCATED_HEADER = "bw_truncated"
"""On a dead letter without a value: how many bytes its record had, which were more than a letter can hold."""
REDRIVEN_HEADER = "bw_redriven"
"""On a marker beside a dead letter: the position of the letter that was redriven."""
REDRIVEN_TO_HEADER = "bw_redriven_to"
"""On a marker: the position of the copy."""
REDRIVE_OF_HEADER = "bw_redrive_of"
"""On a copy: the position of the dead letter it was made from."""
REPLAY_HEADER = "bw_replay_of"
"""On a copy: the position of its original."""


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Position:
    """Where a record lies: topic (full name), partition and offset."""

    topic: str
    partition: int
    offset: int

    def __str__(self) -> str:
        """Returns ``topic/partition/offset``, the form used in headers, logs and on the command line."""
        return f"{self.topic}/{self.partition}/{self.offset}"

    @classmethod
    def parse(cls, text: str) -> Position:
        """Reads what :meth:`__str__` writes; raises :class:`ValueError` for anything else."""
        topic, partition, offset = text.rsplit("/", 2)
        if not topic:
            raise ValueError(f"expected topic/partition/offset, got {text!r}")
        return cls(topic=topic, partition=int(partition), offset=int(offset))


@dataclass(frozen=True, slots=True, kw_only=True)
class DroppedArticle:
    """An article that a stage ended on purpose."""

    id: ArticleId
    revision: Revision
    stage: Annotated[str, Meta(description="The stage that ended it.", examples=["clean"])]
    reason: Annotated[
        str,
        Meta(
            description="Why it ended.",
            examples=["no_text"],
            extra_json_schema={"x-extensible-enum": sorted(DropReason)},
        ),
    ]
    detail: Annotated[
        str,
        Meta(
            description="One sentence more, for people.",
            examples=["Nothing was left of 39 characters."],
        ),
    ] = ""
    received_at: Annotated[
        datetime,
        Meta(
            tz=True,
            description="When babelwire received the raw article.",
            examples=["2026-11-21T19:00:00Z"],
        ),
    ]
    source: (
        Annotated[str, Meta(description="Where the article came from.", examples=["news.example"])] | None
    ) = None
    url: (
        Annotated[
            str, Meta(description="Address of the article.", examples=["https://news.example/lume/lavrov"])
        ]
        | None
    ) = None
    title: (
        Annotated[str, Meta(description="Headline of the article.", examples=["Lavrov a plecat acasă"])]
        | None
    ) = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadLetterHeaders:
    """What the headers of a dead letter say; header names are the field names with ``bw_`` before them."""

    stage: Annotated[
        str,
        Meta(
            description="Stage (or source: `ingest`) that could not take the record.",
            examples=["clean"],
        ),
    ]
    reason: Annotated[
        str,
        Meta(
            description="Why it could not be taken.",
            examples=["malformed_json"],
            extra_json_schema={"x-extensible-enum": sorted(RejectReason)},
        ),
    ]
    detail: Annotated[
        str,
        Meta(
            description="What was expected, what came.",
            examples=["Expected JSON: unexpected end of data at character 17."],
        ),
    ]
    input: Annotated[
        str,
        Meta(
            description="Position (topic/partition/offset) of the record that could not be taken; "
            "`TOPIC/-1/-1` when it never was on a topic.",
            examples=["babelwire.articles.raw.v1/3/1042"],
        ),
    ]
    timestamp: Annotated[
        int,
        Meta(
            description="Kafka timestamp of that record; a redrive keeps it.",
            examples=[1795287600000],
            extra_json_schema={"x-unit": "milliseconds since 1970"},
        ),
    ]
    pipeline: Annotated[
        str, Meta(description="Program and version that rejected it.", examples=["babelwire/0.1.0"])
    ]

    def to_headers(self) -> list[Header]:
        """Returns the record headers."""
        return [(PREFIX + item.name, str(getattr(self, item.name)).encode()) for item in fields(self)]

    @classmethod
    def from_headers(cls, headers: Iterable[Header]) -> DeadLetterHeaders:
        """Reads record headers; a missing one is a :class:`BadInput`: someone else writes to this topic."""
        found = {name: value.decode("utf-8", "replace") for name, value in headers}
        try:
            return cls(
                stage=found["bw_stage"],
                reason=found["bw_reason"],
                detail=found["bw_detail"],
                input=found["bw_input"],
                timestamp=int(found["bw_timestamp"]),
                pipeline=found["bw_pipeline"],
            )
        except (KeyError, ValueError) as error:
            raise BadInput(
                RejectReason.INVALID_FIELD,
                f"Expected a dead letter's headers, but {error!r} is wrong or missing.",
            ) from None


def without_ours(headers: Iterable[Header]) -> list[Header]:
    """Returns the headers a record came with, without what babelwire wrote about an earlier life of it."""
    return [(name, value) for name, value in headers if not name.startswith(PREFIX)]


def input_of(headers: Sequence[Header] | None) -> Position | None:
    """Returns the position of the input record that a record with these headers answers, if it names one."""
    for name, value in headers or ():
        if name == INPUT_HEADER:
            try:
                return Position.parse(value.decode())
            except ValueError:
                return None
    return None
