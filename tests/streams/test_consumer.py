"""The consumer that docs/events.md shows, run as it is printed there: it finds one person in every language, once."""

from __future__ import annotations

import asyncio
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition

from schemas.topics import ENRICHED
from streams.samples import ARTICLES
from tests.architecture.tree import ROOT
from tests.command import BABELWIRE, environment
from tests.streams.living import Up, started

pytestmark = [pytest.mark.embedded, pytest.mark.timeout(300)]

LAVROV = "Q58217"
SAMPLES = len(ARTICLES.read_bytes().splitlines())
_SECONDS = 60


def program() -> str:
    """Returns the program of the manual."""
    [found] = re.findall(
        r"```python\n(import asyncio.*?)```", (ROOT / "docs/events.md").read_text("utf-8"), re.DOTALL
    )
    return str(found)


@contextmanager
def running(folder: Path, broker: str) -> Iterator[subprocess.Popen[str]]:
    """The program, killed when the block ends."""
    with (folder / "alerts").open("a") as out:
        process = subprocess.Popen(
            [sys.executable, "-c", program(), broker, LAVROV], stdout=out, cwd=folder, text=True
        )
    try:
        yield process
    finally:
        process.kill()
        process.wait()


async def _committed(broker: str) -> int:
    """How many events the program has committed."""
    partitions = [TopicPartition(ENRICHED.name, number) for number in range(ENRICHED.partitions)]
    async with AIOKafkaConsumer(
        bootstrap_servers=broker, group_id="alerts", enable_auto_commit=False
    ) as reader:
        reader.assign(partitions)
        return sum([await reader.committed(partition) or 0 for partition in partitions])


def wait_until_read(process: subprocess.Popen[str], broker: str, published: int) -> None:
    """Returns when the program has committed as many events as were ``published``."""
    deadline = time.monotonic() + _SECONDS
    while (done := asyncio.run(_committed(broker))) < published:
        assert process.poll() is None, "the program ended"
        assert time.monotonic() < deadline, f"the program read {done} of {published} events"
        time.sleep(0.3)


def again(up: Up) -> None:
    """Has the workers treat every article once more."""
    env = environment(BABELWIRE_BOOTSTRAP_SERVERS=up.broker)
    line = [BABELWIRE, "replay", "--from", "1h"]
    told = subprocess.run(line, env=env, capture_output=True, text=True, check=True, timeout=60).stdout
    assert f"{SAMPLES} copied" in told


def test_the_program_of_the_manual_tells_of_one_person_in_each_language_once(tmp_path: Path) -> None:
    told = tmp_path / "alerts"
    with started(tmp_path, BABELWIRE_RECOGNITION="rules") as up:
        with running(tmp_path, up.broker) as process:
            wait_until_read(process, up.broker, SAMPLES)
        first = told.read_text("utf-8").splitlines()
        assert {line.partition(" ")[0] for line in first} >= {"de", "ru", "zh-Hans", "fil", "ro", "ar"}
        assert len(first) == len(set(first)) < SAMPLES
        again(up)
        with running(tmp_path, up.broker) as process:  # it was killed, and goes on where it was
            wait_until_read(process, up.broker, 2 * SAMPLES)
        assert told.read_text("utf-8").splitlines() == first
