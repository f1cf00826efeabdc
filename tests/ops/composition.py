"""docker-compose.yml as Compose would read it, and its services run natively on this machine."""

from __future__ import annotations

import contextlib
import os
import re
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

from tests.command import BABELWIRE
from tests.command import environment as clean_environment
from tests.kafka.jars import ensure_jars
from tests.ports import free_ports

ROOT = Path(__file__).resolve().parents[2]
FILE = ROOT / "docker-compose.yml"
_VARIABLE = re.compile(r"\$\{(\w+)(?::([-?])([^}]*))?\}")


class Missing(Exception):  # noqa: N818 - the name says what is the matter
    """A variable that Compose insists on is not set."""


def interpolated(text: str, environ: Mapping[str, str]) -> str:
    """Returns ``text`` with ``${NAME}``, ``${NAME:-default}`` and ``${NAME:?message}`` filled in as Compose does."""

    def fill(match: re.Match[str]) -> str:
        name, kind, rest = match.groups()
        value = environ.get(name, "")
        if value:
            return value
        if kind == "?":
            raise Missing(f"{name}: {rest}")
        return rest if kind == "-" else ""

    return _VARIABLE.sub(fill, text)


def compose(environ: Mapping[str, str]) -> dict[str, Any]:
    """Returns the file with its anchors resolved and its variables filled in."""
    document: dict[str, Any] = yaml.safe_load(interpolated(FILE.read_text(), environ))
    return document


@contextlib.contextmanager
def kafka_service(service: Mapping[str, Any], folder: Path) -> Iterator[str]:
    """Runs the broker as the image does: its wrapper makes server.properties of the environment, then Kafka starts.

    Only addresses, ports and the data folder are other than in the file. Gives the clients' address.
    """
    libs = ensure_jars()
    internal, host, controller = free_ports(3)
    defaults, mounted, final, data = (folder / name for name in ("defaults", "mounted", "final", "data"))
    for path in (defaults, mounted, final, data):
        path.mkdir(parents=True)
    for name in ("server.properties", "log4j2.yaml", "tools-log4j2.yaml"):
        (defaults / name).write_text("")
    changes = {
        "INTERNAL://kafka:19092": f"INTERNAL://127.0.0.1:{internal}",
        "HOST://localhost:9092": f"HOST://127.0.0.1:{host}",
        "INTERNAL://:19092": f"INTERNAL://127.0.0.1:{internal}",
        "HOST://:9092": f"HOST://127.0.0.1:{host}",
        "CONTROLLER://:9093": f"CONTROLLER://127.0.0.1:{controller}",
        "1@kafka:9093": f"1@127.0.0.1:{controller}",
        "/var/lib/kafka/data": str(data),
    }
    environment = {name: value for name, value in os.environ.items() if not name.startswith("KAFKA_")}
    for name, value in service["environment"].items():
        for old, new in changes.items():
            value = value.replace(old, new)
        environment[name] = value
    java = ["java", "-Xmx512m", "-cp", f"{libs}/*"]
    wrapper = [
        "kafka.docker.KafkaDockerWrapper",
        "setup",
        "-D",
        str(defaults),
        "-M",
        str(mounted),
        "-F",
        str(final),
    ]
    subprocess.run([*java, *wrapper], env=environment, check=True, capture_output=True, timeout=120)
    with (folder / "kafka.log").open("wb") as log:
        broker = subprocess.Popen(
            [*java, "kafka.Kafka", str(final / "server.properties")], env=environment, stdout=log, stderr=log
        )
    try:
        wait_for_port(internal, broker, folder / "kafka.log")
        yield f"127.0.0.1:{internal}"
    finally:
        broker.terminate()
        try:
            broker.wait(30)
        except subprocess.TimeoutExpired:
            broker.kill()
            broker.wait()


@contextlib.contextmanager
def process(
    command: list[str], environment: Mapping[str, str], log: Path
) -> Iterator[subprocess.Popen[bytes]]:
    """Runs a command until the block ends; then SIGTERM, and SIGKILL after 40 s."""
    with log.open("ab") as out:
        running = subprocess.Popen(
            command, env=clean_environment(**environment), stdout=out, stderr=out, cwd=log.parent
        )
    try:
        yield running
    finally:
        running.terminate()
        try:
            running.wait(40)
        except subprocess.TimeoutExpired:
            running.kill()
            running.wait()


def native(service: Mapping[str, Any]) -> list[str]:
    """Returns the command line of a service of our image, with this environment's programs and files."""
    programs = {
        "babelwire": [BABELWIRE],
        "python": [sys.executable],
        "/opt/babelwire/audit_exporter.py": [str(ROOT / "ops" / "audit_exporter.py")],
        "/opt/babelwire/healthy.py": [str(ROOT / "ops" / "healthy.py")],
    }
    words = [*service.get("entrypoint", ["babelwire"]), *service["command"]]
    return [part for word in words for part in programs.get(word, [word])]


def wait_for_port(port: int, running: subprocess.Popen[bytes], log: Path, timeout: float = 90) -> None:
    """Returns when something listens on the loopback port."""
    deadline = time.monotonic() + timeout
    while time.monotonic() < deadline:
        assert running.poll() is None, (
            f"ended with {running.returncode}: {log.read_text(errors='replace')[-3000:]}"
        )
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.2)
    raise AssertionError(f"nothing listens on {port}: {log.read_text(errors='replace')[-3000:]}")


def fetch(url: str, body: bytes | None = None, **headers: str) -> tuple[int, str]:
    """Returns status and text of an HTTP answer."""
    request = urllib.request.Request(
        url, data=body, headers={k.replace("_", "-"): v for k, v in headers.items()}
    )
    try:
        with urllib.request.urlopen(request, timeout=20) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()
