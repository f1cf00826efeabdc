"""docker-compose.yml and the image: valid, hardened, and its commands and environment work, run natively.

Docker does not run in the tests. What is run is each service's very command with its very environment, on a Kafka
that the image's own wrapper configured from the file.
"""

from __future__ import annotations

import fnmatch
import importlib.metadata
import json
import re
import subprocess
import sys
import time
import tomllib
import urllib.parse
import xml.etree.ElementTree as ET
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import click
import pytest
import yaml
from opentelemetry.sdk import environment_variables

from schemas import VERSION
from streams import settings as settings_module
from streams.cli.root import root
from streams.settings import PREFIX, Settings, load
from tests.kafka.jars import KafkaUnavailable
from tests.ops.composition import (
    FILE,
    ROOT,
    Missing,
    compose,
    fetch,
    kafka_service,
    native,
    process,
    wait_for_port,
)
from tests.ops.monitoring import need
from tests.ops.test_rules import ALERTS
from tests.ports import free_ports

SECRETS = {"BABELWIRE_API_TOKENS": "token-of-the-test", "GRAFANA_ADMIN_PASSWORD": "password-of-the-test"}
DOCUMENT = compose(SECRETS)
SERVICES: dict[str, dict[str, Any]] = DOCUMENT["services"]
OURS = ("topics", "worker", "serve", "audit")
DOCKERFILE = (ROOT / "ops" / "Dockerfile").read_text()


def environment(name: str) -> dict[str, str]:
    """Returns a service's environment as strings."""
    return {key: str(value) for key, value in SERVICES[name].get("environment", {}).items()}


def test_the_file_is_valid_by_the_compose_specification() -> None:
    check = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec", str(FILE)]
    done = subprocess.run(check, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_image_is_pinned_by_version() -> None:
    for name, service in SERVICES.items():
        assert re.fullmatch(r"[a-z0-9./-]+:v?\d+\.\d+\.\d+[\w.-]*", service["image"]), name
    assert re.findall(r"^ARG PYTHON=(\S+)$", DOCKERFILE, re.M) == ["python:3.12.12-slim-bookworm"]
    assert set(re.findall(r"^FROM (\S+)", DOCKERFILE, re.M)) == {"${PYTHON}"}


def test_versions_agree_with_what_the_tests_run() -> None:
    pom = ET.parse(ROOT / "tests" / "kafka" / "pom.xml").getroot()
    found = [
        dependency.findtext("{*}version")
        for dependency in pom.iter("{http://maven.apache.org/POM/4.0.0}dependency")
        if dependency.findtext("{*}artifactId") == "kafka_2.13"
    ]
    assert SERVICES["kafka"]["image"] == f"apache/kafka:{found[0]}"
    assert all(SERVICES[name]["image"] == f"babelwire:{VERSION}" for name in OURS)
    flavour = importlib.metadata.version("grafana-foundation-sdk").partition("!")[2]
    assert SERVICES["grafana"]["image"] == f"grafana/grafana:{flavour}"


@pytest.mark.parametrize("name", sorted(SERVICES))
def test_a_service_is_hardened(name: str) -> None:
    service = SERVICES[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["user"].split(":")[0] not in ("0", "root")
    assert set(service["deploy"]["resources"]["limits"]) == {"cpus", "memory"}
    assert "container_name" not in service
    assert "privileged" not in service
    assert all(port.startswith("127.0.0.1:") for port in service.get("ports", ()))
    if name == "topics":
        assert service["healthcheck"] == {"disable": True}
    elif name == "worker":
        assert "healthcheck" not in service  # the image's own
    else:
        assert service["healthcheck"]["test"][0] == "CMD"


def test_workers_can_be_scaled() -> None:
    worker = SERVICES["worker"]
    assert "ports" not in worker
    # A path alone is an anonymous volume: each container has its own.
    assert worker["volumes"] == ["/var/lib/babelwire"]
    assert environment("worker")["BABELWIRE_DATA_DIR"] == "/var/lib/babelwire"


def test_no_secret_is_in_the_file_and_compose_asks_for_them() -> None:
    with pytest.raises(Missing, match="BABELWIRE_API_TOKENS"):
        compose({})
    raw = yaml.safe_load(FILE.read_text())
    for service in raw["services"].values():
        for name, value in (service.get("environment") or {}).items():
            if re.search("PASSWORD|TOKEN|SECRET", name):
                assert re.fullmatch(r"\$\{\w+:\?[^}]+\}", value), name


def test_every_mounted_path_exists_and_every_volume_is_declared() -> None:
    for name, service in SERVICES.items():
        for volume in service.get("volumes", ()):
            source, _, rest = volume.partition(":")
            if not rest:
                continue
            if source.startswith("./"):
                assert (ROOT / source).exists(), f"{name}: {source}"
                assert rest.endswith(":ro"), f"{name}: {source} can be written"
            else:
                assert source in DOCUMENT["volumes"], f"{name}: {source}"


@pytest.mark.parametrize("name", OURS)
def test_environment_and_command_are_real(name: str) -> None:
    settings = load(environ=environment(name))
    known = {item.upper() for item in settings_module._TYPES}
    names = set(environment(name))
    ours = {key for key in names if key.startswith(PREFIX)}
    assert {key.removeprefix(PREFIX) for key in ours} <= known
    assert names - ours <= vars(environment_variables).keys(), "not OpenTelemetry's either"
    assert settings.bootstrap_servers == "kafka:19092"
    if name == "audit":
        return
    command: click.Command = root
    for word in SERVICES[name]["command"]:
        assert isinstance(command, click.Group)
        found = command.get_command(click.Context(command), word)
        assert found is not None, word
        command = found
    assert not isinstance(command, click.Group)


def test_ports_agree_from_the_listener_to_the_scrape() -> None:
    scraped = {
        job["job_name"]: job
        for job in yaml.safe_load((ROOT / "ops" / "prometheus" / "prometheus.yml").read_text())[
            "scrape_configs"
        ]
    }
    [worker] = scraped["babelwire-worker"]["dns_sd_configs"]
    assert worker["names"] == ["worker"]
    assert (
        str(worker["port"]) == environment("worker")["BABELWIRE_METRICS_PORT"] == str(Settings().metrics_port)
    )
    assert f'"{worker["port"]}"]' in DOCKERFILE  # the image's health check
    [serve] = scraped["babelwire-serve"]["static_configs"][0]["targets"]
    assert serve == f"serve:{environment('serve')['BABELWIRE_HTTP_PORT']}" == f"serve:{Settings().http_port}"
    assert SERVICES["serve"]["healthcheck"]["test"][-1] == str(Settings().http_port)
    [audit] = scraped["babelwire-audit"]["static_configs"][0]["targets"]
    port = SERVICES["audit"]["command"][SERVICES["audit"]["command"].index("--port") + 1]
    assert audit == f"audit:{port}"
    assert SERVICES["audit"]["healthcheck"]["test"][-1] == port
    config = yaml.safe_load((ROOT / "ops" / "prometheus" / "prometheus.yml").read_text())
    [alertmanager] = config["alerting"]["alertmanagers"][0]["static_configs"][0]["targets"]
    assert alertmanager.split(":")[0] in SERVICES
    [prometheus, manager] = yaml.safe_load(
        (ROOT / "ops/grafana/provisioning/datasources/prometheus.yaml").read_text()
    )["datasources"]
    assert prometheus["url"] == "http://prometheus:9090"
    assert manager["url"] == f"http://{alertmanager}"
    assert (
        f"INTERNAL://{environment('worker')['BABELWIRE_BOOTSTRAP_SERVERS']}"
        in environment("kafka")["KAFKA_ADVERTISED_LISTENERS"]
    )


def test_what_the_image_copies_is_there_and_reaches_the_builder() -> None:
    ignore = (ROOT / ".dockerignore").read_text().splitlines()
    let_in = [line[1:] for line in ignore if line.startswith("!")]
    assert "*" in ignore
    copied = [
        source
        for line in re.findall(r"^COPY (?!--from)(.+)$", DOCKERFILE, re.M)
        for source in line.split()[:-1]
    ]
    # The wheel is built of these, so what it must carry has to come along: the licences of the data, too.
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert {"pyproject.toml", "README.md", *project["license-files"]} <= set(copied)
    for source in copied:
        assert any(fnmatch.fnmatch(source, pattern) for pattern in let_in), source
        # The README is written last of all; setuptools names it if it is missing.
        assert (ROOT / source).exists() or source == "README.md", source


def test_the_final_image_has_no_compiler_and_no_root() -> None:
    final = DOCKERFILE.split("\nFROM ")[-1]
    assert "g++" not in final
    assert "build-essential" not in final
    assert re.search(r"^USER 10001:10001$", final, re.M)
    assert "HEALTHCHECK" in final
    assert "--require-hashes -r requirements.lock" in DOCKERFILE
    assert "opentelemetry-sdk==" in (ROOT / "requirements.lock").read_text(), (
        "the compose file can turn it on"
    )


def test_traces_are_off_unless_they_are_asked_for() -> None:
    for service in ("worker", "serve"):
        found = environment(service)
        assert (
            load(environ={name: found[name] for name in found if name.startswith("BABELWIRE_")}).traces
            == "none"
        )


@pytest.mark.lasts(30)
@pytest.mark.kafka
@pytest.mark.timeout(300)
def test_the_services_run_with_their_own_commands_and_environment(tmp_path: Path) -> None:
    metrics_port, http_port, audit_port = free_ports(3)
    with ExitStack() as running:
        try:
            bootstrap = running.enter_context(kafka_service(SERVICES["kafka"], tmp_path / "kafka"))
        except KafkaUnavailable as missing:
            pytest.skip(str(missing))
        here = {
            "BABELWIRE_BOOTSTRAP_SERVERS": bootstrap,
            "BABELWIRE_DATA_DIR": str(tmp_path / "data"),
            "BABELWIRE_METRICS_PORT": str(metrics_port),
        }
        apply = {**environment("topics"), **here}
        done = subprocess.run(
            native(SERVICES["topics"]), env=apply, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr
        for name, more in (("worker", {}), ("serve", {"BABELWIRE_HTTP_PORT": str(http_port)}), ("audit", {})):
            command = [str(audit_port) if word == "9465" else word for word in native(SERVICES[name])]
            running.enter_context(
                process(command, {**environment(name), **here, **more}, tmp_path / f"{name}.log")
            )
        for port, name in ((metrics_port, "worker"), (http_port, "serve"), (audit_port, "audit")):
            healthy(port, tmp_path / f"{name}.log")

        address = f"http://127.0.0.1:{http_port}"
        article = json.dumps(
            {"content": "The foreign minister of Norway met her colleague in Geneva."}
        ).encode()
        refused, _ = fetch(f"{address}/v1/articles", article, Content_Type="application/json")
        assert refused == 401
        bearer = f"Bearer {SECRETS['BABELWIRE_API_TOKENS']}"
        taken, text = fetch(
            f"{address}/v1/articles", article, Content_Type="application/json", Authorization=bearer
        )
        assert taken == 202, text
        deadline = time.monotonic() + 60
        published = 'babelwire_articles_finished_total{outcome="published",reason="",stage="entities"} 1.0'
        while published not in (shown := fetch(f"http://127.0.0.1:{metrics_port}/metrics")[1]):
            assert time.monotonic() < deadline, shown
            time.sleep(0.5)
        _, audited = fetch(f"http://127.0.0.1:{audit_port}/metrics")
        topic = "babelwire.articles.raw.v1"
        assert f'babelwire_unaccounted_articles{{kind="missing",topic="{topic}"}} 0.0' in audited


@pytest.mark.parametrize("name", ["prometheus", "alertmanager"])
def test_the_monitoring_runs_with_its_own_command_files_and_health_check(name: str, tmp_path: Path) -> None:
    service = SERVICES[name]
    program = need({"prometheus": "prometheus", "alertmanager": "prometheus-alertmanager"}[name])
    [port] = free_ports(1)
    command = [program, *service["command"], f"--web.listen-address=127.0.0.1:{port}"]
    for volume in service["volumes"]:
        source, target, *_ = volume.split(":")
        here = ROOT / source if source.startswith("./") else tmp_path / source
        command = [word.replace(f"={target}", f"={here}") for word in command]
    with process(command, {}, tmp_path / "log") as running:
        wait_for_port(port, running, tmp_path / "log")
        asked = urllib.parse.urlsplit(service["healthcheck"]["test"][-1])
        assert f"127.0.0.1:{asked.port}:{asked.port}" in service["ports"]
        deadline = time.monotonic() + 60
        while fetch(f"http://127.0.0.1:{port}{asked.path}")[0] != 200:
            assert time.monotonic() < deadline, (tmp_path / "log").read_text()
            time.sleep(0.2)
        if name == "prometheus":
            groups = json.loads(fetch(f"http://127.0.0.1:{port}/api/v1/rules")[1])["data"]["groups"]
            assert {rule["name"] for group in groups for rule in group["rules"]} >= set(ALERTS)
            told = json.loads(fetch(f"http://127.0.0.1:{port}/api/v1/status/flags")[1])["data"]
            assert (told["storage.tsdb.retention.time"], told["storage.tsdb.retention.size"]) in (
                ("45d", "10GB"),
                ("45d", "10GiB"),  # as Prometheus spells it
            )
        else:
            receivers = json.loads(fetch(f"http://127.0.0.1:{port}/api/v2/receivers")[1])
            assert {receiver["name"] for receiver in receivers} == {"oncall", "tickets"}


def healthy(port: int, log: Path) -> None:
    """Waits until the image's own health check says so."""
    deadline = time.monotonic() + 120
    while True:
        check = [sys.executable, "-I", str(ROOT / "ops" / "healthy.py"), str(port)]
        done = subprocess.run(check, capture_output=True, text=True, check=False, timeout=30)
        if done.returncode == 0:
            return
        assert time.monotonic() < deadline, (
            done.stdout + done.stderr + log.read_text(errors="replace")[-3000:]
        )
        time.sleep(0.5)
