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

from schemas.errors import BadInput, RejectReason

OutcomeName = Literal["published", "dropped", "rejected"]

Header = tuple[str, bytes]
INPUT_HEADER = "bw_input"


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

    id: Annotated[str, Meta(description="The article's id.")]
    revision: Annotated[int, Meta(ge=1, description="The article's revision.")]
    stage: Annotated[str, Meta(description="The stage that ended it.", examples=["clean"])]
    reason: Annotated[str, Meta(description="Why.", examples=["no_text"])]
    detail: Annotated[str, Meta(description="One sentence more, for people.")] = ""
    received_at: Annotated[datetime, Meta(tz=True, description="When babelwire received the raw article.")]
    source: Annotated[str, Meta(description="Where the article came from.")] | None = None
    url: Annotated[str, Meta(description="Address of the article.")] | None = None
    title: Annotated[str, Meta(description="Headline of the article.")] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadLetterHeaders:
    """What the headers of a dead letter say; header names are the field names with ``bw_`` before them."""

    stage: str
    """Stage (or source: ``ingest``) that could not take the record."""
    reason: str
    """A :class:`schemas.errors.RejectReason`."""
    detail: str
    """What was expected, what came."""
    input: str
    """Position of the record that could not be taken; ``TOPIC/-1/-1`` when it never was on a topic."""
    timestamp: int
    """Kafka timestamp of that record, milliseconds since 1970; a redrive keeps it."""
    pipeline: str
    """Program and version that rejected it."""

    def to_headers(self) -> list[Header]:
        """Returns the record headers."""
        return [(f"bw_{item.name}", str(getattr(self, item.name)).encode()) for item in fields(self)]

    @classmethod
    def from_headers(cls, headers: Iterable[Header]) -> DeadLetterHeaders:
        """Reads record headers; a missing one is a :class:`BadInput`: someone else writes to this topic."""
        found = {name[3:]: value.decode("utf-8", "replace") for name, value in headers if name.startswith("bw_")}
        try:
            return cls(
                stage=found["stage"],
                reason=found["reason"],
                detail=found["detail"],
                input=found["input"],
                timestamp=int(found["timestamp"]),
                pipeline=found["pipeline"],
            )
        except (KeyError, ValueError) as error:
            raise BadInput(
                RejectReason.INVALID_FIELD, f"Expected a dead letter's headers, but {error!r} is wrong or missing."
            ) from None


def input_of(headers: Sequence[Header] | None) -> Position | None:
    """Returns the position of the input record that a record with these headers answers, if it names one."""
    for name, value in headers or ():
        if name == INPUT_HEADER:
            try:
                return Position.parse(value.decode())
            except ValueError:
                return None
    return None
