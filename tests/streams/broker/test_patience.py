"""While a broker does not answer, whoever waits for it is told: once, soon, and never when it does answer."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import pytest
import structlog

from schemas.errors import BrokerError
from streams.broker import kafka, patience
from streams.settings import Settings
from tests.pauses import pauses
from tests.streams.broker.silent import silent
from tests.streams.installation import Installation


@pytest.mark.lasts(25)
async def test_a_silent_broker_is_told_of_within_five_seconds_and_given_up() -> None:
    told: list[tuple[float, str]] = []
    async with pauses() as lost:
        with silent() as address:
            begun = time.monotonic()
            with (
                patience.telling(lambda what: told.append((time.monotonic() - begun, what))),
                pytest.raises(BrokerError, match=r"TimeoutError: no answer in \d\d s\. Start one"),
            ):
                async with kafka.admin(Settings(bootstrap_servers=address)):
                    pass
        [(seconds, what)] = told
        assert what == f"a Kafka broker at {address} (PLAINTEXT)"
        assert patience.TELL_SECONDS <= seconds < 5 + lost()
        assert time.monotonic() - begun < 30 + lost()


@pytest.mark.parametrize("opened", [kafka.consumer, kafka.producer, kafka.admin])
async def test_nobody_is_told_of_a_broker_that_answers(installation: Installation, opened: Any) -> None:
    told: list[str] = []
    with patience.telling(told.append):
        async with opened(installation.settings):
            await asyncio.sleep(patience.TELL_SECONDS + 0.2)
    assert told == []


async def test_a_server_says_it_in_its_log() -> None:
    with (
        structlog.testing.capture_logs() as lines,
        patience.waiting_for("a Kafka broker at kafka.example:9092"),
    ):
        await asyncio.sleep(patience.TELL_SECONDS + 0.2)
    assert lines == [
        {
            "event": "broker_does_not_answer",
            "log_level": "warning",
            "waiting_for": "a Kafka broker at kafka.example:9092",
        }
    ]
