"""``babelwire up`` as a newcomer runs it, for tests that put records into it and look at what comes out."""

from __future__ import annotations

import re
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from streams.samples import ARTICLES
from streams.settings import Settings
from tests.command import BABELWIRE, environment

ANY_PORT = ("--http-port", "0", "--metrics-port", "0")
_SECONDS = 120


@dataclass(frozen=True, slots=True, kw_only=True)
class Up:
    """The command while it runs, with the samples."""

    process: subprocess.Popen[str]
    events: IO[str]
    """Its standard output: a line for each event."""
    log: Path
    broker: str
    ingest: str
    ready: str

    def said(self) -> str:
        """Returns what it wrote on standard error until now."""
        return self.log.read_text()

    def next_event(self) -> str:
        """Waits for the next event as long as the command runs, and returns its line."""
        line = self.events.readline()
        assert line.strip(), self.said()
        return line


@contextmanager
def started(folder: Path, *options: str, **more: str) -> Iterator[Up]:
    """The command, once it says where it listens; stopped if it still runs when the block ends."""
    log = folder / "err"
    with log.open("wb") as err:
        process = subprocess.Popen(
            [BABELWIRE, "up", "--samples", *ANY_PORT, "--data-dir", str(folder / "data"), *options],
            env=environment("OTEL_", PYTHONUNBUFFERED="1", **more),
            stdout=subprocess.PIPE,
            stderr=err,
            text=True,
            start_new_session=True,
        )
    try:
        deadline = time.monotonic() + _SECONDS
        while "/readyz" not in (said := log.read_text()):
            assert process.poll() is None, said
            assert time.monotonic() < deadline, said
            time.sleep(0.05)
        [broker] = re.findall(r"broker +(\S+)", said)
        [ingest] = re.findall(r"ingest +POST (\S+)", said)
        [ready] = re.findall(r"health +(\S+/readyz)", said)
        assert process.stdout is not None
        yield Up(process=process, events=process.stdout, log=log, broker=broker, ingest=ingest, ready=ready)
    finally:
        process.terminate()
        try:
            process.wait(40)
        finally:
            process.kill()
        process.stdout.close() if process.stdout else None


@contextmanager
def up(folder: Path, topology: str, extra: dict[str, str]) -> Iterator[tuple[Settings, str]]:
    """The command once the samples are through: the settings of its broker, the address of its ingest server."""
    with started(folder, "--topology", topology, **{"BABELWIRE_RECOGNITION": "rules", **extra}) as running:
        for _ in ARTICLES.read_bytes().splitlines():
            running.next_event()
        yield Settings(bootstrap_servers=running.broker), running.ingest.removesuffix("/v1/articles")
        running.process.send_signal(signal.SIGTERM)
        running.process.wait(40)
