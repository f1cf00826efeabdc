"""Gzip (RFC 1952) as it comes in pieces, of one member or of several, inflated in bounded steps."""

from __future__ import annotations

import zlib
from collections.abc import Iterator

_GZIP = 31
"""What zlib calls gzip with its largest window."""
_MAGIC = b"\x1f\x8b"


class DamagedError(Exception):
    """It is no gzip, or not whole; the text says what is wrong with it, inside a member in zlib's words."""


class Gunzip:
    """Inflates one file or body.

    A member that ends may be followed by another, as ``cat a.gz b.gz`` writes them, or by the zero bytes that some
    archivers pad with.
    """

    def __init__(self, step: int) -> None:
        """``step`` is the most bytes that come out at once."""
        self._step = step
        self._state = zlib.decompressobj(wbits=_GZIP)
        self._inside = False
        self._members = 0
        self._begun = b""
        """What may be the first bytes of a member: too few yet to say."""

    def feed(self, data: bytes) -> Iterator[bytes]:
        """Yields what the next piece of the input gives.

        Raises:
            DamagedError: it is no gzip.
        """
        more = False
        while data or more:
            if not self._inside:
                data = self._begun + (data.lstrip(b"\0") if self._members and not self._begun else data)
                self._begun = data if len(data) < len(_MAGIC) and _MAGIC.startswith(data) else b""
                if not data or self._begun:
                    return
                if not data.startswith(_MAGIC):
                    raise DamagedError(
                        "what follows its end is neither more of it nor zero bytes"
                        if self._members
                        else "it does not begin like gzip"
                    )
                self._state = zlib.decompressobj(wbits=_GZIP)
                self._inside = True
                self._members += 1
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
        return self._members > 0 and not self._inside and not self._begun
