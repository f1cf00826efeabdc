"""Every example of every help page, run as it is printed, on a broker with workers, articles and dead letters."""

from __future__ import annotations

import gzip
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

import click
import orjson
import pytest
import zstandard
from click.testing import CliRunner

from agents.entities.knowledge.kb import FOLDER
from streams.cli.root import root
from streams.samples import ARTICLES
from tests.agents.entities.dumps import entity, write_dump
from tests.architecture.test_commands import lines as command_lines
from tests.architecture.tree import ROOT
from tests.command import environment
from tests.ports import free_ports
from tests.streams.living import Up, started

pytestmark = [pytest.mark.embedded, pytest.mark.lasts(4), pytest.mark.timeout(300)]

_WIDE = 400
"""Columns: no example is broken over two lines."""
_SECONDS = 120
READY = {
    "babelwire up": "export BABELWIRE_BOOTSTRAP_SERVERS=",
    "babelwire worker": "/metrics /livez /readyz",
    "babelwire serve": "Taking articles at",
}
"""What a command that runs until it is stopped writes on standard error once it does its work."""
ANSWERS = {
    "babelwire schemas diff": {0, 1},  # 1: there are changes since the last release, as there may be
    "babelwire schemas release": {0, 2},  # 2: the version is out, with other schemas
}
"""Exit codes of the examples that answer a question about the tree they are run in."""
KNOWN = {
    r"cur:jane-example|entities ls": "babelwire entities add --type PER --name 'Jane Example'",
    r" rm Q58217 ": "babelwire entities alias Q58217 'Siergiej Ławrow' --lang pl",
    r" rm .*--merge": "babelwire entities merge cur:jane-example Q58217",
}
"""What operators have added before, by a mark of the examples that take it for known."""
PAGE = b"<!doctype html><html><body><article><p>Prime minister Jane Example came to Wellington.</p></article></body>"
BAD_LINES = b'{"content": 7}\n{"content": "cut off\n'


def examples() -> list[str]:
    """Returns the command lines that stand behind "Example" on the help pages, in their order."""
    found: list[str] = []
    for line in command_lines():
        page = CliRunner().invoke(root, [*line, "--help"], prog_name="babelwire", terminal_width=_WIDE).output
        shown = re.split(r"\bExamples?:", page, maxsplit=1)[1]
        for text in shown.splitlines():
            text = text.strip()
            if text and not re.match(r"[\w -]*babelwire |curl |zstdcat ", text):
                break  # the options follow
            found.append(re.split(r" {3,}", text)[0])  # what it does stands behind it
    return list(dict.fromkeys(filter(None, found)))


EXAMPLES = examples()


@dataclass(frozen=True, slots=True)
class Here:
    """What the examples are run on."""

    up: Up
    files: Path
    real: dict[str, str]
    """What stands in an example for something of the reader's, and what it is here."""


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Here]:
    folder = tmp_path_factory.mktemp("examples")
    files = folder / "files"
    _write(files)
    with started(folder, "--topology", "clean | language | entities", BABELWIRE_RECOGNITION="rules") as up:
        first = [up.next_event() for _ in ARTICLES.read_bytes().splitlines()]
        assert all(first)
        bad = files / "bad.jsonl"
        bad.write_bytes(BAD_LINES)
        assert _run(up, f"babelwire ingest {bad}", files).returncode == 1
        bad.unlink()
        letters = _run(up, "babelwire dlq ls --json", files).stdout
        position = orjson.loads(letters.splitlines()[0])["position"]
        events = _run(up, "babelwire tail --no-follow --from-beginning --json --limit 1", files).stdout
        yield Here(
            up=up,
            files=files,
            real={
                " 0/17": f" {position.partition('/')[2]}",
                "9f2c1c0a5b7d4e6f8a9b0c1d2e3f4a5b": orjson.loads(events.splitlines()[0])["id"],
                "kafka.example:9093": up.broker,
                "http://127.0.0.1:8080/v1/articles": up.ingest,
                "--http-port 8080": f"--http-port {free_ports(1)[0]}",
            },
        )


def _write(files: Path) -> None:
    """Writes the files that the examples name."""
    (files / "pages").mkdir(parents=True)
    articles = ARTICLES.read_bytes()
    (files / "articles.jsonl").write_bytes(articles)
    (files / "articles.jsonl.gz").write_bytes(gzip.compress(articles))
    (files / "feed.jsonl.zst").write_bytes(zstandard.compress(articles))
    (files / "article.html").write_bytes(PAGE)
    (files / "pages" / "one.html").write_bytes(PAGE)
    person = entity("Q910001", {"en": "Thessaly Vanterpool"}, instance_of=["Q5"], citizen=["Q145"], pages=40)
    write_dump(files / "latest-all.json.gz", [person])


def before(line: str) -> list[str]:
    """Returns the commands whose work the example takes for done."""
    if line.startswith("babelwire kb show"):
        return [f"ln -s {FOLDER} larger-kb"]
    if line == "babelwire topics plan --check":
        return ["babelwire topics apply"]
    if line.startswith("babelwire entities"):
        return [
            "babelwire topics apply",
            *(command for mark, command in KNOWN.items() if re.search(mark, line)),
        ]
    return []


def _environment(up: Up, folder: Path) -> dict[str, str]:
    return environment(
        "OTEL_",
        PATH=f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        BABELWIRE_BOOTSTRAP_SERVERS=up.broker,
        BABELWIRE_DATA_DIR=str(folder / ".babelwire"),
        BABELWIRE_METRICS_PORT="0",
        BABELWIRE_RECOGNITION="rules",
        BABELWIRE_FETCH_WAIT="0.02",
        BABELWIRE_SESSION_TIMEOUT="3",
        PYTHONUNBUFFERED="1",
    )


def _run(
    up: Up, line: str, folder: Path, stdin: bytes = b"", more: Mapping[str, str] = MappingProxyType({})
) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        ["bash", "-o", "pipefail", "-c", line],
        env=_environment(up, folder) | dict(more), cwd=folder, input=stdin, capture_output=True, check=False,
        timeout=_SECONDS,
    )  # fmt: skip


def _tree(folder: Path) -> Path:
    """Makes a copy of the packages, for the commands that write into them; what is large is linked."""
    root = folder / "tree"
    ignored = shutil.ignore_patterns("__pycache__")
    shutil.copytree(ROOT / "schemas", root / "schemas", ignore=ignored)
    shutil.copytree(ROOT / "streams", root / "streams", ignore=ignored)
    shutil.copytree(ROOT / "agents", root / "agents", ignore=ignored, copy_function=_linked)
    shutil.copytree(ROOT / "docs", root / "docs")
    return root


def _linked(source: str, target: str) -> None:
    try:
        Path(target).hardlink_to(source)
    except OSError:  # another file system
        shutil.copy2(source, target)


def _program(line: str) -> str:
    return " ".join(line.split()[:2])


def test_examples_were_found_on_every_page() -> None:
    pages = {" ".join(("babelwire", *line)) for line in command_lines() if line}
    groups = {name for name in pages if any(other.startswith(f"{name} ") for other in pages)}
    assert {name for name in pages - groups if not any(name in example for example in EXAMPLES)} == set()


@pytest.mark.parametrize(
    "line", [line for line in EXAMPLES if _program(line) not in READY and _program(line) != "babelwire tail"]
)
def test_an_example_of_the_help_runs_as_it_is_printed(here: Here, tmp_path: Path, line: str) -> None:
    for program in re.findall(r"(?:^|\| )(zstdcat|jq|curl)\b", line):
        if shutil.which(program) is None:
            pytest.skip(f"needs {program}, which the example pipes through")
    shutil.copytree(here.files, tmp_path, dirs_exist_ok=True)
    for shown, real in here.real.items():
        line = line.replace(shown, real)
    more = {"PYTHONPATH": str(_tree(tmp_path))} if " schemas " in line else {}
    if re.search(" (topics|entities) ", line):  # an installation of its own, where nothing is yet
        more["BABELWIRE_TOPIC_PREFIX"] = f"{tmp_path.name}."
    for command in before(line):
        done = _run(here.up, command, tmp_path, more=more)
        assert done.returncode == 0, done
    done = _run(here.up, line, tmp_path, stdin=ARTICLES.read_bytes(), more=more)
    said = (done.stdout + done.stderr).decode()
    assert done.returncode in ANSWERS.get(line, {0}), (line, said[-2000:])
    assert "Traceback" not in said, line


@pytest.mark.parametrize("line", [line for line in EXAMPLES if _program(line) in READY])
def test_an_example_of_a_server_runs_until_it_is_stopped(here: Here, tmp_path: Path, line: str) -> None:
    for shown, real in here.real.items():
        line = line.replace(shown, real)
    log = tmp_path / "err"
    with log.open("wb") as err:
        process = subprocess.Popen(
            ["bash", "-c", f"exec {line}"],
            env=_environment(here.up, tmp_path) | {"BABELWIRE_HTTP_PORT": str(free_ports(1)[0])},
            cwd=tmp_path, stdout=subprocess.DEVNULL, stderr=err,
        )  # fmt: skip
    try:
        deadline = time.monotonic() + _SECONDS
        while READY[_program(line)] not in log.read_text():
            assert process.poll() is None, log.read_text()
            assert time.monotonic() < deadline, log.read_text()
            time.sleep(0.1)
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 0, log.read_text()
    finally:
        process.kill()
        process.wait()
    assert "Traceback" not in log.read_text()


@pytest.mark.parametrize("line", [line for line in EXAMPLES if _program(line) == "babelwire tail"])
def test_an_example_of_tail_shows_what_comes_until_ctrl_c(here: Here, tmp_path: Path, line: str) -> None:
    (tmp_path / "article.jsonl").write_bytes(
        orjson.dumps({"content": "Sergej Lawrow reiste am Montag nach Wien."})
    )
    shown = tmp_path / "out"
    with shown.open("wb") as out:
        process = subprocess.Popen(
            ["bash", "-c", f"exec {line}"],
            env=_environment(here.up, tmp_path), cwd=tmp_path, stdout=out, stderr=subprocess.PIPE,
        )  # fmt: skip
    try:
        deadline = time.monotonic() + _SECONDS
        while "Sergey Lavrov" not in shown.read_text():
            assert process.poll() is None, process.communicate()
            assert time.monotonic() < deadline, shown.read_text()
            assert _run(here.up, "babelwire ingest --again article.jsonl", tmp_path).returncode == 0
        process.send_signal(signal.SIGINT)
        assert process.wait(60) == 130
    finally:
        process.kill()
        process.communicate()


def test_every_option_of_an_example_is_known() -> None:
    # What runs proves it as well; this holds where no broker can be started.
    for line in EXAMPLES:
        for part in re.split(r" (?:&&|\||>) ", line):
            words = part.split()
            if words[0] != "babelwire":
                continue
            command: click.Command = root
            context = click.Context(root)
            while isinstance(command, click.Group) and len(words) > 1:
                found = command.get_command(context, words[1])
                assert found is not None, line
                command, words = found, words[1:]
            known = {name for option in command.params for name in (*option.opts, *option.secondary_opts)}
            assert {word for word in words if word.startswith("--")} <= known, line
