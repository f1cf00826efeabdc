"""The command line explains itself, quickly."""

from __future__ import annotations

import importlib
import subprocess
import sys

import click
import pytest
from click.testing import CliRunner

from streams.cli.root import COMMANDS, root

HEAVY = (
    "aiohttp",
    "aiokafka",
    "faust",
    "numpy",
    "pycld2",
    "py3langid",
    "resiliparse",
    "trafilatura",
    "babel",
    "yaml",
)
"""Libraries that take from a tenth of a second to seconds to load."""


def command(name: str) -> click.Command:
    module, attribute = COMMANDS[name].split(":")
    found = getattr(importlib.import_module(module), attribute)
    assert isinstance(found, click.Command)
    return found


def lines() -> list[tuple[str, ...]]:
    """Every command line that has a help page."""
    found: list[tuple[str, ...]] = [()]
    for name in sorted(COMMANDS):
        found.append((name,))
        known = command(name)
        if isinstance(known, click.Group):
            found += [(name, inner) for inner in sorted(known.commands)]
    return found


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_a_command_can_be_loaded(name: str) -> None:
    assert command(name).name == name


def test_every_help_page_says_what_it_does_and_shows_an_example() -> None:
    for line in lines():
        result = CliRunner().invoke(root, [*line, "--help"], prog_name="babelwire")
        assert result.exit_code == 0, line
        assert "Example" in result.output, line
        assert f"babelwire {' '.join(line)}".strip() in result.output.split("Example", 1)[1], line


def test_every_option_is_explained() -> None:
    for line in lines():
        known: click.Command = root if not line else command(line[0])
        if len(line) == 2:
            assert isinstance(known, click.Group)
            known = known.commands[line[1]]
        for option in known.params:
            if isinstance(option, click.Option) and not option.hidden:
                assert option.help, f"{' '.join(line)} {option.name}"


@pytest.mark.parametrize(
    "line", [(), *((name,) for name in sorted(COMMANDS))], ids=lambda line: " ".join(line) or "root"
)
def test_help_loads_no_heavy_library(line: tuple[str, ...]) -> None:
    code = (
        "import sys; from streams.cli.root import run; "
        f"status = run({[*line, '--help']!r}); "
        f"print(status, *(name for name in {HEAVY!r} if name in sys.modules), file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stderr.split() == ["0"]
