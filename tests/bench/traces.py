"""What tracing costs: modules and time at the start, CPU for each article; off and on.

    python -m tests.bench.traces

Off is what every installation pays. On is what the worker's thread pays for a fused hop (four spans) and what the
exporter's thread pays beside it, with a collector on this machine that answers at once.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time

from agents.hop import Result
from agents.pipeline import FUSED, hops
from schemas.outcomes import Header, Position
from streams import tracing

ARTICLES = 10_000
_RAW: list[Header] = [("traceparent", b"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")]
_EVENT: list[Header] = [(f"ce_{name}", b"x" * 30) for name in range(9)]  # type: ignore[misc]
_RESULT = Result(
    outcome="published",
    stage="entities",
    article="an-article",
    passed=(("clean", 0.004), ("language", 0.004), ("entities", 0.002)),
)


def main() -> None:
    """Prints the table."""
    for name, headers in (("none", []), ("a trace context", _RAW), ("an event's", _EVENT)):
        began = time.process_time()
        for _ in range(ARTICLES):
            tracing.carried(headers)
        print(f"off, a record with headers: {name:16} {_each(began):6.2f} us of CPU an article")
    for name, module in (("off", "streams.tracing"), ("on", "streams.spans")):
        print(f"{name}: {_import(module)}")
    _on()


def _on() -> None:
    from streams.spans import Spans
    from tests.streams.otlp import Collector

    with Collector() as collector:
        os.environ.update(collector.environment)
        os.environ["OTEL_BSP_MAX_QUEUE_SIZE"] = str(5 * ARTICLES)
        [hop] = hops(FUSED)
        spans = Spans("bench")
        of_hop = spans.hop(hop, "babelwire-articles")
        position = Position(topic="babelwire.articles.raw.v1", partition=0, offset=1)
        began, thread = time.process_time(), time.thread_time()
        for number in range(ARTICLES // 50):
            origins = [tracing.origin([], f"{number}-{index}", "t") for index in range(50)]
            opened = of_hop.batch(time.time_ns(), [(position, origin) for origin in origins], [_RESULT] * 50)
            for span in opened:
                assert span.headers
                span.end()
        own = (time.thread_time() - thread) / ARTICLES * 1e6
        spans._provider.force_flush()
        spans.close()
        print(f"on, four spans an article: {own:.0f} us of CPU in the worker's thread")
        print(f"on, together with sending and with the collector's decoding: {_each(began):.0f} us")


def _each(began: float) -> float:
    return (time.process_time() - began) / ARTICLES * 1e6


def _import(module: str) -> str:
    program = (
        "import sys, time; import streams.work.app, streams.work.runner\n"
        "before, began = set(sys.modules), time.process_time()\n"
        f"import {module}\n"
        "spent = time.process_time() - began\n"
        "print(f'{len(set(sys.modules) - before)} more modules, {1000 * spent:.1f} ms')\n"
    )
    return subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    ).stdout.strip()


if __name__ == "__main__":
    main()
