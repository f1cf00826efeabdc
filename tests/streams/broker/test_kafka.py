"""Clients end in words when the broker goes away while they are stopped, and a cancelled task stays cancelled."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from schemas.errors import BrokerError
from streams.broker import kafka
from tests.streams.installation import Installation

CLIENTS = [(kafka.consumer, "stop"), (kafka.producer, "stop"), (kafka.admin, "close")]


@pytest.mark.parametrize(("opened", "stop"), CLIENTS, ids=["consumer", "producer", "admin"])
async def test_a_client_that_is_stopped_while_it_waits_is_no_cancelled_task(
    installation: Installation, opened: Any, stop: str
) -> None:
    async def use() -> None:
        async with opened(installation.settings) as client:
            end = getattr(client, stop)

            async def ended_while_it_waits() -> None:
                await end()
                raise asyncio.CancelledError  # what aiokafka lets through of a request's task that it ended

            setattr(client, stop, ended_while_it_waits)

    with pytest.raises(BrokerError, match="the client was stopped while it waited"):
        await use()


@pytest.mark.parametrize("opened", [opened for opened, _ in CLIENTS])
async def test_a_cancelled_task_stays_cancelled(installation: Installation, opened: Any) -> None:
    entered = asyncio.Event()

    async def use() -> None:
        async with opened(installation.settings):
            entered.set()
            await asyncio.Event().wait()

    using = asyncio.create_task(use())
    await entered.wait()
    using.cancel()
    with pytest.raises(asyncio.CancelledError):
        await using
