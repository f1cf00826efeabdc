"""A real Prometheus and a real Alertmanager on loopback ports, and somebody who is told."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import threading
import time
import urllib.parse
import urllib.request
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import yaml

from ops import generate
from tests.ops.composition import ROOT, fetch, wait_for_port
from tests.ports import free_ports

PROGRAMS = {"prometheus": "prometheus", "prometheus-alertmanager": "prometheus-alertmanager"}
"""Commands as Debian calls them, with the package of each."""


def need(program: str) -> str:
    """Returns the path of ``program``; skips the test where there is none, except in CI."""
    path = shutil.which(program)
    if path is None:
        if os.environ.get("CI"):
            pytest.fail(f"CI must run {program} (Debian's package `{PROGRAMS[program]}`)")
        pytest.skip(f"{program} is not on PATH (Debian's package `{PROGRAMS[program]}`)")
    return path


class _Program:
    """A server process with a log."""

    def __init__(self, folder: Path, name: str) -> None:
        self.folder = folder
        self.log = folder / f"{name}.log"
        [self.port] = free_ports(1)
        self._process: subprocess.Popen[bytes] | None = None

    def _start(self, command: list[str]) -> None:
        with self.log.open("ab") as out:
            self._process = subprocess.Popen(command, stdout=out, stderr=out)
        wait_for_port(self.port, self._process, self.log)

    def close(self) -> None:
        """Ends the process."""
        if self._process is not None:
            self._process.terminate()
            try:
                self._process.wait(20)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()


class Prometheus(_Program):
    """Scrapes the given addresses every second by the repository's rules in the given form."""

    def __init__(
        self, folder: Path, targets: Mapping[str, str], form: generate.Form, alertmanager: int | None = None
    ) -> None:
        """``targets`` are addresses (host:port) by job."""
        super().__init__(folder, "prometheus")
        self.targets = dict(targets)
        program = need("prometheus")
        rules = folder / "rules"
        rules.mkdir()
        for name, text in generate.texts(form).items():
            (rules / name).write_text(text)
        config: dict[str, Any] = {
            "global": {"scrape_interval": "1s", "scrape_timeout": "1s", "evaluation_interval": "1s"},
            "rule_files": [str(rules / "*.yml")],
            "scrape_configs": [
                {"job_name": job, "static_configs": [{"targets": [address]}]}
                for job, address in targets.items()
            ],
        }
        if alertmanager is not None:
            address = f"127.0.0.1:{alertmanager}"
            config["alerting"] = {"alertmanagers": [{"static_configs": [{"targets": [address]}]}]}
        (folder / "prometheus.yml").write_text(yaml.safe_dump(config))
        self._start(
            [
                program,
                f"--config.file={folder / 'prometheus.yml'}",
                f"--storage.tsdb.path={folder / 'prometheus-data'}",
                f"--web.listen-address=127.0.0.1:{self.port}",
                "--rules.alert.resend-delay=2s",
            ]
        )
        deadline = time.monotonic() + 60
        while fetch(f"http://127.0.0.1:{self.port}/-/ready")[0] != 200:
            assert time.monotonic() < deadline, self.log.read_text(errors="replace")[-2000:]
            time.sleep(0.2)

    def _get(self, path: str) -> Any:
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=20) as answer:
            return json.loads(answer.read())["data"]

    def query(self, expression: str) -> list[dict[str, Any]]:
        """Returns the samples of an expression now."""
        return list(self._get(f"/api/v1/query?query={urllib.parse.quote(expression)}")["result"])

    def value(self, expression: str) -> float:
        """Returns the one value of an expression, or not-a-number."""
        samples = self.query(expression)
        return float(samples[0]["value"][1]) if samples else float("nan")

    def alerts(self) -> list[str]:
        """Returns the pending and firing alerts, for messages."""
        return sorted(
            f"{alert['state']} {alert['labels']['alertname']}"
            for alert in self._get("/api/v1/alerts")["alerts"]
        )


class Alerting(_Program):
    """Runs the repository's routes and inhibitions; who is told is a webhook of ours, without the waits."""

    def __init__(self, folder: Path, told: int) -> None:
        """``told`` is the port of the webhook."""
        super().__init__(folder, "alertmanager")
        program = need("prometheus-alertmanager")
        config = yaml.safe_load((ROOT / "ops" / "alertmanager" / "alertmanager.yml").read_text())
        for receiver in config["receivers"]:
            receiver["webhook_configs"] = [{"url": f"http://127.0.0.1:{told}/", "send_resolved": True}]
        config["route"] |= {"group_wait": "1s", "group_interval": "1s"}
        (folder / "alertmanager.yml").write_text(yaml.safe_dump(config))
        self._start(
            [
                program,
                f"--config.file={folder / 'alertmanager.yml'}",
                f"--storage.path={folder / 'alertmanager-data'}",
                f"--web.listen-address=127.0.0.1:{self.port}",
                "--cluster.listen-address=",
            ]
        )


class Oncall:
    """Whoever is told: keeps what fires and what resolved, in order."""

    def __init__(self) -> None:
        """Listens on a loopback port."""
        self.calls: list[tuple[str, str, dict[str, str]]] = []
        calls = self.calls

        class Hook(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                for alert in body["alerts"]:
                    call = (alert["status"], alert["labels"]["alertname"], alert["labels"])
                    if call not in calls[-50:]:
                        calls.append(call)
                self.send_response(200)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                return

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Hook)
        self.port = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        """Stops listening."""
        self._server.shutdown()
        self._server.server_close()

    def fired(self) -> set[str]:
        """Returns the alerts that fired until now."""
        return {name for status, name, _ in self.calls if status == "firing"}

    def wait(self, status: str, name: str, timeout: float, prometheus: Prometheus, **labels: str) -> None:
        """Returns when ``name`` was told as ``firing`` or ``resolved`` with these labels."""
        deadline = time.monotonic() + timeout
        while not any(
            (told, alert) == (status, name) and labels.items() <= carried.items()
            for told, alert, carried in list(self.calls)
        ):
            assert time.monotonic() < deadline, (
                f"{name} {labels} not {status} after {timeout} s; told: {self.calls}; now {prometheus.alerts()}"
            )
            time.sleep(0.3)
