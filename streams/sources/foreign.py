"""Tells by its first bytes a file that is no article and no lines of articles, and says what to do with it.

Archives, feeds and documents of word processors would else be sent as an article of rubbish each, or be refused for
a byte in their middle. Binary ones are told by their signatures (PRONOM and each format's specification),
XML by its root element: one that is not a page's is a feed, a sitemap or a news agency's format.
"""

from __future__ import annotations

import re

_SIGNATURES = tuple(
    (re.compile(signature, re.DOTALL), what, advice)
    for signature, what, advice in (
        (rb"PK(?:\x03\x04|\x05\x06)", "a ZIP archive (or an office document)", "unpack it first"),
        (rb"7z\xbc\xaf\x27\x1c", "a 7z archive", "unpack it first"),
        (rb"Rar!\x1a\x07", "a RAR archive", "unpack it first"),
        (rb".{257}ustar", "a tar archive", "unpack it first"),
        (rb"\xfd7zXZ\x00", "xz data", "`xz -dc FILE | babelwire ingest -`"),
        (rb"BZh[1-9](?:1AY&SY|\x17rE8P\x90)", "bzip2 data", "`bzip2 -dc FILE | babelwire ingest -`"),
        (rb"\x1f\x8b|\x28\xb5\x2f\xfd", "data that was packed twice", "unpack it once"),
        (rb"%PDF-", "a PDF", "take its text out first"),
        (rb"\{\\rtf", "rich text", "take its text out first"),
        (rb"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an office document", "take its text out first"),
        (rb"WARC/\d\.\d+\r?\n", "a WARC archive", "give each of its pages as an article, with its url"),
    )
)
"""Bytes that a file begins with, what they tell, what to do."""
_ROOT = re.compile(
    r"\s*+(?P<declared><\?xml\s[^>]*+>)?+(?:\s++|<\?[^>]*+>|<!--.*?-->|<!DOCTYPE[^>\[]*+>)*+"
    r"<(?P<root>[A-Za-z_][\w.:-]*+)[\s/>]",
    re.DOTALL,
)
"""Nothing in it is tried twice: a hostile beginning costs one pass."""
_FEEDS = {"rss": "an RSS feed", "rdf:rdf": "an RSS feed", "feed": "an Atom feed"}
_SITEMAPS = {"urlset": "a sitemap", "sitemapindex": "a sitemap"}
_ARRAY = re.compile(r'\s*\[\s*\{\s*"')
_WIDE_MARKS = (b"\xff\xfe", b"\xfe\xff")
"""Byte order marks of UTF-16; UTF-32's little-endian one begins with the first."""


def foreign(head: bytes, start: str, *, json: bool, page: bool) -> str | None:
    """Returns what the file is and what to do with it, or None where it may hold articles.

    Args:
        head: its first bytes, decompressed.
        start: the same as text.
        json: whether its name or its beginning says JSON.
        page: whether it begins as an HTML page does.
    """
    for signature, what, advice in _SIGNATURES:
        if signature.match(head):
            return f"{what}: {advice}"
    if json and head.startswith(_WIDE_MARKS):
        return "JSON in UTF-16: JSON is UTF-8, `iconv -f UTF-16 -t UTF-8 FILE` makes it so"
    if json and "\0" in start and not start.lstrip().startswith("{"):
        return "binary data under a name for JSON: give it the name of what it is"
    if _ARRAY.match(start):
        return "a JSON array: one article a line is taken, `jq -c '.[]' FILE` makes lines of it"
    return None if page else _xml(start)


def _xml(start: str) -> str | None:
    found = _ROOT.match(start)
    if found is None:
        return None
    root = found["root"]
    if what := _FEEDS.get(root.lower()):
        return f"{what}: give each of its articles as a line of JSON, with its url and content"
    if what := _SITEMAPS.get(root.lower()):
        return f"{what}: give each page it names as an article"
    if found["declared"] and root.lower() != "html":
        return f"an XML document (<{root}>): give its article as a line of JSON"
    return None
