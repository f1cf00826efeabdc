"""Reads a request's body up to a limit, inflating gzip on the way, and never holds more than the limit.

Two bounds guard memory: one for each request, and one for all requests together, so that many slow or large
posts at once cannot add up. Inflating goes in 64 KiB steps: a bomb is noticed at the limit, not after it.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError

from streams.sources.gunzip import DamagedError, Gunzip
from streams.sources.problems import ProblemError

_STEP = 64 << 10
_TOGETHER_BYTES = 128 << 20
_PAUSE_SECONDS = 20.0
"""Longest pause between two pieces of a body, and how far one may be behind the least rate."""
_LEAST_BYTES_A_SECOND = 500
"""As Apache's mod_reqtimeout asks for by default: who sends a byte now and then would hold a connection for ever."""
RETRY_SECONDS = 5


class Bodies:
    """Reads bodies; counts the bytes that all requests hold."""

    def __init__(self, together: int = _TOGETHER_BYTES) -> None:
        """``together`` bounds the bytes held by all requests at once."""
        self._together = together
        self._held = 0

    @asynccontextmanager
    async def read(self, request: web.Request, limit: int) -> AsyncIterator[bytes]:
        """Gives the decoded body; its bytes count as held until the block ends.

        Raises:
            ProblemError: 413 past ``limit``, 415 for an unknown encoding, 400 for a damaged one, 408 for a
                body that stops coming, 503 when the requests together hold too much.
        """
        encoding = request.headers.get("Content-Encoding", "identity").strip().lower()
        if encoding not in ("identity", "gzip", "x-gzip"):
            raise ProblemError(
                415,
                "unsupported_encoding",
                f"Expected Content-Encoding gzip or none, got {encoding!r}.",
                headers={"Accept-Encoding": "gzip"},
            )
        declared = request.content_length
        if declared is not None and declared > limit:
            raise _too_large(limit, declared)
        held = 0
        parts: list[bytes] = []
        pieces = _pieces(request)
        source = _inflated(pieces) if encoding.endswith("gzip") else pieces
        try:
            async for part in source:
                if held + len(part) > limit:
                    raise _too_large(limit, None)
                if self._held + len(part) > self._together:
                    raise ProblemError(
                        503,
                        "too_many_requests_at_once",
                        f"Expected at most {self._together:,} bytes in all requests at once; try again.",
                        headers={"Retry-After": str(RETRY_SECONDS)},
                    )
                held += len(part)
                self._held += len(part)
                parts.append(part)
            yield b"".join(parts)
        finally:
            self._held -= held


async def _pieces(request: web.Request) -> AsyncIterator[bytes]:
    clock = asyncio.get_running_loop().time
    begun = clock()
    came = 0
    while True:
        behind = clock() - begun - came / _LEAST_BYTES_A_SECOND
        try:
            piece = await asyncio.wait_for(request.content.readany(), _PAUSE_SECONDS - max(0.0, behind))
        except TimeoutError:
            raise ProblemError(
                408,
                "slow_request",
                f"Expected the next part of the body within {_PAUSE_SECONDS:.0f} s, and {_LEAST_BYTES_A_SECOND} "
                f"bytes a second, got {came:,} bytes in {clock() - begun:.0f} s.",
                headers={"Connection": "close"},
            ) from None
        except (ConnectionError, HttpProcessingError, web.RequestPayloadError) as error:
            raise ProblemError(400, "incomplete", f"Expected the whole body: {error}.") from None
        if not piece:
            return
        came += len(piece)
        yield piece


async def _inflated(pieces: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    state = Gunzip(_STEP)
    try:
        async for piece in pieces:
            for part in state.feed(piece):
                yield part
    except DamagedError as error:
        raise _damaged(str(error)) from None
    if not state.ended:
        raise _damaged("it ends before its end")


def _damaged(what: str) -> ProblemError:
    return ProblemError(400, "damaged_gzip", f"Expected a body in gzip, as Content-Encoding says: {what}.")


def _too_large(limit: int, got: int | None) -> ProblemError:
    size = "more" if got is None else f"{got:,}"
    return ProblemError(
        413,
        "too_large",
        f"Expected a body of at most {limit:,} bytes (decompressed), got {size}.",
        errors=[{"reason": "too_large", "detail": f"At most {limit:,} bytes are taken at once."}],
    )
