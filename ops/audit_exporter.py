"""Runs ``babelwire audit`` again and again and tells Prometheus what it found.

    python ops/audit_exporter.py --every 1800 --since 3h --port 9465

The counters of the workers cannot prove that no article was lost, because a lost article is not counted. The audit
can: it compares the topics. An audit reads everything received within ``--since`` (and no command changes a topic),
so choose the two by how much the broker can serve beside its work; ``--since`` must be longer than ``--every``.
"""

from __future__ import annotations

import argparse
import asyncio
import signal
import sys
import time

import structlog
from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest

from schemas.errors import BabelwireError
from streams import log as logging_setup
from streams import metrics
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
    while True:
        begun = time.time()
        try:
            report = await audit(settings, since_ms=round((begun - since) * 1000))
        except (BabelwireError, OSError, TimeoutError) as error:
            log.warning("audit_failed", error=f"{type(error).__name__}: {error}")
        else:
            tell(report, time.time())
            if report.breaches:
                named = [str(position) for position in (*report.missing, *report.conflicting)]
                log.error("articles_unaccounted", count=report.breaches, positions=named)
        await asyncio.sleep(max(1.0, begun + every - time.time()))


async def serve(settings: Settings, host: str, port: int, every: float, since: float) -> None:
    """Serves ``/metrics`` and ``/readyz`` and audits, until SIGTERM or SIGINT."""
    shown = CollectorRegistry()
    for metric in (metrics.unaccounted_articles, metrics.audit_timestamp, metrics.clock):
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
    await web.TCPSite(runner, host, port).start()
    print(
        f"Auditing every {every:g} s; http://{host}:{runner.addresses[0][1]}/metrics",
        file=sys.stderr,
        flush=True,
    )
    auditing = asyncio.create_task(keep_auditing(settings, every, since))
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    stopping = asyncio.create_task(stop.wait())
    await asyncio.wait({auditing, stopping}, return_when=asyncio.FIRST_COMPLETED)
    await runner.cleanup()
    if auditing.done():
        auditing.result()
    auditing.cancel()


def seconds(text: str) -> float:
    """Returns the seconds of ``90``, ``15m`` or ``3h``."""
    unit = {"s": 1, "m": 60, "h": 3600, "d": 86400}.get(text[-1:])
    return float(text) if unit is None else float(text[:-1]) * unit


def main(arguments: list[str]) -> int:
    """Runs until it is told to stop; returns the exit code."""
    parser = argparse.ArgumentParser(description="Audits again and again and shows the result to Prometheus.")
    parser.add_argument("--every", type=seconds, default=1800.0, help="from one audit to the next (30m)")
    parser.add_argument("--since", type=seconds, default=10800.0, help="articles received within (3h)")
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
        asyncio.run(serve(settings, given.host, given.port, given.every, given.since))
    except BabelwireError as error:
        print(f"audit_exporter: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
