"""The metrics: well-formed for Prometheus, in base units, of few labels, right across processes."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

_TWO_PROCESSES = """
import sys
from streams.work import slots
slots.share_metrics(sys.argv[1], sys.argv[2])
from streams import metrics
metrics.articles_received.labels("clean").inc(int(sys.argv[3]))
metrics.finish("clean", "rejected", "too_large", 2)
metrics.stage_duration.labels("clean").observe(0.02)
metrics.end_to_end_duration.labels("de").observe(1.5)
metrics.heartbeat.labels("clean").set(1790000000)
metrics.consumer_lag.labels("babelwire.articles.raw.v1", "0").set(7)
metrics.workers_running.set(2)
metrics.build_info.labels("0.1.0", "clean").set(1)
"""
_SHOW = """
import sys
from streams.work import slots
slots.share_metrics(sys.argv[1], "main")
from prometheus_client import generate_latest
from streams import metrics
sys.stdout.buffer.write(generate_latest(metrics.registry(str(slots.metrics_folder(sys.argv[1])))))
"""


def python(program: str, *arguments: str) -> bytes:
    return subprocess.run([sys.executable, "-c", program, *arguments], capture_output=True, check=True).stdout


@pytest.fixture
def exposition(tmp_path: Path) -> str:
    """What /metrics shows after two workers counted, one of them in two lives."""
    python(_TWO_PROCESSES, str(tmp_path), "w0", "5")
    python(_TWO_PROCESSES, str(tmp_path), "w1", "10")
    python(_TWO_PROCESSES, str(tmp_path), "w0", "1")
    return python(_SHOW, str(tmp_path)).decode()


def test_counts_add_up_over_processes_and_lives(exposition: str) -> None:
    assert 'babelwire_articles_received_total{stage="clean"} 16.0' in exposition
    assert 'babelwire_dead_letters_total{reason="too_large",stage="clean"} 6.0' in exposition
    assert 'babelwire_stage_duration_seconds_count{stage="clean"} 3.0' in exposition
    assert (
        'babelwire_consumer_lag_messages{partition="0",topic="babelwire.articles.raw.v1"} 7.0' in exposition
    )
    assert "pid=" not in exposition


def test_a_restarted_worker_makes_no_new_files(tmp_path: Path) -> None:
    python(_TWO_PROCESSES, str(tmp_path), "w0", "1")
    before = sorted(path.name for path in (tmp_path / "metrics").iterdir())
    python(_TWO_PROCESSES, str(tmp_path), "w0", "1")
    assert sorted(path.name for path in (tmp_path / "metrics").iterdir()) == before


def test_promtool_finds_nothing_to_say(exposition: str) -> None:
    promtool = shutil.which("promtool")
    if promtool is None:
        if os.environ.get("CI"):
            pytest.fail("CI must run promtool: install Debian's prometheus")
        pytest.skip("promtool is not installed (Debian's package prometheus)")
    done = subprocess.run(
        [promtool, "check", "metrics"], input=exposition, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout + done.stderr) == (0, "")


def test_every_metric_has_the_prefix_and_base_units() -> None:
    names = python(
        "from prometheus_client import REGISTRY\n"
        "import streams.metrics\n"
        "for metric in REGISTRY.collect():\n"
        "    if not metric.name.startswith(('python_', 'process_')): print(metric.name, metric.type)\n"
    )
    found = [line.split() for line in names.decode().splitlines()]
    assert len(found) > 12
    for name, kind in found:
        assert name.startswith("babelwire_"), name
        assert not name.endswith(("_ms", "_milliseconds", "_mb", "_percent", "_count")), name
        if kind == "histogram":
            assert name.endswith(("_seconds", "_bytes", "_per_article")), name
