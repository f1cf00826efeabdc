"""What each node of a cluster says of it, asked one by one: an admin client would pick one node itself."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from aiokafka.conn import create_conn
from aiokafka.errors import KafkaError
from aiokafka.protocol.metadata import MetadataRequest

from tests.ports import HOST


@dataclass(frozen=True, slots=True)
class View:
    """What one node says of the cluster."""

    brokers: frozenset[int]
    partitions: tuple[tuple[str, int, frozenset[int], frozenset[int]], ...]
    """(topic-partition, leader, replicas, in-sync replicas)"""


async def views(ports: Sequence[int]) -> list[View | str]:
    """Returns what each node says, or why it says nothing."""
    return list(await asyncio.gather(*(view(port) for port in ports)))


async def view(port: int) -> View | str:
    """Asks the one node at `port`, which an admin client would not do: it picks a node. Or says why not."""
    try:
        connection = await create_conn(HOST, port, request_timeout_ms=5000)
        try:
            answer = await connection.send(MetadataRequest(None))
        finally:
            await connection.close()
    except (KafkaError, OSError, TimeoutError) as error:
        return repr(error)
    return View(
        brokers=frozenset(broker[0] for broker in answer.brokers),
        partitions=tuple(
            (f"{topic}-{number}", leader, frozenset(replicas), frozenset(isr))
            for _, topic, _, partitions in answer.topics
            for _, number, leader, replicas, isr, *_ in partitions
        ),
    )
