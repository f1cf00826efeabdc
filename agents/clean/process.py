"""The work of the stage `clean`, behind its declaration in `agents/clean/stage.py`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from agents.clean.cleaner import Cleaned, TooManyRepairsError, clean_text, safe
from agents.clean.counts import source_of
from agents.clean.edits import Aligned
from agents.clean.fingerprint import fingerprint
from agents.clean.page.page import Page, read_page
from agents.clean.repeated import Repeated, load_repeated
from agents.clean.residue.agencies import agencies, credits_in, opening
from agents.clean.residue.dates import months, stated
from agents.clean.residue.labels import authors_in, labels
from agents.clean.residue.model import line_model
from agents.clean.residue.phrasebook import Phrases, all_phrases
from agents.clean.stage import STAGE
from agents.stage import Drop, Emit, Outcome, Process, Reject, Resources
from schemas import VERSION
from schemas.article import CleanArticle, Provenance, PublishedBasis, RawArticle
from schemas.errors import DropReason, RejectReason
from schemas.ids import input_digest

_CREDITING = frozenset(("syndication_notice", "photo_credit", "author_bio"))
"""Reasons for removal whose pieces name who is to be credited."""
_DATED = 6
"""Lines at the beginning and at the end that may state the date of publication."""


def load(resources: Resources) -> Process:
    """Reads the phrase files, the line model, names of agencies and months, and the lines known to repeat."""
    phrases = all_phrases()
    repeated = load_repeated(resources.repeated_lines)
    line_model()
    labels()
    agencies()
    months()

    def process(raw: RawArticle) -> Outcome:
        return clean(raw, phrases, repeated)

    return process


def clean(raw: RawArticle, phrases: Phrases, repeated: Mapping[str, Repeated]) -> Outcome:
    """Cleans one article; ``repeated`` holds the lines that repeat, by source."""
    assert raw.id is not None, "the runner sets the id"
    assert raw.received_at is not None, "the runner sets the time of receipt"
    page = Page(body=Aligned.whole(raw.content))
    if raw.content_type == "text/html":
        read = read_page(raw.content, raw.received_at, raw.url)
        if read is None:
            return Reject(RejectReason.MARKUP_TOO_COMPLEX)
        page = read
    metadata = {safe(key): safe(value) for key, value in raw.metadata.items()}
    known = repeated.get(source_of(raw.source, raw.url) or "")
    try:
        cleaned = clean_text(page.body, raw.content, phrases, known, page.repairs)
    except TooManyRepairsError:
        return Reject(RejectReason.RESULT_TOO_LARGE, "The text needs more repairs than an event can tell of.")
    text = cleaned.aligned.text
    if not any(character.isalnum() for character in text):
        return Drop(DropReason.NO_TEXT)
    place, agency = opening(text)
    published, basis = _published(raw, page)
    removed = [item.text for item in cleaned.removed if item.reason in _CREDITING]
    return Emit(
        CleanArticle(
            id=safe(raw.id),
            revision=raw.revision,
            url=_safe(raw.url),
            source=_safe(raw.source),
            title=_safe(raw.title or page.title),
            text=text,
            published_at=published,
            published_at_basis=basis,
            received_at=raw.received_at,
            fetched_at=raw.fetched_at,
            authors=tuple(map(safe, page.authors)) or _signed(raw, cleaned),
            credits=tuple(dict.fromkeys((*((agency,) if agency else ()), *credits_in(text, *removed)))),
            dateline=place,
            canonical_url=_safe(page.canonical_url),
            site_name=_safe(page.site_name),
            language_hint=_safe(raw.language_hint),
            language_declared=_safe(page.language),
            metadata=metadata,
            removed=cleaned.removed,
            repairs=cleaned.repairs,
            alignment=cleaned.aligned.runs,
            fingerprint=fingerprint(text),
            provenance=Provenance(
                pipeline=f"babelwire/{VERSION}",
                input=input_digest(replace(raw, metadata=metadata)),
                stages={STAGE.name: f"{STAGE.version}+{known.version}"} if known else {},
            ),
        )
    )


def _signed(raw: RawArticle, cleaned: Cleaned) -> tuple[str, ...]:
    """Returns whom the bylines of a plain text name; those of a page are read from its markup."""
    if raw.content_type != "text/plain":
        return ()
    return tuple(dict.fromkeys(name for item in cleaned.removed for name in authors_in(item.text.strip())))


def _published(raw: RawArticle, page: Page) -> tuple[datetime | None, PublishedBasis]:
    """Returns the date that the producer gives, else the page, else the text states."""
    if raw.published_at:
        return raw.published_at, "metadata"
    if page.published_at:
        return page.published_at, "html"
    assert raw.received_at is not None
    text = raw.content if raw.content_type == "text/plain" else page.body.text
    lines = [line for line in text.split("\n") if line.strip()]
    date = stated([*lines[:_DATED], *lines[-_DATED:]], raw.received_at)
    return (date, "text") if date else (None, "none")


def _safe(text: str | None) -> str | None:
    return None if text is None else safe(text)
