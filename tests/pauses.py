"""How long the machine stood still: what promises of seconds are measured against, beside the clock."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

_TICK = 0.05
_USUAL = 0.05
"""Seconds that a tick may come late without anything the matter."""


@asynccontextmanager
async def pauses() -> AsyncIterator[Callable[[], float]]:
    """Gives the seconds that this process had no processor since the block began, as far as its loop noticed."""
    lost = 0.0

    async def tick() -> None:
        nonlocal lost
        while True:
            begun = time.monotonic()
            await asyncio.sleep(_TICK)
            lost += max(0.0, time.monotonic() - begun - _TICK - _USUAL)

    ticking = asyncio.create_task(tick())
    try:
        yield lambda: lost
    finally:
        ticking.cancel()
