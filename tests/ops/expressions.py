"""What a PromQL expression names."""

from __future__ import annotations

import re
from pathlib import Path

import yaml

from streams import metrics

RECORDING = Path(__file__).resolve().parents[2] / "ops" / "prometheus" / "rules" / "recording.yml"
OURS = re.compile(r"(?:[a-z_]+:)?babelwire[a-z_:0-9]*")
_STRINGS = re.compile(r'"[^"]*"')


def metric_names(expression: str) -> set[str]:
    """Returns the names of babelwire's series in ``expression``."""
    return set(OURS.findall(_STRINGS.sub('""', expression)))


def defined() -> set[str]:
    """Returns every series that the code's metrics and the recording rules make."""
    names = {
        rule["record"] for group in yaml.safe_load(RECORDING.read_text())["groups"] for rule in group["rules"]
    }
    for metric in vars(metrics).values():
        describe = getattr(metric, "describe", None)
        if describe is None or not hasattr(metric, "_name"):
            continue
        for family in describe():
            suffixes = {"counter": ("_total",), "histogram": ("_bucket", "_sum", "_count")}.get(
                family.type, ("",)
            )
            names |= {family.name + suffix for suffix in suffixes}
    return names


def unknown_metrics(expression: str) -> set[str]:
    """Returns what ``expression`` names and nobody defines."""
    return metric_names(expression) - defined()
