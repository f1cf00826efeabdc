"""The supervisor: restarts what ends, rolls, drains, and leaves nothing behind."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from pathlib import Path

import psutil
import pytest

from tests.faults.rig import FUSED, STAGED, Rig, running
from tests.kafka.cluster import KafkaCluster

pytestmark = [pytest.mark.kafka, pytest.mark.faults, pytest.mark.timeout(600)]


def family(rig: Rig) -> list[psutil.Process]:
    """Returns the supervisor's process and all below it."""
    assert rig._command is not None
    supervisor = psutil.Process(rig._command.pid)
    return [supervisor, *supervisor.children(recursive=True)]


async def gone(processes: list[psutil.Process], seconds: float) -> list[psutil.Process]:
    """Waits until the processes have ended and returns those that have not."""
    _, alive = await asyncio.to_thread(psutil.wait_procs, processes, seconds)
    return [process for process in alive if process.status() != psutil.STATUS_ZOMBIE]


async def test_sigterm_drains_commits_and_leaves_no_copies(kafka: KafkaCluster, tmp_path: Path) -> None:
    # One worker: with two, the second to join takes over what the first has in hand, which makes copies by design.
    async with running(kafka.bootstrap, tmp_path, topology=STAGED, processes=1) as rig:
        feeding = asyncio.create_task(rig.feed(range(600), per_second=150))
        await asyncio.sleep(2)
        processes = family(rig)
        started = time.monotonic()
        assert await asyncio.to_thread(rig.stop) == 0
        assert time.monotonic() - started < 30, "the promise is 30 s"
        assert await gone(processes, 30) == []
        await feeding
        await asyncio.to_thread(rig.start)
        found = await rig.settled(600, timeout=90)
        assert found.problems(600) == []
        assert found.copies == 0, "what was finished was committed"


async def test_a_killed_supervisor_takes_its_workers_along(kafka: KafkaCluster, tmp_path: Path) -> None:
    async with running(kafka.bootstrap, tmp_path, topology=FUSED) as rig:
        processes = family(rig)
        assert len(processes) >= 5, "supervisor, two workers, their stage processes"
        processes[0].send_signal(signal.SIGKILL)
        assert await gone(processes, 40) == []


@pytest.mark.lasts(50)
async def test_workers_end_when_neither_supervisor_nor_broker_is_left(
    kafka_fresh: KafkaCluster, tmp_path: Path
) -> None:
    async with running(kafka_fresh.bootstrap, tmp_path, topology=FUSED, processes=1) as rig:
        processes = family(rig)
        kafka_fresh.kill()
        processes[0].send_signal(signal.SIGKILL)
        assert await gone(processes, 45) == []


async def test_a_killed_worker_takes_its_stage_process_along_and_comes_back(
    kafka: KafkaCluster, tmp_path: Path
) -> None:
    async with running(kafka.bootstrap, tmp_path, topology=FUSED, processes=1) as rig:
        [pid] = rig.pids()
        below = psutil.Process(pid).children(recursive=True)
        os.kill(pid, signal.SIGKILL)
        assert await gone(below, 30) == []
        await rig.ready(other_than=[pid])
        assert rig.metric("babelwire_worker_restarts_total") == 1
        await rig.feed(range(40))
        assert (await rig.settled(40, timeout=60)).problems(40) == []


async def test_sighup_restarts_one_worker_after_the_other_and_loses_nothing(
    kafka: KafkaCluster, tmp_path: Path
) -> None:
    async with running(kafka.bootstrap, tmp_path, topology=FUSED) as rig:
        before = set(rig.pids())
        feeding = asyncio.create_task(rig.feed(range(600), per_second=60))
        assert rig._command is not None
        rig._command.send_signal(signal.SIGHUP)
        most_away = 0
        for _ in range(600):
            workers = await asyncio.to_thread(rig.workers)
            most_away = max(
                most_away, sum(not worker["pid"] or worker["state"] in ("starting",) for worker in workers)
            )
            pids = {worker["pid"] for worker in workers}
            if not pids & before and all(worker["ready"] for worker in workers):
                break
            await asyncio.sleep(0.1)
        assert not set(rig.pids()) & before
        assert most_away <= 1, "never two at a time"
        await feeding
        found = await rig.settled(600, timeout=90)
        assert found.problems(600) == []


async def test_two_supervisors_do_not_share_a_data_folder(kafka: KafkaCluster, tmp_path: Path) -> None:
    async with running(kafka.bootstrap, tmp_path, topology=FUSED, processes=1) as rig:
        done = await asyncio.to_thread(rig.babelwire, "worker")
        assert done.returncode == 2
        assert "--data-dir" in done.stderr.decode()


async def test_counters_go_on_where_a_killed_worker_stopped(kafka: KafkaCluster, tmp_path: Path) -> None:
    async with running(kafka.bootstrap, tmp_path, topology=FUSED, processes=1) as rig:
        await rig.feed(range(100))
        await rig.settled(100, timeout=60)
        for _ in range(50):
            if rig.metric("babelwire_articles_received_total", stage="clean") >= 100:
                break
            await asyncio.sleep(0.1)
        finished = rig.metric("babelwire_articles_finished_total", stage="clean")
        assert rig.metric("babelwire_articles_received_total", stage="clean") == finished == 100
        [pid] = rig.pids()
        os.kill(pid, signal.SIGKILL)
        await rig.ready(other_than=[pid])
        assert rig.metric("babelwire_articles_received_total", stage="clean") >= 100
