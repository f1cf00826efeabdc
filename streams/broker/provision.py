"""Makes the cluster's topics what the table says: a plan first, then the plan carried out.

Nothing is ever deleted or shrunk, and partitions are only added when that is asked for by name: new
partitions change where a key goes, so revisions of one article that are under way may overtake each other.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from aiokafka.admin import AIOKafkaAdminClient, NewPartitions, NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.client import AIOKafkaClient
from aiokafka.errors import (
    IncompatibleBrokerVersion,
    KafkaConnectionError,
    KafkaError,
    NodeNotReadyError,
    RequestTimedOutError,
    TopicAlreadyExistsError,
    for_code,
)
from aiokafka.protocol.admin import DescribeConfigsRequest
from aiokafka.protocol.metadata import MetadataRequest

from agents.pipeline import STAGES, topics
from agents.stage import Stage
from schemas.errors import BrokerError
from schemas.topics import NAMESPACE, Topic
from streams.broker import kafka, layout
from streams.settings import Settings

_VISIBLE_SECONDS = 60.0
"""Every broker knows of a change within a second or two; the rest is for a loaded cluster."""
_SILENT = (KafkaConnectionError, NodeNotReadyError, RequestTimedOutError)
"""What becomes of a question to a broker that is away or stands still."""
_TOPIC_CONFIG = 1
"""Source of a configuration entry that was set on the topic itself (KIP-226, DYNAMIC_TOPIC_CONFIG)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Create:
    """A topic of the table that does not exist."""

    topic: str
    partitions: int
    replication_factor: int
    config: dict[str, str]

    def __str__(self) -> str:
        """Returns the line for people."""
        copies = "the broker's default" if self.replication_factor < 0 else str(self.replication_factor)
        config = ", ".join(f"{name}={value}" for name, value in self.config.items())
        parts = f"{self.partitions} partition{'' if self.partitions == 1 else 's'}"
        return f"create {self.topic}: {parts}, replication {copies}, {config}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Configure:
    """A topic whose configuration is not the table's."""

    topic: str
    wanted: dict[str, str]
    found: dict[str, str]
    kept: dict[str, str]
    """What else was set on the topic; altering replaces the whole set, so it is sent along."""

    def __str__(self) -> str:
        """Returns the line for people."""
        differences = ", ".join(
            f"{name}: {self.found.get(name)} -> {value}" for name, value in self.wanted.items()
        )
        return f"configure {self.topic}: {differences}"


@dataclass(frozen=True, slots=True, kw_only=True)
class AddPartitions:
    """A topic with fewer partitions than wanted."""

    topic: str
    found: int
    wanted: int

    def __str__(self) -> str:
        """Returns the line for people, with the warning."""
        return (
            f"add partitions to {self.topic}: {self.found} -> {self.wanted} (keys move to other partitions: "
            "stop the workers when they have caught up, or revisions under way may overtake each other)"
        )


Change: TypeAlias = Create | Configure | AddPartitions


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What has to change for the cluster to match the table."""

    changes: tuple[Change, ...]
    notes: tuple[str, ...] = ()
    """What could not be looked at, and what is different but left alone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """What became of one change."""

    change: Change
    applied: bool
    detail: str = ""
    """Why it was not applied, and what to do."""


def wanted_partitions(settings: Settings, topic: Topic) -> int:
    """Returns how many partitions ``topic`` gets; the setting ``partitions`` is for article topics."""
    article = topic.name.startswith(f"{NAMESPACE}.articles.")
    return settings.partitions if article and settings.partitions else topic.partitions


async def missing_topics(settings: Settings, stages: tuple[Stage, ...] = STAGES) -> tuple[str, ...]:
    """Returns the full names of the topics of the installation that do not exist (or that we may not see)."""
    wanted = [settings.topic(topic.name) for topic in topics(stages)]
    found = await layout.partitions(settings, wanted)
    return tuple(name for name in wanted if name not in found)


async def plan(settings: Settings, stages: tuple[Stage, ...] = STAGES) -> Plan:
    """Compares the cluster with the table.

    Raises:
        BrokerError: the broker cannot be reached or refuses the login.
    """
    rows = {settings.topic(topic.name): topic for topic in topics(stages)}
    found = await layout.partitions(settings, rows)
    changes: list[Change] = []
    notes: list[str] = []
    async with kafka.admin(settings) as client:
        for name, row in rows.items():
            wanted = wanted_partitions(settings, row)
            if name not in found:
                changes.append(
                    Create(
                        topic=name,
                        partitions=wanted,
                        replication_factor=settings.replication_factor,
                        config=row.config(),
                    )
                )
                continue
            have = len(found[name])
            if have < wanted:
                changes.append(AddPartitions(topic=name, found=have, wanted=wanted))
            elif have > wanted:
                notes.append(f"{name} has {have} partitions, {wanted} were wanted: more is fine, left alone.")
            difference = await _difference(client, name, row)
            if isinstance(difference, str):
                notes.append(difference)
            elif difference is not None:
                changes.append(difference)
    return Plan(changes=tuple(changes), notes=tuple(notes))


async def apply(
    settings: Settings, changes: Sequence[Change], *, add_partitions: bool = False
) -> tuple[Done, ...]:
    """Carries out ``changes`` and waits until every broker knows them; safe to run by several at once.

    Args:
        settings: where the broker is.
        changes: from :func:`plan`.
        add_partitions: add partitions to existing topics too; without it they are reported as not applied.

    Raises:
        BrokerError: a broker does not know of what was done within 60 s.
    """
    done: list[Done] = []
    async with kafka.admin(settings) as client:
        for change in changes:
            if isinstance(change, AddPartitions) and not add_partitions:
                done.append(Done(change=change, applied=False, detail="not asked for: pass --add-partitions"))
                continue
            try:
                await _apply(client, change)
            except IncompatibleBrokerVersion:
                detail = "this broker (the embedded one) cannot change an existing topic; restart it instead"
                done.append(Done(change=change, applied=False, detail=detail))
            except (KafkaError, OSError) as error:
                done.append(Done(change=change, applied=False, detail=_words(error)))
            else:
                done.append(Done(change=change, applied=True))
        with kafka.in_words(settings):
            await _wait_until_known(client, [item.change for item in done if item.applied])
    return tuple(done)


async def shortest_retention(settings: Settings, rows: Iterable[Topic]) -> float | None:
    """Returns how long the shortest-lived of the topics keeps its records, seconds; None: all keep for ever.

    Where the broker does not let us read a topic's configuration, the table's own value stands in.
    """
    found: list[float] = []
    async with kafka.admin(settings) as client:
        for row in rows:
            seconds = -1.0 if row.retention_seconds is None else float(row.retention_seconds)
            with contextlib.suppress(KafkaError, OSError, StopIteration, ValueError):
                entries = await _entries(client, settings.topic(row.name))
                seconds = next(int(value) / 1000 for name, value, *_ in entries if name == "retention.ms")
            if seconds >= 0:
                found.append(seconds)
    return min(found, default=None)


async def _apply(client: AIOKafkaAdminClient, change: Change) -> None:
    if isinstance(change, Create):
        await _create(client, change)
    elif isinstance(change, Configure):
        resource = ConfigResource(ConfigResourceType.TOPIC, change.topic, {**change.kept, **change.wanted})
        for response in await client.alter_configs([resource]):
            for code, message, *_ in response.resources:
                if code:
                    raise for_code(code)(message)
    else:
        await client.create_partitions({change.topic: NewPartitions(change.wanted)})


async def _create(client: AIOKafkaAdminClient, change: Create) -> None:
    topic = NewTopic(
        change.topic, change.partitions, max(1, change.replication_factor), topic_configs=change.config
    )
    # -1 is "the broker's default" on the wire (KIP-464); the client's constructor takes no negative number.
    topic.replication_factor = change.replication_factor
    response = await client.create_topics([topic])
    for _, code, *rest in response.topic_errors:
        if code and for_code(code) is not TopicAlreadyExistsError:
            raise for_code(code)(rest[0] if rest else "")


async def _wait_until_known(client: AIOKafkaAdminClient, changes: Collection[Change]) -> None:
    """Waits until every broker knows what was done: a client asks any one of them."""
    deadline = time.monotonic() + _VISIBLE_SECONDS
    while changes and (late := await _late(client, changes)):
        if time.monotonic() > deadline:
            raise BrokerError(
                f"Expected every broker to know what was done to {', '.join(sorted(late))} within "
                f"{_VISIBLE_SECONDS:.0f} s. The cluster may lack live brokers; run the command again later."
            )
        await asyncio.sleep(0.1)


async def _late(client: AIOKafkaAdminClient, changes: Collection[Change]) -> set[str]:
    """Returns the topics of ``changes`` of which one of the brokers does not know all yet.

    The admin client asks a broker at random, its connections any of them. A broker that cannot be reached is
    left out: no client is answered by it either.
    """
    connections = client._client
    found: list[set[str]] = []
    for broker in connections.cluster.brokers():
        with contextlib.suppress(*_SILENT):
            found.append(await _late_at(connections, broker.nodeId, changes))
    return set().union(*found) if found else {change.topic for change in changes}


async def _late_at(connections: AIOKafkaClient, node: int, changes: Collection[Change]) -> set[str]:
    answer = (await connections.send(node, MetadataRequest(None))).to_object()
    led = {
        topic["topic"]: sum(item["leader"] >= 0 for item in topic["partitions"]) for topic in answer["topics"]
    }
    late = set()
    for change in changes:
        if isinstance(change, Configure):
            names = list(change.wanted)
            request = DescribeConfigsRequest([(ConfigResourceType.TOPIC, change.topic, names)])
            answer = await connections.send(node, request)
            shown = {name: value for *_, entries in answer.resources for name, value, *_ in entries}
            if any(_ordered(shown.get(name)) != _ordered(value) for name, value in change.wanted.items()):
                late.add(change.topic)
        else:
            wanted = change.partitions if isinstance(change, Create) else change.wanted
            if led.get(change.topic, 0) < wanted:
                late.add(change.topic)
    return late


async def _difference(client: AIOKafkaAdminClient, name: str, row: Topic) -> Configure | str | None:
    try:
        entries = await _entries(client, name)
    except (KafkaError, OSError) as error:
        return f"{name}: its configuration could not be read: {_words(error)}"
    found = {entry_name: str(value) for entry_name, value, *_ in entries}
    wanted = {
        key: value for key, value in row.config().items() if _ordered(found.get(key)) != _ordered(value)
    }
    if not wanted:
        return None
    kept = {
        key: value
        for key, value, read_only, source, sensitive, *_ in entries
        if source == _TOPIC_CONFIG and not read_only and not sensitive
    }
    return Configure(topic=name, wanted=wanted, found={key: found.get(key, "?") for key in wanted}, kept=kept)


async def _entries(client: AIOKafkaAdminClient, name: str) -> list[Any]:
    responses = await client.describe_configs([ConfigResource(ConfigResourceType.TOPIC, name)])
    for code, message, _, _, entries in responses[0].resources:
        if code:
            raise for_code(code)(message)
        return list(entries)
    return []


def _ordered(value: str | None) -> str | None:
    """``compact,delete`` and ``delete,compact`` are one policy."""
    return None if value is None else ",".join(sorted(value.split(",")))


def _words(error: Exception) -> str:
    text = f"{type(error).__name__}: {error}"
    if "Authorization" in text:
        text += " (grant CREATE, ALTER, ALTER_CONFIGS and DESCRIBE_CONFIGS on the topics)"
    return text
