"""A full data folder: the worker says so once for each file, goes on, and comes back after a kill."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import orjson
import pytest
from structlog.testing import capture_logs

from schemas.errors import RejectReason
from schemas.outcomes import Position
from streams.broker.embedded import EmbeddedBroker
from streams.look import audit
from streams.samples import ARTICLES
from streams.work import slots
from streams.work.attempts import Attempts
from streams.work.status import Status
from tests.command import BABELWIRE, environment
from tests.faults.rig import FUSED, Rig, running

SAMPLES = len(ARTICLES.read_bytes().splitlines())
_MIB = 1 << 20


@contextmanager
def small_disk(folder: Path) -> Iterator[Path]:
    """A file system of two MiB in ``folder``; skips where nothing may be mounted."""
    folder.mkdir()
    if shutil.which("mount") is None:
        pytest.skip("mount is not on PATH (Debian's package `mount`)")
    command = ["mount", "-t", "tmpfs", "-o", f"size={2 * _MIB}", "babelwire", str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip(f"needs to mount a small tmpfs: {done.stderr.strip()}")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


def fill(folder: Path) -> Path:
    """Leaves no room in ``folder`` and returns the file that takes it."""
    filling = folder / "filling"
    with filling.open("wb", buffering=0) as file:
        try:
            while True:
                file.write(bytes(4096))
        except OSError:
            return filling


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    if sys.platform != "linux":
        pytest.skip("needs tmpfs, which Linux has")
    with small_disk(tmp_path / "data") as folder:
        yield folder


@pytest.mark.embedded
@pytest.mark.lasts(40)
async def test_a_worker_on_a_full_disk_goes_on_and_says_so_in_one_line_for_each_file(
    embedded: EmbeddedBroker, tmp_path: Path, disk: Path
) -> None:
    async with running(
        embedded.bootstrap_servers, tmp_path, topology=FUSED, processes=1, session_timeout=3, fetch_wait=0.02,
        replication_factor=1,
    ) as rig:  # fmt: skip
        await rig.ready()
        fill(disk)
        await sent_and_answered(rig, tmp_path / "first", SAMPLES)
        [before] = rig.pids()
        os.kill(before, signal.SIGKILL)
        await rig.ready(other_than=[before])
        await sent_and_answered(rig, tmp_path / "second", 2 * SAMPLES)
        assert await asyncio.to_thread(rig.stop) == 0
        lines = [orjson.loads(line) for line in rig.log_end(1 << 20).splitlines() if line.startswith("{")]
    assert "Traceback" not in rig.log_end(1 << 20)
    unwritten = [(line["path"], line["error"]) for line in lines if line["event"].endswith("_not_written")]
    assert {error for _, error in unwritten} <= {
        "No space left on device",
        "database or disk is full",
        "disk I/O error",
    }
    assert any(path.endswith(".db") for path, _ in unwritten), lines  # metrics that had no place before
    assert all(unwritten.count(one) <= 2 for one in unwritten), unwritten  # one of each of the two workers
    assert {line["event"] for line in lines if line["level"] in ("error", "critical")} <= {
        "attempts_not_written",
        "metrics_not_written",
        "status_not_written",
    }, lines


async def sent_and_answered(rig: Rig, ledger: Path, count: int) -> None:
    """Sends the samples and waits until all ``count`` on the topic have their outcome."""
    done = await asyncio.to_thread(
        subprocess.run,
        [BABELWIRE, "ingest", str(ARTICLES)],
        env={**environment(), **rig.settings.environment(), "BABELWIRE_DATA_DIR": str(ledger)},
        capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert await audit.wait_until_idle(rig.settings, 60), rig.log_end()
    report = await audit.audit(rig.settings)
    [hop] = report.hops
    assert (hop.received, hop.published, report.breaches) == (count, count, 0), report


def test_the_state_is_written_where_there_is_no_room_for_a_file(disk: Path) -> None:
    status = Status(disk)
    status.write("starting")
    fill(disk)
    with capture_logs() as lines:
        status.write("running", partitions=3)
        status.write("failed", error="x" * 5000)
    assert lines == []
    found = status.read(os.getpid())
    assert (found["state"], found["error"]) == ("failed", "x" * 1000)
    assert status.read(os.getpid() + 1) == {}
    assert abs(time.time() - float(str(found["beat"]))) < 10


def test_a_state_that_cannot_be_written_is_told_of_once_until_it_can(disk: Path) -> None:
    filling = fill(disk)
    status = Status(disk)
    with capture_logs() as lines:
        for _ in range(3):
            status.write("starting")
        filling.unlink()
        status.write("running")
    assert lines == [
        {
            "event": "status_not_written",
            "log_level": "error",
            "path": str(disk / "status.json"),
            "error": "No space left on device",
        }
    ]
    assert status.read(os.getpid())["state"] == "running"


def test_lost_processes_are_counted_on_where_the_file_takes_no_more(disk: Path) -> None:
    one, other = (Position(topic="raw", partition=0, offset=offset) for offset in (1, 2))
    attempts = Attempts(disk / "attempts.sqlite")
    attempts.add(one, RejectReason.STAGE_CRASHED)
    fill(disk)
    with capture_logs() as lines:
        for offset in range(1000):
            attempts.add(Position(topic="raw", partition=1, offset=offset), RejectReason.STAGE_TIMEOUT)
        attempts.add(one, RejectReason.STAGE_TIMEOUT)
        attempts.forget(other)
    assert [(line["event"], line["error"]) for line in lines] == [
        ("attempts_not_written", "database or disk is full")
    ]
    assert (attempts.count(one), attempts.reason(one)) == (2, "stage_timeout")
    assert attempts.count(Position(topic="raw", partition=1, offset=0)) == 1
    attempts.close()


_COUNTING = """
import sys
from streams.work import slots
slots.share_metrics(sys.argv[1], "w0")
from prometheus_client import Counter
counter = Counter("counted", "Counted.", ["of"])
for number in range(5000):
    counter.labels(f"{number:060}").inc()
print(sum(counter.labels(f"{number:060}")._value.get() for number in range(5000)))
"""


def test_a_process_with_more_labels_than_the_disk_has_room_for_counts_on(disk: Path) -> None:
    slots.metrics_folder(str(disk))
    fill(disk).write_bytes(bytes(2 * _MIB - (256 << 10)))  # room for the file to grow once
    done = subprocess.run(
        [sys.executable, "-c", _COUNTING, str(disk)],
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done  # without a place taken first: SIGBUS
    said, total = done.stdout.splitlines()[:-1], done.stdout.splitlines()[-1]
    assert float(total) == 5000
    assert sum("metrics_not_written" in line for line in said) == 1, said
