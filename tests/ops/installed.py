"""One whole installation with its monitoring: workers, ingest server, audit, Prometheus, Alertmanager, on-call."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ops import generate
from tests.command import BABELWIRE
from tests.faults.rig import Rig
from tests.ops.composition import ROOT, process, wait_for_port
from tests.ops.feeding import Feeder
from tests.ops.monitoring import Alerting, Oncall, Prometheus, need
from tests.ports import free_ports


@dataclass(slots=True)
class Installed:
    """What a test works with."""

    rig: Rig
    feeder: Feeder
    prometheus: Prometheus
    oncall: Oncall


@contextmanager
def installed(
    bootstrap: str,
    folder: Path,
    form: generate.Form,
    *,
    topology: str,
    processes: int,
    per_second: float = 6.0,
    **more: Any,
) -> Iterator[Installed]:
    """Starts everything, with articles flowing; ends everything in the other order. ``more`` are settings."""
    need("prometheus")
    need("prometheus-alertmanager")
    rig = Rig(bootstrap, folder / "rig", topology=topology, processes=processes, **more)
    asyncio.run(rig.provision())
    serve_port, audit_port = free_ports(2)
    with ExitStack() as running:
        running.callback(rig.close)
        rig.start()
        environment = {**rig.settings.environment(), "BABELWIRE_HTTP_PORT": str(serve_port)}
        audit = [
            sys.executable,
            str(ROOT / "ops" / "audit_exporter.py"),
            "--port",
            str(audit_port),
            "--every",
            "10",
            "--look",
            "2",
        ]
        commands = (
            ("serve", serve_port, [BABELWIRE, "serve"]),
            ("audit", audit_port, [*audit, "--since", "1h"]),
        )
        for name, port, command in commands:
            log = folder / f"{name}.log"
            wait_for_port(port, running.enter_context(process(command, environment, log)), log)
        asyncio.run(rig.ready(120))
        oncall = Oncall()
        running.callback(oncall.close)
        alertmanager = Alerting(folder, oncall.port)
        running.callback(alertmanager.close)
        feeder = running.enter_context(Feeder(rig.settings, per_second))
        targets = {
            "babelwire-worker": rig.address.removeprefix("http://"),
            "babelwire-serve": f"127.0.0.1:{serve_port}",
            "babelwire-audit": f"127.0.0.1:{audit_port}",
        }
        prometheus = Prometheus(folder, targets, form, alertmanager.port)
        running.callback(prometheus.close)
        yield Installed(rig, feeder, prometheus, oncall)
