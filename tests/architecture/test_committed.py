"""What is committed belongs to the project and to no machine."""

from __future__ import annotations

import re

from tests.architecture.tree import ROOT, committed

MACHINE = re.compile(rb"(?<![\w.])/(?:work|root|home|Users|tmp/bash_jobs)/[\w.-]+")
"""Paths that exist on somebody's machine only."""
LIMIT = 20 << 20
WEIGHTS = ROOT / "agents/entities/recognition/weights"
MOST_WEIGHTS = 50_000_000
"""Of the recogniser's weights together, so that the repository stays quick to fetch."""


def test_no_file_names_a_path_of_some_machine() -> None:
    for path in committed():
        for match in MACHINE.finditer((ROOT / path).read_bytes()):
            line = match.group().decode()
            raise AssertionError(f"{path}: {line}")


def test_no_file_was_made_by_a_tool() -> None:
    for path in committed():
        assert not {"__pycache__", "node_modules", ".venv", ".hypothesis"} & set(path.parts), path
        assert path.suffix not in (".pyc", ".log", ".orig", ".rej"), path


def test_no_file_is_larger_than_a_repository_should_hold() -> None:
    for path in committed():
        if not path.is_relative_to(WEIGHTS.relative_to(ROOT)):
            assert (ROOT / path).stat().st_size <= LIMIT, path
    assert sum(path.stat().st_size for path in WEIGHTS.iterdir()) <= MOST_WEIGHTS


def test_text_files_are_utf8_with_newlines_at_the_end() -> None:
    for path in committed():
        if path.suffix in (".py", ".md", ".toml", ".json", ".yaml", ".yml", ".txt", ".xml", ".lock"):
            data = (ROOT / path).read_bytes()
            data.decode("utf-8")
            assert b"\r\n" not in data, path
            assert not data or data.endswith(b"\n"), path
