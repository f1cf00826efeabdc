"""A web page as its main text and what it says about itself."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime

import trafilatura
from trafilatura.metadata import extract_metadata
from trafilatura.settings import Document

from agents.clean.align import realigned
from agents.clean.edits import Aligned
from agents.clean.markup import Shape, shown_text

_MOST_TAGS = 30_000
_MOST_LINKS = 8_000
_DEEPEST = 500
_CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
_EARLIEST = "1995-01-01"


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """What was read from a page."""

    body: Aligned
    title: str | None = None
    authors: tuple[str, ...] = ()
    published_at: datetime | None = None
    canonical_url: str | None = None
    site_name: str | None = None
    language: str | None = None


def read_page(source: str, latest: datetime) -> Page | None:
    """Reads the page ``source``; None when it is nested or linked beyond what is safe to parse.

    ``latest`` bounds the dates believed: a page is not published after it was received.
    """
    shown = shown_text(source)
    if _too_complex(shown.shape):
        return None
    # lxml takes no control characters; one for one, so that nothing moves
    markup = _CONTROLS.sub(" ", source)
    document = trafilatura.bare_extraction(markup, include_comments=False)
    if isinstance(document, Document):
        body = realigned(document.text or "", shown.aligned, source)
    else:
        body = shown.aligned
    about = extract_metadata(
        markup,
        date_config={
            "original_date": True,
            "extensive_search": False,
            "min_date": _EARLIEST,
            "max_date": latest.date().isoformat(),
        },
    )
    return Page(
        body=body,
        title=about.title or None,
        authors=tuple(name.strip() for name in (about.author or "").split(";") if name.strip()),
        published_at=datetime.fromisoformat(about.date).replace(tzinfo=UTC) if about.date else None,
        canonical_url=about.url or None,
        site_name=about.sitename or None,
        language=about.language or None,
    )


def _too_complex(shape: Shape) -> bool:
    return shape.tags > _MOST_TAGS or shape.links > _MOST_LINKS or shape.depth > _DEEPEST
