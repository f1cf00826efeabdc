"""How soon the first event is out: after ``babelwire up``, and after a rolling restart on a real Kafka.

python -m tests.bench.startup --runs 5
"""

from __future__ import annotations

import argparse
import asyncio
import signal
import statistics
import subprocess
import tempfile
import time
from pathlib import Path

from schemas import topics
from streams.broker import kafka as clients
from tests.command import BABELWIRE, environment
from tests.faults.rig import FUSED, STAGED, article, running
from tests.kafka.cluster import KafkaCluster


def up(folder: Path) -> float:
    """Returns the seconds from the start of ``babelwire up`` to the first event it shows."""
    command = [BABELWIRE, "up", "--samples", "--data-dir", str(folder)]
    started = time.perf_counter()
    with subprocess.Popen(
        [*command, "--http-port", "0", "--metrics-port", "0"],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=environment(PYTHONUNBUFFERED="1"),
    ) as process:
        assert process.stdout is not None
        line = process.stdout.readline()
        took = time.perf_counter() - started
        process.send_signal(signal.SIGTERM)
        process.stdout.read()
    assert line.strip(), "no event came"
    return took


async def rolling(kafka: KafkaCluster, folder: Path, topology: str) -> float:
    """Returns the longest time an article waited that was sent during a rolling restart, seconds."""
    async with running(kafka.bootstrap, folder, topology=topology) as rig:
        await rig.feed(range(16))
        await rig.settled(16, timeout=60)
        before = set(rig.pids())
        assert rig._command is not None
        rig._command.send_signal(signal.SIGHUP)
        while True:
            workers = await asyncio.to_thread(rig.workers)
            if not {worker["pid"] for worker in workers} & before and all(
                worker["ready"] for worker in workers
            ):
                break
            await asyncio.sleep(0.05)
        enriched = rig.settings.topic(topics.ENRICHED.name)
        async with (
            clients.consumer(rig.settings, enriched, auto_offset_reset="latest") as client,
            clients.producer(rig.settings) as producer,
        ):
            await client.seek_to_end()
            started = time.perf_counter()
            key, value = article(1000)
            await producer.send_and_wait(rig.settings.topic(topics.RAW.name), value, key=key)
            while (await client.getone()).key != key:
                pass
            return time.perf_counter() - started


async def measure_rolling(runs: int) -> None:
    """Prints the first event after a rolling restart."""
    with tempfile.TemporaryDirectory() as folder, KafkaCluster(Path(folder) / "kafka") as kafka:
        for name, topology in (("staged", STAGED), ("fused", FUSED)):
            times = [await rolling(kafka, Path(folder) / f"{name}{run}", topology) for run in range(runs)]
            show(f"first event after a rolling restart, {name}", times)


def show(name: str, times: list[float]) -> None:
    """Prints minimum, median and maximum."""
    print(
        f"{name}: {min(times):.1f} / {statistics.median(times):.1f} / {max(times):.1f} s (min / median / max)",
        flush=True,
    )


def main() -> None:
    """Runs the bench from the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--runs", type=int, default=3)
    options = parser.parse_args()
    times = []
    for _ in range(options.runs):
        with tempfile.TemporaryDirectory() as folder:
            times.append(up(Path(folder)))
    show("first event after babelwire up", times)
    asyncio.run(measure_rolling(options.runs))


if __name__ == "__main__":
    main()
