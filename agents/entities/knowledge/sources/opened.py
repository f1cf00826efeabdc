"""Lines of a large file that an operator supplies, plain or compressed, read as a stream."""

from __future__ import annotations

import bz2
import gzip
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, cast

import zstandard

from agents.entities.knowledge.compile import Told

_EVERY = 4096
"""Lines between two words on progress."""


def lines(path: Path, told: Told) -> Iterator[bytes]:
    """Yields the lines of ``path`` (``.gz``, ``.bz2``, ``.zst`` or plain); tells the bytes read of the file.

    Raises:
        ValueError: the file ends early or is no such file; names it and the place.
    """
    size = path.stat().st_size
    number = 0
    with path.open("rb") as raw:
        try:
            for number, line in enumerate(_opened(path, raw), 1):
                if not number % _EVERY:
                    told(f"reading {path.name}", raw.tell(), size)
                yield line
        except (EOFError, OSError, zlib.error, zstandard.ZstdError) as error:
            raise ValueError(f"{path} cannot be read beyond line {number:,}: {error}") from error
    told(f"reading {path.name}", size, size)


def _opened(path: Path, raw: BinaryIO) -> BinaryIO:
    match path.suffix:
        case ".gz":
            return cast(BinaryIO, gzip.GzipFile(fileobj=raw))
        case ".bz2":
            return cast(BinaryIO, bz2.BZ2File(raw))
        case ".zst":
            import io

            reader = zstandard.ZstdDecompressor().stream_reader(raw, read_across_frames=True, closefd=False)
            return cast(BinaryIO, io.BufferedReader(reader, 1 << 20))
        case _:
            return raw
