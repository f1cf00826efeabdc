"""The alert rules: made from ops/slo.yaml, right by promtool, each tested, each with a runbook to follow."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
from pathlib import Path

import click
import pytest
import yaml

from ops import generate
from streams.cli.root import root
from tests.ops.expressions import metric_names, unknown_metrics

ROOT = Path(__file__).resolve().parents[2]
OPS = ROOT / "ops"
SLO = yaml.safe_load((OPS / "slo.yaml").read_text())
RULES = generate.rules(SLO)
ALERTS = {
    rule["alert"]: rule
    for document in RULES.values()
    for group in document["groups"]
    for rule in group["rules"]
    if "alert" in rule
}
EXPRESSIONS = [
    rule["expr"] for document in RULES.values() for group in document["groups"] for rule in group["rules"]
]


def promtool(*arguments: str) -> None:
    """Runs promtool; skips where there is none, except in CI."""
    if shutil.which("promtool") is None:
        if os.environ.get("CI"):
            pytest.fail("CI must check the rules: promtool is not on PATH (Debian's package `prometheus`)")
        pytest.skip("promtool is not on PATH (Debian's package `prometheus`)")
    done = subprocess.run(["promtool", *arguments], capture_output=True, text=True, check=False, cwd=ROOT)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_committed_rules_are_what_slo_yaml_makes() -> None:
    for name, text in generate.texts().items():
        assert (generate.RULES / name).read_text() == text, f"{name}: run `python ops/generate.py`"
    assert {path.name for path in generate.RULES.iterdir()} == set(generate.texts())
    assert generate.KUBERNETES.read_text() == generate.operator_text(), "run `python ops/generate.py`"


def test_promtool_takes_configuration_and_rules() -> None:
    promtool("check", "config", "ops/prometheus/prometheus.yml")


def test_every_alert_fires_and_stays_quiet_when_it_should() -> None:
    promtool("test", "rules", "ops/prometheus/tests/alerts.yml")


def test_every_alert_has_a_case_that_fires_and_one_that_stays_quiet() -> None:
    cases = yaml.safe_load((OPS / "prometheus" / "tests" / "alerts.yml").read_text())["tests"]
    fires, quiet = set(), set()
    for case in cases:
        for check in case["promql_expr_test"]:
            fired = {
                match[1]
                for sample in check["exp_samples"] or []
                if (match := re.search(r'alertname="(\w+)"', sample["labels"]))
            }
            fires |= fired
            if not fired:
                quiet |= {name for name in ALERTS if name in case["name"]}
            # A case's other series that must not fire make it a quiet case too.
            elif " not " in case["name"]:
                quiet |= fired
    assert fires == set(ALERTS)
    assert quiet == set(ALERTS)


def test_the_short_form_has_the_same_rules_with_shorter_durations(tmp_path: Path) -> None:
    form = generate.Form(traffic=120, process=20, floor=15, freshness_seconds=60, interval=1)
    short = generate.rules(SLO, form)
    for name, document in RULES.items():
        for group, other in zip(document["groups"], short[name]["groups"], strict=True):
            for rule, shrunk in zip(group["rules"], other["rules"], strict=True):
                assert rule.get("alert") == shrunk.get("alert")
                assert metric_names(rule["expr"]) == metric_names(shrunk["expr"])
                assert set(rule) == set(shrunk)
    silent = next(
        rule
        for group in short["recording.yml"]["groups"]
        for rule in group["rules"]
        if rule["record"] == "lang:babelwire_articles_enriched:before"
    )
    assert "[360s] offset 30s" in silent["expr"]
    for name, text in generate.texts(form).items():
        (tmp_path / name).write_text(text)
    promtool("check", "rules", *(str(path) for path in tmp_path.iterdir()))


def test_rules_use_only_metrics_that_the_code_defines() -> None:
    for expression in EXPRESSIONS:
        assert unknown_metrics(expression) == set(), expression


def test_every_alert_has_a_runbook_and_every_runbook_an_alert() -> None:
    assert {path.stem for path in (OPS / "runbooks").glob("*.md")} == set(ALERTS)
    for name, rule in ALERTS.items():
        assert rule["annotations"]["runbook"] == f"ops/runbooks/{name}.md"
        assert rule["labels"]["severity"] in ("page", "ticket")


@pytest.mark.parametrize("name", sorted(ALERTS))
def test_a_runbook_tells_what_to_do_with_commands_that_exist(name: str) -> None:
    text = (OPS / "runbooks" / f"{name}.md").read_text()
    assert re.findall(r"^## (.*)$", text, re.M) == ["What it means", "How to confirm", "What to do"]
    lines = [
        line for block in re.findall(r"```sh\n(.*?)```", text, re.S) for line in block.splitlines() if line
    ]
    assert lines
    for line in lines:
        assert_command_exists(line)
    for spoken in re.findall(r"`(babelwire [^`]+)`", text):
        assert_command_exists(spoken.replace("ARTICLE", "0" * 32))


def test_alertmanager_silences_only_alerts_that_exist() -> None:
    config = yaml.safe_load((OPS / "alertmanager" / "alertmanager.yml").read_text())
    named = re.findall(r"Babelwire\w+", str(config["inhibit_rules"]))
    assert named
    assert set(named) <= set(ALERTS)
    if shutil.which("amtool"):
        subprocess.run(["amtool", "check-config", str(OPS / "alertmanager" / "alertmanager.yml")], check=True)
    elif os.environ.get("CI"):
        pytest.fail("CI must check Alertmanager's configuration (Debian's package `prometheus-alertmanager`)")


def assert_command_exists(line: str) -> None:
    """Fails when ``line`` names a babelwire command, option, compose service or script that is not there."""
    words = shlex.split(line)
    while re.fullmatch(r"[A-Z_]+=.*", words[0]):
        words.pop(0)
    compose = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
    if words[:2] == ["docker", "compose"]:
        for word in words[3:]:
            service = word.removesuffix("=4").split("=")[0]
            if service in ("kafka", "worker", "serve", "audit", "topics"):
                assert service in compose["services"], line
            if word.startswith("/opt/babelwire/"):
                copied = re.search(r"^COPY (ops/.*) /opt/babelwire/$", (OPS / "Dockerfile").read_text(), re.M)
                assert copied, "ops/Dockerfile"
                assert f"ops/{Path(word).name}" in copied[1].split(), line
        return
    if words[0] == "python":
        script = words[2].replace(".", "/") + ".py" if words[1] == "-m" else words[1]
        assert (ROOT / script).is_file(), line
        return
    if words[0] != "babelwire":
        assert words[0] in ("curl", "timedatectl"), f"unknown command in a runbook: {line}"
        if words[0] == "curl":  # from the host, so the port must be one that compose publishes there
            published = [
                port for service in compose["services"].values() for port in service.get("ports", ())
            ]
            port = re.search(r"//127\.0\.0\.1:(\d+)/", line)
            assert port, line
            assert f"127.0.0.1:{port[1]}:{port[1]}" in published, line
        return
    command: click.Command = root
    rest = words[1:]
    while isinstance(command, click.Group):
        found = command.get_command(click.Context(command), rest[0])
        assert found is not None, line
        command, rest = found, rest[1:]
    if words[1] == "tail" and "--since" in words:
        assert "--no-follow" in words, f"waits for ever where nothing matches: {line}"
    known = {option for parameter in command.params for option in parameter.opts}
    for word in rest:
        if word.startswith("--"):
            assert word.split("=")[0] in known, f"{word} in: {line}"
