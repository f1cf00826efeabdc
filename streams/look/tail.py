"""Watches a topic and picks what was asked for.

A filter is tried on the headers and on the raw bytes first; only what may match is decoded.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any

from agents.pipeline import STAGES, output_topic
from schemas import codec
from schemas.article import TaggedArticle
from schemas.cloudevents import header
from schemas.errors import BadInput, UsageError
from schemas.outcomes import REDRIVEN_HEADER
from schemas.topics import DEAD_LETTERS, DROPPED, Topic
from streams.broker import records
from streams.broker.records import Record
from streams.settings import Settings

DROPPED_NAME = "dropped"
DEAD_LETTERS_NAME = "dead-letters"
WATCHED: dict[str, Topic] = {
    **{stage.name: output_topic(stage) for stage in STAGES},
    DROPPED_NAME: DROPPED,
    DEAD_LETTERS_NAME: DEAD_LETTERS,
}
"""What can be watched: the results of each stage, and the two other ends."""
LAST = STAGES[-1].name


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """What to show; everything given must hold."""

    stage: str = LAST
    lang: str | None = None
    """A tag; ``zh`` takes ``zh-Hant`` too."""
    entity: str | None = None
    """An entity's id, or its name in any case."""
    source: str | None = None
    """A source; ``example.com`` takes ``news.example.com`` too."""

    def __post_init__(self) -> None:
        """Refuses filters on what the chosen stage does not have."""
        topic = WATCHED.get(self.stage)
        if topic is None:
            raise UsageError(f"Expected one of {', '.join(WATCHED)}, got {self.stage!r}.")
        has_language = issubclass(topic.value, TaggedArticle)
        if self.lang is not None and not has_language:
            raise UsageError(f"Expected a stage that knows the language with --lang, got {self.stage!r}.")
        if self.entity is not None and self.stage != LAST:
            raise UsageError(f"Expected --stage {LAST} with --entity, got {self.stage!r}.")

    def takes_headers(self, record: Record) -> bool:
        """Says whether the record may match, by its headers alone."""
        if is_marker(record):
            return False
        if self.lang is None:
            return True
        lang = (header(record.headers, "ce_lang") or "").lower()
        wanted = self.lang.lower()
        return lang == wanted or lang.startswith(wanted + "-")

    def takes(self, article: dict[str, Any] | None) -> bool:
        """Says whether the decoded article matches; None is one that could not be decoded."""
        if self.source is not None:
            source = str((article or {}).get("source") or "").lower()
            wanted = self.source.lower()
            if source != wanted and not source.endswith("." + wanted):
                return False
        if self.entity is not None:
            entities = (article or {}).get("entities")
            return isinstance(entities, list) and any(self._is_wanted(entity) for entity in entities)
        return True

    def _is_wanted(self, entity: Any) -> bool:
        if not isinstance(entity, dict) or self.entity is None:
            return False
        names = (entity.get("id"), entity.get("wikidata"))
        return self.entity in names or str(entity.get("name")).casefold() == self.entity.casefold()


@dataclass(frozen=True, slots=True)
class Seen:
    """A record that was asked for."""

    record: Record
    article: dict[str, Any] | None
    """Its value as parsed JSON, where it is JSON."""


async def watch(
    settings: Settings,
    chosen: Filter,
    *,
    follow: bool = True,
    from_beginning: bool = False,
    since_ms: int | None = None,
) -> AsyncGenerator[Seen, None]:
    """Yields what ``chosen`` takes: what comes from now on, or all from the beginning or a moment on.

    Args:
        settings: the installation.
        chosen: the filter.
        follow: wait for more at the end; otherwise stop there.
        from_beginning: begin with the oldest there is.
        since_ms: begin there, milliseconds since 1970.
    """
    topic = settings.topic(WATCHED[chosen.stage].name)
    from_end = follow and not from_beginning and since_ms is None
    async with aclosing(
        records.scan(settings, [topic], since_ms=since_ms, follow=follow, from_end=from_end)
    ) as found:
        async for record in found:
            if not chosen.takes_headers(record):
                continue
            article = parsed(record)
            if chosen.takes(article):
                yield Seen(record, article)


def is_marker(record: Record) -> bool:
    """Says whether the record is no letter, but says that one was redriven."""
    return header(record.headers, REDRIVEN_HEADER) is not None


def parsed(record: Record) -> dict[str, Any] | None:
    """Returns the record's value as a JSON object, or None when it is none."""
    try:
        value = codec.parse(record.value or b"")
    except BadInput:
        return None
    return value if isinstance(value, dict) else None
