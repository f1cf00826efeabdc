"""A web page as its main text and what it says about itself."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from urllib.parse import urljoin, urlsplit

from lxml.html import HtmlElement
from trafilatura import metadata

from agents.clean.edits import Aligned, Edit
from agents.clean.page.align import realigned
from agents.clean.page.bounds import MOST_LEVELS, few_authors, is_too_deep, keep_within_bounds
from agents.clean.page.described import described_authors
from agents.clean.page.extraction import main_text
from agents.clean.page.markup import Shape, Shown, shown_text
from agents.clean.page.published import published
from agents.clean.page.tree import byline, tree_of
from agents.clean.repair.mojibake import page_mojibake
from agents.clean.residue.labels import is_name, names_signed
from schemas.article import Repair, Run

_MOST_TAGS = 20_000
"""Tags of a page; the largest of 305 development pages has 6,080. As many paragraphs take about 1.5 s."""
_MOST_LINKS = 8_000
_DEEPEST = 500
_MOST_ATTRIBUTES = 500
"""Attributes of one tag: 60,000 took 28 s."""
_LONGEST_URL = 4096
_SHORTEST_HEADLINE = 15
_SHORTEST_PARAGRAPH = 20
"""Characters of a paragraph that is looked for where the one before it was not found."""
_UNCLOSED = re.compile(r"<(?:body|/title|/head|h1|div|p)[\s>]", re.IGNORECASE)
"""Where a title ends that its page does not close."""
_SITE = re.compile(r"(?<!\s)\s*(?:\s[|–—·•»-]|[｜│])\s*([^|–—·•»｜│]{2,40})$")
"""The last part of a title, where a site puts its name."""
_SITE_LETTERS = 3
_LANGUAGE = re.compile(r"[a-zA-Z]{2,3}(?:-[a-zA-Z0-9]{2,8}){0,3}")


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
    repairs: tuple[Repair, ...] = ()
    """What was restored in the body before the page was parsed."""


def read_page(source: str, latest: datetime, url: str | None = None) -> Page | None:
    """Reads the page ``source``; None when it is nested or linked beyond what is safe to parse.

    ``latest`` bounds the dates believed: a page is not published after it was received. ``url`` is where it was
    found; a canonical address without a host is one of the same site.
    """
    edits = page_mojibake(source)
    if not edits:
        return _read(source, latest, url)
    restored = Aligned.whole(source).apply(edits)
    page = _read(restored.text, latest, url)
    if page is None:
        return None
    return replace(
        page,
        body=page.body.through(restored),
        repairs=tuple(
            Repair(
                start=edit.start,
                end=edit.end,
                reason="mojibake",
                text=source[edit.start : edit.end],
                replacement=edit.replacement,
            )
            for edit in _copied(edits, page.body.runs)
        ),
    )


def _copied(edits: Sequence[Edit], runs: Sequence[Run]) -> Iterator[Edit]:
    """Yields those of ``edits`` whose replacement stands in a text with ``runs`` into what they made."""
    grown = at = 0
    for edit in edits:
        start = edit.start + grown
        end = start + len(edit.replacement)
        grown = end - edit.end
        while at < len(runs) and runs[at].raw + runs[at].length <= start:
            at += 1
        if at < len(runs) and runs[at].raw < end:
            yield edit


def _read(source: str, latest: datetime, url: str | None) -> Page | None:
    shown = shown_text(source)
    if _too_complex(shown.shape):
        return None
    tree = tree_of(source)
    described = "ld+json" in source
    if tree is None and described:
        tree = tree_of(
            f"<html><body>{source}</body></html>"
        )  # a feed's item: one element after its description
    about = Page(body=Aligned("", ()))
    if tree is not None:
        # by its start tags alone a page whose paragraphs are never closed is deeper than it is
        if shown.shape.levels > MOST_LEVELS and is_too_deep(tree):
            return None
        keep_within_bounds(tree)
        with few_authors():
            about = _about(tree, latest, url)
        text = main_text(tree)
        if text.strip():
            text = _parted(text, shown)
            return replace(about, body=realigned(text, shown, source))
    return replace(about, body=(shown_text(source, scripts=False) if described else shown).aligned)


def _parted(text: str, shown: Shown) -> str:
    """Returns ``text`` with the paragraphs of the page where it has one line only.

    The extractor's last resort, for short pages, puts a space between the headline, its byline and all paragraphs.
    """
    if "\n" in text.strip():
        return text
    parts: list[str] = []
    at = 0
    for paragraph in shown.paragraphs():
        if text.startswith(paragraph, at):
            end = at + len(paragraph)
        else:
            found = text.find(f" {paragraph} ", at) if len(paragraph) >= _SHORTEST_PARAGRAPH else -1
            if found < 0:
                continue
            parts.append(text[at:found])
            at, end = found + 1, found + 1 + len(paragraph)
        if text[end : end + 1] == " ":
            parts.append(text[at:end])
            at = end + 1
    return "\n".join([*parts, text[at:]])


def _about(tree: HtmlElement, latest: datetime, base: str | None) -> Page:
    """Reads what the page says about itself, in its head, in JSON-LD and on its face."""
    found = metadata.examine_meta(tree)
    if found.author and " " not in found.author:
        found.author = None
    with suppress(Exception):  # trafilatura itself takes JSON-LD that it cannot read for none
        found = metadata.extract_meta_json(tree, found)
    site_name = _line((found.sitename or metadata.extract_sitename(tree) or "").lstrip("@"))
    title = _headline(tree)
    if title is None and (title := found.title or metadata.extract_title(tree)):
        title = _without_site(_UNCLOSED.split(title, maxsplit=1)[0], tree, site_name)
    url = found.url or metadata.extract_url(tree) or _same_site(tree, base)
    return Page(
        body=Aligned("", ()),
        title=_line(title),
        authors=_authors(tree, found.author),
        published_at=published(tree, latest),
        canonical_url=url if url and len(url) <= _LONGEST_URL else None,
        site_name=site_name,
        language=_declared(tree),
    )


def _authors(tree: HtmlElement, declared: str | None) -> tuple[str, ...]:
    """Returns the persons described as authors, else those of the page's head or face, else who publishes it."""
    described, persons = described_authors(tree)
    if persons:
        return described
    authors = declared or byline(tree) or ""
    listed = (name for item in authors.split(";") if item.strip() for name in names_signed(item.strip()))
    names = tuple({_letters(name): name for name in reversed(list(listed))}.values())[::-1]
    if described and (not names or not all(is_name(name) for name in names)):
        return described
    return described if set(map(_letters, names)) <= set(map(_letters, described)) else names


def _without_site(title: str, tree: HtmlElement, site_name: str | None) -> str:
    """Returns ``title`` without the name of the site behind it: ``A second ferry | The Lume Courier``."""
    said = _SITE.search(title.rstrip())
    name = _letters(said.group(1)) if said else ""
    addresses = tree.xpath("//link[@rel='canonical']/@href | //meta[@property='og:url']/@content")
    known = [_letters(site_name or ""), *(_letters(urlsplit(url).hostname or "") for url in addresses[:2])]
    if said and len(name) >= _SITE_LETTERS and any(name in one or (one and one in name) for one in known):
        return title[: said.start()]
    return title


def _letters(text: str) -> str:
    return "".join(filter(str.isalnum, text.casefold()))


def _same_site(tree: HtmlElement, base: str | None) -> str | None:
    """Returns the canonical address that the page gives without its host, completed by where it was found."""
    for path in tree.xpath("//link[@rel='canonical']/@href") if base else ():
        with suppress(ValueError):
            url = urljoin(base, path.strip())
            parts = urlsplit(url)
            if path.strip() and parts.scheme in ("http", "https") and parts.hostname:
                return str(url)
    return None


def _headline(tree: HtmlElement) -> str | None:
    """Returns the one first-level heading that the page's title repeats: the headline as readers see it."""
    titles = " ".join(tree.xpath("//head//title/text() | //head//meta[@property='og:title']/@content"))
    folded = " ".join(titles.casefold().split())
    for heading in tree.iter("h1"):
        text = " ".join("".join(heading.itertext()).split())
        if len(text) >= _SHORTEST_HEADLINE and text.casefold() in folded:
            return text
    return None


def _declared(tree: HtmlElement) -> str | None:
    """Returns the language of the page's root, else the one it gives for sharing."""
    for path in ("/html/@lang | /html/@*[local-name()='lang']", "//meta[@property='og:locale']/@content"):
        for value in tree.xpath(path):
            tag = value.strip().replace("_", "-")
            if _LANGUAGE.fullmatch(tag):
                return str(tag)
    return None


def _line(text: str | None) -> str | None:
    return " ".join(html.unescape(text).split())[:2000] or None if text else None


def _too_complex(shape: Shape) -> bool:
    return (
        shape.tags > _MOST_TAGS
        or shape.links > _MOST_LINKS
        or shape.depth > _DEEPEST
        or shape.attributes > _MOST_ATTRIBUTES
    )
