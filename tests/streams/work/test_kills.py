"""A killed helper process of a worker is told in one line of the log, and what it did is done again."""

from __future__ import annotations

import asyncio
from pathlib import Path

import psutil
import pytest

from streams.broker.embedded import EmbeddedBroker
from tests.faults.rig import FUSED, Rig

pytestmark = [pytest.mark.embedded, pytest.mark.timeout(240)]


def installed(broker: EmbeddedBroker, tmp_path: Path) -> Rig:
    """Returns an installation on ``broker``, with one worker."""
    return Rig(
        broker.bootstrap_servers, tmp_path, topology=FUSED, processes=1, session_timeout=3, fetch_wait=0.02,
        replication_factor=1,
    )  # fmt: skip


@pytest.fixture
def rig(embedded: EmbeddedBroker, tmp_path: Path) -> Rig:
    return installed(embedded, tmp_path)


def below(rig: Rig, words: str) -> psutil.Process:
    """Returns the one process directly below the worker whose command line holds ``words``."""
    [pid] = rig.pids()
    [found] = [child for child in psutil.Process(pid).children() if words in " ".join(child.cmdline())]
    return found


@pytest.mark.lasts(30)
async def test_a_stage_process_that_is_killed_with_nothing_to_do_is_told_and_started_at_once(
    rig: Rig,
) -> None:
    await rig.provision()
    try:
        await asyncio.to_thread(rig.start)
        await rig.ready()
        [before] = below(rig, "multiprocessing.forkserver").children()
        before.kill()
        async with asyncio.timeout(30):
            while not rig.logged("stage_process_lost"):
                await asyncio.sleep(0.1)
            while not (after := below(rig, "multiprocessing.forkserver").children()) or before in after:
                await asyncio.sleep(0.1)
        await rig.ready()
        assert rig.logged("stage_process_lost") == 1
        assert rig.metric("babelwire_stage_processes_lost_total") == 1
        assert rig.metric("babelwire_worker_restarts_total") == 0
        await rig.feed(range(20))
        assert (await rig.settled(20, timeout=60)).problems(20) == []
    finally:
        await asyncio.to_thread(rig.close)


@pytest.mark.lasts(20)
async def test_a_killed_resource_tracker_leaves_no_traceback_on_the_screen(rig: Rig) -> None:
    await rig.provision()
    try:
        await asyncio.to_thread(rig.start)
        await rig.ready()
        below(rig, "multiprocessing.resource_tracker").kill()
        assert await asyncio.to_thread(rig.stop) == 0
        assert "Traceback" not in rig.log_end(1 << 20)
    finally:
        await asyncio.to_thread(rig.close)


@pytest.mark.lasts(40)
async def test_a_worker_that_is_stopped_while_its_broker_is_gone_ends_by_itself(tmp_path: Path) -> None:
    with EmbeddedBroker(tmp_path / "broker.log") as broker:
        rig = installed(broker, tmp_path)
        await rig.provision()
        try:
            await asyncio.to_thread(rig.start)
            await rig.ready()
            broker.stop()
            async with asyncio.timeout(60):
                while "Connect call failed" not in rig.log_end():  # as its fetches are told from now on
                    await asyncio.sleep(0.1)
            assert await asyncio.to_thread(rig.stop) == 0
            assert rig.logged("worker_killed") == 0
            assert "Traceback" not in rig.log_end(1 << 20)
        finally:
            await asyncio.to_thread(rig.close)
