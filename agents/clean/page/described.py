"""Who wrote an article, as its page describes it in JSON-LD (schema.org).

Trafilatura reads the same description, but takes the stops out of names (``Ana R Rusk``), parts them at commas
and leaves out most organisations, so the names are read here as they stand.
"""

from __future__ import annotations

import html
import json
import re
from collections import deque
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from lxml.html import HtmlElement

from agents.clean.residue.labels import names_signed

_LONGEST = 400_000
"""Characters of a description that is read."""
_MOST = 2_000
"""Parts of a description that are looked at."""
_MOST_AUTHORS = 20
_NAME = (2, 80)
"""Characters of a name, at least and at most."""
_ARTICLE = re.compile(r"(?:Article|Posting|Report)$")
_ADDRESS = re.compile(r"://|@|^www\.")


def described_authors(tree: HtmlElement) -> tuple[tuple[str, ...], bool]:
    """Returns the authors that the page's first described article has, and whether one of them is a person."""
    for script in tree.iter("script"):
        # the type first: other scripts are megabytes, and the memory for their text is not given back
        text = (script.text or "") if "ld+json" in (script.get("type") or "") else ""
        if '"author"' not in text or len(text) > _LONGEST:
            continue
        with suppress(ValueError, RecursionError):
            for node in _nodes(json.loads(text, strict=False)):
                if _is_article(node) and (said := list(_said(node.get("author")))):
                    names = [name for written, _ in said[:_MOST_AUTHORS] for name in names_signed(written)]
                    return tuple(dict.fromkeys(names)), any(person for _, person in said)
    return (), False


def _nodes(described: Any) -> Iterator[dict[str, Any]]:
    """Yields the objects of a description, outer ones first."""
    waiting = deque([described])
    for _ in range(_MOST):
        if not waiting:
            return
        item = waiting.popleft()
        if isinstance(item, dict):
            yield item
            waiting.extend(item.values())
        elif isinstance(item, list):
            waiting.extend(item)


def _is_article(node: dict[str, Any]) -> bool:
    kinds = node.get("@type")
    return any(
        isinstance(kind, str) and _ARTICLE.search(kind)
        for kind in (kinds if isinstance(kinds, list) else [kinds])
    )


def _said(author: Any) -> Iterator[tuple[str, bool]]:
    """Yields each name under ``author``, and whether it is said to be a person's."""
    for item in author if isinstance(author, list) else [author]:
        names = item.get("name") if isinstance(item, dict) else item
        for name in names if isinstance(names, list) else [names]:
            text = " ".join(html.unescape(name).split()) if isinstance(name, str) else ""
            if _NAME[0] <= len(text) <= _NAME[1] and not _ADDRESS.search(text):
                yield text, not (isinstance(item, dict) and "Organization" in str(item.get("@type")))
