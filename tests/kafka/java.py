"""How a JVM of a test's Kafka is started: its options, its classes from an archive, its end with ours."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import BinaryIO

_OPTIONS = (
    "-Xmx512m",
    "-Xms128m",
    "-XX:+UseSerialGC",
    "-XX:+ExitOnOutOfMemoryError",
    "-Xshare:auto",
    "-Djava.net.preferIPv4Stack=true",
    # Each thread would keep a buffer of the largest record it ever wrote outside the heap, until there is no room for
    # records of 20 MB.
    "-Djdk.nio.maxCachedBufferSize=262144",
)
BRIEF = ("-XX:TieredStopAtLevel=1",)
"""For a node that lives a minute: without the second compiler a start takes 1.9 s of CPU instead of 3.3."""

_TIED_TO_PARENT = """
import ctypes, os, signal, sys
if sys.platform == "linux":
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG
    if os.getppid() != int(sys.argv[1]):
        sys.exit("the process that started this node is gone")
os.execvp(sys.argv[2], sys.argv[2:])
"""
# PR_SET_PDEATHSIG fires when the *thread* that created the child ends, and a caller may well be a
# short-lived thread (asyncio.to_thread): so one thread, as old as the process, creates every node.
_SPAWNER = ThreadPoolExecutor(1, thread_name_prefix="kafka-spawner")


def command(libs: Path, main: str, *arguments: str, options: Sequence[str] = ()) -> list[str]:
    """Returns the command line that runs the class ``main`` of the jars in ``libs``."""
    return ["java", *_OPTIONS, *options, "-cp", f"{libs}/*", main, *arguments]


def tied(running: Sequence[str], out: BinaryIO) -> subprocess.Popen[bytes]:
    """Starts a command that ends when this process ends, however that happens."""
    # a session of its own: Ctrl-C in the terminal is for us to pass on
    return _SPAWNER.submit(
        subprocess.Popen,
        [sys.executable, "-I", "-S", "-c", _TIED_TO_PARENT, str(os.getpid()), *running],
        stdin=subprocess.DEVNULL,
        stdout=out,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    ).result()


def archive(libs: Path) -> Path:
    """Returns where the archive of these jars' classes for this Java belongs, whether it is there or not."""
    java = subprocess.run(["java", "-version"], capture_output=True, timeout=60, check=True).stderr
    digest = hashlib.sha256((libs.parent / "libs.sha256").read_bytes() + java).hexdigest()
    return libs.parent / f"classes-{digest[:16]}.jsa"


def archived(libs: Path) -> tuple[str, ...]:
    """Returns the option that takes classes from the archive, if it is there.

    A JVM that finds an archive of another Java or of other jars leaves it alone (``-Xshare:auto``).
    """
    path = archive(libs)
    return (f"-XX:SharedArchiveFile={path}",) if path.exists() else ()
