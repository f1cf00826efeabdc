"""CloudEvents 1.0 in Kafka's binary content mode: the attributes are record headers, the value is the data.

Specification: CloudEvents 1.0.2, "Kafka Protocol Binding", section 3.2. ``traceparent`` is W3C Trace Context.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from schemas.outcomes import Header

SPEC_VERSION = "1.0"
CONTENT_TYPE = "application/json"


@dataclass(frozen=True, slots=True, kw_only=True)
class CloudEvent:
    """The attributes of one event. Equal events have equal ``id``: a consumer keys on it."""

    id: str
    source: str
    """URI reference of the installation and stage, for example ``/babelwire/entities``."""
    type: str
    """For example ``babelwire.article.enriched.v1``."""
    time: datetime
    """When babelwire received the raw article (UTC): the same on every replay."""
    subject: str
    """The article's id."""
    dataschema: str
    """Reference of the JSON Schema of the value."""
    lang: str | None = None

    def to_headers(self) -> list[Header]:
        """Returns the record headers of binary mode."""
        headers: list[Header] = [
            ("ce_specversion", SPEC_VERSION.encode()),
            ("ce_id", self.id.encode()),
            ("ce_source", self.source.encode()),
            ("ce_type", self.type.encode()),
            ("ce_time", self.time.isoformat().replace("+00:00", "Z").encode()),
            ("ce_subject", self.subject.encode()),
            ("ce_dataschema", self.dataschema.encode()),
            ("content-type", CONTENT_TYPE.encode()),
        ]
        if self.lang is not None:
            headers.append(("ce_lang", self.lang.encode()))
        return headers


def event_type(topic: str) -> str:
    """Returns the event type of a topic: ``babelwire.articles.enriched.v1`` -> ``babelwire.article.enriched.v1``."""
    return topic.replace(".articles.", ".article.").replace(".stories.", ".story.")


def header(headers: Iterable[Header] | None, name: str) -> str | None:
    """Returns the text of the first header called ``name``, or None."""
    for key, value in headers or ():
        if key == name:
            return value.decode("utf-8", "replace")
    return None
