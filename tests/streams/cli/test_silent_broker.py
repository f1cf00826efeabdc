"""A broker that takes the connection and never answers: commands say what they wait for, then give up in words."""

from __future__ import annotations

import re
import subprocess
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import pytest

from streams.samples import ARTICLES
from tests.command import BABELWIRE, environment
from tests.streams.broker.silent import silent

LOOKING = (
    ("audit",),
    ("tail",),
    ("ingest", str(ARTICLES)),
    ("doctor",),
)
SERVING = (("worker", "--metrics-port", "0"), ("serve", "--http-port", "0"))
_SECONDS = 90
"""Longer than any command waits, on a machine that is busy with others."""


@dataclass(slots=True)
class Said:
    """What a command wrote, and when it wrote each line on standard error."""

    code: int
    output: str
    lines: list[tuple[float, str]]


def heard(processes: dict[str, subprocess.Popen[str]]) -> dict[str, Said]:
    """Listens to all of them at once until they have ended."""
    lines: dict[str, list[tuple[float, str]]] = {name: [] for name in processes}

    def listen(stream: IO[str], into: list[tuple[float, str]]) -> None:
        into.extend((time.monotonic(), line) for line in stream)

    threads = []
    for name, process in processes.items():
        assert process.stderr is not None
        threads.append(threading.Thread(target=listen, args=(process.stderr, lines[name])))
        threads[-1].start()
    found = {}
    for name, process in processes.items():
        assert process.stdout is not None
        output = process.stdout.read()
        code = process.wait(_SECONDS)
        found[name] = Said(code=code, output=output, lines=lines[name])
    for thread in threads:
        thread.join(_SECONDS)
    return found


@pytest.mark.lasts(40)
@pytest.mark.timeout(200)
def test_commands_say_what_they_wait_for_and_give_up_with_the_code_of_a_broker_away(tmp_path: Path) -> None:
    with silent() as address:
        processes = {
            command[0]: subprocess.Popen(
                [BABELWIRE, *command],
                env=environment(
                    BABELWIRE_BOOTSTRAP_SERVERS=address,
                    BABELWIRE_DATA_DIR=str(tmp_path / command[0]),
                    PYTHONUNBUFFERED="1",
                ),
                cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            )
            for command in (*LOOKING, *SERVING)
        }  # fmt: skip
        try:
            found = heard(processes)
        finally:
            for process in processes.values():
                process.kill()
                process.communicate()
    for command in (*LOOKING, *SERVING):
        name, said = command[0], found[command[0]]
        text = "".join(line for _, line in said.lines)
        waiting = (
            rf'"waiting_for": "a Kafka broker at {re.escape(address)} \(PLAINTEXT\)".*"broker_does_not_answer"'
            if command in SERVING
            else rf"Waiting for a Kafka broker at {re.escape(address)} \(PLAINTEXT\): no answer yet\.$"
        )
        moments = [moment for moment, line in said.lines if re.search(waiting, line)]
        assert len(moments) == 1, (name, text)
        assert said.code == 3, (name, text)
        assert "Traceback" not in text, (name, text)
        if name == "doctor":
            assert f"broker       {address}: kafka failed" in said.output, said.output
            continue
        ending, last = said.lines[-1]
        assert re.search(r"TimeoutError: no answer in \d\d s\. Start one .*`babelwire doctor`", last), (
            name,
            text,
        )
        assert ending - moments[0] > 5, name  # told long before the end
