"""Where records lie: the partitions of topics, and how far a consumer group has come in them.

**Topics are listed, never named,** before anything is asked of them: the embedded broker, and a Kafka with
``auto.create.topics.enable``, creates a topic that a client asks about by name.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import (
    GroupCoordinatorNotAvailableError,
    GroupLoadInProgressError,
    KafkaError,
    NotCoordinatorForGroupError,
    for_code,
)
from aiokafka.partitioner import DefaultPartitioner
from aiokafka.protocol.commit import OffsetFetchRequest
from tenacity import AsyncRetrying, retry_if_exception_type, stop_after_delay, wait_fixed

from schemas.errors import BrokerError
from streams.broker import kafka
from streams.settings import Settings

Partition = tuple[str, int]
"""Topic (full name) and partition."""

_COORDINATOR_SECONDS = 20.0
_NO_COORDINATOR_YET = (
    GroupCoordinatorNotAvailableError,
    GroupLoadInProgressError,
    NotCoordinatorForGroupError,
)

_partitioner = DefaultPartitioner()


async def partitions(settings: Settings, topics: Iterable[str]) -> dict[str, tuple[int, ...]]:
    """Returns the partitions of those ``topics`` (full names) that exist and that we may see."""
    wanted = set(topics)
    async with kafka.admin(settings) as client:
        with kafka.in_words(settings):
            found = await client.describe_topics()
    return {
        topic["topic"]: tuple(sorted(item["partition"] for item in topic["partitions"]))
        for topic in found
        if topic["topic"] in wanted and topic["partitions"]
    }


async def existing(settings: Settings, topics: Iterable[str]) -> dict[str, tuple[int, ...]]:
    """Returns the partitions of ``topics``; raises :class:`BrokerError` when one is missing."""
    wanted = tuple(topics)
    found = await partitions(settings, wanted)
    if missing := [topic for topic in wanted if topic not in found]:
        raise BrokerError(
            f"Expected the topic {', '.join(missing)} at {settings.bootstrap_servers}, found none of that "
            "name. `babelwire topics apply` creates it; `babelwire doctor` tells a missing topic from a "
            "missing permission."
        )
    return found


def partition_of(key: bytes, numbers: Collection[int]) -> int:
    """Returns the partition that records with ``key`` go to (murmur2, as every client of ours partitions)."""
    chosen: int = _partitioner(key, sorted(numbers), sorted(numbers))
    return chosen


def patiently() -> AsyncRetrying:
    """Tries again while a group's coordinator is being found: on a new cluster it takes some seconds."""
    return AsyncRetrying(
        retry=retry_if_exception_type(_NO_COORDINATOR_YET),
        wait=wait_fixed(0.2),
        stop=stop_after_delay(_COORDINATOR_SECONDS),
        reraise=True,
    )


async def committed(settings: Settings, group: str, wanted: Iterable[Partition]) -> dict[Partition, int]:
    """Returns the offsets that ``group`` (full name) has committed; partitions without one are left out.

    Raises:
        BrokerError: the group's offsets cannot be read, for example for want of permission.
    """
    asked: dict[str, list[int]] = defaultdict(list)
    for topic, number in wanted:
        asked[topic].append(number)
    if not asked:
        return {}
    async with kafka.admin(settings) as client:
        try:
            async for attempt in patiently():
                with attempt:
                    found = await _offsets(client, group, asked)
        except KafkaError as error:
            raise BrokerError(
                f"Expected to read the offsets of the consumer group {group}: {type(error).__name__}: "
                f"{error}. `babelwire doctor` looks closer."
            ) from None
    return {partition: offset for partition, offset in found.items() if offset >= 0}


async def _offsets(
    client: AIOKafkaAdminClient, group: str, asked: dict[str, list[int]]
) -> dict[Partition, int]:
    """Asks the group's coordinator; -1 where nothing was committed.

    The client's own method does not look at the error of a whole group: one whose coordinator has moved, or still
    loads, would have committed nothing (aiokafka 0.14.0).
    """
    coordinator = await client.find_coordinator(group)
    answer = await client._send_request(OffsetFetchRequest(group, list(asked.items())), coordinator)
    found = {}
    errors = [getattr(answer, "error_code", 0)]
    for topic, partitions in answer.topics:
        for number, offset, _, error in partitions:
            found[topic, number] = offset
            errors.append(error)
    if code := next(filter(None, errors), 0):
        raise for_code(code)(group)
    return found
