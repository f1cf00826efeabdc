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

from streams.samples import ARTICLES
from tests.architecture.tree import ROOT

pytestmark = [pytest.mark.embedded, pytest.mark.timeout(240)]
COMMAND = [str(Path(sys.executable).with_name("babelwire")), "up", "--http-port", "0", "--metrics-port", "0"]


def environment() -> dict[str, str]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("BABELWIRE_")}
    return {**clean, "PYTHONUNBUFFERED": "1"}


def wait_until_ready(address: str, seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while True:
        try:
            with urllib.request.urlopen(address, timeout=10) as answer:
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


def test_ctrl_c_ends_it_cleanly(tmp_path: Path) -> None:
    process = subprocess.Popen(
        [*COMMAND, "--samples", "--data-dir", str(tmp_path)],
        env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True,
    )  # fmt: skip
    try:
        assert process.stdout is not None
        assert process.stderr is not None
        health = next(line for line in process.stderr if "/readyz" in line)
        assert process.stdout.readline().strip(), "the first event"
        wait_until_ready(next(word for word in health.split() if word.endswith("/readyz")))
        family = psutil.Process(process.pid).children(recursive=True)
        os.killpg(process.pid, signal.SIGINT)  # as a terminal does: to everyone
        started = time.monotonic()
        _, errors = process.communicate(timeout=40)
        assert process.returncode == 0
        assert time.monotonic() - started < 30
        assert "Traceback" not in errors
        _, alive = psutil.wait_procs(family, 10)
        assert alive == []
    finally:
        process.kill()


def test_sighup_restarts_the_workers_and_articles_go_on(tmp_path: Path) -> None:
    process = subprocess.Popen(
        [*COMMAND, "--samples", "--processes", "2", "--data-dir", str(tmp_path)],
        env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True,
    )  # fmt: skip
    try:
        assert process.stdout is not None
        assert process.stderr is not None
        ingest = next(line for line in process.stderr if "POST" in line).split()[-1]
        health = next(line for line in process.stderr if "/readyz" in line)
        ready = next(word for word in health.split() if word.endswith("/readyz"))
        count = len(ARTICLES.read_bytes().splitlines())
        for _ in range(count):
            assert process.stdout.readline().strip()
        wait_until_ready(ready)
        before = pids(ready)
        os.kill(process.pid, signal.SIGHUP)
        deadline = time.monotonic() + 60
        while len(after := pids(ready)) < 2 or after & before:
            assert time.monotonic() < deadline, (before, after)
            time.sleep(0.2)
        body = orjson.dumps({"id": "after", "content": "The mayor of Turin opened a bridge in Oslo."})
        post = urllib.request.Request(ingest, data=body, headers={"Content-Type": "application/json"})
        with urllib.request.urlopen(post, timeout=30) as answer:
            assert answer.status == 202
        assert "Turin" in process.stdout.readline()
        os.kill(process.pid, signal.SIGTERM)
        _, errors = process.communicate(timeout=40)
        assert process.returncode == 0, errors
    finally:
        process.kill()


def pids(ready: str) -> set[int]:
    """Returns the process ids of the workers that are ready."""
    try:
        with urllib.request.urlopen(ready, timeout=10) as answer:
            text = answer.read()
    except urllib.error.HTTPError as error:
        text = error.read()
    return {worker["pid"] for worker in orjson.loads(text)["workers"] if worker["ready"]}


def test_a_terminal_that_is_closed_leaves_nothing_behind(tmp_path: Path) -> None:
    # As a terminal starts it: in a session of its own, whose controlling terminal it is.
    ours, theirs = os.openpty()
    process = subprocess.Popen(
        ["setsid", "--ctty", *COMMAND, "--data-dir", str(tmp_path)],
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
        _, alive = psutil.wait_procs(family, 10)
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
    process = subprocess.Popen(
        [*COMMAND, "--samples", "--data-dir", str(tmp_path)],
        env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        assert process.stdout is not None
        assert process.stderr is not None
        health = next(line for line in process.stderr if "/readyz" in line)
        assert process.stdout.readline().strip(), "the first event"
        wait_until_ready(next(word for word in health.split() if word.endswith("/readyz")))
        family = psutil.Process(process.pid).children(recursive=True)
        [broker] = [one for one in family if "--storage-engine" in one.cmdline()]
        broker.kill()
        _, errors = process.communicate(timeout=60)
        assert process.returncode == 3, errors
        assert "babelwire: The embedded broker ended by itself" in errors
        assert "Traceback" not in errors
        _, alive = psutil.wait_procs(family, 10)
        assert alive == []
    finally:
        process.kill()


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
        env={**environment(), "PYTHONPATH": str(tree), "PYTHONSAFEPATH": "1"},
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 1, done.stderr
    [told] = [line for line in done.stderr.splitlines() if line.startswith("babelwire: ")]
    assert "Expected the worker w0 to run; it ended 3 times in a row" in told
    assert "the disk is bad" in told
