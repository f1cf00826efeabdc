"""Servers that are stopped at the end."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest

from streams.broker.embedded import EmbeddedBroker
from streams.sources.server import serve
from tests.streams.installation import Installation
from tests.streams.sources.serving import Server, Start


@pytest.fixture
async def start() -> AsyncIterator[Start]:
    """Starts servers for installations; they are stopped at the end."""
    async with contextlib.AsyncExitStack() as stack:

        async def begin(installation: Installation, **settings: Any) -> Server:
            changed = dataclasses.replace(installation.settings, http_port=0, **settings)
            stop = asyncio.Event()
            address: asyncio.Future[str] = asyncio.get_running_loop().create_future()
            task = asyncio.create_task(serve(changed, stop=stop, started=address.set_result))
            await asyncio.wait((task, address), return_when=asyncio.FIRST_COMPLETED)  # type: ignore[type-var]
            if task.done():
                await task
            session = await stack.enter_async_context(aiohttp.ClientSession())

            async def end() -> None:
                stop.set()
                await task

            stack.push_async_callback(end)
            return Server(await address, session, installation, stop, task)

        yield begin


@pytest.fixture
async def server(start: Start, embedded: EmbeddedBroker) -> Server:
    """A server on topics of its own on the embedded broker."""
    return await start(await Installation.create(embedded.bootstrap_servers))
