"""``babelwire up`` as a newcomer runs it, for tests that put records into it and look at what comes out."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from streams.samples import ARTICLES
from streams.settings import Settings


@contextmanager
def up(folder: Path, topology: str, extra: dict[str, str]) -> Iterator[tuple[Settings, str]]:
    """``babelwire up`` with the samples; gives the settings of its broker and the address of its ingest server."""
    clean = {
        name: value for name, value in os.environ.items() if not name.startswith(("BABELWIRE_", "OTEL_"))
    }
    command = [str(Path(sys.executable).with_name("babelwire")), "up", "--samples", "--topology", topology]
    command += ["--http-port", "0", "--metrics-port", "0", "--data-dir", str(folder / "data")]
    with (folder / "err").open("wb") as err:
        process = subprocess.Popen(
            command,
            env={**clean, "PYTHONUNBUFFERED": "1", "BABELWIRE_RECOGNITION": "rules", **extra},
            stdout=subprocess.PIPE,
            stderr=err,
        )
    try:
        assert process.stdout is not None
        samples = len(ARTICLES.read_bytes().splitlines())
        alarm = threading.Timer(120, process.kill)
        alarm.start()
        for _ in range(samples):
            assert process.stdout.readline(), (folder / "err").read_text()
        alarm.cancel()
        said = (folder / "err").read_text()
        [broker] = re.findall(r"broker +(\S+)", said)
        [ingest] = re.findall(r"ingest +POST (\S+)/v1/articles", said)
        yield Settings(bootstrap_servers=broker), ingest
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(40)
        finally:
            process.kill()
            process.stdout.close() if process.stdout else None
