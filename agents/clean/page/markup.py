"""Reads HTML as it stands: which text it shows, and where each character of that text stood in the source.

lxml tells an element's line at best, so the map from extracted text to source needs a reader of its own. This
one knows tags, comments, scripts and character references, and nothing of trees: it is a single pass, linear in
the size of the page whatever the page is.
"""

from __future__ import annotations

import html
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

from agents.clean.edits import Aligned, Runs
from agents.clean.page.bounds import DEEP

# possessive, so that no input makes it try twice
_TAG = re.compile(r"""([^<]*+)<(/?)([a-zA-Z][a-zA-Z0-9:_-]{0,40})(?:[^>"']++|"[^"]*+"|'[^']*+')*+>""")
# without quotes: ends at the next bracket of either kind
_PLAIN_TAG = re.compile(r"([^<]*+)<(/?)([a-zA-Z][a-zA-Z0-9:_-]{0,40})[^<>]*+>")
_MOST_BROKEN = 100
"""Tags whose quotes never close; each may cost a look at the rest of the page, so then quotes are not minded."""
_LONG_TAG = 1_000
"""Characters of a tag from which its attributes are counted."""
_ATTRIBUTE = re.compile(r"""[\s/]*+[^\s/>=]++(?:\s*+=\s*+(?:"[^"]*+"|'[^']*+'|[^\s>]*+))?+""")
_OPENING = re.compile(r"<(?=[a-zA-Z/!?])")
_REFERENCE = re.compile(r"&(?:#[0-9]{1,8};?|#[xX][0-9a-fA-F]{1,7};?|[a-zA-Z][a-zA-Z0-9]{1,31};?)")
_BLOCK, _INLINE, _VOID, _OPAQUE = 0, 1, 2, 4
"""What an element does to the text: breaks the line; does not; has no end; holds what is not shown."""
_KINDS: dict[str, int] = {}
for _kind, _names in (
    (_BLOCK, "body div footer h1 h2 h3 h4 head header li main nav p section td tr ul"),
    (
        _INLINE,
        "a abbr acronym b bdi bdo big cite code data del dfn em font i ins kbd label mark nobr q rp rt ruby s",
    ),
    (_INLINE, "samp small span strike strong sub sup time tt u var wbr"),
    (_VOID, "area base br col embed hr img input link meta param source track wbr"),
    (_OPAQUE, "iframe noembed noframes script style template textarea xmp"),
):
    for _name in _names.split():
        _KINDS[_name] = _KINDS.get(_name, _BLOCK) | _kind
_CLOSE = {name: re.compile(f"</(?i:{name})") for name, kind in _KINDS.items() if kind & _OPAQUE}
Piece: TypeAlias = tuple[int, int, int]
"""Where a stretch of text stands, where it stood in the source, and its length."""


@dataclass(frozen=True, slots=True)
class Shape:
    """How big and how deep a page is; what decides whether it is safe to build its tree."""

    tags: int
    links: int
    depth: int
    """Deepest nesting, by start tags less end tags of elements that have one."""
    levels: int
    """How deep all elements stand together, as :mod:`agents.clean.page.bounds` counts it."""
    attributes: int
    """Attributes of one tag at most, where it is a long one; the parser compares each with all others."""


@dataclass(frozen=True, slots=True)
class Shown:
    """The text of a page with the map into its source; a newline stands where an element broke the line."""

    text: str
    pieces: Sequence[Piece]
    shape: Shape

    def paragraphs(self) -> list[str]:
        """Returns what stands between two elements that break the line, its white space as single spaces."""
        parts: list[str] = []
        at = last = 0
        for clean, _, length in (*self.pieces, (len(self.text), 0, 0)):
            if "\n" in self.text[at:clean]:  # no piece of the source: an element's
                parts.append(self.text[last:at])
                last = clean
            at = clean + length
        parts.append(self.text[last:])
        return [" ".join(part.split()) for part in parts if part.strip()]

    @property
    def aligned(self) -> Aligned:
        """The text as it can be edited."""
        runs = Runs()
        for clean, raw, length in self.pieces:
            runs.add(clean, raw, length)
        return Aligned(self.text, runs.ended())


def shown_text(source: str, *, scripts: bool = True) -> Shown:
    """Returns every character of text in ``source``, and the page's shape.

    With ``scripts`` that of JSON-LD is among it, where an extractor may find the article's text.
    """
    parts: list[str] = []
    pieces: list[Piece] = []
    at = size = 0
    tags = links = depth = deepest = levels = broken = attributes = 0
    end = len(source)
    tag = _TAG.match
    kinds = _KINDS.get

    def text(first: int, last: int) -> None:
        nonlocal size
        position = first
        for found in _REFERENCE.finditer(source, first, last):
            decoded = html.unescape(found.group())
            if decoded == found.group():
                continue
            if found.start() > position:
                pieces.append((size, position, found.start() - position))
                parts.append(source[position : found.start()])
                size += found.start() - position
            parts.append(decoded)
            size += len(decoded)
            position = found.end()
        if last > position:
            pieces.append((size, position, last - position))
            parts.append(source[position:last])
            size += last - position

    while at < end:
        found = tag(source, at)
        if found is None:
            opened = _OPENING.search(source, at)
            if opened is None:
                text(at, end)
                break
            opening = opened.start()
            if source.find("<", at, opening) >= 0:  # only brackets that are text stood in the way
                text(at, opening)
                at = opening
                found = tag(source, at)
        if found is None:
            if opening > at:
                text(at, opening)
            broken += 1
            if broken == _MOST_BROKEN:
                tag = _PLAIN_TAG.match
            at = _past_declaration(source, opening)
            attributes = max(attributes, _attributes(source, opening, at))
            if at == opening:  # a bare "<" is text
                text(opening, opening + 1)
                at += 1
            continue
        before, closing, name = found.groups()
        if before:
            if "&" in before:
                text(at, at + len(before))
            else:
                pieces.append((size, at, len(before)))
                parts.append(before)
                size += len(before)
        at = found.end()
        attributes = max(attributes, _attributes(source, found.end(3), at))
        tags += 1
        kind = kinds(name)
        if kind is None:
            name = name.lower()
            kind = kinds(name, _BLOCK)
        if not kind & _INLINE:
            parts.append("\n")
            size += 1
        if closing:
            depth = max(0, depth - 1)
            continue
        if name == "a":
            links += 1
        if kind & _VOID or source[at - 2] == "/":
            continue
        if kind & _OPAQUE:
            close = _CLOSE[name].search(source, at)
            last = close.start() if close else end
            if scripts and name == "script" and "ld+json" in found.group()[len(before) :]:
                text(at, last)
            at = last
        depth += 1
        if depth > DEEP:
            levels += depth - DEEP
        if depth > deepest:
            deepest = depth
    return Shown(
        "".join(parts),
        pieces,
        Shape(tags=tags, links=links, depth=deepest, levels=levels, attributes=attributes),
    )


def _attributes(source: str, start: int, end: int) -> int:
    """Returns how many attributes a parser sees from ``start`` in a long tag; 0 for a short one, or a comment."""
    if end - start < _LONG_TAG or source.startswith("<!", start):
        return 0
    number = 0
    while found := _ATTRIBUTE.match(source, start, end):
        start = found.end()
        number += 1
    return number


def _past_declaration(source: str, at: int) -> int:
    """Returns where the comment, declaration or broken tag at ``at`` ends; ``at`` itself where there is none."""
    if source.startswith("<!--", at):
        end = source.find("-->", at + 4)
        return len(source) if end < 0 else end + 3
    if source[at + 1 : at + 2] in {"!", "?", "/"} or source[at + 1 : at + 2].isalpha():
        end = source.find(">", at + 1)
        return len(source) if end < 0 else end + 1
    return at
