"""What of a page is kept from the libraries that read it, because they would take minutes over it.

Their expressions try again at each sign where what they look for did not end: a description of a megabyte that never
closes a string, an author of a hundred thousand brackets, a paragraph under 240 others. Ordinary pages are far below
these bounds (the largest of 305 development pages beside each), so nothing changes for them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from itertools import count
from typing import Any

from lxml.etree import Element
from lxml.html import HtmlElement
from trafilatura import external

_LONGEST_SAID = 10_000
"""Characters of what one ``meta`` element says that are read."""
_LONGEST_AUTHORS = 1_000
"""Characters of all authors together; 196."""
_MOST_AUTHORS = 100
"""Times that an author is added to them; 7."""
_MOST_EFFORT = 40_000_000
"""Steps that the reading of a description may take, as :func:`_effort` counts them: 0.6 s at most; 172,295."""
_MOST_PARAGRAPHS = 2_000
"""Elements with text from which jusText is not asked: it looks from each short one for the next long one; 1,427."""
DEEP = 30
"""Levels that count for nothing: most pages have no more."""
MOST_LEVELS = 200_000
"""Levels beyond them, summed over all elements: the extraction goes from elements to all that stand above them."""
_UNCLOSED = re.compile(r"<[^<>]*+(?!>)")
_KINDS = re.compile(r'"@type"\s*:\s*\[')
_READERS: tuple[Any, ...] = tuple(map(import_module, ("trafilatura.metadata", "trafilatura.json_metadata")))
"""Where authors are gathered."""
TRY_JUSTEXT = external.try_justext
"""The library's own way to ask it."""
_SCRIPTS = ("application/ld+json", "application/settings+json")


def keep_within_bounds(tree: HtmlElement) -> None:
    """Shortens what the page says of itself at too great length, and empties descriptions that take too long."""
    for meta in tree.iter("meta"):
        said = meta.get("content") or ""
        if len(said) > _LONGEST_SAID:
            meta.set("content", said[:_LONGEST_SAID])
    for script in tree.iter("script"):
        if script.get("type") in _SCRIPTS and script.text and _effort(script.text) > _MOST_EFFORT:
            script.text = None


def is_too_deep(tree: HtmlElement) -> bool:
    """Whether so many elements stand so deep that going through what is above each of them takes seconds."""
    levels, left = 0, [(tree, 1)]
    while left:
        element, depth = left.pop()
        levels += max(0, depth - DEEP)
        left += [(child, depth + 1) for child in element]
    return levels > MOST_LEVELS


@contextmanager
def few_authors() -> Iterator[None]:
    """Lets trafilatura gather no more authors than an article has: it compares each with all others.

    The state of another package is touched: whoever calls it meanwhile, from another thread, is bounded too.
    """
    normalized = _READERS[0].normalize_authors
    times = count()

    def bounded(current: str | None, said: str) -> str | None:
        if len(current or "") + len(said) > _LONGEST_AUTHORS or next(times) >= _MOST_AUTHORS:
            return current
        found: str | None = normalized(current, said)
        return found

    try:
        for reader in _READERS:
            reader.normalize_authors = bounded
        yield
    finally:
        for reader in _READERS:
            reader.normalize_authors = normalized


def justext_of(tree: HtmlElement, url: str | None, language: str | None) -> Any:
    """Returns what jusText finds in ``tree``; nothing where it would look for too long."""
    paragraphs = sum(
        1 for element in tree.iter() if (element.text or "").strip() or (element.tail or "").strip()
    )
    return Element("body") if paragraphs > _MOST_PARAGRAPHS else TRY_JUSTEXT(tree, url, language)


def _effort(text: str) -> int:
    """Returns about how many characters trafilatura's expressions look at in the description ``text``.

    Each begins anew wherever its first word stands, and goes on to the end where the next one does not follow.
    """
    size = len(text)
    lists = len(_KINDS.findall(text)) * size
    marked = sum(len(found) * (1 + found.count("=")) for found in _UNCLOSED.findall(text))
    comments = text.count("<!--") * size
    effort: int = lists + marked + comments + text.count("<", text.rfind(">") + 1) * size
    try:
        json.loads(text, strict=False)
    except (ValueError, RecursionError):
        begun = sum(map(text.count, ('"author"', '"person"', '"Person"', '"publisher"', '"@type"')))
        effort += (1 + begun) * (1 + text.count('"name')) * size + text.count('\\"') * size
    return effort
