"""Reads files, folders and standard input into articles: plain text, HTML, JSON Lines of RawArticle.

The form follows the name (``.txt``, ``.html``, ``.jsonl`` and kin, also before ``.gz`` or ``.zst``), else the
first bytes: ``{`` is JSON, a tag that opens a page is HTML (WHATWG MIME Sniffing, section 7.1), anything else
text. A text or HTML file is one article, and only its content is known: no title, source or url is made up. A
JSON file is one article a line; a single object spread over several lines is taken whole.

A file of another form (an archive, a feed, a PDF: :mod:`streams.sources.foreign`) is refused whole, with a
word on what to do.

Whatever the bytes are, each record comes out as a :class:`Ready` or a :class:`Refused`, not as an exception.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Literal

from schemas import codec
from schemas.article import RawArticle
from schemas.errors import BadInput, RejectReason, UsageError
from streams.sources.articles import KEEP_BYTES, Ready, Refused, ready, ready_json
from streams.sources.chunks import STDIN, UnreadableError, collected, lines, opened, split
from streams.sources.decoding import decode
from streams.sources.foreign import foreign

Form = Literal["text", "html", "json"]

UNREADABLE = "unreadable"
"""Reason of a :class:`Refused` that has no bytes: a file that cannot be opened, read or decompressed."""

UNSUPPORTED = "unsupported_form"
"""Reason of a :class:`Refused` that is no article, nor lines of articles: an archive, a feed, a PDF."""

_FORMS: dict[str, Form] = {
    ".txt": "text", ".text": "text",
    ".html": "html", ".htm": "html", ".xhtml": "html",
    ".json": "json", ".jsonl": "json", ".ndjson": "json",
}  # fmt: skip
_COMPRESSED = (".gz", ".zst", ".zstd")
_SNIFF_BYTES = 4096
_PAGE = re.compile(
    r"\s*(?:<\?xml[^>]*>\s*)?(?:<!--|<(?:!doctype\s+html|html|head|script|iframe|h1|div|font|table|a|style|title|b|body"
    r"|br|p|meta|article|section|main)[\s>/])",
    re.IGNORECASE,
)
_OBJECT = re.compile(r'\s*\{\s*(?:["}]|$)')
_UTF8_MARK = b"\xef\xbb\xbf"
_MANY_OBJECTS = (
    "Expected text, HTML or JSON Lines, got JSON objects over several lines each: one article a line is taken, "
    "`jq -c . FILE` makes lines of them."
)


@dataclass(frozen=True, slots=True)
class Input:
    """One file to read, or standard input."""

    name: str
    """As it is shown to people."""
    path: Path | None
    """None for standard input."""

    def size(self) -> int | None:
        """Returns its size in bytes (compressed), or None when that cannot be known."""
        try:
            return self.path.stat().st_size if self.path is not None and self.path.is_file() else None
        except OSError:
            return None


def inputs(paths: Sequence[str]) -> Iterator[Input | Refused]:
    """Yields the files that ``paths`` name, in order; folders are searched by name, hidden files left out.

    Raises:
        UsageError: at once, when a path does not exist or standard input (``-``) is named twice.
    """
    missing = [path for path in paths if path != STDIN and not Path(path).exists()]
    if missing:
        raise UsageError(f"Expected files or folders, found none at {', '.join(map(repr, missing))}.")
    if list(paths).count(STDIN) > 1:
        raise UsageError("Expected '-' (standard input) once.")
    return chain.from_iterable(_found(path) for path in paths)


def read(
    found: Iterable[Input | Refused], max_bytes: int, on_read: Callable[[int], None] = lambda size: None
) -> Iterator[Ready | Refused]:
    """Yields every article of the files, in order.

    Args:
        found: what :func:`inputs` gives.
        max_bytes: most that an article may have as JSON (``max_article_bytes``).
        on_read: told of the bytes read from the files, as they are read.
    """
    for item in found:
        if isinstance(item, Refused):
            yield item
            continue
        try:
            yield from _articles(item, max_bytes, on_read)
        except UnreadableError as error:
            yield Refused(where=item.name, reason=UNREADABLE, detail=str(error))


def form_of(name: str, start: str) -> Form:
    """Says what a file of this ``name`` that begins with the text ``start`` holds."""
    path = Path(name)
    if path.suffix.lower() in _COMPRESSED:
        path = path.with_suffix("")
    if known := _FORMS.get(path.suffix.lower()):
        return known
    if _OBJECT.match(start):
        return "json"
    return "html" if _PAGE.match(start) else "text"


def _start(head: bytes) -> str:
    try:
        return decode(head[:_SNIFF_BYTES])
    except BadInput:
        return head[:_SNIFF_BYTES].decode("latin-1").removeprefix("ï»¿")


def _found(path: str) -> Iterator[Input | Refused]:
    if path == STDIN:
        yield Input("standard input", None)
        return
    if not Path(path).is_dir():
        yield Input(path, Path(path))
        return
    closed: list[Refused] = []

    def on_error(error: OSError) -> None:
        detail = f"Expected a readable folder: {error.strerror or error}."
        closed.append(Refused(where=str(error.filename), reason=UNREADABLE, detail=detail))

    for folder, folders, names in os.walk(path, onerror=on_error):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            file = Path(folder) / name
            # A socket or a pipe that lies in a folder is no article, and opening it may wait for ever.
            if not name.startswith(".") and file.is_file():
                yield Input(str(file), file)
        yield from closed
        closed.clear()
    yield from closed


def _articles(item: Input, max_bytes: int, on_read: Callable[[int], None]) -> Iterator[Ready | Refused]:
    chunks = opened(item.path, on_read)
    head, chunks = _head(chunks)
    start = _start(head)
    form = form_of("" if item.path is None else item.name, start)
    if not head and (form == "json" or item.path is None):
        return  # no line, no article: an empty JSON Lines file, or pipe, is a feed on a quiet day
    if (other := foreign(head, start, json=form == "json", page=_PAGE.match(start) is not None)) is not None:
        detail = f"Expected text, HTML or JSON Lines, got {other}."
        yield Refused(where=item.name, reason=UNSUPPORTED, detail=detail)
    elif form == "json":
        yield from _json(item, chunks, max_bytes)
    else:
        yield _document(item, chunks, max_bytes, html=form == "html")


def _head(chunks: Iterator[bytes]) -> tuple[bytes, Iterator[bytes]]:
    """Returns enough of the start to tell the form: a line that is not blank, of XML and of a page 4 KiB."""
    return split(chunks, _tells)


def _tells(head: bytes) -> bool:
    begun = head.lstrip()
    return len(head) >= _SNIFF_BYTES or (b"\n" in begun and not begun.startswith(b"<"))


def _each_line(item: Input, chunks: Iterator[bytes], max_bytes: int) -> Iterator[Ready | Refused]:
    for number, (line, size) in enumerate(lines(chunks, KEEP_BYTES), start=1):
        where = f"{item.name}:{number}"
        if line is None:
            yield Refused(where=where, reason=RejectReason.TOO_LARGE, detail=_too_large(size, max_bytes))
            continue
        data = line.removeprefix(_UTF8_MARK) if number == 1 else line
        if data.strip():
            yield _checked(data, line, where, max_bytes)


def _json(item: Input, chunks: Iterator[bytes], max_bytes: int) -> Iterator[Ready | Refused]:
    """A file of JSON Lines, or of one object over several lines: its beginning tells."""
    start, chunks = _first_line(chunks)
    if not start.startswith((b"{", b"[")) or _parses(start):
        yield from _each_line(item, chunks, max_bytes)
        return
    whole, ended = collected(chunks, KEEP_BYTES)
    if ended and _parses(whole):
        yield _checked(whole.removeprefix(_UTF8_MARK), whole, item.name, max_bytes)
    elif _is_many(whole[:max_bytes]):  # the first of them is an article, so it ends within
        yield Refused(where=item.name, reason=UNSUPPORTED, detail=_MANY_OBJECTS)
    else:
        yield from _each_line(item, chain([whole], chunks), max_bytes)


def _is_many(data: bytes) -> bool:
    """Says whether one object over several lines is followed by another."""
    text = data.removeprefix(_UTF8_MARK).decode(errors="replace").lstrip()
    try:
        _, end = json.JSONDecoder().raw_decode(text)
    except (ValueError, RecursionError):
        return False
    return "\n" in text[:end] and text[end:].lstrip().startswith("{")


def _first_line(chunks: Iterator[bytes]) -> tuple[bytes, Iterator[bytes]]:
    """Returns the first line that is not blank, as far as one article could reach, and all chunks."""
    taken: list[bytes] = []
    size = 0
    begun = False
    for chunk in chunks:
        taken.append(chunk)
        size += len(chunk)
        line = chunk if begun else chunk.removeprefix(_UTF8_MARK).lstrip()
        begun = begun or bool(line)
        if b"\n" in line or size > KEEP_BYTES:
            break
    head = b"".join(taken)
    return head.removeprefix(_UTF8_MARK).lstrip().partition(b"\n")[0], chain([head], chunks)


def _parses(data: bytes) -> bool:
    try:
        codec.parse(data.removeprefix(_UTF8_MARK))
    except BadInput:
        return False
    return True


def _checked(data: bytes, original: bytes, where: str, max_bytes: int) -> Ready | Refused:
    try:
        return ready_json(data, where, max_bytes)
    except BadInput as error:
        return Refused(where=where, reason=error.reason, detail=error.detail, original=original)


def _document(item: Input, chunks: Iterator[bytes], max_bytes: int, *, html: bool) -> Ready | Refused:
    data, ended = collected(chunks, KEEP_BYTES)
    if not ended:
        size = len(data) + sum(len(chunk) for chunk in chunks)
        return Refused(where=item.name, reason=RejectReason.TOO_LARGE, detail=_too_large(size, max_bytes))
    original = data
    try:
        text = decode(data, html=html)
        if not text.strip():
            raise BadInput(RejectReason.INVALID_FIELD, "Expected text, got an empty file.")
        article = RawArticle(content=text, content_type="text/html" if html else "text/plain")
        # From here on it is an article: kept in the form the raw topic takes, so that a redrive can send it.
        original = codec.encode(article)
        return ready(article, item.name, max_bytes)
    except BadInput as error:
        kept = original if len(original) <= KEEP_BYTES else None
        return Refused(where=item.name, reason=error.reason, detail=error.detail, original=kept)


def _too_large(size: int, max_bytes: int) -> str:
    return f"Expected an article of at most {max_bytes:,} bytes, got {size:,}; its bytes are not kept."
