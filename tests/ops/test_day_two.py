"""What docs/operations.md tells an operator to do on day two, done on a real Kafka with articles flowing."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from schemas import topics
from streams import kafka as clients
from tests.faults.rig import FUSED, STAGED, Rig, running
from tests.kafka.cluster import KafkaCluster

pytestmark = [pytest.mark.kafka, pytest.mark.faults, pytest.mark.timeout(600)]


async def test_partitions_are_added_while_articles_flow(kafka: KafkaCluster, tmp_path: Path) -> None:
    async with running(kafka.bootstrap, tmp_path, topology=FUSED, processes=1) as rig:
        feeding = asyncio.create_task(rig.feed(range(240), per_second=12))
        await asyncio.sleep(4)
        code, text = await command(rig, "topics", "apply", "--partitions", "8", "--add-partitions")
        assert code == 0, text
        await feeding
        found = await rig.settled(240, timeout=150)
        assert found.problems(240) == []
        code, text = await command(rig, "topics", "plan", "--partitions", "8", "--check")
        assert code == 0, text
        code, text = await asyncio.to_thread(rig.audit)
        assert code == 0, text


@pytest.mark.parametrize("lost", [topics.CLEAN, topics.ENRICHED], ids=["between", "last"])
async def test_a_lost_topic_is_made_anew_and_filled_by_a_replay(
    kafka: KafkaCluster, tmp_path: Path, lost: topics.Topic
) -> None:
    async with running(kafka.bootstrap, tmp_path, topology=STAGED, processes=1) as rig:
        await rig.feed(range(60))
        await rig.settled(60, timeout=150)
        async with clients.admin(rig.settings) as admin:
            await admin.delete_topics([rig.settings.topic(lost.name)])
        await _gone(rig, rig.settings.topic(lost.name))
        code, text = await command(rig, "topics", "apply", "--partitions", "4")
        assert code == 0, text
        code, text = await command(rig, "replay", "--from", "1h")
        assert code == 0, text
        found = await rig.settled(60, timeout=150)
        assert found.problems(60) == []
        code, text = await command(rig, "audit", "--wait", "60", "--json")
        published = sum("published" in kinds for kinds in found.kinds.values())
        assert published == 60 - 2  # one is not JSON, one has no text


async def command(rig: Rig, *arguments: str) -> tuple[int, str]:
    """Runs a babelwire command on the rig's installation; returns exit code and output."""
    done = await asyncio.to_thread(rig.babelwire, *arguments)
    return done.returncode, (done.stdout + done.stderr).decode()


async def _gone(rig: Rig, topic: str) -> None:
    for _ in range(100):
        async with clients.admin(rig.settings) as admin:
            if topic not in await admin.list_topics():
                return
        await asyncio.sleep(0.2)
    raise AssertionError(f"{topic} is still there")
