"""What docs/operations.md tells an operator to do on day two, done on a real Kafka with articles flowing."""

from __future__ import annotations

import asyncio
import shutil
import time
from collections import Counter
from pathlib import Path
from typing import Any

import orjson
import pytest

from agents.language.stage import STAGE as LANGUAGE
from schemas import topics
from streams.broker import kafka as clients
from streams.broker import records
from tests.faults.rig import FUSED, STAGED, Rig, article, expected, running
from tests.kafka.cluster import KafkaCluster
from tests.ops.composition import ROOT

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
        await rig.audited()


@pytest.mark.parametrize(
    ("lost", "stage"),
    [(topics.CLEAN, "clean"), (topics.TAGGED, "language"), (topics.ENRICHED, "entities")],
    ids=["clean", "tagged", "enriched"],
)
async def test_a_lost_topic_is_made_anew_and_filled_by_a_replay(
    kafka: KafkaCluster, tmp_path: Path, lost: topics.Topic, stage: str
) -> None:
    async with running(kafka.bootstrap, tmp_path, topology=STAGED, processes=1) as rig:
        await rig.feed(range(60))
        before = await rig.settled(60, timeout=150)
        await _lose(rig, lost)
        code, text = await command(rig, "topics", "apply", "--partitions", "4")
        assert code == 0, text
        code, text = await command(rig, "audit", "--json")
        # 58: one of the sixty is not JSON, one has no text.
        assert (code, _balance(text, stage)["missing"]) == (1, 58), text
        code, text = await command(rig, "replay", "--from", "1h", "--stage", stage)
        assert code == 0, text
        await asyncio.to_thread(rig.start)
        found = await rig.settled(60, timeout=150)
        text = await _whole(rig)
        assert (_balance(text, stage)["replayed"], _balance(text, stage)["missing"]) == (58, 0)
        assert (await rig.outcomes()).problems(60) == []
        assert found.event_ids == before.event_ids


@pytest.mark.lasts(20)
async def test_two_versions_share_the_work_during_an_upgrade(kafka: KafkaCluster, tmp_path: Path) -> None:
    newer = _newer_version(tmp_path / "newer")
    async with running(kafka.bootstrap, tmp_path / "old", topology=STAGED, processes=1) as old:
        new = _Newer(
            newer,
            kafka.bootstrap,
            tmp_path / "new",
            topology=STAGED,
            processes=1,
            topic_prefix=old.settings.topic_prefix,
        )
        try:
            await old.feed(range(40))
            await asyncio.to_thread(new.start)
            await new.ready()
            count, deadline = 40, time.monotonic() + 120
            while len(versions := await _versions(old)) < 2:  # articles flow until both have worked
                assert time.monotonic() < deadline, versions
                await old.feed(range(count, count + 40))
                count += 40
                await asyncio.sleep(1)
            feeding = asyncio.create_task(old.feed(range(count, count + 400), per_second=80))
            count += 400
            assert await asyncio.to_thread(old.stop) == 0
            await feeding
            found = await new.settled(count, timeout=150)
            # Who was treated by both has two events; nothing is lost and no outcome contradicts another.
            problems = [text for text in found.problems(count) if not text.startswith("two event ids")]
            assert problems == []
            await new.audited()
            assert set(await _versions(old)) == {LANGUAGE.version, _NEXT}
        finally:
            await asyncio.to_thread(new.close)


_NEXT = f"{LANGUAGE.version}.next"


class _Newer(Rig):
    """Workers of another version of the code, in the same group."""

    def __init__(self, tree: Path, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self._tree = tree

    def _environment(self) -> dict[str, str]:
        # Without the safe path `python -m` would look into the working folder first.
        return {**super()._environment(), "PYTHONPATH": str(self._tree), "PYTHONSAFEPATH": "1"}


def _newer_version(folder: Path) -> Path:
    """Returns a copy of the code whose language stage has the next version."""
    for package in ("schemas", "agents", "streams"):
        shutil.copytree(ROOT / package, folder / package, ignore=shutil.ignore_patterns("__pycache__"))
    stage = folder / "agents" / "language" / "stage.py"
    text = stage.read_text()
    ours = f'version="{LANGUAGE.version}"'
    assert text.count(ours) == 1
    stage.write_text(text.replace(ours, f'version="{_NEXT}"'))
    return folder


async def _versions(rig: Rig) -> Counter[str]:
    """Returns how many enriched events have which version of the language stage."""
    seen: Counter[str] = Counter()
    async for record in records.scan(rig.settings, {rig.settings.topic(topics.ENRICHED.name): "enriched"}):
        seen[orjson.loads(record.value or b"")["provenance"]["stages"]["language"]] += 1
    return seen


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


async def test_an_installation_moves_to_a_new_cluster(
    kafka: KafkaCluster, kafka_fresh: KafkaCluster, tmp_path: Path
) -> None:
    async with running(kafka.bootstrap, tmp_path / "old", topology=FUSED, processes=1) as old:
        feeding = asyncio.create_task(old.feed(range(100), per_second=25))
        new = Rig(
            kafka_fresh.bootstrap,
            tmp_path / "new",
            topology=FUSED,
            processes=1,
            topic_prefix=old.settings.topic_prefix,
        )
        try:
            # 1. The topics; what is wrong there is told before anything moves.
            code, text = await command(
                new, "topics", "apply", "--partitions", "4", "--replication-factor", "1"
            )
            assert code == 0, text
            code, text = await command(new, "topics", "plan", "--partitions", "4", "--check")
            assert code == 0, text
            # 2. The sources change over; the last of them sends some articles to both.
            await new.feed(range(90, 200))
            await feeding
            # 3. The old workers finish and stop.
            await old.audited()
            assert await asyncio.to_thread(old.stop) == 0
            before = await old.outcomes()
            assert set(before.kinds) == {article(number)[0].decode() for number in range(100)}
            # 4. The new ones start, and treat what has come meanwhile.
            await asyncio.to_thread(new.start)
            await new.ready()
            after = await new.settled(110, timeout=150)
            await new.audited()
        finally:
            await asyncio.to_thread(new.close)
    for number in range(200):
        key = article(number)[0].decode()
        assert before.kinds.get(key, set()) | after.kinds.get(key, set()) == {expected(number)}
        # A reader of both clusters knows by the event id what it has seen.
        assert len(before.event_ids.get(key, set()) | after.event_ids.get(key, set())) <= 1


async def test_a_lost_raw_topic_is_sent_again_and_its_old_outcomes_are_told_apart(
    kafka: KafkaCluster, tmp_path: Path
) -> None:
    async with running(kafka.bootstrap, tmp_path, topology=STAGED, processes=1) as rig:
        await rig.feed(range(60))
        before = await rig.settled(60, timeout=150)
        await _lose(rig, topics.RAW)
        code, text = await command(rig, "audit")
        assert (code, "Expected the topic" in text) == (3, True), text
        code, text = await command(rig, "topics", "apply", "--partitions", "4")
        assert code == 0, text
        # The sources send again, the last first: positions hold other articles than before.
        await rig.feed(range(59, -1, -1))
        # Nobody has treated them yet, and no outcome of the lost ones hides that.
        code, text = await command(rig, "audit", "--json")
        assert _balance(text, "clean")["in_flight"] == 60, text
        await asyncio.to_thread(rig.start)
        text = await _whole(rig)
        # Each article is there once more with the time it was received again, under the id it had.
        after = await rig.outcomes()
        assert after.event_ids == before.event_ids
        assert after.problems(60) == ["one event id with two bodies: 58"]
        # Positions begin anew; what answered the lost records is told from what answers the new ones.
        balance = _balance(text, "clean")
        assert (balance["received"], balance["published"], balance["earlier_topic"]) == (60, 58, 60)
        assert _balance(text, "language")["earlier_topic"] == 0


@pytest.mark.parametrize(
    ("lost", "kind"),
    [(topics.DROPPED, "dropped"), (topics.DEAD_LETTERS, "rejected")],
    ids=["dropped", "dead-letters"],
)
async def test_lost_outcomes_are_missed_and_made_anew_by_a_replay(
    kafka: KafkaCluster, tmp_path: Path, lost: topics.Topic, kind: str
) -> None:
    async with running(kafka.bootstrap, tmp_path, topology=STAGED, processes=1) as rig:
        await rig.feed(range(60))
        before = await rig.settled(60, timeout=150)
        assert before.problems(60) == []
        await _lose(rig, lost)
        code, text = await command(rig, "topics", "apply", "--partitions", "4")
        assert code == 0, text
        code, text = await command(rig, "audit", "--json")
        assert code == 1, text
        assert (_balance(text, "clean")[kind], _balance(text, "clean")["missing"]) == (0, 1)
        code, text = await command(rig, "replay", "--from", "1h")
        assert code == 0, text
        await asyncio.to_thread(rig.start)
        balance = _balance(await _whole(rig), "clean")
        # The copies have what the originals lost; readers see nothing twice.
        found = await rig.outcomes()
        assert found.problems(60) == []
        assert found.event_ids == before.event_ids
        assert (balance["received"], balance[kind], balance["replayed"]) == (120, 1, 1)


async def _whole(rig: Rig) -> str:
    """Returns the audit, in JSON, once nothing is in flight any more; fails unless every article is accounted for."""
    code, text = await command(rig, "audit", "--wait", "120", "--json")
    assert code == 0, text
    report = orjson.loads(text[text.index("{") : text.rindex("}") + 1])
    assert all(line["in_flight"] == 0 for line in report["hops"]), text
    return text


async def _lose(rig: Rig, lost: topics.Topic) -> None:
    """Stops the workers, as the manual says to, and deletes a topic."""
    assert await asyncio.to_thread(rig.stop) == 0
    async with clients.admin(rig.settings) as admin:
        await admin.delete_topics([rig.settings.topic(lost.name)])
    await _gone(rig, rig.settings.topic(lost.name))


def _balance(text: str, hop: str) -> dict[str, int]:
    """Returns one hop's line of an audit in JSON."""
    report = orjson.loads(text[text.index("{") : text.rindex("}") + 1])
    return next(line for line in report["hops"] if line["hop"] == hop)
