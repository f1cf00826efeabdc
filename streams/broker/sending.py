"""Sends what an operator asks for: each record once, with the broker's answer to each.

The stages publish by :mod:`streams.broker.publish`, which goes on until all is confirmed; here whoever asked is told
what was not taken.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from typing import Any

from aiokafka.errors import KafkaError

from schemas.errors import BrokerError
from schemas.outcomes import Position
from streams.broker import kafka
from streams.settings import Settings


async def send(
    settings: Settings, producer: Any, sends: Iterable[Mapping[str, Any]]
) -> list[Position | BrokerError]:
    """Sends records and waits for the broker's confirmation of each.

    Args:
        settings: where the broker is.
        producer: a started one.
        sends: arguments of its ``send``.

    Returns:
        Where each record lies, or why it does not, in order.
    """
    futures: list[Any] = []
    for arguments in sends:
        try:
            futures.append(await producer.send(**arguments))
        except KafkaError as error:
            futures.append(_failed(error))
    results = await asyncio.gather(*futures, return_exceptions=True)
    placed: list[Position | BrokerError] = []
    for result in results:
        try:
            with kafka.in_words(settings):
                if isinstance(result, BaseException):
                    raise result
        except BrokerError as error:
            placed.append(error)
        else:
            placed.append(Position(topic=result.topic, partition=result.partition, offset=result.offset))
    return placed


async def _failed(error: KafkaError) -> None:
    raise error
