"""Throughput, latency and overhead of the stream, raw to enriched, on a real Kafka.

    python -m tests.bench.stream --articles 2000

Beside the workers (fused and staged, one and two processes) it measures (a) the bare stages in a loop without
Kafka and (b) a plain aiokafka loop with the same stages and the same guarantees: take, treat, publish, wait for
every confirmation, commit. A core does less while its neighbour works (hyperthreads share its units, and all
cores the caches), and beside a worker a broker works; so (a) is also measured with such a loop on every core.

CPU per article is what to compare: rates depend on what else the machine does. Machines drift, so all is
measured in rounds, one after the other, and the report gives medians and the medians of each round's ratios.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import multiprocessing
import statistics
import tempfile
import time
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import psutil
from aiokafka import AIOKafkaConsumer

from agents.hop import LoadedHop
from agents.pipeline import hops
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
    outside_stages: float | None = None
    """Share of the CPU that was spent by the workers themselves, not by their stage processes."""
    latency_ms: dict[str, float] | None = None
    """p50, p95, p99 from sending the raw article to reading the enriched one, at half the capacity."""
    of_bare: float = 1.0
    """Articles per CPU second, divided by those of the bare stages in the same round."""
    of_busy: float = 1.0
    """The same, divided by those of the bare stages with every core at work."""


def loaded(settings: Settings) -> LoadedHop:
    """Returns the fused stages."""
    return LoadedHop(hops(FUSED)[0], settings.resources(None), settings.limits(), time.perf_counter)


def treat(hop: LoadedHop, articles: list[Article]) -> tuple[float, float]:
    """Runs the stages over ``articles`` and returns wall and CPU seconds."""
    for key, value in articles[:50]:
        hop(value, key, 1_790_000_000_000)
    wall, cpu = time.perf_counter(), time.process_time()
    for key, value in articles:
        result = hop(value, key, 1_790_000_000_000)
        assert result.outcome == "published", result
    return time.perf_counter() - wall, time.process_time() - cpu


def bare(hop: LoadedHop, articles: list[Article]) -> Row:
    """Measures the stages in a loop: bytes in, bytes out, no Kafka."""
    wall, cpu = treat(hop, articles)
    return Row(
        name="(a) bare stages",
        articles_per_second=len(articles) / wall,
        cpu_ms_per_article=1000 * cpu / len(articles),
    )


def busy(hop: LoadedHop, articles: list[Article]) -> Row:
    """Measures the same loop while every other core runs one too."""
    others = [
        multiprocessing.get_context("fork").Process(target=_for_ever, args=(hop, articles)) for _ in _others()
    ]
    for other in others:
        other.start()
    try:
        row = bare(hop, articles)
    finally:
        for other in others:
            other.kill()
            other.join()
    return replace(row, name="(a) on every core")


def _others() -> range:
    return range(len(psutil.Process().cpu_affinity()) - 1)


def _for_ever(hop: LoadedHop, articles: list[Article]) -> None:
    while True:
        treat(hop, articles)


async def plain(rig: Rig, hop: LoadedHop, articles: list[Article]) -> Row:
    """Measures an aiokafka loop with the same stages and guarantees, in this process."""
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
    )


async def workers(
    kafka: KafkaCluster, articles: list[Article], topology: str, processes: int, recognition: str
) -> Row:
    """Measures the worker command: first its capacity on a backlog, then its latency at half of that."""
    name = f"{'fused' if topology == FUSED else 'staged'}, {processes} process{'es' if processes > 1 else ''}"
    with tempfile.TemporaryDirectory() as folder:
        async with running(
            kafka.bootstrap, Path(folder), topology=topology, processes=processes, recognition=recognition
        ) as rig:
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


async def measure(count: int, rounds: int, recognition: str) -> list[list[Row]]:
    """Runs every measurement on one Kafka, one after the other, in rounds; returns the rounds of each row."""
    articles = news(count)
    hop = loaded(Settings(topology=FUSED, recognition=recognition))
    table: list[list[Row]] = []
    with tempfile.TemporaryDirectory() as folder, KafkaCluster(Path(folder) / "kafka") as kafka:
        for number in range(rounds):
            print(f"round {number + 1} of {rounds}", flush=True)
            first, second = bare(hop, articles), busy(hop, articles)
            rig = Rig(kafka.bootstrap, Path(folder) / f"plain-{number}", topology=FUSED)
            await rig.provision()
            rows = [first, second, await plain(rig, hop, articles)]
            rows += [
                await workers(kafka, articles, topology, processes, recognition)
                for topology in (FUSED, STAGED)
                for processes in (1, 2)
            ]
            for row in rows:
                row.of_bare = first.cpu_ms_per_article / row.cpu_ms_per_article
                row.of_busy = second.cpu_ms_per_article / row.cpu_ms_per_article
                print(line(row), flush=True)
            table.append(rows)
    return [list(row) for row in zip(*table, strict=True)]


def middle(rows: list[Row]) -> Row:
    """Returns the medians of a row's rounds."""

    def of(name: str) -> float:
        return statistics.median(getattr(row, name) for row in rows)

    latencies = [row.latency_ms for row in rows if row.latency_ms is not None]
    return Row(
        name=rows[0].name,
        articles_per_second=of("articles_per_second"),
        cpu_ms_per_article=of("cpu_ms_per_article"),
        outside_stages=None if rows[0].outside_stages is None else of("outside_stages"),
        latency_ms={key: statistics.median(one[key] for one in latencies) for key in latencies[0]}
        if latencies
        else None,
        of_bare=of("of_bare"),
        of_busy=of("of_busy"),
    )


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
        f"{row.of_bare:6.1%} of (a), {row.of_busy:6.1%} of (a) on every core{outside}{latency}"
    )


def main() -> None:
    """Runs the bench from the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--articles", type=int, default=1000, help="articles a measurement (default 1000)")
    parser.add_argument("--rounds", type=int, default=3, help="rounds (default 3)")
    parser.add_argument(
        "--recognition",
        choices=["rules", "model"],
        default="rules",
        help="what finds unknown names; with rules the stages are fast and the stream's own share shows (default)",
    )
    parser.add_argument("--json", action="store_true", help="print the rows as JSON at the end")
    options = parser.parse_args()
    rows = [
        middle(row) for row in asyncio.run(measure(options.articles, options.rounds, options.recognition))
    ]
    print(f"medians of {options.rounds} rounds")
    for row in rows:
        print(line(row))
    if options.json:
        print(json.dumps([asdict(row) for row in rows]))


if __name__ == "__main__":
    main()
