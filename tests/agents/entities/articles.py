"""Articles as the stage `entities` gets them."""

from __future__ import annotations

from datetime import UTC, datetime

from schemas.article import Fingerprint, Language, Provenance, Run, TaggedArticle


def tagged(
    text: str, tag: str, alignment: tuple[Run, ...] | None = None, title: str | None = None
) -> TaggedArticle:
    """Returns an article as the stage before hands it on; nothing was removed from it unless ``alignment`` says."""
    runs = alignment if alignment is not None else (Run(clean=0, raw=0, length=len(text)),) if text else ()
    return TaggedArticle(
        id="a",
        revision=1,
        url=None,
        source=None,
        title=title,
        text=text,
        published_at=None,
        published_at_basis="none",
        received_at=datetime(2026, 11, 21, tzinfo=UTC),
        alignment=runs,
        fingerprint=Fingerprint(sha256="0", near=""),
        provenance=Provenance(pipeline="babelwire/0", input="0", stages={"clean": "1", "language": "1"}),
        language=Language(tag=tag, script="Latn", confidence=1.0, reliable=True),
    )
