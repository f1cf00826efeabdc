"""Whoever opens a consumer of ours, a worker or the ingest server, has our coordinator in it."""

from __future__ import annotations

import subprocess
import sys

from tests.command import environment

_PROGRAM = """
import streams.sources.backlog
from aiokafka.consumer import consumer
from streams.broker.coordinator import Coordinator
assert consumer.GroupCoordinator is Coordinator
"""


def test_the_ingest_server_reads_committed_offsets_as_workers_do() -> None:
    done = subprocess.run(
        [sys.executable, "-c", _PROGRAM], env=environment(), capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
