"""When a page says it was published."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import htmldate
from lxml.html import HtmlElement

_EARLIEST = datetime(1995, 1, 1, tzinfo=UTC)
_AHEAD = timedelta(days=1)
"""How far past its receipt a page may be dated: time zones."""
_JSON = re.compile(r'"datePublished"\s*:\s*"([^"\\]{8,40})"')
_NAMES = frozenset(
    (
        "article:published_time",
        "og:article:published_time",
        "datepublished",
        "date.published",
        "publishdate",
        "pubdate",
        "publish-date",
        "publication_date",
        "published_time",
        "parsely-pub-date",
        "sailthru.date",
        "dc.date.issued",
        "dcterms.created",
        "dcterms.date",
        "dc.date",
        "cxenseparse:recs:publishtime",
        "article.published",
        "rnews:datepublished",
    )
)
_OFFSET = re.compile(r"([+-]\d{2})(\d{2})$")


def published(tree: HtmlElement, latest: datetime) -> datetime | None:
    """Returns the first date of publication that the page declares, else the one that ``htmldate`` finds.

    A date without a clock is midnight UTC, one without a zone is taken for UTC.
    """
    for value in _declared(tree):
        date = _read(value)
        if date and _EARLIEST <= date <= latest + _AHEAD:
            return date
    try:
        found = htmldate.find_date(
            tree,
            original_date=True,
            extensive_search=False,
            min_date=_EARLIEST.date().isoformat(),
            max_date=latest.date().isoformat(),
        )
    except (ValueError, OverflowError):
        return None
    return (_clocked(tree, found) or _read(found)) if found else None


def _clocked(tree: HtmlElement, day: str) -> datetime | None:
    """Returns the time that the page gives with the date ``day`` that was found on it, by its own clock."""
    for value in tree.xpath("//time/@datetime"):
        if value.strip().startswith(day) and (date := _read(value)):
            return date
    return None


def _declared(tree: HtmlElement) -> Iterator[str]:
    for script in tree.iter("script"):
        if "ld+json" in (script.get("type") or ""):
            yield from _JSON.findall(script.text or "")[:1]
    for meta in tree.iter("meta"):
        for key in ("property", "name", "itemprop"):
            if (meta.get(key) or "").lower() in _NAMES:
                yield meta.get("content") or ""
    for element in tree.xpath("//*[@itemprop='datePublished']"):
        yield element.get("datetime") or element.get("content") or ""
    for element in tree.xpath("//time[@pubdate]/@datetime"):
        yield element


def _read(value: str) -> datetime | None:
    text = _OFFSET.sub(r"\1:\2", value.strip())
    try:
        date = datetime.fromisoformat(text)
        return (date if date.tzinfo else date.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
