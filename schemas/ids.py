"""Deterministic ids: the same article gives the same id on every worker, after every restart.

All are SHA-256 over length-prefixed parts, cut to 128 bits (32 hex digits): at 10^12 articles the chance of
one collision is about 10^-15 (birthday bound n^2 / 2^129).
"""

from __future__ import annotations

import hashlib
from urllib.parse import urlsplit, urlunsplit

import orjson

from schemas.article import Provenance, RawArticle

_PORTS = {"http": "80", "https": "443"}


def digest(*parts: str | bytes | None) -> str:
    """Returns 32 hex digits over ``parts``; None differs from the empty string, and no two splits collide."""
    state = hashlib.sha256()
    for part in parts:
        if part is None:
            state.update(b"-;")
            continue
        data = part.encode("utf-8", "surrogatepass") if isinstance(part, str) else part
        state.update(b"%d:" % len(data))
        state.update(data)
    return state.hexdigest()[:32]


def article_id(raw: RawArticle) -> str:
    """Returns the article's own id, else one derived from its url, else one from its content and title.

    A url that names no page without the site it was found on (``/a/1``, ``?id=1``, a blank) counts together with
    the source, and not at all where there is none: else the first articles of two sites were one.
    """
    if raw.id is not None:
        return raw.id
    if raw.url is not None and not _is_relative(raw.url):
        return digest("url", normal_url(raw.url))
    if raw.url is not None and raw.url.strip() and raw.source is not None:
        return digest("url of source", raw.source, raw.url.strip())
    return digest("content", raw.title, raw.content)


def _is_relative(url: str) -> bool:
    """Says whether ``url`` begins as a reference within a site does (RFC 3986, 4.2: no scheme, no authority)."""
    start = url.strip()
    return not start or (start[0] in "/.?#" and not start.startswith("//"))


def normal_url(url: str) -> str:
    """Returns ``url`` without what never changes the page.

    That is the letter case of scheme and host, the default port and the fragment (RFC 3986, 6.2.2 and
    6.2.3). A url that cannot be split is returned as it is.
    """
    try:
        parts = urlsplit(url.strip())
        port = parts.port
    except ValueError:
        return url
    host = (parts.hostname or "").lower()
    if ":" in host:
        host = f"[{host}]"
    if port is not None and str(port) != _PORTS.get(parts.scheme.lower()):
        host = f"{host}:{port}"
    return urlunsplit((parts.scheme.lower(), host, parts.path or "/", parts.query, "")).strip()


def input_digest(raw: RawArticle) -> str:
    """Returns the digest of everything the producer said; when babelwire received it plays no part."""
    return digest(
        raw.content,
        raw.content_type,
        raw.url,
        raw.source,
        raw.title,
        raw.published_at.isoformat() if raw.published_at else None,
        raw.fetched_at.isoformat() if raw.fetched_at else None,
        raw.language_hint,
        orjson.dumps(raw.metadata, option=orjson.OPT_SORT_KEYS),
    )


def event_id(event_type: str, article: str, revision: int, provenance: Provenance) -> str:
    """Returns the CloudEvents id of an article's event: equal for equal input and equal versions.

    A consumer that keys on it sees each event once, however often a worker had to publish it again.
    """
    return digest(
        event_type,
        article,
        str(revision),
        provenance.pipeline,
        provenance.input,
        orjson.dumps(provenance.stages),
        provenance.kb,
        provenance.model,
    )
