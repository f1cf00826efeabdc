"""Articles for the tests of the stage, all of our own writing."""

from __future__ import annotations

from datetime import UTC, datetime

from schemas.article import CleanArticle, Fingerprint, Provenance


def article(text: str, *, title: str | None = None, hint: str | None = None, declared: str | None = None) -> CleanArticle:
    """Returns a clean article of this text."""
    return CleanArticle(
        id="a1",
        revision=1,
        url=None,
        source=None,
        title=title,
        text=text,
        published_at=None,
        published_at_basis="none",
        received_at=datetime(2026, 11, 21, tzinfo=UTC),
        language_hint=hint,
        language_declared=declared,
        fingerprint=Fingerprint(sha256="0" * 64, near=""),
        provenance=Provenance(pipeline="babelwire/test", input="0" * 32, stages={"clean": "1"}),
    )
