"""Checks an article at the door: what goes onto the raw topic is known to be readable by the first stage.

A source either gets a :class:`Ready`, whose value it sends, or a :class:`Refused`, which it answers for: by a
dead letter (files) or an error response (HTTP). The limits are those of the workers, measured on the same
bytes, so nothing that was let in is turned away for its form later.
"""

from __future__ import annotations

import dataclasses
import re
from dataclasses import dataclass

from schemas import codec
from schemas.article import RawArticle
from schemas.errors import BadInput, RejectReason
from schemas.ids import article_id, input_digest
from schemas.topics import DEAD_LETTERS

KEEP_BYTES = DEAD_LETTERS.max_record_bytes - (64 << 10)
"""Largest original that is kept: what a dead letter holds, less room for the record's key and headers."""

_PATH = re.compile(r" - at `(\$[^`]*)`")


@dataclass(frozen=True, slots=True, kw_only=True)
class Ready:
    """An article that can be sent."""

    where: str
    """Where it was read, for people: ``articles.jsonl:17``."""
    value: bytes
    """The record's value: canonical JSON with the id filled in."""
    id: str
    revision: int
    digest: str
    """Digest of what the producer said (:func:`schemas.ids.input_digest`)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """Something that cannot be sent, and why."""

    where: str
    reason: str
    """A :class:`schemas.errors.RejectReason`, or ``unreadable`` when there are no bytes to speak of."""
    detail: str
    original: bytes | None = None
    """The bytes as they came; None when they cannot be had or are more than a dead letter holds."""


def ready(article: RawArticle, where: str, max_bytes: int) -> Ready:
    """Returns ``article`` as it is sent, its id filled in and ``received_at`` left for the stream to set.

    Raises:
        BadInput: ``too_large``: the record would have more than ``max_bytes`` bytes.
    """
    filled = dataclasses.replace(article, id=article_id(article), received_at=None)
    value = codec.encode(filled)
    if len(value) > max_bytes:
        raise BadInput(
            RejectReason.TOO_LARGE,
            f"Expected at most {max_bytes:,} bytes of JSON, got {len(value):,} (max_article_bytes).",
        )
    return Ready(
        where=where, value=value, id=str(filled.id), revision=filled.revision, digest=input_digest(filled)
    )


def ready_json(data: bytes, where: str, max_bytes: int) -> Ready:
    """Returns the article that ``data`` spells in RawArticle form; raises :class:`BadInput` otherwise."""
    return ready(codec.decode(data, RawArticle), where, max_bytes)


def json_path(detail: str) -> str | None:
    """Returns the JSON path that an ``invalid_field`` detail names, or None."""
    found = _PATH.search(detail)
    return found.group(1) if found else None
