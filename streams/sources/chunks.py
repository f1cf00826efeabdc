"""Files as chunks of bytes, decompressed on the way and cut into lines, in constant memory.

A file is compressed when its first bytes say so (gzip, RFC 1952; Zstandard, RFC 8878), whatever its name is.
No chunk grows with the file, and no compressed one can blow up memory: gzip is inflated in bounded steps, and
Zstandard is fed 1 KiB at a time, which expands to 32 MiB at most (a 4-byte block to 128 KiB).
"""

from __future__ import annotations

import io
import sys
from collections.abc import Callable, Iterable, Iterator
from itertools import chain
from pathlib import Path
from typing import cast

import zstandard

from streams.sources.gunzip import DamagedError, Gunzip

CHUNK_BYTES = 64 << 10
_ZSTD_STEP = 1 << 10
_ZSTD_WINDOW = 128 << 20
"""Largest window taken: the limit of the zstd program without ``--long=31``."""
_GZIP_MAGIC = b"\x1f\x8b"
_ZSTD_MAGIC = b"\x28\xb5\x2f\xfd"
_MAGIC_BYTES = 4

STDIN = "-"


class UnreadableError(Exception):
    """The input cannot be opened, read to its end or decompressed; the text says why."""


def opened(path: Path | None, on_read: Callable[[int], None]) -> Iterator[bytes]:
    """Yields the decompressed chunks of a file, or of standard input when ``path`` is None.

    Args:
        path: the file.
        on_read: told the number of bytes read from the file itself, before decompression.

    Raises:
        UnreadableError: while iterating.
    """
    head, rest = split(_raw(path, on_read), lambda taken: len(taken) >= _MAGIC_BYTES)
    if head.startswith(_GZIP_MAGIC):
        return _gunzip(rest)
    if head.startswith(_ZSTD_MAGIC):
        return _unzstd(rest)
    return rest


def split(chunks: Iterator[bytes], enough: Callable[[bytes], bool]) -> tuple[bytes, Iterator[bytes]]:
    """Returns the first bytes, as many as are ``enough`` or all, and all chunks from the start."""
    head = b""
    while not enough(head) and (chunk := next(chunks, b"")):
        head += chunk
    return head, chain([head] if head else [], chunks)


def lines(chunks: Iterable[bytes], keep: int) -> Iterator[tuple[bytes | None, int]]:
    """Yields each line without its line feed, and its size in bytes; None for one longer than ``keep``.

    The bytes of an overlong line are counted and let go, so memory stays bounded by ``keep``.
    """
    pending: list[bytes] = []
    size = 0
    for chunk in chunks:
        *whole, rest = chunk.split(b"\n")
        for piece in whole:
            if not size:
                yield (piece, len(piece)) if len(piece) <= keep else (None, len(piece))
                continue
            size += len(piece)
            pending.append(piece)
            yield (b"".join(pending), size) if size <= keep else (None, size)
            pending, size = [], 0
        if rest:
            size += len(rest)
            if size <= keep:
                pending.append(rest)
            else:
                pending = []
    if size:
        yield (b"".join(pending), size) if size <= keep else (None, size)


def collected(chunks: Iterator[bytes], keep: int) -> tuple[bytes, bool]:
    """Returns all bytes and True, or the first (``keep`` or a chunk more) and False when there are more."""
    parts: list[bytes] = []
    size = 0
    for chunk in chunks:
        parts.append(chunk)
        size += len(chunk)
        if size > keep:
            return b"".join(parts), False
    return b"".join(parts), True


def _raw(path: Path | None, on_read: Callable[[int], None]) -> Iterator[bytes]:
    try:
        if path is None:
            # read1 gives what is there: a slow writer's lines are taken as they come.
            stdin = cast("io.BufferedReader", sys.stdin.buffer)
            while chunk := stdin.read1(CHUNK_BYTES):
                on_read(len(chunk))
                yield chunk
            return
        with path.open("rb", buffering=0) as file:
            while chunk := file.read(CHUNK_BYTES):
                on_read(len(chunk))
                yield chunk
    except OSError as error:
        raise UnreadableError(f"Expected a readable file: {error.strerror or error}.") from None


def _gunzip(chunks: Iterator[bytes]) -> Iterator[bytes]:
    state = Gunzip(CHUNK_BYTES)
    try:
        for chunk in chunks:
            yield from state.feed(chunk)
    except DamagedError as error:
        raise UnreadableError(f"Expected gzip data: {error}.") from None
    if not state.ended:
        raise UnreadableError("Expected the end of the gzip data, the file ends before: it is cut short.")


def _unzstd(chunks: Iterator[bytes]) -> Iterator[bytes]:
    decompressor = zstandard.ZstdDecompressor(max_window_size=_ZSTD_WINDOW)
    state = decompressor.decompressobj(write_size=16 << 10)
    inside = False
    for chunk in chunks:
        gathered: list[bytes] = []
        size = 0
        at = 0
        while at < len(chunk):
            inside = True
            step = chunk[at : at + _ZSTD_STEP]
            try:
                out = state.decompress(step)
            except zstandard.ZstdError as error:
                raise UnreadableError(f"Expected Zstandard data: {error}.") from None
            at += len(step)
            if state.eof:
                at -= len(state.unused_data)
                state = decompressor.decompressobj(write_size=16 << 10)
                inside = False
            gathered.append(out)
            size += len(out)
            if size >= CHUNK_BYTES:
                yield b"".join(gathered)
                gathered, size = [], 0
        if size:
            yield b"".join(gathered)
    if inside:
        raise UnreadableError(
            "Expected the end of the Zstandard data, the file ends before: it is cut short."
        )
