"""Log lines: what every line of a process says, and what a line says itself."""

from __future__ import annotations

import json
import subprocess
import sys

from tests.command import environment

_SAYS = """
import logging
import structlog
from streams import log
from streams.settings import Settings

log.configure(Settings(), worker="main")
structlog.get_logger("ours").warning("worker_ended", worker="w3", code=-9)
structlog.get_logger("ours").info("supervisor_stops")
logging.getLogger("theirs").warning("of a library")
"""


def test_a_line_names_the_worker_it_is_about_else_the_one_that_writes_it() -> None:
    done = subprocess.run(
        [sys.executable, "-c", _SAYS], env=environment(), capture_output=True, text=True, check=True
    )
    lines = [json.loads(line) for line in done.stderr.splitlines()]
    assert [(line["event"], line["worker"]) for line in lines] == [
        ("worker_ended", "w3"), ("supervisor_stops", "main"), ("of a library", "main"),
    ]  # fmt: skip
