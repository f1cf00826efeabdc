"""Gzip (RFC 1952) as it comes in pieces, of one member or of several, inflated in bounded steps."""

from __future__ import annotations

import zlib
from collections.abc import Iterator

_GZIP = 31
"""What zlib calls gzip with its largest window."""


class DamagedError(Exception):
    """It is no gzip; the text is zlib's."""


class Gunzip:
    """Inflates one file or body.

    A member that ends may be followed by another, as ``cat a.gz b.gz`` writes them, or by the zero bytes that some
    archivers pad with.
    """

    def __init__(self, step: int) -> None:
        """``step`` is the most bytes that come out at once."""
        self._step = step
        self._state = zlib.decompressobj(wbits=_GZIP)
        self._inside = True

    def feed(self, data: bytes) -> Iterator[bytes]:
        """Yields what the next piece of the input gives.

        Raises:
            DamagedError: it is no gzip.
        """
        more = False
        while data or more:
            if not self._inside:
                data = data.lstrip(b"\0")
                if not data:
                    return
                self._state = zlib.decompressobj(wbits=_GZIP)
                self._inside = True
            try:
                out = self._state.decompress(data, self._step)
            except zlib.error as error:
                raise DamagedError(str(error)) from None
            if out:
                yield out
            if self._state.eof:
                data, more, self._inside = self._state.unused_data, False, False
            else:
                data, more = self._state.unconsumed_tail, len(out) == self._step

    @property
    def ended(self) -> bool:
        """Says whether the input may end here: no member is cut short, and there was one."""
        return not self._inside
