"""Looks for what is wrong, from this machine outwards, and says what to do about it.

Nothing is changed, with one exception that must be asked for: the clock of the broker can only be read by
writing a record that the broker stamps, on a topic made and deleted for it.
"""

from __future__ import annotations

import importlib.metadata
import re
import secrets
import shutil
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, TypeAlias

from aiokafka.admin import NewTopic
from aiokafka.errors import KafkaError, for_code

from agents.pipeline import STAGES, hops, topics
from agents.stage import Stage
from schemas.errors import BrokerError
from schemas.outcomes import Position
from schemas.topics import ENTITIES, RAW
from streams.broker import kafka, layout, provision, records
from streams.knowledge.book import Book
from streams.look import reach
from streams.settings import Settings

Level: TypeAlias = Literal["ok", "warn", "fail", "unknown"]

_GIB = 1 << 30
_LOW_DISK = 2 * _GIB
_FULL_DISK = 256 << 20
_SKEW_SECONDS = 5.0
"""Clocks kept by NTP differ by milliseconds; what stamps records seconds ahead is not kept."""
_EMBEDDED_CLUSTER = re.compile(r"babelwire-\d+-\d+")
_NEEDED_APIS = {
    0: "Produce", 1: "Fetch", 2: "ListOffsets", 3: "Metadata", 8: "OffsetCommit", 9: "OffsetFetch",
    10: "FindCoordinator", 11: "JoinGroup", 12: "Heartbeat", 14: "SyncGroup", 19: "CreateTopics",
}  # fmt: skip
_CREATE_PARTITIONS = 37
_OPTIONAL_APIS = {32: "DescribeConfigs", 33: "AlterConfigs", _CREATE_PARTITIONS: "CreatePartitions"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One thing that was looked at."""

    name: str
    level: Level
    text: str
    advice: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagnosis:
    """All that was looked at."""

    checks: tuple[Check, ...]
    reached: bool
    """Whether a broker was reached and let us in."""
    settings: Mapping[str, Any]
    """Every setting, secrets masked."""

    @property
    def failed(self) -> bool:
        """Whether something must be put right."""
        return any(check.level == "fail" for check in self.checks)


async def examine(
    settings: Settings, *, write: bool = False, stages: tuple[Stage, ...] = STAGES
) -> Diagnosis:
    """Looks at everything; ``write`` allows a topic to be made and deleted to read the broker's clock."""
    checks = [changed(settings), python(), *packages(), disk(settings)]
    reachable: list[reach.Address] = []
    for address in reach.addresses(settings):
        failure = await reach.reach(settings, address)
        checks.append(_reached(settings, address, failure))
        if failure is None:
            reachable.append(address)
    if reachable:
        try:
            checks += await _cluster(settings, reachable[0], stages, write=write)
        except (BrokerError, KafkaError, OSError, TimeoutError) as error:
            text = f"The broker stopped answering while it was looked at: {type(error).__name__}: {error}"
            checks.append(Check(name="broker", level="fail", text=text, advice="Try again; look at its log."))
    return Diagnosis(checks=tuple(checks), reached=bool(reachable), settings=settings.shown())


def changed(settings: Settings) -> Check:
    """Shows the settings that are not the default, secrets masked."""
    usual = Settings().shown()
    found = {name: value for name, value in settings.shown().items() if value != usual[name]}
    text = ", ".join(f"{name}={value}" for name, value in found.items()) or "all as by default"
    return Check(name="settings", level="ok", text=text)


def python() -> Check:
    """Looks at the interpreter."""
    version = ".".join(map(str, sys.version_info[:3]))
    if (3, 11) <= sys.version_info < (3, 14):
        return Check(name="python", level="ok", text=f"Python {version}")
    return Check(
        name="python",
        level="fail",
        text=f"Python {version}",
        advice="babelwire runs on Python 3.11, 3.12 and 3.13.",
    )


def packages() -> list[Check]:
    """Compares installed packages with the versions that were pinned because another one was seen to fail."""
    try:
        wanted = importlib.metadata.requires("babelwire") or []
    except importlib.metadata.PackageNotFoundError:
        return [
            Check(
                name="packages",
                level="warn",
                text="babelwire is not installed here",
                advice="Run `make setup`.",
            )
        ]
    wrong: list[str] = []
    shown: list[str] = []
    for requirement in wanted:
        name, *pins = re.split(r"==", re.split(r";", requirement)[0].strip())
        if not pins:
            continue
        try:
            version = importlib.metadata.version(name.strip())
        except importlib.metadata.PackageNotFoundError:
            version = "missing"
        shown.append(f"{name.strip()} {version}")
        if version != pins[0].strip():
            wrong.append(f"{name.strip()} is {version}, wanted {pins[0].strip()}")
    if wrong:
        return [
            Check(
                name="packages", level="warn", text="; ".join(wrong), advice="Install from requirements.lock."
            )
        ]
    return [Check(name="packages", level="ok", text=", ".join(shown))]


def disk(settings: Settings) -> Check:
    """Looks at the folder for what babelwire keeps on this machine."""
    folder = Path(settings.data_dir).absolute()
    place = next(parent for parent in (folder, *folder.parents) if parent.exists())
    if not place.is_dir():
        return Check(
            name="disk", level="fail", text=f"{place} is not a folder", advice="Set data_dir to a folder."
        )
    free = shutil.disk_usage(place).free
    text = f"{free / _GIB:.1f} GiB free at {folder}"
    if not _writable(place):
        return Check(
            name="disk", level="fail", text=f"{place} cannot be written", advice="Set data_dir elsewhere."
        )
    if free < _FULL_DISK:
        return Check(
            name="disk", level="fail", text=text, advice="Free some space, or set data_dir elsewhere."
        )
    if free < _LOW_DISK:
        return Check(
            name="disk", level="warn", text=text, advice="Free some space, or set data_dir elsewhere."
        )
    return Check(name="disk", level="ok", text=text)


def _writable(folder: Path) -> bool:
    probe = folder / f".babelwire-{secrets.token_hex(4)}"
    try:
        probe.touch()
        probe.unlink()
    except OSError:
        return False
    return True


def _reached(settings: Settings, address: reach.Address, failure: reach.Failure | None) -> Check:
    if failure is not None:
        text = f"{address}: {failure.step} failed: {failure.error}"
        return Check(name="broker", level="fail", text=text, advice=failure.advice)
    steps = ["name", "connection"]
    if settings.security_protocol.endswith("SSL"):
        steps.append("TLS")
    if settings.security_protocol.startswith("SASL"):
        steps.append(f"login as {settings.sasl_username} ({settings.sasl_mechanism})")
    return Check(name="broker", level="ok", text=f"{address}: {', '.join(steps)} fine")


async def _cluster(
    settings: Settings, address: reach.Address, stages: tuple[Stage, ...], *, write: bool
) -> list[Check]:
    async with kafka.admin(settings) as client:
        cluster = await client.describe_cluster()
    embedded = _EMBEDDED_CLUSTER.fullmatch(cluster["cluster_id"] or "") is not None
    checks = [_identity(cluster, embedded=embedded)]
    for broker in cluster["brokers"]:
        advertised = reach.Address(host=broker["host"], port=broker["port"])
        failure = None if advertised == address else await reach.reach(settings, advertised)
        if failure is not None:
            checks.append(
                Check(
                    name="advertised",
                    level="fail",
                    text=f"broker {broker['node_id']} says it is at {advertised}: {failure.step} failed: "
                    f"{failure.error}",
                    advice="Clients are sent to that address: set the broker's advertised.listeners to one "
                    "that this machine reaches.",
                )
            )
    wanted = [settings.topic(topic.name) for topic in topics(stages)]
    found = await layout.partitions(settings, wanted)
    async with reach.connected(settings, address) as connection:
        versions = reach.api_versions(connection)
        checks.append(_apis(versions))
        refused = [] if embedded else await _permissions(connection, settings, stages)
        hidden = set() if embedded else {name for name in wanted if not await reach.may_see(connection, name)}
    checks += await _topics(settings, stages, hidden, fixed=_CREATE_PARTITIONS not in versions)
    checks.append(_permitted(settings, refused, embedded=embedded))
    group = settings.group("articles")
    readable = [name for name in wanted if name in found and f"READ on topic {name}" not in refused]
    if f"READ on group {group}" not in refused:
        checks += await _groups(settings, stages, readable)
    if settings.topic(ENTITIES.name) in readable:
        checks.append(await _additions(settings))
    checks.append(await _stamps(settings, readable))
    if write:
        checks.append(await _broker_clock(settings))
    return checks


def _identity(cluster: Mapping[str, Any], *, embedded: bool) -> Check:
    count = len(cluster["brokers"])
    brokers = f"{count} broker{'' if count == 1 else 's'}"
    if embedded:
        return Check(
            name="cluster",
            level="warn",
            text=f"{cluster['cluster_id']}: the embedded broker, in memory",
            advice="It forgets everything when it stops: for anything but a demo, use Apache Kafka.",
        )
    return Check(name="cluster", level="ok", text=f"{cluster['cluster_id']}: {brokers}")


def _apis(versions: Mapping[int, tuple[int, int]]) -> Check:
    spoken = ", ".join(
        f"{name} {versions[key][0]}-{versions[key][1]}"
        for key, name in _NEEDED_APIS.items()
        if key in versions
    )
    missing = [name for key, name in _NEEDED_APIS.items() if key not in versions]
    if missing:
        return Check(
            name="protocol",
            level="fail",
            text=f"the broker does not know {', '.join(missing)}",
            advice="Use Apache Kafka 2.4 or newer, or a broker that is compatible with it.",
        )
    lacking = [name for key, name in _OPTIONAL_APIS.items() if key not in versions]
    note = f"; without {', '.join(lacking)}: existing topics cannot be changed" if lacking else ""
    return Check(name="protocol", level="ok", text=f"{spoken}{note}")


async def _permissions(connection: Any, settings: Settings, stages: tuple[Stage, ...]) -> list[str]:
    """Returns what a worker, a source and an operator need and are refused."""
    read = {settings.topic(hop.input.name) for hop in hops(settings.topology, stages)}
    read.add(settings.topic(ENTITIES.name))
    refused: list[str] = []
    for row in topics(stages):
        name = settings.topic(row.name)
        if not await reach.may_write(connection, name):
            refused.append(f"WRITE on topic {name}")
        if not await reach.may_read(connection, name):
            needed = "" if name in read else " (only to look: tail, audit, explain)"
            refused.append(f"READ on topic {name}{needed}")
    group = settings.group("articles")
    if not await reach.may_join(connection, group):
        refused.append(f"READ on group {group}")
    return refused


def _permitted(settings: Settings, refused: list[str], *, embedded: bool) -> Check:
    if embedded:
        return Check(name="permissions", level="ok", text="the embedded broker knows none")
    if not refused:
        return Check(name="permissions", level="ok", text="read and write every topic, join the group")
    prefix = settings.topic("babelwire")
    return Check(
        name="permissions",
        level="fail",
        text=f"refused: {'; '.join(refused)}",
        advice=f"For example: kafka-acls.sh --add --allow-principal User:{settings.sasl_username or 'NAME'} "
        f"--operation Read --operation Write --operation Describe --topic {prefix} --group {prefix} "
        "--resource-pattern-type prefixed",
    )


async def _topics(
    settings: Settings, stages: tuple[Stage, ...], hidden: set[str], *, fixed: bool
) -> list[Check]:
    """Compares the topics with the table; where partitions are ``fixed`` (the embedded broker), fewer are right."""
    checks: list[Check] = []
    found = await provision.plan(settings, stages)
    missing = [
        change.topic
        for change in found.changes
        if isinstance(change, provision.Create) and change.topic not in hidden
    ]
    if hidden:
        text = f"not allowed to see {', '.join(sorted(hidden))}"
        advice = "Grant DESCRIBE on them (READ or WRITE brings it along); whether they exist cannot be told."
        checks.append(Check(name="topics", level="fail", text=text, advice=advice))
    if missing:
        text = f"missing: {', '.join(missing)}"
        checks.append(Check(name="topics", level="fail", text=text, advice="Run `babelwire topics apply`."))
    for change in found.changes:
        if isinstance(change, provision.AddPartitions) and fixed:
            continue
        if not isinstance(change, provision.Create):
            advice = "`babelwire topics plan` shows it, `babelwire topics apply` changes it."
            checks.append(Check(name="topics", level="warn", text=str(change), advice=advice))
    checks += [
        Check(name="topics", level="warn", text=note) for note in found.notes if "left alone" not in note
    ]
    return checks or [Check(name="topics", level="ok", text="all there, as the table says")]


async def _groups(settings: Settings, stages: tuple[Stage, ...], readable: list[str]) -> list[Check]:
    group = settings.group("articles")
    inputs = [settings.topic(hop.input.name) for hop in hops(settings.topology, stages)]
    inputs = [name for name in inputs if name in readable]
    if not inputs:
        return []
    spans = await records.spans(settings, inputs)
    committed = await layout.committed(settings, group, spans)
    waiting: dict[str, dict[Position, int]] = {name: {} for name in inputs}
    for (topic, number), (first, end) in spans.items():
        at = max(first, committed.get((topic, number), first))
        waiting[topic][Position(topic=topic, partition=number, offset=at)] = max(0, end - at)
    members = await _members(settings, group)
    lag = ", ".join(
        f"{name.removeprefix(settings.topic_prefix)} {_queue(counts)}" for name, counts in waiting.items()
    )
    text = f"{group}: {members} member{'' if members == 1 else 's'}, waiting: {lag}"
    if members == 0 and any(count for counts in waiting.values() for count in counts.values()):
        return [
            Check(name="workers", level="warn", text=text, advice="No worker runs: start `babelwire worker`.")
        ]
    return [Check(name="workers", level="ok", text=text)]


def _queue(counts: dict[Position, int]) -> str:
    """Says how many records wait, and at which of them the partition stands where most do."""
    most = max(counts, key=lambda position: counts[position])
    return f"{sum(counts.values()):,}" + (f" (most from {most} on)" if counts[most] else "")


async def _additions(settings: Settings) -> Check:
    book = await Book.read(settings)
    merged = sum(one.merged_into is not None for one in book)
    text = f"{len(book.additions):,} entities, {merged:,} of them merged into others"
    if not book.refused:
        return Check(name="additions", level="ok", text=text)
    return Check(
        name="additions",
        level="warn",
        text=f"{text}; {len(book.refused):,} records on {settings.topic(ENTITIES.name)} are no additions",
        advice="`babelwire entities ls` names them; a right record with the same key takes the place of a wrong one.",
    )


async def _members(settings: Settings, group: str) -> int:
    async with kafka.admin(settings) as client:
        try:
            async for attempt in layout.patiently():
                with attempt:
                    answers = await client.describe_consumer_groups([group])
        except KafkaError:
            return 0
    return sum(len(description[5]) for answer in answers for description in answer.groups[:1])


async def _stamps(settings: Settings, readable: list[str]) -> Check:
    """Compares the newest stamps on the topics with our clock: all that can be told without writing."""
    start = {
        partition: end - 1
        for partition, (first, end) in (await records.spans(settings, readable)).items()
        if end > first
    } if readable else {}  # fmt: skip
    newest = 0
    if start:
        async for record in records.scan(settings, {topic for topic, _ in start}, start=start):
            newest = max(newest, record.timestamp)
    if not newest:
        text = "unknown: no records to compare with (`--write` asks the broker)"
        return Check(name="clocks", level="unknown", text=text)
    ahead = newest / 1000 - time.time()
    if ahead > _SKEW_SECONDS:
        return Check(
            name="clocks",
            level="warn",
            text=f"the newest record is stamped {ahead:.0f} s ahead of this machine's clock",
            advice="Keep all clocks by NTP: until then, ages and latencies are wrong.",
        )
    text = f"no record is stamped ahead of this machine's clock (the newest {-ahead:,.0f} s ago)"
    return Check(name="clocks", level="ok", text=text)


async def _broker_clock(settings: Settings) -> Check:
    name = f"{settings.topic(RAW.name)}.doctor-{secrets.token_hex(4)}"
    config = {"message.timestamp.type": "LogAppendTime", "retention.ms": "60000"}
    async with kafka.admin(settings) as client:
        topic = NewTopic(name, 1, 1, topic_configs=config)
        topic.replication_factor = settings.replication_factor
        for _, code, *message in (await client.create_topics([topic])).topic_errors:
            if code:
                error = f"{for_code(code).__name__}: {message[0] if message else ''}"
                return Check(
                    name="broker clock",
                    level="unknown",
                    text=f"a topic to measure it with could not be made: {error}",
                    advice="Grant CREATE and DELETE on topics with this prefix, or leave --write out.",
                )
        try:
            async with kafka.producer(settings) as producer:
                await producer.send_and_wait(name, b"")
                before = time.time()
                stamp = await producer.send_and_wait(name, b"")
                after = time.time()
        finally:
            await client.delete_topics([name])
    if stamp.timestamp_type != 1:
        return Check(name="broker clock", level="unknown", text="the broker does not stamp records itself")
    skew = stamp.timestamp / 1000 - (before + after) / 2
    text = f"{skew:+.3f} s from this machine's, give or take {(after - before) / 2:.3f} s"
    if abs(skew) > _SKEW_SECONDS:
        return Check(name="broker clock", level="warn", text=text, advice="Keep the clocks by NTP.")
    return Check(name="broker clock", level="ok", text=text)
