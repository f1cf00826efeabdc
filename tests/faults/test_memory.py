"""Promise 5: memory stays flat while input comes at twice the rate that the workers manage."""

from __future__ import annotations

import asyncio
import statistics
import time
from pathlib import Path

import psutil
import pytest

from tests.faults.rig import FUSED, Rig, running
from tests.kafka.cluster import KafkaCluster

pytestmark = [pytest.mark.kafka, pytest.mark.faults, pytest.mark.timeout(7200)]


def resident(rig: Rig) -> int:
    """Returns the memory of the workers and their stage processes, bytes; shared pages are divided among them."""
    total = 0
    for pid in rig.pids():
        try:
            worker = psutil.Process(pid)
            for process in (worker, *worker.children(recursive=True)):
                total += process.memory_full_info().pss
        except psutil.NoSuchProcess:
            continue
    return total


@pytest.mark.lasts(32)
async def test_memory_is_flat_while_input_outruns_the_workers(
    kafka_fresh: KafkaCluster, tmp_path: Path, long_form: bool
) -> None:
    count = 100_000 if long_form else 6_000
    warm = count // 5
    async with running(kafka_fresh.bootstrap, tmp_path, topology=FUSED, processes=1) as rig:
        started = time.monotonic()
        await rig.feed(range(warm))  # as fast as it goes: the workers are behind from the first moment on
        await _finished(rig, warm // 2)
        capacity = (warm // 2) / (time.monotonic() - started)
        feeding = asyncio.create_task(rig.feed(range(warm, count), per_second=2 * capacity))
        samples: list[tuple[float, int]] = []
        lags: list[float] = []
        while (
            done := await asyncio.to_thread(rig.metric, "babelwire_articles_finished_total", stage="clean")
        ) < count:
            if done >= warm:
                samples.append((done, await asyncio.to_thread(resident, rig)))
                lags.append(await asyncio.to_thread(rig.metric, "babelwire_consumer_lag_messages"))
            await asyncio.sleep(1)
        await feeding
        assert rig.metric("babelwire_worker_restarts_total") == 0
        assert len(samples) >= 8, samples
        quarter = len(samples) // 4
        first = statistics.median(size for _, size in samples[:quarter])
        last = statistics.median(size for _, size in samples[-quarter:])
        growth = last / first - 1
        print(
            f"{count} articles at twice {capacity:.0f}/s: memory {first / 2**20:.0f} -> {last / 2**20:.0f} MiB "
            f"({growth:+.1%}), lag up to {max(lags):.0f}"
        )
        assert max(lags) > count / 20, "the input did not outrun the workers: the test shows nothing"
        assert growth < 0.10


async def _finished(rig: Rig, count: int) -> None:
    while await asyncio.to_thread(rig.metric, "babelwire_articles_finished_total", stage="clean") < count:
        await asyncio.sleep(0.5)
