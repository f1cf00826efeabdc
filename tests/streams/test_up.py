"""``babelwire up``: what a newcomer sees."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import orjson
import psutil
import pytest

from streams.broker.embedded import EmbeddedBroker
from streams.look.dead_letters import Choice, redrive
from streams.samples import ARTICLES
from streams.up import follow
from tests.architecture.tree import ROOT
from tests.command import BABELWIRE, environment
from tests.streams.installation import Installation
from tests.streams.living import ANY_PORT, started

pytestmark = [pytest.mark.embedded, pytest.mark.timeout(240)]
COMMAND = [BABELWIRE, "up", *ANY_PORT]


_ON_A_TERMINAL = """
import fcntl, os, sys, termios
os.setsid()
fcntl.ioctl(0, termios.TIOCSCTTY, 0)
os.execv(sys.argv[1], sys.argv[1:])
"""


def wait_until_ready(address: str, seconds: float = 90) -> None:
    deadline = time.monotonic() + seconds
    while True:
        try:
            with urllib.request.urlopen(address, timeout=30) as answer:
                assert orjson.loads(answer.read())["workers"][0]["partitions"] > 0
                return
        except urllib.error.HTTPError:
            assert time.monotonic() < deadline, "workers that treat articles are ready"
            time.sleep(0.2)


@pytest.mark.parametrize("topology", ["clean | language | entities", "clean + language + entities"])
def test_the_samples_come_out_in_their_languages_and_it_stops_by_itself(
    tmp_path: Path, topology: str
) -> None:
    before = set(psutil.Process().children(recursive=True))
    done = subprocess.run(
        [*COMMAND, "--once", "--data-dir", str(tmp_path), "--topology", topology],
        env=environment(), capture_output=True, text=True, timeout=200, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    samples = [orjson.loads(line) for line in ARTICLES.read_bytes().splitlines()]
    lines = [line for line in done.stdout.splitlines() if re.match(r"\d\d:\d\d:\d\d ", line)]
    assert len(lines) == len(samples)
    languages = {line.split()[1].split("-")[0] for line in lines}
    assert len(languages) >= 6
    assert languages >= {"de", "ro", "fil", "pt", "it"}
    assert sum("Lavrov" in line for line in lines) >= 4, "one name for all spellings"
    assert "forgets everything" in done.stderr
    assert set(psutil.Process().children(recursive=True)) <= before, "nothing is left running"


async def test_a_redrive_shows_no_line_of_its_own(embedded: EmbeddedBroker) -> None:
    installation = await Installation.create(embedded.bootstrap_servers)
    (place,) = await installation.raw("a")
    await installation.rejected(place, "a", b"{1", timestamp=time.time_ns() // 1_000_000)
    assert [
        item.status async for item in redrive(installation.settings, Choice(reason="malformed_json"))
    ] == ["redriven"]
    await installation.rejected(place, "a", b"{2")
    shown: list[tuple[bytes | None, str]] = []
    await follow(installation.settings, lambda seen, stage: shown.append((seen.record.value, stage)), 2)
    assert shown == [(b"{1", "dead-letters"), (b"{2", "dead-letters")]


def test_ctrl_c_ends_it_cleanly(tmp_path: Path) -> None:
    with started(tmp_path) as up:
        up.next_event()
        wait_until_ready(up.ready)
        family = psutil.Process(up.process.pid).children(recursive=True)
        os.killpg(up.process.pid, signal.SIGINT)  # as a terminal does: to everyone
        assert up.process.wait(30) == 0
        assert "Traceback" not in up.said()
        _, alive = psutil.wait_procs(family, 30)
        assert alive == []


def test_sighup_restarts_the_workers_and_articles_go_on(tmp_path: Path) -> None:
    with started(tmp_path, "--processes", "2") as up:
        for _ in ARTICLES.read_bytes().splitlines():
            up.next_event()
        wait_until_ready(up.ready)
        before = pids(up.ready)
        up.process.send_signal(signal.SIGHUP)
        deadline = time.monotonic() + 120
        while len(after := pids(up.ready)) < 2 or after & before:
            assert time.monotonic() < deadline, (before, after)
            time.sleep(0.2)
        body = orjson.dumps({"id": "after", "content": "The mayor of Turin opened a bridge in Oslo."})
        post = urllib.request.Request(up.ingest, data=body, headers={"Content-Type": "application/json"})
        with urllib.request.urlopen(post, timeout=30) as answer:
            assert answer.status == 202
        assert "Turin" in up.next_event()
        up.process.terminate()
        assert up.process.wait(40) == 0, up.said()


def pids(ready: str) -> set[int]:
    """Returns the process ids of the workers that are ready."""
    try:
        with urllib.request.urlopen(ready, timeout=30) as answer:
            text = answer.read()
    except urllib.error.HTTPError as error:
        text = error.read()
    return {worker["pid"] for worker in orjson.loads(text)["workers"] if worker["ready"]}


def test_a_terminal_that_is_closed_leaves_nothing_behind(tmp_path: Path) -> None:
    # As a terminal starts it: in a session of its own, whose controlling terminal it is.
    ours, theirs = os.openpty()
    process = subprocess.Popen(
        [sys.executable, "-c", _ON_A_TERMINAL, *COMMAND, "--data-dir", str(tmp_path)],
        env=environment(), stdin=theirs, stdout=theirs, stderr=theirs,
    )  # fmt: skip
    os.close(theirs)
    try:
        shown = b""
        while b"/readyz" not in shown:
            shown += os.read(ours, 4096)
        family = psutil.Process(process.pid).children(recursive=True)
        assert len(family) >= 2
        os.close(ours)
        process.wait(timeout=40)
        _, alive = psutil.wait_procs(family, 30)
        assert alive == []
    finally:
        process.kill()


def test_a_taken_port_is_told_in_words(tmp_path: Path) -> None:
    import socket

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        done = subprocess.run(
            [*COMMAND[:2], "--metrics-port", port, "--data-dir", str(tmp_path)],
            env=environment(), capture_output=True, text=True, timeout=120, check=False,
        )  # fmt: skip
    assert done.returncode == 1
    assert f"127.0.0.1:{port}" in done.stderr
    assert "--metrics-port" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_broker_that_dies_ends_it_in_words(tmp_path: Path) -> None:
    with started(tmp_path) as up:
        up.next_event()
        wait_until_ready(up.ready)
        family = psutil.Process(up.process.pid).children(recursive=True)
        [broker] = [one for one in family if "--storage-engine" in one.cmdline()]
        broker.kill()
        assert up.process.wait(60) == 3, up.said()
        assert "babelwire: The embedded broker ended by itself" in up.said()
        assert "Traceback" not in up.said()
        _, alive = psutil.wait_procs(family, 30)
        assert alive == []


def test_stages_that_cannot_load_end_it_in_words(tmp_path: Path) -> None:
    tree = tmp_path / "tree"
    for package in ("schemas", "agents", "streams"):
        shutil.copytree(ROOT / package, tree / package, ignore=shutil.ignore_patterns("__pycache__"))
    stage = tree / "agents" / "language" / "stage.py"
    broken = stage.read_text().replace(
        "def load(",
        "def load(resources: object) -> None:\n    raise OSError('the disk is bad')\n\n\ndef unused(",
    )
    assert broken != stage.read_text()
    stage.write_text(broken)
    done = subprocess.run(
        [*COMMAND, "--data-dir", str(tmp_path / "data")],
        env=environment(PYTHONPATH=str(tree), PYTHONSAFEPATH="1"),
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 1, done.stderr
    [told] = [line for line in done.stderr.splitlines() if line.startswith("babelwire: ")]
    assert "Expected the worker w0 to run; it ended 3 times in a row" in told
    assert "the disk is bad" in told
