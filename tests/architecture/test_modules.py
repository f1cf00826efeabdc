"""Modules are small, are named for what they do, and say what they are."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from tests.architecture.tree import PACKAGES, ROOT, committed, modules

MOST_LINES = 500
BANNED = frozenset(
    {"util", "utils", "helper", "helpers", "common", "manager", "handler", "handlers", "misc", "data2"}
)
MARKS = ("TO" + "DO", "FIX" + "ME", "XX" + "X")


@pytest.mark.parametrize("path", modules(*PACKAGES, "tests"), ids=str)
def test_a_module_is_not_too_long(path: Path) -> None:
    assert len((ROOT / path).read_text(encoding="utf-8").splitlines()) <= MOST_LINES


@pytest.mark.parametrize("path", modules(*PACKAGES, "tests"), ids=str)
def test_a_module_is_named_for_what_it_does(path: Path) -> None:
    words = {
        word for part in path.with_suffix("").parts for word in part.lower().removeprefix("test_").split("_")
    }
    assert not words & BANNED


@pytest.mark.parametrize("path", modules(*PACKAGES, "tests"), ids=str)
def test_a_class_is_named_for_what_it_is(path: Path) -> None:
    for node in ast.walk(ast.parse((ROOT / path).read_text(encoding="utf-8"))):
        if isinstance(node, ast.ClassDef):
            assert not node.name.lower().endswith(("util", "utils", "helper", "manager", "handler")), (
                node.name
            )


@pytest.mark.parametrize("path", modules(*PACKAGES), ids=str)
def test_a_public_module_says_what_it_is(path: Path) -> None:
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    if path.name == "__init__.py" and not tree.body:
        return
    text = ast.get_docstring(tree)
    assert text, "the module has no docstring"
    assert text.splitlines()[0].endswith((".", ":", "?")), text.splitlines()[0]


def test_nothing_is_left_to_do() -> None:
    for path in committed():
        if path.suffix in (".py", ".md", ".toml", ".yaml", ".yml", ".sh", ".xml") or path.name in (
            "Makefile",
            "run",
        ):
            text = (ROOT / path).read_text(encoding="utf-8")
            for mark in MARKS:
                assert mark not in text, f"{path}: {mark}"
