"""A real Apache Kafka in KRaft mode on this machine, from Maven's jars: no Docker.

What a `KafkaCluster` promises:

* Every node is a broker and a controller; node `i` has `node.id` i, so a leader's id is its index here.
* Ports and log folders stay the same for the life of the cluster: `kill(0)` then `start(0)` is a crash
  and a recovery, `stop(i)`, `start(i)`, `wait_in_sync()` for each i is a rolling restart.
* `start` returns when the node takes requests, is known to the others, and every partition that can
  have a leader has one.
* No node outlives this process, `kill -9` included.
* Only the loopback interface is used.

From a shell (`--nodes 3`, `--secure` for TLS and SASL); the first line printed is the bootstrap address:

    python -m tests.kafka.cluster --nodes 1 --dir DIR
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import contextlib
import os
import secrets
import signal
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from types import FrameType, TracebackType
from typing import NoReturn, Self

from tests.kafka import java
from tests.kafka.certificates import write_certificates
from tests.kafka.jars import KafkaUnavailable, ensure_jars
from tests.kafka.views import views
from tests.ports import HOST, free_ports

READY_SECONDS = 120.0
"""A node is ready in about 2 s on two idle cores; the rest is for loaded ones."""

_STARTED = b"Kafka Server started"
"""Logged after the broker is unfenced and its listeners take requests (kafka.server.KafkaBroker)."""

_LOGGING = """\
appender.file.type = File
appender.file.name = file
appender.file.fileName = {folder}/server.log
appender.file.layout.type = PatternLayout
appender.file.layout.pattern = %d %p %m (%c)%n
rootLogger.level = INFO
rootLogger.appenderRef.file.ref = file
"""


class KafkaFailed(Exception):  # noqa: N818
    """A node did not do what it was told in time; carries the end of its log."""


@dataclass(slots=True)
class _Node:
    index: int
    folder: Path
    client_port: int
    internal_port: int
    controller_port: int
    directory_id: str
    process: subprocess.Popen[bytes] | None = None
    paused: bool = False

    @property
    def alive(self) -> bool:
        return self.process is not None and self.process.poll() is None

    @property
    def controller(self) -> str:
        return f"{self.index}@{HOST}:{self.controller_port}:{self.directory_id}"

    def log_end(self) -> str:
        """The end of what the node said, for error messages."""
        parts = []
        for name in ("stdout.log", "server.log"):
            path = self.folder / name
            if path.exists():
                parts.append(f"--- {path}\n{path.read_text(errors='replace')[-2000:]}")
        return "\n".join(parts)


class KafkaCluster:
    """One Kafka node, or three with replication factor 3 and min.insync.replicas 2.

    directory: a new or empty folder; takes each node's data, settings, `server.log` and `stdout.log`.
    nodes: 1 or 3.
    tls_sasl: clients speak SASL_SSL (SCRAM-SHA-512 or PLAIN) with `username` and `password`, who may do
        everything; `restricted_username` may log in and do nothing else (StandardAuthorizer).
    config: more broker settings; they win over the ones set here.
    brief: it lives a minute or so, so the JVM spends no time on making code fast.
    options: more of the JVM's options for the nodes.

    A context manager: `open` on entry, `close` on exit. Not safe for use by two threads at once.
    """

    def __init__(
        self,
        directory: Path,
        *,
        nodes: int = 1,
        tls_sasl: bool = False,
        config: Mapping[str, str] | None = None,
        brief: bool = False,
        options: Sequence[str] = (),
    ) -> None:
        if nodes not in (1, 3):
            raise ValueError(f"nodes must be 1 or 3, not {nodes}")
        self.directory = directory.absolute()
        if self.directory.exists() and any(self.directory.iterdir()):
            raise ValueError(f"{self.directory} is not empty: give a new folder, a cluster is not reopened")
        self.tls_sasl = tls_sasl
        self.username = "babelwire"
        self.password = secrets.token_hex(12)
        self.restricted_username = "visitor"
        self.restricted_password = secrets.token_hex(12)
        self.ca_file = self.directory / "tls" / "ca.pem"
        self._config = dict(config or {})
        self._brief = java.BRIEF if brief else ()
        self._options = tuple(options)
        self._cluster_id = _kafka_uuid()
        ports = free_ports(3 * nodes)
        self._nodes = [
            _Node(
                index=index,
                folder=self.directory / f"node-{index}",
                client_port=ports.pop(),
                internal_port=ports.pop(),
                controller_port=ports.pop(),
                directory_id=_kafka_uuid(),
            )
            for index in range(nodes)
        ]
        self._libs = Path()
        self._archived: tuple[str, ...] = ()

    @property
    def bootstrap(self) -> str:
        """The clients' addresses of all nodes, comma-separated."""
        return ",".join(f"{HOST}:{node.client_port}" for node in self._nodes)

    @property
    def nodes(self) -> int:
        """How many nodes there are, running or not."""
        return len(self._nodes)

    def alive(self, node: int = 0) -> bool:
        """Whether the node's process runs (a paused one does)."""
        return self._nodes[node].alive

    def open(self) -> None:
        """Formats the storage, starts every node and waits until all are ready."""
        self._libs = ensure_jars()
        self._archived = java.archived(self._libs)
        self.directory.mkdir(parents=True, exist_ok=True)
        if self.tls_sasl:
            write_certificates(self.directory / "tls")
        try:
            self._format()
            marks = [self._spawn(node) for node in self._nodes]
            for node, mark in zip(self._nodes, marks, strict=True):
                self._wait_started(node, mark)
            self._wait_view(READY_SECONDS, in_sync=False)
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Kills every node and keeps the folder. Orderly stops would save data that nobody reopens."""
        for node in self._nodes:
            if node.process is not None:
                node.process.kill()
        for node in self._nodes:
            if node.process is not None:
                node.process.wait()
                node.process = None

    def start(self, node: int = 0) -> None:
        """Starts a stopped or killed node again, on its old ports and data, and waits until it is ready.

        About 2 s after a stop and 6 s after a kill: the controller refuses a node that it believes to be
        alive, for `broker.session.timeout.ms` (4 s here).
        """
        target = self._nodes[node]
        if target.alive:
            raise ValueError(f"node {node} runs already")
        self._wait_started(target, self._spawn(target))
        self._wait_view(READY_SECONDS, in_sync=False)

    def stop(self, node: int = 0, *, timeout: float = 60.0) -> None:
        """Stops a node in the orderly way (SIGTERM): it hands its partitions over first.

        Raises KafkaFailed after `timeout` seconds: a node waits for a controller quorum's leave to go,
        so with two of three nodes down only `kill` ends the last.
        """
        process = self._running(node)
        if self._nodes[node].paused:
            self.resume(node)
        process.terminate()
        try:
            process.wait(timeout)
        except subprocess.TimeoutExpired:
            raise KafkaFailed(
                f"node {node} did not stop in {timeout:g} s; use kill()\n{self._nodes[node].log_end()}"
            ) from None

    def kill(self, node: int = 0) -> None:
        """Kills a node (SIGKILL): nothing is flushed, nobody is told."""
        process = self._running(node)
        process.kill()
        process.wait()

    def pause(self, node: int = 0) -> None:
        """Freezes a node (SIGSTOP), all its threads: its connections stay open and nothing answers."""
        process = self._running(node)
        process.send_signal(signal.SIGSTOP)
        os.waitid(os.P_PID, process.pid, os.WSTOPPED | os.WEXITED | os.WNOWAIT)
        self._nodes[node].paused = True

    def resume(self, node: int = 0) -> None:
        """Thaws a paused node (SIGCONT)."""
        self._running(node).send_signal(signal.SIGCONT)
        self._nodes[node].paused = False

    def configs(self, *arguments: str) -> None:
        """Does what Kafka's own ``kafka-configs.sh`` does with these arguments, as a user who may do everything."""
        address = f"{HOST}:{self._nodes[0].internal_port}"
        command = self._java("kafka.admin.ConfigCommand", "--bootstrap-server", address, *arguments)
        done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
        if done.returncode:
            raise KafkaFailed(f"{' '.join(arguments)}: {done.stdout}{done.stderr}")

    def wait_in_sync(self, timeout: float = 60.0) -> None:
        """Waits until every node knows all partitions, each with a leader and all its replicas in sync.

        Raises KafkaFailed after `timeout` seconds, naming partitions that are not.
        """
        self._wait_view(timeout, in_sync=True)

    def __enter__(self) -> Self:
        self.open()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _running(self, node: int) -> subprocess.Popen[bytes]:
        process = self._nodes[node].process
        if process is None or process.poll() is not None:
            raise ValueError(f"node {node} does not run: start({node}) first\n{self._nodes[node].log_end()}")
        return process

    def _settings(self, node: _Node) -> dict[str, str]:
        count = len(self._nodes)
        replicas, in_sync = str(count), str(min(2, count))
        listeners = (
            f"CLIENT://{HOST}:{node.client_port}",
            f"INTERNAL://{HOST}:{node.internal_port}",
        )
        client = "SASL_SSL" if self.tls_sasl else "PLAINTEXT"
        settings = {
            "process.roles": "broker,controller",
            "node.id": str(node.index),
            "controller.quorum.bootstrap.servers": ",".join(
                f"{HOST}:{other.controller_port}" for other in self._nodes
            ),
            "listeners": ",".join((*listeners, f"CONTROLLER://{HOST}:{node.controller_port}")),
            "advertised.listeners": ",".join(listeners),
            "listener.security.protocol.map": f"CLIENT:{client},INTERNAL:PLAINTEXT,CONTROLLER:PLAINTEXT",
            "controller.listener.names": "CONTROLLER",
            "inter.broker.listener.name": "INTERNAL",
            "log.dirs": str(node.folder / "data"),
            "auto.create.topics.enable": "false",
            "default.replication.factor": replicas,
            "min.insync.replicas": in_sync,
            "offsets.topic.num.partitions": "4",
            "offsets.topic.replication.factor": replicas,
            "transaction.state.log.num.partitions": "4",
            "transaction.state.log.replication.factor": replicas,
            "transaction.state.log.min.isr": in_sync,
            "share.coordinator.state.topic.num.partitions": "4",
            "share.coordinator.state.topic.replication.factor": replicas,
            "share.coordinator.state.topic.min.isr": in_sync,
            "group.initial.rebalance.delay.ms": "0",
            # 9 s by default: how long a killed broker keeps its leaderships
            "broker.session.timeout.ms": "4000",
            "broker.heartbeat.interval.ms": "500",
            # 128 MiB by default, taken from the heap at once
            "log.cleaner.dedupe.buffer.size": str(8 << 20),
        }
        if self.tls_sasl:
            settings |= self._security()
        return settings | self._config

    def _security(self) -> dict[str, str]:
        package = "org.apache.kafka.common.security"
        scram, plain = f"{package}.scram.ScramLoginModule", f"{package}.plain.PlainLoginModule"
        users = " ".join(f'user_{name}="{password}"' for name, password in self._users())
        return {
            "sasl.enabled.mechanisms": "SCRAM-SHA-512,PLAIN",
            "listener.name.client.scram-sha-512.sasl.jaas.config": f"{scram} required;",
            "listener.name.client.plain.sasl.jaas.config": f"{plain} required {users};",
            "ssl.keystore.type": "PEM",
            "ssl.keystore.location": str(self.directory / "tls" / "server.pem"),
            "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
            # the nodes themselves come in over plain listeners, without a name
            "super.users": f"User:{self.username};User:ANONYMOUS",
        }

    def _users(self) -> Sequence[tuple[str, str]]:
        return (
            (self.username, self.password),
            (self.restricted_username, self.restricted_password),
        )

    def _java(self, main: str, *arguments: str, options: Sequence[str] = ()) -> list[str]:
        more = (*self._brief, *self._archived, *options)
        return java.command(self._libs, main, *arguments, options=more)

    def _format(self) -> None:
        """Writes each node's settings and formats its storage, all nodes at once (0.6 s)."""
        extra = ["--initial-controllers", ",".join(node.controller for node in self._nodes)]
        if self.tls_sasl:
            for name, password in self._users():
                extra += ["--add-scram", f"SCRAM-SHA-512=[name={name},password={password}]"]
        runs = []
        for node in self._nodes:
            node.folder.mkdir(parents=True)
            settings = node.folder / "server.properties"
            settings.touch(mode=0o600)
            settings.write_text("".join(f"{key}={value}\n" for key, value in self._settings(node).items()))
            (node.folder / "log4j2.properties").write_text(_LOGGING.format(folder=node.folder))
            command = self._java(
                "kafka.tools.StorageTool", "format", "-t", self._cluster_id, "-c", str(settings), *extra
            )
            runs.append(
                subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
            )
        said = [run.communicate(timeout=READY_SECONDS)[0] for run in runs]
        for run, output in zip(runs, said, strict=True):
            if run.returncode:
                raise KafkaFailed(
                    f"StorageTool could not format the storage (exit {run.returncode}): {output}"
                )

    def _spawn(self, node: _Node) -> int:
        """Starts the node's process; returns the length of its log before."""
        log = node.folder / "server.log"
        mark = log.stat().st_size if log.exists() else 0
        command = self._java(
            "kafka.Kafka",
            str(node.folder / "server.properties"),
            options=(*self._options, f"-Dlog4j2.configurationFile={node.folder / 'log4j2.properties'}"),
        )
        with (node.folder / "stdout.log").open("ab") as out:
            node.process = java.tied(command, out)
        node.paused = False
        return mark

    def _wait_started(self, node: _Node, mark: int) -> None:
        log = node.folder / "server.log"
        deadline = time.monotonic() + READY_SECONDS
        while time.monotonic() < deadline:
            if log.exists():
                with log.open("rb") as lines:
                    lines.seek(mark)
                    if _STARTED in lines.read():
                        return
            if not node.alive:
                raise KafkaFailed(f"node {node.index} ended while it started\n{node.log_end()}")
            time.sleep(0.05)
        raise KafkaFailed(f"node {node.index} was not ready after {READY_SECONDS:g} s\n{node.log_end()}")

    def _wait_view(self, timeout: float, *, in_sync: bool) -> None:
        """Waits until each running node knows the others and a leader of each partition that can have one."""
        deadline = time.monotonic() + timeout
        while complaints := self._complaints(in_sync=in_sync):
            if time.monotonic() > deadline:
                raise KafkaFailed(f"the cluster is not settled after {timeout:g} s: {complaints[:5]}")
            time.sleep(0.05)

    def _complaints(self, *, in_sync: bool) -> list[str]:
        running = [node for node in self._nodes if node.alive and not node.paused]
        # a thread of its own: the caller may stand inside a running event loop
        with ThreadPoolExecutor(1) as aside:
            said = aside.submit(asyncio.run, views([node.internal_port for node in running])).result()
        alive = {node.index for node in running}
        known = {name for view in said if not isinstance(view, str) for name, *_ in view.partitions}
        complaints = []
        for node, view in zip(running, said, strict=True):
            if isinstance(view, str):
                complaints.append(f"node {node.index}: {view}")
                continue
            if missing := alive - view.brokers:
                complaints.append(f"node {node.index} does not know {sorted(missing)}")
            if late := known - {name for name, *_ in view.partitions}:
                complaints.append(f"node {node.index} does not know {sorted(late)}")
            for name, leader, replicas, isr in view.partitions:
                if leader not in alive and (in_sync or isr & alive):
                    complaints.append(f"node {node.index} knows no leader of {name}")
                elif in_sync and isr != replicas:
                    complaints.append(f"{name} is in sync on {sorted(isr)} of {sorted(replicas)}")
        return complaints


def _kafka_uuid() -> str:
    """A random id as Kafka writes them: 22 characters of URL-safe base64, not beginning with a dash."""
    while True:
        text = base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")
        if not text.startswith("-"):
            return text


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs a cluster in the foreground until Ctrl-C or SIGTERM."""
    parser = argparse.ArgumentParser(prog="python -m tests.kafka.cluster", description=main.__doc__)
    parser.add_argument("--nodes", type=int, choices=(1, 3), default=1)
    parser.add_argument("--dir", type=Path, help="a new or empty folder; it is kept")
    parser.add_argument("--secure", action="store_true", help="TLS, SASL; prints CA file, user, password")
    options = parser.parse_args(arguments)
    with contextlib.ExitStack() as stack:
        folder = options.dir or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="kafka-")))
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, _leave)
        try:
            cluster = stack.enter_context(KafkaCluster(folder, nodes=options.nodes, tls_sasl=options.secure))
        except (KafkaUnavailable, KafkaFailed, ValueError) as error:
            print(error, file=sys.stderr)
            return 1
        print(cluster.bootstrap, flush=True)
        if options.secure:
            print(cluster.ca_file, cluster.username, cluster.password, sep="\n", flush=True)
        while all(cluster.alive(node) for node in range(cluster.nodes)):
            time.sleep(0.5)
        print(f"a node ended by itself; see {folder}", file=sys.stderr)
        return 1


def _leave(number: int, frame: FrameType | None) -> NoReturn:
    for other in (signal.SIGINT, signal.SIGTERM):
        signal.signal(other, signal.SIG_IGN)
    raise SystemExit(0)


if __name__ == "__main__":
    sys.exit(main())
