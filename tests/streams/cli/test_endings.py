"""A command ends well whoever reads it, and wherever its words go."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.command import BABELWIRE, environment

FULL = Path("/dev/full")
CLOSED = Path("/sys/kernel")
_INTERRUPTED_AT = """
import os, signal, sys

class Finder:
    def find_spec(self, name, path=None, target=None):
        if name == sys.argv[1]:
            os.kill(os.getpid(), signal.SIGINT)

sys.meta_path.insert(0, Finder())
from streams.cli import main
main()
"""
"""Presses Ctrl-C when the module that it is told begins to load."""


def ended(arguments: Sequence[str], **more: str) -> tuple[int, str, str]:
    """Returns the exit code of a command line and what it said."""
    done = subprocess.run(
        [BABELWIRE, *arguments], env=environment("PYTHON", **more), capture_output=True, text=True, timeout=120,
        check=False,
    )  # fmt: skip
    return done.returncode, done.stdout, done.stderr


@pytest.mark.parametrize(
    "arguments", [["stages"], ["--help"], ["up", "--help"], ["schemas", "show", "asyncapi"]]
)
def test_a_reader_that_leaves_is_no_failure(arguments: list[str]) -> None:
    process = subprocess.Popen(
        [BABELWIRE, *arguments], env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert process.stdout is not None
    process.stdout.close()
    _, said = process.communicate(timeout=120)
    assert (process.returncode, said) == (0, b"")


@pytest.mark.parametrize("module", ["streams.cli.root", "asyncio", "click", "agents"])
def test_ctrl_c_while_the_command_loads_is_no_traceback(module: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", _INTERRUPTED_AT, module, "stages"],
        env=environment(), capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    # The first argument is no command: it is refused, unless Ctrl-C came before.
    assert (done.returncode, done.stderr) == (130, "Interrupted.\n")


def test_an_answer_is_given_though_nobody_reads_it() -> None:
    process = subprocess.Popen(
        [BABELWIRE, "doctor", "--bootstrap-servers", "127.0.0.1:1"],
        env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    assert process.stdout is not None
    process.stdout.close()
    _, said = process.communicate(timeout=120)
    assert (process.returncode, said) == (3, b"")


@pytest.mark.skipif(not FULL.exists(), reason="needs /dev/full, which Linux has")
@pytest.mark.parametrize("arguments", [["stages"], ["--help"], ["schemas", "show", "asyncapi"]])
def test_a_full_disk_is_told_in_words(arguments: list[str]) -> None:
    with FULL.open("wb") as full:
        done = subprocess.run(
            [BABELWIRE, *arguments], env=environment(), stdout=full, stderr=subprocess.PIPE, text=True, timeout=120,
            check=False,
        )  # fmt: skip
    assert done.returncode == 1
    assert done.stderr.startswith("babelwire: Expected to write all of it: No space left on device.")
    assert done.stderr.count("\n") == 1


@pytest.mark.skipif(not CLOSED.is_dir(), reason="needs /sys/kernel, where nobody can make a folder")
def test_a_place_that_may_not_be_written_is_told_in_words(tmp_path: Path) -> None:
    dump = tmp_path / "dump.json"
    dump.write_bytes(b"[]")
    out = CLOSED / "babelwire"
    code, _, err = ended(["kb", "import", "--wikidata", str(dump), "--out", str(out / "kb")])
    assert code == 2, err
    assert f"babelwire: Expected to be allowed to use '{out}" in err
    assert "Run as its owner, or name another place: --data-dir" in err


def test_a_terminal_that_cannot_spell_a_name_gets_escapes(tmp_path: Path) -> None:
    article = tmp_path / "article.txt"
    article.write_text(
        "Сергей Лавров прибыл в понедельник в Москву, сообщили в министерстве.", encoding="utf-8"
    )
    code, out, err = ended(
        ["run", str(article)],
        LC_ALL="C", PYTHONUTF8="0", PYTHONCOERCECLOCALE="0", BABELWIRE_RECOGNITION="rules",
    )  # fmt: skip
    assert code == 0, err
    assert "Sergey Lavrov" in out
    assert "\\u0421" in out


def test_a_setting_is_refused_by_what_was_expected_and_what_came() -> None:
    assert ended(["serve", "--http-port", "abc"]) == (
        2,
        "",
        "babelwire: --http-port: expected `int`, got 'abc'\n",
    )


def test_an_id_of_an_entity_is_refused_before_anything_is_read() -> None:
    code, _, err = ended(
        ["entities", "add", "--id", "Jane Example", "--type", "PER", "--name", "Jane Example"]
    )
    assert code == 2
    assert "--id: expected cur:SOMETHING or a Wikidata id, without spaces, got 'Jane Example'" in err


@pytest.mark.parametrize("arguments", [["worker"], ["replay"], ["kb", "import"], ["entities", "add"]])
def test_an_example_can_be_copied_from_a_narrow_terminal(arguments: list[str]) -> None:
    code, out, _ = ended([*arguments, "--help"], COLUMNS="60")
    examples = [
        line.removeprefix("Example:").strip() for line in out.partition("Example")[2].splitlines()[1:]
    ]
    first = out[out.index("Example") :].splitlines()[0]
    commands = [line for line in (first.partition(":")[2].strip(), *examples) if line]
    assert code == 0
    assert commands
    assert all(line.startswith(f"babelwire {arguments[0]}") for line in commands), commands


def test_nothing_is_left_in_the_home_of_who_runs_it(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    article = tmp_path / "article.txt"
    article.write_text("Der Minister Anton Wexelmann sprach am Montag in Wien.", encoding="utf-8")
    code, out, err = ended(
        ["run", str(article)], HOME=str(home), XDG_CACHE_HOME="", BABELWIRE_RECOGNITION="model"
    )
    assert code == 0, err
    assert "Vienna" in out
    assert list(home.rglob("*")) == []
