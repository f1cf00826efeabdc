"""An enriched article of our own, as the last stage publishes it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from schemas import codec
from schemas.article import (
    Alternative,
    EnrichedArticle,
    Entity,
    Fingerprint,
    Language,
    LanguageSegment,
    Mention,
    Provenance,
    Removed,
    Repair,
    Run,
)

TEXT = "Die Brücke von Talheim wird neu gebaut, sagte Erika Probst."


def enriched(name: str, **changed: Any) -> bytes:
    """The JSON of an enriched article with this id."""
    fields: dict[str, Any] = {
        "id": name,
        "revision": 1,
        "url": "https://zeitung.example/bruecke",
        "source": "zeitung.example",
        "title": "Neue Brücke für Talheim",
        "text": TEXT,
        "published_at": None,
        "published_at_basis": "none",
        "received_at": datetime(2026, 11, 21, 19, 40, tzinfo=UTC),
        "removed": (Removed(start=0, end=21, reason="cookie_banner", text="Wir nutzen Cookies. "),),
        "repairs": (Repair(start=30, end=32, reason="mojibake", text="Ã¼", replacement="ü"),),
        "alignment": (Run(clean=0, raw=21, length=len(TEXT)),),
        "fingerprint": Fingerprint(sha256="0" * 64, near=""),
        "provenance": Provenance(pipeline="babelwire/0", input="0" * 32, stages={"clean": "1"}),
        "language": Language(
            tag="de", script="Latn", confidence=0.99, reliable=True,
            alternatives=(Alternative(tag="lb", confidence=0.01),),
            segments=(LanguageSegment(start=0, end=len(TEXT), tag="de"),),
        ),
        "mentions": (
            Mention(
                start=46, end=58, raw_start=67, raw_end=79, text="Erika Probst", type="PER", confidence=0.9,
                entity_id="nil:erika", method="exact",
            ),
        ),
        "entities": (
            Entity(
                id="nil:erika", name="Erika Probst", type="PER", mentions=1, first=46, salience=0.5,
                provisional=True,
            ),
        ),
    }  # fmt: skip
    return codec.encode(EnrichedArticle(**{**fields, **changed}))
