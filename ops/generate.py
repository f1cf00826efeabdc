"""Makes the Prometheus rules from ``ops/slo.yaml``.

    python ops/generate.py              write ops/prometheus/rules/ and ops/kubernetes/base/rules.yaml
    python ops/generate.py --check      exit 1 when they differ from what is there
    python ops/generate.py --out DIR --traffic 120 --process 20 --floor 15 --volume 8 --freshness-seconds 60
                                        the short form: the same rules with shorter durations

The short form lets a test see an alert fire and resolve in seconds. Windows over traffic shrink by one factor (and
the numbers of articles in them by a third), those over processes by another and never below the floor, because a
worker needs its seconds to come back however fast the test's clock is; the freshness threshold grows for the same
reason.
"""

from __future__ import annotations

import argparse
import sys
from dataclasses import dataclass
from pathlib import Path
from string import Template
from typing import Any

import yaml

OPS = Path(__file__).resolve().parent
RULES = OPS / "prometheus" / "rules"
KUBERNETES = OPS / "kubernetes" / "base" / "rules.yaml"
_HEAD = "# Made by `python ops/generate.py` from ops/slo.yaml: change that one.\n"
_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


@dataclass(frozen=True, slots=True)
class Form:
    """How durations are written: as they stand, or shrunk."""

    traffic: float = 1.0
    process: float = 1.0
    floor: float = 1.0
    """Shortest duration over processes, seconds."""
    freshness_seconds: float | None = None
    """Threshold of the freshness objective in place of the file's; one of the histogram's buckets."""
    volume: float = 1.0
    """Numbers of articles are divided by this."""
    interval: float = 30.0
    """Seconds between two evaluations."""

    def seconds(self, duration: str, scale: str) -> float:
        """Returns the seconds that ``duration`` (``5m``) stands for in this form."""
        plain = float(duration[:-1]) * _UNITS[duration[-1]]
        if scale == "process":
            return max(plain / self.process, min(self.floor, plain))
        return max(1.0, plain / self.traffic)

    def written(self, duration: str, scale: str) -> str:
        """Returns ``duration`` in this form as Prometheus spells it."""
        seconds = self.seconds(duration, scale)
        return duration if seconds == self.seconds_of(duration) else f"{round(seconds)}s"

    @staticmethod
    def seconds_of(duration: str) -> float:
        """Returns the seconds of a duration as it stands."""
        return float(duration[:-1]) * _UNITS[duration[-1]]


def rules(slo: dict[str, Any], form: Form | None = None) -> dict[str, dict[str, Any]]:
    """Returns the rule files by name, as Prometheus' YAML documents."""
    form = form or Form()
    freshness = slo["freshness"]
    threshold = form.freshness_seconds or freshness["seconds"]
    # prometheus-client writes bounds as floats, and Prometheus 3 reads them so.
    everywhere = {"threshold": str(float(threshold))}
    recorded, burning = _freshness(freshness, threshold, form)
    return {
        "recording.yml": _file(
            ("babelwire-freshness", recorded),
            ("babelwire", [_filled(rule, form, everywhere, "record") for rule in slo["records"]]),
            form=form,
        ),
        "alerts.yml": _file(
            ("babelwire-slo", burning),
            ("babelwire-alerts", [_filled(rule, form, everywhere, "alert") for rule in slo["alerts"]]),
            form=form,
        ),
    }


def _file(*groups: tuple[str, list[dict[str, Any]]], form: Form) -> dict[str, Any]:
    interval = f"{form.interval:g}s"
    return {"groups": [{"name": name, "interval": interval, "rules": listed} for name, listed in groups]}


def _freshness(
    freshness: dict[str, Any], threshold: float, form: Form
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Returns the recording rules of every window, and one alert for each pair of windows."""
    budget = 1 - freshness["objective"]
    windows = dict.fromkeys(window for pair in freshness["burn"] for window in (pair["short"], pair["long"]))
    recorded = []
    for window in sorted(windows, key=form.seconds_of):
        span = form.written(window, "traffic")
        recorded.append(
            {
                "record": _late(window),
                "expr": (
                    "1 - sum(rate(babelwire_end_to_end_duration_seconds_bucket"
                    f'{{le="{float(threshold)}"}}[{span}]))\n'
                    f"/ sum(rate(babelwire_end_to_end_duration_seconds_count[{span}]))"
                ),
            }
        )
    alerts = []
    for pair in freshness["burn"]:
        limit = f"{pair['factor'] * budget:.6g}"
        words = {"seconds": f"{threshold:g}", "factor": f"{pair['factor']:g}"}
        alerts.append(
            {
                "alert": "BabelwireFreshnessBudgetBurn",
                "expr": f"{_late(pair['long'])} > {limit}\nand {_late(pair['short'])} > {limit}",
                "labels": {"severity": pair["severity"], "service": "babelwire", "window": pair["long"]},
                "annotations": {
                    "summary": freshness["summary"],
                    "description": Template(freshness["description"]).safe_substitute(words),
                    "runbook": "ops/runbooks/BabelwireFreshnessBudgetBurn.md",
                },
            }
        )
    return recorded, alerts


def _late(window: str) -> str:
    return f"babelwire:articles_late:ratio_rate{window}"


def _filled(rule: dict[str, Any], form: Form, everywhere: dict[str, str], kind: str) -> dict[str, Any]:
    """Returns one rule with its durations and values filled in."""
    scale = rule["scale"]
    words = dict(everywhere)
    for name, duration in rule.get("windows", {}).items():
        words[name] = form.written(duration, scale)
        words[f"{name}_seconds"] = f"{form.seconds(duration, scale):g}"
    words |= {name: str(value) for name, value in rule.get("values", {}).items()}
    words |= {name: f"{count / form.volume:g}" for name, count in rule.get("volumes", {}).items()}
    made: dict[str, Any] = {kind: rule[kind], "expr": Template(rule["expr"]).substitute(words)}
    if kind == "record":
        return made
    if "for" in rule:
        made["for"] = form.written(rule["for"], scale)
    if "keep" in rule:
        made["keep_firing_for"] = form.written(rule["keep"], scale)
    made["labels"] = {"severity": rule["severity"], "service": "babelwire"}
    made["annotations"] = {
        "summary": rule["summary"],
        "description": rule["description"],
        "runbook": f"ops/runbooks/{rule['alert']}.md",
    }
    return made


def texts(form: Form | None = None) -> dict[str, str]:
    """Returns the rule files by name, as text."""
    return {name: _text(document) for name, document in rules(_slo(), form).items()}


def operator_text() -> str:
    """Returns the same rules as the Prometheus operator takes them."""
    groups = [group for document in rules(_slo()).values() for group in document["groups"]]
    metadata = {"name": "babelwire", "labels": {"app.kubernetes.io/name": "babelwire"}}
    kind = {"apiVersion": "monitoring.coreos.com/v1", "kind": "PrometheusRule"}
    return _text({**kind, "metadata": metadata, "spec": {"groups": groups}})


def _slo() -> dict[str, Any]:
    slo: dict[str, Any] = yaml.safe_load((OPS / "slo.yaml").read_text(encoding="utf-8"))
    return slo


def _text(document: dict[str, Any]) -> str:
    return _HEAD + yaml.safe_dump(document, sort_keys=False, width=110, allow_unicode=True)


def main(arguments: list[str]) -> int:
    """Writes or checks the files; returns the exit code."""
    parser = argparse.ArgumentParser(description="Makes the Prometheus rules from ops/slo.yaml.")
    parser.add_argument("--check", action="store_true", help="exit 1 when the files differ, write nothing")
    parser.add_argument("--out", type=Path, default=RULES, help="folder of the rules")
    parser.add_argument("--traffic", type=float, default=1.0, help="divide durations over traffic by this")
    parser.add_argument("--process", type=float, default=1.0, help="divide durations over processes by this")
    parser.add_argument("--floor", type=float, default=1.0, help="shortest duration over processes, seconds")
    parser.add_argument("--volume", type=float, default=1.0, help="divide numbers of articles by this")
    parser.add_argument("--freshness-seconds", type=float, help="threshold in place of the file's")
    parser.add_argument("--interval", type=float, default=30.0, help="seconds between evaluations")
    given = parser.parse_args(arguments)
    form = Form(
        given.traffic, given.process, given.floor, given.freshness_seconds, given.volume, given.interval
    )
    different = 0
    given.out.mkdir(parents=True, exist_ok=True)
    written = {given.out / name: text for name, text in texts(form).items()}
    if given.out == RULES:
        written[KUBERNETES] = operator_text()
    for path, text in written.items():
        if given.check:
            if not path.exists() or path.read_text(encoding="utf-8") != text:
                print(f"{path} is not what ops/slo.yaml makes: run `python ops/generate.py`", file=sys.stderr)
                different = 1
        else:
            path.write_text(text, encoding="utf-8")
    return different


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
