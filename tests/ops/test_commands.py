"""Every `babelwire` command that the manual and the runbooks give an operator, run as it stands on a real Kafka."""

from __future__ import annotations

import asyncio
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from schemas.topics import RAW
from tests.faults.rig import STAGED, Rig, article, expected, running
from tests.kafka.cluster import KafkaCluster
from tests.ops.composition import ROOT

pytestmark = [pytest.mark.kafka, pytest.mark.faults, pytest.mark.timeout(600)]

SERVERS = re.compile(r"babelwire (worker|serve|up)\b")
"""They run until they are stopped; other tests run them."""
SAYS_NO = {"babelwire entities show 'Jane Example'"}
"""Nothing is known of her yet."""
ARTICLES = 60


def spoken(text: str) -> list[str]:
    """Returns the babelwire command lines of a document: in blocks, and with arguments between backticks."""
    lines = [
        line.split(" #")[0].strip()
        for block in re.findall(r"^\s*```sh\n(.*?)```", text, re.S | re.M)
        for line in block.splitlines()
    ]
    quoted = [re.sub(r"\s+", " ", line) for line in re.findall(r"`(babelwire [^`]+)`", text)]
    lines += [line for line in quoted if not re.fullmatch(r"[a-z ]+", line)]  # that would be a name
    return [line for line in lines if line.startswith("babelwire ") and not SERVERS.match(line)]


DOCUMENTS = (ROOT / "docs" / "operations.md", *sorted((ROOT / "ops" / "runbooks").glob("*.md")))
COMMANDS = list(dict.fromkeys(line for path in DOCUMENTS for line in spoken(path.read_text())))


@pytest.mark.lasts(55)
async def test_every_command_of_the_manual_and_the_runbooks_runs(kafka: KafkaCluster, tmp_path: Path) -> None:
    assert len(COMMANDS) > 40
    async with running(kafka.bootstrap, tmp_path / "rig", topology=STAGED, processes=1) as rig:
        await rig.feed(range(ARTICLES))
        await rig.settled(ARTICLES, timeout=150)
        here = await _here(rig)
        told = {}
        for line in COMMANDS:
            for example, real in here.items():
                line = line.replace(example, real)
            done = await asyncio.to_thread(_run, rig, line, tmp_path)
            said = done.stdout + done.stderr
            told[line] = f"{done.returncode}: {said[-300:]}"
            assert "Traceback" not in said, line
            print(f"{done.returncode}  {line}")
    refused = {line: text for line, text in told.items() if not text.startswith("0:")}
    assert set(refused) == SAYS_NO, refused


async def _here(rig: Rig) -> dict[str, str]:
    """Returns what stands in the documents as an example, and what it is on this installation."""
    letter = await asyncio.to_thread(rig.babelwire, "dlq", "ls", "--reason", "malformed_json", "--limit", "1")
    found = re.match(rb"\d+/\d+", letter.stdout)
    assert found, letter
    good = next(number for number in range(ARTICLES) if expected(number) == "published")
    return {
        " 0/17": f" {found[0].decode()}",
        "9f2c1c0a5b7d4e6f8a9b0c1d2e3f4a5b": article(good)[0].decode(),
        "ARTICLE": article(good)[0].decode(),
        f"{RAW.name}/2/60": f"{rig.settings.topic(RAW.name)}/2/0",
        "new.example:9092": rig.settings.bootstrap_servers,
        " ID ": f" {article(good)[0].decode()} ",
        " FILE": " lines.json",
        " STAGE": " language",
        "tail --entity": "tail --no-follow --entity",
    }


def _run(rig: Rig, line: str, folder: Path) -> subprocess.CompletedProcess[str]:
    programs = Path(sys.executable).parent
    environment = {**rig._environment(), "PATH": f"{programs}:{os.environ['PATH']}"}
    return subprocess.run(
        ["bash", "-c", line],
        env=environment, cwd=folder, capture_output=True, text=True, check=False, timeout=200,
    )  # fmt: skip
