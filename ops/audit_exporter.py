"""Runs ``babelwire audit`` again and again and tells Prometheus what it found, and how far each partition is.

    python ops/audit_exporter.py --every 1800 --since 3h --look 15 --port 9465

The counters of the workers cannot prove that no article was lost, because a lost article is not counted. The audit
can: it compares the topics. An audit reads everything received within ``--since`` (and no command changes a topic),
so choose the two by how much the broker can serve beside its work; ``--since`` must be longer than ``--every``.

Every ``--look`` seconds it asks the broker for the group's committed offsets and the partitions' ends. A worker's own
measure cannot tell of a partition that it fetches nothing from: the end it knows stands still too. Nor does any
worker tell of a partition that none of them holds.
"""

from __future__ import annotations

import argparse
import asyncio
import signal
import sys
import time
from collections.abc import Awaitable, Callable

import structlog
from aiohttp import web
from aiokafka.errors import KafkaError
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest

from agents.pipeline import hops
from schemas.errors import BabelwireError
from streams import log as logging_setup
from streams import metrics
from streams.broker import layout, records
from streams.look.audit import Report, audit
from streams.settings import Settings, load

log = structlog.get_logger("audit_exporter")

KINDS = ("missing", "conflicting", "stranded")


def tell(report: Report, ended: float) -> None:
    """Sets the metrics to what an audit found."""
    for hop in report.hops:
        for kind in KINDS:
            metrics.unaccounted_articles.labels(hop.topic, kind).set(getattr(hop, kind))
    metrics.audit_timestamp.labels(report.group).set(ended)


async def keep_auditing(settings: Settings, every: float, since: float) -> None:
    """Audits until it is cancelled; a broker that is away is asked again after ``every`` seconds."""

    async def once() -> None:
        report = await audit(settings, since_ms=round((time.time() - since) * 1000))
        tell(report, time.time())
        if report.breaches:
            named = [str(position) for position in (*report.missing, *report.conflicting)]
            log.error("articles_unaccounted", count=report.breaches, positions=named)

    await _keep(once, every, lambda error: log.warning("audit_failed", error=error))


async def keep_looking(settings: Settings, every: float) -> None:
    """Measures the partitions until it is cancelled; while the broker is away nothing is told of them."""

    def unknown(error: str) -> None:
        log.warning("partitions_unknown", error=error)
        metrics.partition_committed.clear()
        metrics.partition_backlog.clear()

    await _keep(lambda: look(settings), every, unknown)


async def _keep(once: Callable[[], Awaitable[None]], every: float, failed: Callable[[str], None]) -> None:
    while True:
        begun = time.monotonic()
        try:
            await once()
        except (BabelwireError, KafkaError, OSError, TimeoutError) as error:
            failed(f"{type(error).__name__}: {error}")
        await asyncio.sleep(max(1.0, begun + every - time.monotonic()))


async def look(settings: Settings) -> None:
    """Sets the metrics of every partition that a hop of the topology reads."""
    topics = [settings.topic(hop.input.name) for hop in hops(settings.topology)]
    found = await layout.existing(settings, topics)
    wanted = [(topic, number) for topic, numbers in found.items() for number in numbers]
    # Offsets first, ends second: whatever is committed lies before the ends.
    committed = await layout.committed(settings, settings.group("articles"), wanted)
    for (topic, number), (first, end) in (await records.spans(settings, topics)).items():
        reached = committed.get((topic, number), first)
        metrics.partition_committed.labels(topic, str(number)).set(reached)
        metrics.partition_backlog.labels(topic, str(number)).set(max(0, end - max(first, reached)))


async def serve(settings: Settings, host: str, port: int, every: float, since: float, looks: float) -> None:
    """Serves ``/metrics`` and ``/readyz``, audits and looks, until SIGTERM or SIGINT.

    Raises:
        BabelwireError: the port is taken.
    """
    shown = CollectorRegistry()
    for metric in (
        metrics.unaccounted_articles,
        metrics.audit_timestamp,
        metrics.partition_backlog,
        metrics.partition_committed,
        metrics.clock,
    ):
        shown.register(metric)

    async def show(_: web.Request) -> web.Response:
        metrics.clock.labels("audit").set(time.time())
        return web.Response(body=generate_latest(shown), headers={"Content-Type": CONTENT_TYPE_LATEST})

    async def ready(_: web.Request) -> web.Response:
        return web.json_response({"ready": True})

    application = web.Application()
    application.add_routes([web.get("/metrics", show), web.get("/readyz", ready)])
    runner = web.AppRunner(application, access_log=None)
    await runner.setup()
    try:
        await web.TCPSite(runner, host, port).start()
    except OSError as error:
        await runner.cleanup()
        raise BabelwireError(
            f"Expected to listen on {host}:{port}: {error.strerror or error}. Choose another with --port (0 takes a "
            "free one)."
        ) from None
    print(
        f"Auditing every {every:g} s; http://{host}:{runner.addresses[0][1]}/metrics",
        file=sys.stderr,
        flush=True,
    )
    working = (
        asyncio.create_task(keep_auditing(settings, every, since)),
        asyncio.create_task(keep_looking(settings, looks)),
    )
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    stopping = asyncio.create_task(stop.wait())
    await asyncio.wait({*working, stopping}, return_when=asyncio.FIRST_COMPLETED)
    await runner.cleanup()
    for task in working:
        if task.done():
            task.result()
        task.cancel()


def seconds(text: str) -> float:
    """Returns the seconds of ``90``, ``15m`` or ``3h``."""
    unit = {"s": 1, "m": 60, "h": 3600, "d": 86400}.get(text[-1:])
    return float(text) if unit is None else float(text[:-1]) * unit


def main(arguments: list[str]) -> int:
    """Runs until it is told to stop; returns the exit code."""
    parser = argparse.ArgumentParser(description="Audits again and again and shows the result to Prometheus.")
    parser.add_argument("--every", type=seconds, default=1800.0, help="from one audit to the next (30m)")
    parser.add_argument("--since", type=seconds, default=10800.0, help="articles received within (3h)")
    parser.add_argument(
        "--look", type=seconds, default=15.0, help="from one look at the partitions to the next"
    )
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=9465, help="0 takes a free one")
    given = parser.parse_args(arguments)
    if given.since <= given.every:
        parser.error(
            "expected --since longer than --every, or articles between two audits are never looked at"
        )
    try:
        settings = load()
        logging_setup.configure(settings, worker="audit")
        asyncio.run(serve(settings, given.host, given.port, given.every, given.since, given.look))
    except BabelwireError as error:
        print(f"audit_exporter: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
