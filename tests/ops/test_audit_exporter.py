"""What the audit service tells of the partitions, which no worker can tell."""

from __future__ import annotations

import asyncio
import dataclasses
import socket
import subprocess
import sys
from contextlib import suppress

import pytest
from prometheus_client import REGISTRY

from ops import audit_exporter
from tests.kafka.cluster import KafkaCluster
from tests.ops.composition import ROOT
from tests.ports import free_ports
from tests.streams.installation import Installation

pytestmark = pytest.mark.kafka


def test_a_taken_port_is_told_in_words() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        command = [sys.executable, str(ROOT / "ops" / "audit_exporter.py"), "--port", port]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 1
    assert done.stderr.startswith(f"audit_exporter: Expected to listen on 127.0.0.1:{port}")
    assert "--port" in done.stderr
    assert "Traceback" not in done.stderr


def told(installation: Installation, what: str, partition: int) -> float | None:
    labels = {"topic": installation.topic("raw"), "partition": str(partition)}
    return REGISTRY.get_sample_value(f"babelwire_partition_{what}", labels)


async def test_the_partition_that_stands_still_is_told_from_the_one_that_moves(kafka: KafkaCluster) -> None:
    installation = await Installation.create(kafka.bootstrap)
    for number in range(4):
        await installation.put("raw", f"article-{number}", b"{}", partition=number % 2)
    await installation.commit({("raw", 0): 1, ("raw", 1): 1})
    await audit_exporter.look(installation.settings)
    assert [told(installation, "backlog_articles", number) for number in (0, 1)] == [1, 1]
    assert [told(installation, "committed_offset", number) for number in (0, 1)] == [1, 1]

    # More comes in; the second partition is committed, the first is held by nobody or by one that does not move.
    for number in range(6):
        await installation.put("raw", f"later-{number}", b"{}", partition=number % 2)
    await installation.commit({("raw", 1): 5})
    await audit_exporter.look(installation.settings)
    assert [told(installation, "backlog_articles", number) for number in (0, 1)] == [4, 0]
    assert [told(installation, "committed_offset", number) for number in (0, 1)] == [1, 5]


async def test_a_partition_that_was_never_committed_waits_as_a_whole(kafka: KafkaCluster) -> None:
    installation = await Installation.create(kafka.bootstrap)
    await installation.put("raw", "first", b"{}", partition=1)
    await audit_exporter.look(installation.settings)
    assert [told(installation, "backlog_articles", number) for number in (0, 1)] == [0, 1]


async def test_nothing_is_told_while_the_broker_is_away(kafka: KafkaCluster) -> None:
    installation = await Installation.create(kafka.bootstrap)
    await installation.put("raw", "first", b"{}", partition=1)
    await audit_exporter.look(installation.settings)
    assert told(installation, "backlog_articles", 1) == 1
    [port] = free_ports(1)
    away = dataclasses.replace(installation.settings, bootstrap_servers=f"127.0.0.1:{port}")
    looking = asyncio.create_task(audit_exporter.keep_looking(away, 60))
    for _ in range(300):
        await asyncio.sleep(0.1)
        if told(installation, "backlog_articles", 1) is None:
            break
    assert told(installation, "backlog_articles", 1) is None
    assert not looking.done()
    looking.cancel()
    with suppress(asyncio.CancelledError):
        await looking
