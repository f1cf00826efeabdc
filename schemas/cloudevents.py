"""CloudEvents 1.0 in Kafka's binary content mode: the attributes are record headers, the value is the data.

Specification: CloudEvents 1.0.2, "Kafka Protocol Binding", section 3.2. ``traceparent`` is W3C Trace Context.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from msgspec import Meta

from schemas.outcomes import Header

SPEC_VERSION = "1.0"
CONTENT_TYPE = "application/json"


@dataclass(frozen=True, slots=True, kw_only=True)
class CloudEvent:
    """The attributes of one event. Equal events have equal ``id``: a consumer keys on it."""

    id: Annotated[
        str,
        Meta(
            description="Id of the event, derived from its content and the versions that made it: "
            "a copy published again has the same id, so a consumer keys on it.",
            examples=["5d0e7c1b9a3f4826b1c7d2e3f4a59687"],
        ),
    ]
    source: Annotated[
        str, Meta(description="Stage that published it (URI reference).", examples=["/babelwire/entities"])
    ]
    type: Annotated[str, Meta(description="Type of the event.", examples=["babelwire.article.enriched.v1"])]
    time: Annotated[
        datetime,
        Meta(
            tz=True,
            description="When babelwire received the raw article (UTC): the same on every replay.",
            examples=["2026-11-21T19:00:00Z"],
        ),
    ]
    subject: Annotated[
        str, Meta(description="The article's id.", examples=["38360bb93c69e5131b70b98303c0624f"])
    ]
    dataschema: Annotated[
        str,
        Meta(
            description="URI of the JSON Schema of the value: its `$id`.",
            examples=["urn:babelwire:schema:babelwire.article.enriched.v1"],
        ),
    ]
    lang: (
        Annotated[str, Meta(description="Language of the article, once it is known.", examples=["ro"])] | None
    ) = None

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
    """Returns the event type of a topic: ``articles.enriched.v1`` becomes ``article.enriched.v1``."""
    return topic.replace(".articles.", ".article.").replace(".stories.", ".story.")


def schema_uri(event: str) -> str:
    """Returns the URI that names the JSON Schema of an event type.

    CloudEvents asks for an absolute URI (1.0.2, "dataschema"). This one is a name, not an address: babelwire
    runs in many places, and none of them serves schemas to the others.
    """
    return f"urn:babelwire:schema:{event}"


def header(headers: Iterable[Header] | None, name: str) -> str | None:
    """Returns the text of the first header called ``name``, or None."""
    for key, value in headers or ():
        if key == name:
            return value.decode("utf-8", "replace")
    return None
