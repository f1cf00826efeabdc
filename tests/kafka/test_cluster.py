"""The test Kafka keeps the promises of `cluster.py`, seen through the client babelwire uses."""

import asyncio
import os
import re
import signal
import ssl
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import (
    KafkaConnectionError,
    MessageSizeTooLargeError,
    SaslAuthenticationFailed,
    TopicAuthorizationFailedError,
)

from tests.kafka import jars as module
from tests.kafka.cluster import KafkaCluster, KafkaFailed
from tests.kafka.jars import KafkaUnavailable, ensure_jars

pytestmark = pytest.mark.kafka


async def create(
    bootstrap: str, topic: str, *, replicas: int = 1, config: dict[str, str] | None = None, **client: Any
) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap, **client)
    try:
        await admin.start()
        answer = await admin.create_topics([NewTopic(topic, 1, replicas, topic_configs=config or {})])
        assert [error for _, error, *_ in answer.topic_errors] == [0]
    finally:
        await admin.close()


@asynccontextmanager
async def producing(bootstrap: str, **client: Any) -> AsyncIterator[AIOKafkaProducer]:
    producer = AIOKafkaProducer(bootstrap_servers=bootstrap, acks="all", **client)
    try:
        await producer.start()
        yield producer
    finally:
        await producer.stop()


async def read(bootstrap: str, topic: str, count: int, **client: Any) -> list[bytes]:
    consumer = AIOKafkaConsumer(bootstrap_servers=bootstrap, auto_offset_reset="earliest", **client)
    try:
        await consumer.start()
        consumer.assign([TopicPartition(topic, 0)])
        async with asyncio.timeout(60):
            return [(await consumer.getone()).value for _ in range(count)]
    finally:
        await consumer.stop()


def numbered(first: int, last: int) -> list[bytes]:
    return [b"%d" % number for number in range(first, last)]


async def test_a_topic_can_be_created_written_and_read(kafka: KafkaCluster) -> None:
    await create(kafka.bootstrap, "round-trip")
    async with producing(kafka.bootstrap) as producer:
        for value in numbered(0, 50):
            await producer.send("round-trip", value)
    assert await read(kafka.bootstrap, "round-trip", 50) == numbered(0, 50)


async def test_a_consumer_group_takes_up_where_it_committed(kafka: KafkaCluster) -> None:
    await create(kafka.bootstrap, "grouped")
    async with producing(kafka.bootstrap) as producer:
        for value in numbered(0, 10):
            await producer.send("grouped", value)
    seen = []
    for _ in range(2):
        consumer = AIOKafkaConsumer(
            "grouped",
            bootstrap_servers=kafka.bootstrap,
            group_id="readers",
            auto_offset_reset="earliest",
            enable_auto_commit=False,
        )
        await consumer.start()
        try:
            seen.append([(await consumer.getone()).value for _ in range(5)])
            await consumer.commit()
        finally:
            await consumer.stop()
    assert seen == [numbered(0, 5), numbered(5, 10)]


async def test_an_aborted_transaction_is_not_seen(kafka: KafkaCluster) -> None:
    await create(kafka.bootstrap, "transactions")
    async with producing(kafka.bootstrap, transactional_id="writer") as producer:
        async with producer.transaction():
            await producer.send_and_wait("transactions", b"kept")
        await producer.begin_transaction()
        await producer.send_and_wait("transactions", b"aborted")
        await producer.abort_transaction()
        async with producer.transaction():
            await producer.send_and_wait("transactions", b"last")
    seen = await read(kafka.bootstrap, "transactions", 2, isolation_level="read_committed")
    assert seen == [b"kept", b"last"]


async def test_a_20_mb_message_passes_only_where_the_topic_allows_it(kafka: KafkaCluster) -> None:
    await create(kafka.bootstrap, "large", config={"max.message.bytes": str(64 << 20)})
    await create(kafka.bootstrap, "usual")
    article = os.urandom(20_000_000)
    async with producing(kafka.bootstrap, max_request_size=64 << 20) as producer:
        await producer.send_and_wait("large", article)
        with pytest.raises(MessageSizeTooLargeError):
            await producer.send_and_wait("usual", article)
    assert await read(kafka.bootstrap, "large", 1) == [article]


async def test_topics_do_not_create_themselves(kafka: KafkaCluster) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka.bootstrap)
    await admin.start()
    try:
        await admin.describe_topics(["nobody-made-me"])
        assert "nobody-made-me" not in await admin.list_topics()
    finally:
        await admin.close()


async def test_acknowledged_data_survives_a_kill_and_a_restart(kafka_fresh: KafkaCluster) -> None:
    bootstrap = kafka_fresh.bootstrap
    await create(bootstrap, "durable")
    async with producing(bootstrap) as producer:
        for value in numbered(0, 200):
            await producer.send_and_wait("durable", value)
    await asyncio.to_thread(kafka_fresh.kill)
    assert not kafka_fresh.alive()
    with pytest.raises(KafkaConnectionError):
        await read(bootstrap, "durable", 1)
    await asyncio.to_thread(kafka_fresh.start)
    assert kafka_fresh.bootstrap == bootstrap
    assert await read(bootstrap, "durable", 200) == numbered(0, 200)


async def test_a_paused_node_answers_nobody_until_it_is_resumed(kafka_fresh: KafkaCluster) -> None:
    await create(kafka_fresh.bootstrap, "frozen")
    async with producing(kafka_fresh.bootstrap) as producer:
        await producer.send_and_wait("frozen", b"before")
        kafka_fresh.pause()
        waiting = await producer.send("frozen", b"meanwhile")
        done, _ = await asyncio.wait([waiting], timeout=2)
        assert not done
        kafka_fresh.resume()
        await asyncio.wait_for(waiting, 30)
    assert await read(kafka_fresh.bootstrap, "frozen", 2) == [b"before", b"meanwhile"]


async def test_an_orderly_stop_and_start_keeps_the_data(kafka_fresh: KafkaCluster) -> None:
    await create(kafka_fresh.bootstrap, "kept")
    async with producing(kafka_fresh.bootstrap) as producer:
        await producer.send_and_wait("kept", b"value")
    kafka_fresh.stop()
    with pytest.raises(ValueError, match="node 0 does not run"):
        kafka_fresh.kill()
    kafka_fresh.start()
    assert await read(kafka_fresh.bootstrap, "kept", 1) == [b"value"]


async def test_three_nodes_lose_nothing_acknowledged_when_one_is_killed(kafka_three: KafkaCluster) -> None:
    await create(kafka_three.bootstrap, "replicated", replicas=3)
    await asyncio.to_thread(kafka_three.wait_in_sync)  # the controller has answered, the others hear of it
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka_three.bootstrap)
    await admin.start()
    try:
        [described] = await admin.describe_topics(["replicated"])
    finally:
        await admin.close()
    [partition] = described["partitions"]
    leader = partition["leader"]
    assert sorted(partition["isr"]) == [0, 1, 2]

    async with producing(kafka_three.bootstrap, enable_idempotence=True) as producer:
        for value in numbered(0, 100):
            await producer.send_and_wait("replicated", value)
        await asyncio.to_thread(kafka_three.kill, leader)
        for value in numbered(100, 200):
            await producer.send_and_wait("replicated", value)
        await asyncio.to_thread(kafka_three.start, leader)
        await asyncio.to_thread(kafka_three.wait_in_sync)
    assert await read(kafka_three.bootstrap, "replicated", 200) == numbered(0, 200)


@pytest.mark.lasts(35)
async def test_a_rolling_restart_is_not_noticed_by_a_producer(kafka_three: KafkaCluster) -> None:
    await create(kafka_three.bootstrap, "rolling", replicas=3)
    rolled = asyncio.Event()

    async def write() -> int:
        count = 0
        async with producing(kafka_three.bootstrap, enable_idempotence=True) as producer:
            while not rolled.is_set():
                await producer.send_and_wait("rolling", b"%d" % count)
                count += 1
        return count

    writer = asyncio.create_task(write())
    for node in range(3):
        await asyncio.to_thread(kafka_three.stop, node)
        await asyncio.to_thread(kafka_three.start, node)
        await asyncio.to_thread(kafka_three.wait_in_sync)
    rolled.set()
    count = await writer
    assert count > 0
    assert await read(kafka_three.bootstrap, "rolling", count) == numbered(0, count)


def login(cluster: KafkaCluster, mechanism: str, **other: str) -> dict[str, Any]:
    return {
        "security_protocol": "SASL_SSL",
        "ssl_context": ssl.create_default_context(cafile=cluster.ca_file),
        "sasl_mechanism": mechanism,
        "sasl_plain_username": cluster.username,
        "sasl_plain_password": cluster.password,
    } | other


@pytest.mark.parametrize("mechanism", ["SCRAM-SHA-512", "PLAIN"])
async def test_a_user_logs_in_over_tls(kafka_secure: KafkaCluster, mechanism: str) -> None:
    client = login(kafka_secure, mechanism)
    topic = f"secret-{mechanism}"
    await create(kafka_secure.bootstrap, topic, **client)
    async with producing(kafka_secure.bootstrap, **client) as producer:
        await producer.send_and_wait(topic, b"value")
    assert await read(kafka_secure.bootstrap, topic, 1, **client) == [b"value"]


@pytest.mark.parametrize("mechanism", ["SCRAM-SHA-512", "PLAIN"])
async def test_a_wrong_password_is_refused(kafka_secure: KafkaCluster, mechanism: str) -> None:
    client = login(kafka_secure, mechanism, sasl_plain_password="wrong")
    producer = AIOKafkaProducer(bootstrap_servers=kafka_secure.bootstrap, **client)
    with pytest.raises((KafkaConnectionError, SaslAuthenticationFailed)):
        await producer.start()
    await producer.stop()


async def test_a_server_of_an_unknown_authority_is_refused(kafka_secure: KafkaCluster) -> None:
    client = login(kafka_secure, "PLAIN") | {"ssl_context": ssl.create_default_context()}
    producer = AIOKafkaProducer(bootstrap_servers=kafka_secure.bootstrap, **client)
    with pytest.raises(KafkaConnectionError):
        await producer.start()
    await producer.stop()


async def test_the_restricted_user_may_log_in_and_not_write(kafka_secure: KafkaCluster) -> None:
    await create(kafka_secure.bootstrap, "closed", **login(kafka_secure, "PLAIN"))
    visitor = login(
        kafka_secure,
        "SCRAM-SHA-512",
        sasl_plain_username=kafka_secure.restricted_username,
        sasl_plain_password=kafka_secure.restricted_password,
    )
    async with producing(kafka_secure.bootstrap, **visitor) as producer:
        with pytest.raises(TopicAuthorizationFailedError):
            await producer.send_and_wait("closed", b"value")


def test_nodes_do_not_outlive_a_killed_parent(tmp_path: Path, kafka: KafkaCluster) -> None:
    """Started from a thread that ends, which must not end the node either."""
    program = (
        "import sys, threading, time; from pathlib import Path\n"
        "from tests.kafka.cluster import KafkaCluster\n"
        "cluster = KafkaCluster(Path(sys.argv[1]))\n"
        "starter = threading.Thread(target=cluster.open); starter.start(); starter.join()\n"
        "time.sleep(1); print(cluster.alive(), cluster._nodes[0].process.pid, flush=True); time.sleep(600)\n"
    )
    parent = subprocess.Popen(
        [sys.executable, "-c", program, str(tmp_path / "kafka")], stdout=subprocess.PIPE, text=True
    )
    assert parent.stdout is not None
    with parent.stdout:
        alive, pid = parent.stdout.readline().split()
    assert alive == "True"
    os.kill(int(pid), 0)
    parent.kill()
    parent.wait()
    assert gone(int(pid))


def test_the_command_prints_the_address_and_leaves_nothing_behind(
    tmp_path: Path, kafka: KafkaCluster
) -> None:
    command = [sys.executable, "-m", "tests.kafka.cluster", "--dir", str(tmp_path / "kafka")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as running:
        assert running.stdout is not None
        host, port = running.stdout.readline().strip().split(":")
        assert host == "127.0.0.1"
        running.send_signal(signal.SIGTERM)
        assert running.wait(30) == 0
    assert port.isdigit()
    assert (tmp_path / "kafka" / "node-0" / "server.log").exists()
    assert not processes_naming(tmp_path)


def gone(pid: int, within: float = 10.0) -> bool:
    deadline = time.monotonic() + within
    while time.monotonic() < deadline:
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        except FileNotFoundError:
            return True
        if state == "Z":
            return True
        time.sleep(0.05)
    return False


def processes_naming(folder: Path) -> list[str]:
    found = []
    for entry in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            command = entry.read_bytes()
        except OSError:
            continue
        if str(folder).encode() in command and b"kafka.Kafka" in command:
            found.append(entry.parent.name)
    return found


def test_a_setting_kafka_refuses_is_told_with_its_log(tmp_path: Path, kafka: KafkaCluster) -> None:
    with pytest.raises(KafkaFailed, match=r"num\.io\.threads"):
        KafkaCluster(tmp_path / "kafka", config={"num.io.threads": "0"}).open()


def test_a_node_takes_its_classes_from_the_archive(tmp_path: Path, kafka: KafkaCluster) -> None:
    loaded = f"-Xlog:class+load:file={tmp_path / 'loaded'}"
    with KafkaCluster(tmp_path / "kafka", brief=True, options=[loaded]):
        lines = (tmp_path / "loaded").read_text().splitlines()
    ours = [line for line in lines if " kafka.server." in line and "$$Lambda" not in line]
    archived = [line for line in ours if line.endswith("shared objects file (top)")]
    assert len(archived) > 0.9 * len(ours) > 50


def test_an_archive_of_another_java_is_left_alone(tmp_path: Path, kafka: KafkaCluster) -> None:
    (tmp_path / "other.jsa").write_bytes(b"of another Java")
    with KafkaCluster(
        tmp_path / "kafka", brief=True, options=[f"-XX:SharedArchiveFile={tmp_path / 'other.jsa'}"]
    ) as node:
        assert node.alive()


def test_a_used_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "something").touch()
    with pytest.raises(ValueError, match="is not empty"):
        KafkaCluster(tmp_path)


def test_a_machine_without_java_is_told_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(KafkaUnavailable, match="install a Java runtime, 17 or newer"):
        ensure_jars()


def programs(folder: Path, **scripts: str) -> None:
    folder.mkdir()
    for name, script in scripts.items():
        (folder / name).write_text(f"#!/bin/sh\n{script}\n")
        (folder / name).chmod(0o755)


@pytest.mark.parametrize(
    ("scripts", "message"),
    [
        ({"java": "echo 'openjdk version \"11.0.2\"' >&2"}, "needs Java 17 or newer"),
        ({"java": "echo 'openjdk version \"17.0.2\"' >&2"}, r"Maven \(mvn\) is not on PATH"),
        (
            {"java": "echo 'openjdk version \"21\"' >&2", "mvn": "echo '[ERROR] no route'; exit 1"},
            "Maven Central is reachable.* no route",
        ),
    ],
)
def test_what_is_missing_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, scripts: dict[str, str], message: str
) -> None:
    programs(tmp_path / "bin", **scripts)
    (tmp_path / "pom.xml").write_text("<project/>")
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}")
    monkeypatch.setattr(module, "_HERE", tmp_path)
    with pytest.raises(KafkaUnavailable, match=message):
        ensure_jars()


def test_maven_runs_once_for_parallel_callers(tmp_path: Path) -> None:
    scripts = {
        "java": "echo 'openjdk version \"17.0.2\"' >&2",
        "mvn": f"echo run >> {tmp_path / 'runs'}; sleep 0.5",
    }
    programs(tmp_path / "bin", **scripts)
    (tmp_path / "pom.xml").write_text("<project/>")
    program = (
        "import sys; from pathlib import Path; from tests.kafka import jars\n"
        "jars._HERE = Path(sys.argv[1]); jars.ensure_jars()\n"
    )
    environment = os.environ | {"PATH": f"{tmp_path / 'bin'}:{os.environ['PATH']}"}
    callers = [
        subprocess.Popen([sys.executable, "-c", program, str(tmp_path)], env=environment) for _ in range(3)
    ]
    assert [caller.wait(60) for caller in callers] == [0, 0, 0]
    assert (tmp_path / "runs").read_text() == "run\n"


@pytest.mark.parametrize(
    ("variables", "outcome"),
    [({}, r"Java is not on PATH[\s\S]*1 skipped"), ({"CI": "1"}, "CI must run the Kafka tests: Java is not")],
)
def test_without_java_the_tests_are_skipped_and_in_ci_they_fail(
    variables: dict[str, str], outcome: str
) -> None:
    inner = f"{__file__}::test_a_topic_can_be_created_written_and_read"
    environment = {key: value for key, value in os.environ.items() if key != "CI"} | {"PATH": "/nowhere"}
    run = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-rs", inner],
        env=environment | variables,
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == (1 if variables else 0)
    assert re.search(outcome, run.stdout)
