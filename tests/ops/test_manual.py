"""docs/operations.md: its commands exist, and the places that runbooks point to are there."""

from __future__ import annotations

import ast
import re

import pytest
import yaml

from tests.ops.composition import ROOT
from tests.ops.test_rules import OPS, assert_command_exists

MANUAL = (ROOT / "docs" / "operations.md").read_text()
HEADINGS = set(re.findall(r"^#+ (.*)$", MANUAL, re.M))
COMMANDS = sorted(
    {
        line.split(" #")[0].split(" >")[0].strip()
        for block in re.findall(r"```sh\n(.*?)```", MANUAL, re.S)
        for line in block.splitlines()
        if line.strip()
    }
)
FOREIGN = ("printf", "alias", "kubectl", "docker", "kafka-configs.sh")


@pytest.mark.parametrize("line", COMMANDS)
def test_a_command_of_the_manual_exists(line: str) -> None:
    if line.split()[0] not in FOREIGN or line.startswith("docker compose"):
        assert_command_exists(line)
    if line.startswith("alias "):
        assert_command_exists(line.partition("'")[2].rstrip("'"))


def test_commands_in_the_text_exist() -> None:
    spoken = re.findall(r"`((?:babelwire |python ops/|python -m tests)[^`\n]*)`", MANUAL)
    assert len(spoken) > 5
    for line in spoken:
        assert_command_exists(line)


def test_the_table_of_log_lines_names_every_event_there_is_and_no_other() -> None:
    logged = set()
    for path in (*(ROOT / "streams").rglob("*.py"), *OPS.glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and re.match(
                r"_?log(\(\))?\.(debug|info|warning|error|exception)$", ast.unparse(node.func)
            ):
                [event, *_] = node.args
                assert isinstance(event, ast.Constant), f"{path}:{node.lineno}: an event's name is a constant"
                logged.add(event.value)
    rows = re.findall(r"^\| ((?:`\w+`(?:, )?)+) \| (?!means)", MANUAL, re.M)
    told = set(re.findall(r"`(\w+)`", " ".join(rows)))
    assert told == logged


def test_runbooks_point_to_sections_that_are_there() -> None:
    for path in (OPS / "runbooks").glob("*.md"):
        for section in re.findall(r"`docs/operations\.md`, \*([^*]+)\*", path.read_text()):
            assert section in HEADINGS, f"{path.name}: {section}"


def test_the_manual_names_the_versions_that_are_pinned() -> None:
    images = [
        service["image"]
        for service in yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"].values()
    ]
    major, _, _ = next(image.split(":v")[1] for image in images if "prom/prometheus" in image).partition(".")
    assert f"Prometheus {major} and Alertmanager 0.28" in MANUAL
