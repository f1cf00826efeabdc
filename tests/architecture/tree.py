"""The files of the repository, as the tests of this folder see them."""

from __future__ import annotations

import ast
import os
import shutil
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = ("schemas", "agents", "streams")


@cache
def committed() -> tuple[Path, ...]:
    """Every file git knows, relative to the root; without a git checkout the test is skipped, in CI it fails."""
    if shutil.which("git") is None or not (ROOT / ".git").exists():
        if os.environ.get("CI"):
            pytest.fail("CI must run in a git checkout: what is committed is what git says is committed")
        pytest.skip("needs a git checkout: what is committed is what git says is committed")
    done = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True)
    return tuple(Path(name) for name in done.stdout.split("\0") if name and (ROOT / name).is_file())


def modules(*folders: str) -> list[Path]:
    """Every Python file under ``folders``, relative to the root, without what tools have left there."""
    found = (path for folder in folders for path in (ROOT / folder).rglob("*.py"))
    return sorted(path.relative_to(ROOT) for path in found if "node_modules" not in path.parts)


def imports(path: Path) -> Iterator[str]:
    """Yields the full name of each module that ``path`` imports, anywhere in it."""
    for node in ast.walk(ast.parse((ROOT / path).read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            yield node.module
            yield from (f"{node.module}.{name.name}" for name in node.names)
