"""The dashboards: made from ops/grafana/boards, each panel with advice, each expression with data."""

from __future__ import annotations

import json
import re
import subprocess
import time
import urllib.request
from pathlib import Path

import pytest

from ops import dashboards, generate
from tests.faults.rig import STAGED, article
from tests.kafka.cluster import KafkaCluster
from tests.ops.expressions import unknown_metrics
from tests.ops.installed import Installed, installed
from tests.ops.test_rules import ALERTS, assert_command_exists

BOARDS = dashboards.boards()
PANELS = [
    pytest.param(panel, id=f"{name}: {panel.title}")
    for name, board in BOARDS.items()
    for row in board.rows
    for panel in row.panels
]
EXPRESSIONS = {
    query.expr
    for board in BOARDS.values()
    for row in board.rows
    for panel in row.panels
    for query in panel.queries
}

[ADDITIONS] = [
    query.expr
    for row in BOARDS["workers"].rows
    for panel in row.panels
    if panel.title.startswith("Additions to the knowledge base")
    for query in panel.queries
]


def test_the_committed_boards_are_what_the_files_make() -> None:
    for name, text in dashboards.texts().items():
        assert (dashboards.RESULTS / name).read_text() == text, f"{name}: run `python ops/dashboards.py`"
    assert {path.name for path in dashboards.RESULTS.iterdir()} == set(dashboards.texts())


@pytest.mark.parametrize("panel", PANELS)
def test_a_panel_says_what_to_do_with_things_that_exist(panel: dashboards.Panel) -> None:
    assert len(panel.description) > 40
    for named in re.findall(r"Babelwire\w+", panel.description):
        assert named in ALERTS, named
    for command in re.findall(r"`(babelwire [^`]+)`", panel.description):
        assert_command_exists(command)
    for query in panel.queries:
        assert unknown_metrics(query.expr) == set(), query.expr


def test_ids_are_unique_and_every_panel_has_the_provisioned_source() -> None:
    assert len({board.uid for board in BOARDS.values()}) == len(BOARDS) == 4
    for path in dashboards.RESULTS.iterdir():
        panels = json.loads(path.read_text())["panels"]
        assert len({panel["id"] for panel in panels}) == len(panels)
        for panel in panels:
            if panel["type"] != "row":
                assert panel["datasource"] == {"type": "prometheus", "uid": "prometheus"}


@pytest.mark.lasts(43)
@pytest.mark.kafka
@pytest.mark.timeout(400)
def test_every_expression_returns_data_from_real_workers(kafka: KafkaCluster, tmp_path: Path) -> None:
    form = generate.Form(traffic=150, process=20, floor=15, volume=8, freshness_seconds=60, interval=1)
    with installed(kafka.bootstrap, tmp_path, form, topology=STAGED, processes=1) as here:
        here.feeder.poison(3)
        here.feeder.add(*(article(number) for number in (53, 153, 253)))
        # So that the panel of additions has something to show: each worker's number of them, not 0.
        added = here.rig.babelwire("entities", "add", "--type", "PER", "--name", "Zorblina Quandt")
        assert added.returncode == 0, added.stderr
        pending = {expression.replace("$__rate_interval", "20s") for expression in EXPRESSIONS}
        deadline = time.monotonic() + 150
        while pending and time.monotonic() < deadline:
            time.sleep(1)
            # Every round asks all again for what is left: data appear as windows fill.
            pending = {
                expression for expression in pending if not has_data(here.prometheus.query(expression))
            }
        assert not pending, f"no data: {pending}"
        while here.prometheus.value(ADDITIONS) != 1:
            assert time.monotonic() < deadline, here.prometheus.query(ADDITIONS)
            time.sleep(1)
        for address in here.prometheus.targets.values():
            promtool_metrics(address)
        four_commands_lead_to_the_raw_bytes(here)


def has_data(samples: list[dict[str, object]]) -> bool:
    """Says whether any sample is a number."""
    return any(str(sample["value"][1]) != "NaN" for sample in samples)  # type: ignore[index]


def four_commands_lead_to_the_raw_bytes(here: Installed) -> None:
    """Goes the way of docs/operations.md, from the alert's labels to the bytes that the source sent."""

    def run(*arguments: str) -> bytes:
        done = here.rig.babelwire(*arguments)
        assert done.returncode == 0, done.stderr
        return done.stdout

    listed = run("dlq", "ls", "--stage", "clean", "--reason", "malformed_json", "--since", "1h").decode()
    found = re.search(r"\b(\d+/\d+)\b", listed)
    assert found, listed
    shown = run("dlq", "show", found[1]).decode()
    assert "malformed_json" in shown
    assert run("dlq", "show", found[1], "--raw") == b'{"content": "cut off'
    named = re.search(r"^article\s+(\S+)$", shown, re.M)
    assert named, shown
    assert "malformed_json" in run("explain", named[1]).decode()


def promtool_metrics(address: str) -> None:
    """Lets promtool look at the names, types and help texts of what a process shows."""
    with urllib.request.urlopen(f"http://{address}/metrics", timeout=20) as answer:
        shown = answer.read()
    done = subprocess.run(["promtool", "check", "metrics"], input=shown, capture_output=True, check=False)
    assert done.returncode == 0, done.stdout.decode() + done.stderr.decode()
