"""Every metric of babelwire, defined once. Prefix ``babelwire_``, base units, ``_total`` on counters.

A dashboard or alert may only use what is defined here. Metrics are updated once per batch, not per message.

In worker processes the values live in memory-mapped files, one set per worker slot (not per process id): a
restarted worker goes on counting where its predecessor was killed, and the folder does not grow. Call
:func:`use_shared_files` before this module's metrics are made, which is why they are made by import of
:mod:`streams.metrics` only after it.
"""

from __future__ import annotations

from prometheus_client import REGISTRY, CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

_FAST = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)
_SLOW = (0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1800, 3600)

articles_received = Counter("babelwire_articles_received_total", "Articles a stage or source took.", ["stage"])
articles_finished = Counter(
    "babelwire_articles_finished_total",
    "Articles a stage or source ended, by outcome: published, dropped or rejected, with the reason.",
    ["stage", "outcome", "reason"],
)
stage_duration = Histogram(
    "babelwire_stage_duration_seconds", "Time a stage spent on one article.", ["stage"], buckets=_FAST
)
end_to_end_duration = Histogram(
    "babelwire_end_to_end_duration_seconds",
    "From receipt of the raw article to the broker's confirmation of the enriched event.",
    ["lang"],
    buckets=_SLOW,
)
entities_per_article = Histogram(
    "babelwire_entities_per_article", "Entities found in an article.", ["lang"], buckets=(0, 1, 2, 5, 10, 20, 50, 100)
)
dead_letters = Counter("babelwire_dead_letters_total", "Dead letters written.", ["stage", "reason"])
heartbeat = Gauge(
    "babelwire_heartbeat_timestamp_seconds",
    "When the stage's worker last went round its loop, Unix time.",
    ["stage"],
    multiprocess_mode="mostrecent",
)
consumer_lag = Gauge(
    "babelwire_consumer_lag_messages",
    "Records of an input partition that are not yet acknowledged.",
    ["topic", "partition"],
    multiprocess_mode="mostrecent",
)
consumer_lag_seconds = Gauge(
    "babelwire_consumer_lag_seconds",
    "Age of the record taken last, while records wait behind it; 0 when none waits.",
    ["topic"],
    multiprocess_mode="max",
)
publish_retries = Counter("babelwire_publish_retries_total", "Batches that had to be published again.", ["stage"])
stage_processes_lost = Counter(
    "babelwire_stage_processes_lost_total", "Stage processes that died or were ended for taking too long.", ["stage"]
)
loop_lag = Gauge(
    "babelwire_event_loop_lag_seconds",
    "How late the worker's event loop runs its timers, worst of the last interval.",
    ["worker"],
    multiprocess_mode="mostrecent",
)
worker_restarts = Counter("babelwire_worker_restarts_total", "Worker processes started again after they ended.")
workers_running = Gauge("babelwire_workers_running", "Worker processes that run.", multiprocess_mode="mostrecent")
build_info = Gauge(
    "babelwire_build_info", "Always 1; the labels say what runs.", ["version", "topology"], multiprocess_mode="mostrecent"
)


def finish(stage: str, outcome: str, reason: str = "", count: int = 1) -> None:
    """Counts articles that ended at ``stage``; a rejected one is a dead letter too."""
    articles_finished.labels(stage, outcome, reason).inc(count)
    if outcome == "rejected":
        dead_letters.labels(stage, reason).inc(count)


def registry(folder: str | None) -> CollectorRegistry | Collector:
    """Returns what ``/metrics`` shows: all processes that share ``folder``, or this process alone."""
    if folder is None:
        return REGISTRY
    shared = CollectorRegistry()
    MultiProcessCollector(shared, path=folder)
    return shared
