"""Throughput, latency and overhead of the stream, raw to enriched, on a real Kafka.

    python -m tests.bench.stream --articles 2000

Beside the workers (fused and staged, one and two processes) it measures (a) the bare stages in a loop without
Kafka and (b) a plain aiokafka loop with the same stages and the same guarantees: take, treat, publish, wait for
every confirmation, commit. CPU per article is what to compare: rates depend on what else the machine does.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import statistics
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path

import psutil
from aiokafka import AIOKafkaConsumer

from agents.hop import LoadedHop
from agents.pipeline import hops
from agents.stage import Resources
from schemas import topics
from schemas.outcomes import INPUT_HEADER
from streams import kafka as clients
from streams.settings import Settings
from tests.bench.articles import news
from tests.faults.rig import FUSED, STAGED, Rig, running
from tests.kafka.cluster import KafkaCluster

Article = tuple[bytes, bytes]


@dataclass(slots=True, kw_only=True)
class Row:
    """One line of the report."""

    name: str
    articles_per_second: float
    cpu_ms_per_article: float
    articles_per_cpu_second: float
    outside_stages: float | None = None
    """Share of the CPU that was spent by the workers themselves, not by their stage processes."""
    latency_ms: dict[str, float] | None = None
    """p50, p95, p99 from sending the raw article to reading the enriched one, at half the capacity."""


def bare(articles: list[Article]) -> Row:
    """Measures the stages in a loop: bytes in, bytes out, no Kafka."""
    hop = LoadedHop(hops(FUSED)[0], Resources(), Settings().limits(), time.perf_counter)
    for key, value in articles[:50]:
        hop(value, key, 1_790_000_000_000)
    wall, cpu = time.perf_counter(), time.process_time()
    for key, value in articles:
        result = hop(value, key, 1_790_000_000_000)
        assert result.outcome == "published", result
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    return Row(
        name="(a) bare stages",
        articles_per_second=len(articles) / wall,
        cpu_ms_per_article=1000 * cpu / len(articles),
        articles_per_cpu_second=len(articles) / cpu,
    )


async def plain(rig: Rig, articles: list[Article]) -> Row:
    """Measures an aiokafka loop with the same stages and guarantees, in this process."""
    hop = LoadedHop(hops(FUSED)[0], Resources(), rig.settings.limits(), time.perf_counter)
    for key, value in articles[:50]:
        hop(value, key, 1_790_000_000_000)
    raw, enriched = rig.settings.topic(topics.RAW.name), rig.settings.topic(topics.ENRICHED.name)
    await send(rig, articles)
    client = AIOKafkaConsumer(
        raw,
        **clients.connection(rig.settings),
        group_id="plain",
        enable_auto_commit=False,
        auto_offset_reset="earliest",
    )
    await client.start()
    done = 0
    async with clients.producer(rig.settings) as producer:
        while not client.assignment():
            await asyncio.sleep(0.01)
        wall, cpu = time.perf_counter(), time.process_time()
        while done < len(articles):
            batches = await client.getmany(timeout_ms=500, max_records=64)
            confirmations = []
            for records in batches.values():
                for record in records:
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
        wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    await client.stop()
    return Row(
        name="(b) plain aiokafka loop",
        articles_per_second=done / wall,
        cpu_ms_per_article=1000 * cpu / done,
        articles_per_cpu_second=done / cpu,
    )


async def workers(kafka: KafkaCluster, articles: list[Article], topology: str, processes: int) -> Row:
    """Measures the worker command: first its capacity on a backlog, then its latency at half of that."""
    name = f"{'fused' if topology == FUSED else 'staged'}, {processes} process{'es' if processes > 1 else ''}"
    with tempfile.TemporaryDirectory() as folder:
        async with running(kafka.bootstrap, Path(folder), topology=topology, processes=processes) as rig:
            warm = articles[:100]
            await send(rig, warm)
            await finished(rig, len(warm))
            before = tree_cpu(rig)
            started = time.perf_counter()
            await send(rig, articles)
            await finished(rig, len(warm) + len(articles))
            wall = time.perf_counter() - started
            after = tree_cpu(rig)
            outside, cpu = after[0] - before[0], sum(after) - sum(before)
            rate = len(articles) / wall
            latency = await latencies(rig, articles[: max(200, len(articles) // 4)], rate / 2)
    return Row(
        name=name,
        articles_per_second=rate,
        cpu_ms_per_article=1000 * cpu / len(articles),
        articles_per_cpu_second=len(articles) / cpu,
        outside_stages=outside / cpu,
        latency_ms=latency,
    )


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


async def measure(count: int) -> list[Row]:
    """Runs every measurement on one Kafka, one after the other."""
    articles = news(count)
    rows = [bare(articles)]
    show(rows[-1], rows[0])
    with tempfile.TemporaryDirectory() as folder, KafkaCluster(Path(folder) / "kafka") as kafka:
        rig = Rig(kafka.bootstrap, Path(folder) / "plain", topology=FUSED)
        await rig.provision()
        rows.append(await plain(rig, articles))
        show(rows[-1], rows[0])
        for topology in (FUSED, STAGED):
            for processes in (1, 2):
                rows.append(await workers(kafka, articles, topology, processes))
                show(rows[-1], rows[0])
    return rows


def show(row: Row, first: Row) -> None:
    """Prints one line."""
    outside = "" if row.outside_stages is None else f"  outside stages {row.outside_stages:5.1%}"
    latency = (
        ""
        if row.latency_ms is None
        else "  " + " ".join(f"{key} {value:.0f}" for key, value in row.latency_ms.items()) + " ms"
    )
    ratio = row.articles_per_cpu_second / first.articles_per_cpu_second
    print(
        f"{row.name:24} {row.articles_per_second:7.1f} articles/s  {row.cpu_ms_per_article:6.2f} ms CPU/article  "
        f"{ratio:6.1%} of (a) per core{outside}{latency}",
        flush=True,
    )


def main() -> None:
    """Runs the bench from the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--articles", type=int, default=1000, help="articles a measurement (default 1000)")
    parser.add_argument("--json", action="store_true", help="print the rows as JSON at the end")
    options = parser.parse_args()
    rows = asyncio.run(measure(options.articles))
    if options.json:
        print(json.dumps([asdict(row) for row in rows]))


if __name__ == "__main__":
    main()
