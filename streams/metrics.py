"""Every metric of babelwire, defined once. Prefix ``babelwire_``, base units, ``_total`` on counters.

A dashboard or alert may only use what is defined here. Metrics are updated once per batch, not per message.

In worker processes the values live in memory-mapped files, one set per worker slot (not per process id): a
restarted worker goes on counting where its predecessor was killed, and the folder does not grow. Call
:func:`use_shared_files` before this module's metrics are made, which is why they are made by import of
:mod:`streams.metrics` only after it.
"""

from __future__ import annotations

from collections.abc import Iterable

from prometheus_client import REGISTRY, CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from schemas.errors import RejectReason

_FAST = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)
_SLOW = (0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1800, 3600)

articles_received = Counter(
    "babelwire_articles_received_total", "Articles a stage or source took.", ["stage"]
)
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
    "babelwire_entities_per_article",
    "Entities found in an article.",
    ["lang"],
    buckets=(0, 1, 2, 5, 10, 20, 50, 100),
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
committed_offset = Gauge(
    "babelwire_committed_offset",
    "Position of the next record of an input partition that is not yet committed.",
    ["topic", "partition"],
    multiprocess_mode="mostrecent",
)
backlog_articles = Gauge(
    "babelwire_backlog_articles",
    "Articles of the raw topic that the workers have not committed, as the ingest server measures it.",
    ["topic"],
    multiprocess_mode="mostrecent",
)
partition_backlog = Gauge(
    "babelwire_partition_backlog_articles",
    "Records of an input partition that the workers' group has not committed, as the audit service measures it.",
    ["topic", "partition"],
    multiprocess_mode="mostrecent",
)
partition_committed = Gauge(
    "babelwire_partition_committed_offset",
    "The offset that the workers' group has committed on an input partition, as the audit service measures it.",
    ["topic", "partition"],
    multiprocess_mode="mostrecent",
)
broker_answers = Gauge(
    "babelwire_broker_answers",
    "1 while the broker answers, else 0, as seen by this process.",
    ["process"],
    multiprocess_mode="mostrecent",
)
clock = Gauge(
    "babelwire_clock_timestamp_seconds",
    "This machine's clock when the metrics were asked for, Unix time.",
    ["process"],
    multiprocess_mode="mostrecent",
)
unaccounted_articles = Gauge(
    "babelwire_unaccounted_articles",
    "Articles without exactly one outcome, by the last audit: missing, conflicting or stranded.",
    ["topic", "kind"],
    multiprocess_mode="mostrecent",
)
audit_timestamp = Gauge(
    "babelwire_audit_timestamp_seconds",
    "When the last audit ended, Unix time.",
    ["group"],
    multiprocess_mode="mostrecent",
)
publish_retries = Counter(
    "babelwire_publish_retries_total", "Batches that had to be published again.", ["stage"]
)
stage_processes_lost = Counter(
    "babelwire_stage_processes_lost_total",
    "Stage processes that died or were ended for taking too long.",
    ["stage"],
)
additions_known = Gauge(
    "babelwire_additions",
    "Entities that operators added or changed, as the worker's stages know them.",
    ["worker"],
    multiprocess_mode="mostrecent",
)
additions_timestamp = Gauge(
    "babelwire_additions_timestamp_seconds",
    "When the worker last gave its stages other additions, Unix time.",
    ["worker"],
    multiprocess_mode="mostrecent",
)
additions_followed = Gauge(
    "babelwire_additions_followed",
    "1 while the worker follows the topic of additions, else 0.",
    ["worker"],
    multiprocess_mode="mostrecent",
)
additions_refused = Counter(
    "babelwire_additions_refused_total", "Records on the topic of additions that are none.", ["reason"]
)
loop_lag = Gauge(
    "babelwire_event_loop_lag_seconds",
    "How late the worker's event loop runs its timers, worst of the last interval.",
    ["worker"],
    multiprocess_mode="mostrecent",
)
worker_restarts = Counter(
    "babelwire_worker_restarts_total", "Worker processes started again after they ended."
)
workers_running = Gauge(
    "babelwire_workers_running", "Worker processes that run.", multiprocess_mode="mostrecent"
)
workers_expected = Gauge(
    "babelwire_workers_expected", "Worker processes that should run.", multiprocess_mode="mostrecent"
)
worker_cpu = Counter(
    "babelwire_worker_cpu_seconds_total", "CPU time of a worker and its stage processes.", ["worker"]
)
worker_memory = Gauge(
    "babelwire_worker_resident_memory_bytes",
    "Memory of a worker and its stage processes; pages they share count once for each.",
    ["worker"],
    multiprocess_mode="mostrecent",
)
worker_gc_pauses = Counter(
    "babelwire_worker_gc_pause_seconds_total",
    "Time the garbage collector held up a worker's event loop.",
    ["worker"],
)
build_info = Gauge(
    "babelwire_build_info",
    "Always 1; the labels say what runs.",
    ["version", "topology"],
    multiprocess_mode="mostrecent",
)


def prepare(stages: Iterable[str]) -> None:
    """Makes the counters of ``stages`` begin at 0: a rise that comes with the series itself is not seen."""
    for stage in stages:
        articles_received.labels(stage)
        articles_finished.labels(stage, "published", "")
        for reason in RejectReason:
            dead_letters.labels(stage, reason)
            articles_finished.labels(stage, "rejected", reason)


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
