"""Throughput, latency and overhead of the stream, raw to enriched, on a real Kafka.

    python -m tests.bench.stream --articles 2000

Beside the workers (fused and staged, one and two processes) it measures (a) the bare stages in a loop without
Kafka and (b) a plain aiokafka loop with the same stages and the same guarantees: take, treat, publish, wait for
every confirmation, commit.

CPU per article is what to compare: rates depend on what else the machine does. A shared machine's speed drifts by
half within minutes, so every measurement is cut into blocks of a few seconds, each right after a block of the
bare stages; the report gives medians over the blocks, and the median of the pairs' ratios.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass
from pathlib import Path

import psutil
from aiokafka import AIOKafkaConsumer

from agents.hop import LoadedHop
from agents.pipeline import hops
from schemas import topics
from schemas.outcomes import INPUT_HEADER
from streams.broker import kafka as clients
from streams.settings import Settings
from tests.bench.articles import news
from tests.faults.rig import FUSED, STAGED, Rig, running
from tests.kafka.cluster import KafkaCluster

Article = tuple[bytes, bytes]


@dataclass(slots=True, kw_only=True)
class Row:
    """One line of the report; medians over the blocks."""

    name: str
    articles_per_second: float
    cpu_ms_per_article: float
    of_bare: float
    """Articles per CPU second, divided by those of the bare stages a moment before."""
    outside_stages: float | None = None
    """Share of the CPU that was spent by the workers themselves, not by their stage processes."""
    latency_ms: dict[str, float] | None = None
    """p50, p95, p99 from sending the raw article to reading the enriched one, at half the capacity."""


@dataclass(frozen=True, slots=True)
class Spent:
    """What one block of articles took, seconds."""

    wall: float
    cpu: float
    outside: float = 0.0


Block = Callable[[list[Article]], Awaitable[Spent]]


def treat(hop: LoadedHop, articles: list[Article]) -> Spent:
    """Runs the bare stages over ``articles``: bytes in, bytes out."""
    wall, cpu = time.perf_counter(), time.process_time()
    for key, value in articles:
        result = hop(value, key, 1_790_000_000_000)
        assert result.outcome == "published", result
    return Spent(time.perf_counter() - wall, time.process_time() - cpu)


async def paired(name: str, hop: LoadedHop, blocks: list[list[Article]], run: Block) -> Row:
    """Measures ``run`` on every block, each time right after the bare stages on the same block."""
    pairs = [(treat(hop, block), await run(block)) for block in blocks]
    size = len(blocks[0])
    return Row(
        name=name,
        articles_per_second=size / statistics.median(spent.wall for _, spent in pairs),
        cpu_ms_per_article=1000 * statistics.median(spent.cpu for _, spent in pairs) / size,
        of_bare=statistics.median(bare.cpu / spent.cpu for bare, spent in pairs),
        outside_stages=statistics.median(spent.outside / spent.cpu for _, spent in pairs) or None,
    )


async def bare(hop: LoadedHop, blocks: list[list[Article]]) -> Row:
    """Measures (a) against itself, which shows what the ratios are good for."""

    async def run(block: list[Article]) -> Spent:
        return treat(hop, block)

    return await paired("(a) bare stages", hop, blocks, run)


async def plain(kafka: KafkaCluster, hop: LoadedHop, blocks: list[list[Article]]) -> Row:
    """Measures (b) an aiokafka loop with the same stages and guarantees, in this process."""
    with tempfile.TemporaryDirectory() as folder:
        rig = Rig(kafka.bootstrap, Path(folder), topology=FUSED)
        await rig.provision()
        raw, enriched = rig.settings.topic(topics.RAW.name), rig.settings.topic(topics.ENRICHED.name)
        client = AIOKafkaConsumer(
            raw,
            **clients.connection(rig.settings),
            group_id="plain",
            enable_auto_commit=False,
            auto_offset_reset="earliest",
        )
        await client.start()
        async with clients.producer(rig.settings) as producer:

            async def run(block: list[Article]) -> Spent:
                await send(rig, block)
                wall, cpu, done = time.perf_counter(), time.process_time(), 0
                while done < len(block):
                    batches = await client.getmany(timeout_ms=500, max_records=64)
                    confirmations = []
                    for record in (record for records in batches.values() for record in records):
                        result = hop(record.value, record.key, record.timestamp)
                        headers = [
                            *result.event.to_headers(),
                            (INPUT_HEADER, f"{raw}/{record.partition}/{record.offset}".encode()),
                        ]
                        confirmations.append(
                            await producer.send(
                                enriched, result.value, key=result.article.encode(), headers=headers
                            )
                        )
                    await asyncio.gather(*confirmations)
                    if confirmations:
                        await client.commit()
                    done += len(confirmations)
                return Spent(time.perf_counter() - wall, time.process_time() - cpu)

            await run(blocks[0])
            try:
                return await paired("(b) plain aiokafka loop", hop, blocks, run)
            finally:
                await client.stop()


async def workers(
    kafka: KafkaCluster,
    hop: LoadedHop,
    blocks: list[list[Article]],
    *,
    topology: str,
    processes: int,
    recognition: str,
) -> Row:
    """Measures the worker command: first its capacity on backlogs, then its latency at half of that."""
    name = f"{'fused' if topology == FUSED else 'staged'}, {processes} process{'es' if processes > 1 else ''}"
    with tempfile.TemporaryDirectory() as folder:
        async with running(
            kafka.bootstrap, Path(folder), topology=topology, processes=processes, recognition=recognition
        ) as rig:
            sent = 0

            async def run(block: list[Article]) -> Spent:
                nonlocal sent
                before, started = tree_cpu(rig), time.perf_counter()
                await send(rig, block)
                sent += len(block)
                await finished(rig, sent)
                wall, after = time.perf_counter() - started, tree_cpu(rig)
                return Spent(wall, sum(after) - sum(before), after[0] - before[0])

            await run(blocks[0])
            row = await paired(name, hop, blocks, run)
            late = [article for block in blocks for article in block][:300]
            row.latency_ms = await latencies(rig, late, row.articles_per_second / 2)
    return row


async def send(rig: Rig, articles: list[Article]) -> None:
    """Sends articles as fast as the broker takes them."""
    raw = rig.settings.topic(topics.RAW.name)
    async with clients.producer(rig.settings) as producer:
        confirmations = [await producer.send(raw, value, key=key) for key, value in articles]
        await asyncio.gather(*confirmations)


async def finished(rig: Rig, count: int) -> None:
    """Waits until ``count`` articles have passed the last stage."""
    while await asyncio.to_thread(rig.metric, "babelwire_articles_finished_total", stage="entities") < count:
        await asyncio.sleep(0.05)


def tree_cpu(rig: Rig) -> tuple[float, float]:
    """Returns the CPU seconds so far of the workers, and of the processes they started (the stages)."""
    own = started = 0.0
    for pid in rig.pids():
        worker = psutil.Process(pid)
        own += _cpu(worker)
        started += sum(_cpu(process) for process in worker.children(recursive=True))
    return own, started


def _cpu(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)


async def latencies(rig: Rig, articles: list[Article], per_second: float) -> dict[str, float]:
    """Sends articles evenly and returns percentiles of the time until each is read enriched, milliseconds."""
    sent: dict[str, float] = {}
    took: list[float] = []
    raw, enriched = rig.settings.topic(topics.RAW.name), rig.settings.topic(topics.ENRICHED.name)
    async with clients.consumer(rig.settings, enriched, auto_offset_reset="latest") as client:
        await client.seek_to_end()

        async def listen() -> None:
            while len(took) < len(articles):
                record = await client.getone()
                begun = sent.get((record.key or b"").decode())
                if begun is not None:
                    took.append(1000 * (time.perf_counter() - begun))

        listening = asyncio.create_task(listen())
        async with clients.producer(rig.settings) as producer:
            started = time.perf_counter()
            for number, (_, value) in enumerate(articles):
                await asyncio.sleep(max(0.0, started + number / per_second - time.perf_counter()))
                key = f"late-{number}"
                sent[key] = time.perf_counter()
                body = value.replace(value[7:19], key.encode(), 1)
                await producer.send(raw, body, key=key.encode())
        await asyncio.wait_for(listening, 120)
    cuts = statistics.quantiles(took, n=100)
    return {"p50": cuts[49], "p95": cuts[94], "p99": cuts[98]}


async def measure(count: int, size: int, recognition: str) -> list[Row]:
    """Runs every measurement on one Kafka, one after the other."""
    articles = news(count)
    blocks = [articles[at : at + size] for at in range(0, count - size + 1, size)]
    settings = Settings(topology=FUSED, recognition=recognition)
    hop = LoadedHop(hops(FUSED)[0], settings.resources(None), settings.limits(), time.perf_counter)
    treat(hop, blocks[0])
    rows: list[Row] = []

    def report(row: Row) -> None:
        rows.append(row)
        print(line(row), flush=True)

    with tempfile.TemporaryDirectory() as folder, KafkaCluster(Path(folder) / "kafka") as kafka:
        report(await bare(hop, blocks))
        report(await plain(kafka, hop, blocks))
        for topology in (FUSED, STAGED):
            for processes in (1, 2):
                report(
                    await workers(
                        kafka,
                        hop,
                        blocks,
                        topology=topology,
                        processes=processes,
                        recognition=recognition,
                    )
                )
    return rows


def line(row: Row) -> str:
    """Returns one line of the report."""
    outside = "" if row.outside_stages is None else f"  outside stages {row.outside_stages:5.1%}"
    latency = (
        ""
        if row.latency_ms is None
        else "  " + " ".join(f"{key} {value:.0f}" for key, value in row.latency_ms.items()) + " ms"
    )
    return (
        f"{row.name:24} {row.articles_per_second:7.1f} articles/s  {row.cpu_ms_per_article:6.2f} ms CPU/article  "
        f"{row.of_bare:6.1%} of (a) per core{outside}{latency}"
    )


def main() -> None:
    """Runs the bench from the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--articles", type=int, default=2000, help="articles a measurement (default 2000)")
    parser.add_argument("--block", type=int, default=200, help="articles a block (default 200)")
    parser.add_argument(
        "--recognition",
        choices=["rules", "model"],
        default="rules",
        help="what finds unknown names; with rules the stages are fast and the stream's own share shows (default)",
    )
    parser.add_argument("--json", action="store_true", help="print the rows as JSON at the end")
    options = parser.parse_args()
    rows = asyncio.run(measure(options.articles, options.block, options.recognition))
    if options.json:
        print(json.dumps([asdict(row) for row in rows]))


if __name__ == "__main__":
    main()
