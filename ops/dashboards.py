"""Makes the Grafana dashboards in ``ops/grafana/dashboards/``.

    python ops/dashboards.py            write them
    python ops/dashboards.py --check    exit 1 when they differ from what is there

A board is one file in ``ops/grafana/boards/``; a stage that comes later brings its own the same way. The tests run
every expression on a Prometheus that scraped real workers.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Literal

import msgspec
from grafana_foundation_sdk.builders import common, dashboard, prometheus, stat, timeseries
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.models.common import (
    BigValueColorMode,
    BigValueGraphMode,
    LegendDisplayMode,
    LegendPlacement,
    SortOrder,
    StackingMode,
    TooltipDisplayMode,
)
from grafana_foundation_sdk.models.dashboard import (
    DashboardCursorSync,
    DashboardLinkType,
    DataSourceRef,
    Threshold,
    ThresholdsMode,
)

SOURCES = Path(__file__).resolve().parent / "grafana" / "boards"
RESULTS = SOURCES.parent / "dashboards"
SOURCE = DataSourceRef(type_val="prometheus", uid="prometheus")
"""The uid that ops/grafana/provisioning/datasources/prometheus.yaml fixes."""


class Query(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """One expression and what its lines are called."""

    legend: str
    expr: str


class Panel(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """One panel, which says what to do when it looks wrong."""

    title: str
    description: str
    queries: list[Query]
    unit: str = "short"
    kind: Literal["stat", "lines", "stacked"] = "lines"
    width: int = 12
    limits: dict[str, float] = {}
    """Colour by the value from which on it holds, in rising order; green below the first."""
    floor: float | None = 0
    top: float | None = None


class Row(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """Panels under one heading."""

    title: str
    panels: list[Panel]


class Board(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """One dashboard."""

    uid: str
    title: str
    description: str
    rows: list[Row]


def boards() -> dict[str, Board]:
    """Returns every board by name."""
    return {
        path.stem: msgspec.yaml.decode(path.read_bytes(), type=Board)
        for path in sorted(SOURCES.glob("*.yaml"))
    }


def document(board: Board) -> str:
    """Returns the board as Grafana's JSON."""
    made = (
        dashboard.Dashboard(board.title)
        .uid(board.uid)
        .description(board.description)
        .tags(["babelwire"])
        .readonly()
        .refresh("30s")
        .time("now-6h", "now")
        .timezone("utc")
        .tooltip(DashboardCursorSync.CROSSHAIR)
        .link(
            dashboard.DashboardLink("babelwire")
            .type(DashboardLinkType.DASHBOARDS)
            .tags(["babelwire"])
            .keep_time(True)
        )
    )
    number = 0
    for row in board.rows:
        number += 1
        made = made.with_row(dashboard.Row(row.title).id(number))
        for panel in row.panels:
            number += 1
            made = made.with_panel(_built(panel, number))
    return json.dumps(made.build(), cls=JSONEncoder, indent=2, sort_keys=True, ensure_ascii=False) + "\n"


def _built(panel: Panel, number: int) -> stat.Panel | timeseries.Panel:
    limits = dashboard.ThresholdsConfig().mode(ThresholdsMode.ABSOLUTE)
    steps = [Threshold(value=value, color=colour) for colour, value in panel.limits.items()]
    limits = limits.steps([Threshold(value=None, color="green"), *steps])
    made: stat.Panel | timeseries.Panel
    if panel.kind == "stat":
        made = (
            stat.Panel()
            .color_mode(BigValueColorMode.VALUE if panel.limits else BigValueColorMode.NONE)
            .graph_mode(BigValueGraphMode.NONE)
            .reduce_options(common.ReduceDataOptions().calcs(["lastNotNull"]))
            .height(4 if panel.width < 12 else 6)
        )
    else:
        made = (
            timeseries.Panel()
            .height(8)
            .legend(
                common.VizLegendOptions()
                .display_mode(LegendDisplayMode.TABLE)
                .placement(LegendPlacement.BOTTOM)
                .show_legend(True)
                .calcs(["lastNotNull", "max"])
            )
            .tooltip(common.VizTooltipOptions().mode(TooltipDisplayMode.MULTI).sort(SortOrder.DESCENDING))
            .fill_opacity(40 if panel.kind == "stacked" else 0)
            .stacking(
                common.StackingConfig().mode(
                    StackingMode.NORMAL if panel.kind == "stacked" else StackingMode.NONE
                )
            )
        )
    made = made.id(number).title(panel.title).description(panel.description).datasource(SOURCE)
    made = made.unit(panel.unit).thresholds(limits).span(panel.width)
    if panel.floor is not None:
        made = made.min(panel.floor)
    if panel.top is not None:
        made = made.max(panel.top)
    for letter, asked in zip("ABCDEFGH", panel.queries, strict=False):
        query = prometheus.Dataquery().ref_id(letter).expr(asked.expr).legend_format(asked.legend)
        query = query.datasource(SOURCE)
        made = made.with_target(query.instant() if panel.kind == "stat" else query.range())
    return made


def texts() -> dict[str, str]:
    """Returns the boards by file name."""
    return {f"{name}.json": document(board) for name, board in boards().items()}


def main(arguments: list[str]) -> int:
    """Writes or checks the files; returns the exit code."""
    parser = argparse.ArgumentParser(description="Makes the Grafana dashboards.")
    parser.add_argument("--check", action="store_true", help="exit 1 when the files differ, write nothing")
    given = parser.parse_args(arguments)
    RESULTS.mkdir(parents=True, exist_ok=True)
    different = 0
    for name, text in texts().items():
        path = RESULTS / name
        if not given.check:
            path.write_text(text, encoding="utf-8")
        elif not path.exists() or path.read_text(encoding="utf-8") != text:
            print(
                f"{path} is not what ops/dashboards.py makes: run `python ops/dashboards.py`", file=sys.stderr
            )
            different = 1
    return different


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
