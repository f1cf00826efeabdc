"""Reads HTML as it stands: which text it shows, and where each character of that text stood in the source.

lxml tells an element's line at best, so the map from extracted text to source needs a reader of its own. This
one knows tags, comments, scripts and character references, and nothing of trees: it is a single pass, linear in
the size of the page whatever the page is.
"""

from __future__ import annotations

import html
import re
from dataclasses import dataclass

from agents.clean.edits import Aligned
from schemas.article import Run

# possessive, so that no input makes it try twice
_TAG = re.compile(r"""<(/?)([a-zA-Z][a-zA-Z0-9:_-]{0,40})((?:[^>"']++|"[^"]*+"|'[^']*+')*+)>""")
# without quotes: ends at the next bracket of either kind
_PLAIN_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9:_-]{0,40})([^<>]*+)>")
_MOST_BROKEN = 100
"""Tags whose quotes never close; each may cost a look at the rest of the page, so then quotes are not minded."""
_OPENING = re.compile(r"<(?=[a-zA-Z/!?])")
_REFERENCE = re.compile(r"&(?:#[0-9]{1,8};?|#[xX][0-9a-fA-F]{1,7};?|[a-zA-Z][a-zA-Z0-9]{1,31};?)")
_VOID = frozenset(
    [
        "area",
        "base",
        "br",
        "col",
        "embed",
        "hr",
        "img",
        "input",
        "link",
        "meta",
        "param",
        "source",
        "track",
        "wbr",
    ]
)
_OPAQUE = frozenset(("script", "style", "noembed", "noframes", "template", "textarea", "iframe", "xmp"))
_INLINE = frozenset(
    [
        "a",
        "abbr",
        "acronym",
        "b",
        "bdi",
        "bdo",
        "big",
        "cite",
        "code",
        "data",
        "del",
        "dfn",
        "em",
        "font",
        "i",
        "ins",
        "kbd",
        "label",
        "mark",
        "nobr",
        "q",
        "rp",
        "rt",
        "ruby",
        "s",
        "samp",
        "small",
        "span",
        "strike",
        "strong",
        "sub",
        "sup",
        "time",
        "tt",
        "u",
        "var",
        "wbr",
    ]
)


@dataclass(frozen=True, slots=True)
class Shape:
    """How big and how deep a page is; what decides whether it is safe to build its tree."""

    tags: int
    links: int
    depth: int
    """Deepest nesting, by start tags less end tags of elements that have one."""


@dataclass(frozen=True, slots=True)
class Shown:
    """The text of a page with the map into its source; a newline stands where an element broke the line."""

    aligned: Aligned
    shape: Shape


def shown_text(source: str) -> Shown:
    """Returns every character of text in ``source``, that of JSON-LD scripts included, and the page's shape."""
    parts: list[str] = []
    runs: list[Run] = []
    at = size = 0
    tags = links = depth = deepest = broken = 0
    end = len(source)

    def text(first: int, last: int) -> None:
        nonlocal size
        position = first
        if source.find("&", first, last) < 0:
            runs.append(Run(clean=size, raw=first, length=last - first))
            parts.append(source[first:last])
            size += last - first
            return
        for found in _REFERENCE.finditer(source, first, last):
            decoded = html.unescape(found.group())
            if decoded == found.group():
                continue
            if found.start() > position:
                runs.append(Run(clean=size, raw=position, length=found.start() - position))
                parts.append(source[position : found.start()])
                size += found.start() - position
            parts.append(decoded)
            size += len(decoded)
            position = found.end()
        if last > position:
            runs.append(Run(clean=size, raw=position, length=last - position))
            parts.append(source[position:last])
            size += last - position

    def line_end() -> None:
        nonlocal size
        parts.append("\n")
        size += 1

    while at < end:
        opened = _OPENING.search(source, at)
        if opened is None:
            text(at, end)
            break
        opening = opened.start()
        if opening > at:
            text(at, opening)
        found = (_TAG if broken < _MOST_BROKEN else _PLAIN_TAG).match(source, opening)
        if found is None:
            broken += 1
            at = _past_declaration(source, opening)
            if at == opening:  # a bare "<" is text
                text(opening, opening + 1)
                at += 1
            continue
        at = found.end()
        closing, name, attributes = found.groups()
        name = name.lower()
        tags += 1
        if name not in _INLINE:
            line_end()
        if closing:
            depth = max(0, depth - 1)
            continue
        if name == "a":
            links += 1
        if name in _VOID or attributes.endswith("/"):
            continue
        if name in _OPAQUE:
            close = re.compile(f"</{name}", re.IGNORECASE).search(source, at)
            last = close.start() if close else end
            if name == "script" and "ld+json" in attributes:
                text(at, last)
            at = last
        depth += 1
        deepest = max(deepest, depth)
    return Shown(Aligned("".join(parts), tuple(runs)), Shape(tags=tags, links=links, depth=deepest))


def _past_declaration(source: str, at: int) -> int:
    """Returns where the comment, declaration or broken tag at ``at`` ends; ``at`` itself where there is none."""
    if source.startswith("<!--", at):
        end = source.find("-->", at + 4)
        return len(source) if end < 0 else end + 3
    if source[at + 1 : at + 2] in {"!", "?", "/"} or source[at + 1 : at + 2].isalpha():
        end = source.find(">", at + 1)
        return len(source) if end < 0 else end + 1
    return at
