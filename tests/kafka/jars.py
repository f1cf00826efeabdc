"""Kafka's jars, fetched once by Maven."""

from __future__ import annotations

import fcntl
import hashlib
import re
import shutil
import subprocess
from pathlib import Path

JAVA = 17
"""The oldest Java a Kafka 4 broker runs on."""

_HERE = Path(__file__).parent


class KafkaUnavailable(Exception):  # noqa: N818  (a state of this machine, not a fault of Kafka)
    """Kafka cannot run on this machine: says what is missing and what to do."""


def ensure_jars() -> Path:
    """Returns the folder of Kafka's jars, fetched with Maven on the first call.

    Safe to call from several processes at once. About 15 s and 45 MB the first time.

    Raises KafkaUnavailable when Java or Maven is missing or the download fails.
    """
    _check_java()
    pom = (_HERE / "pom.xml").read_bytes()
    target = _HERE / "target"
    libs, stamp = target / "libs", target / "libs.sha256"
    target.mkdir(exist_ok=True)
    with (target / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        digest = hashlib.sha256(pom).hexdigest()
        if stamp.exists() and stamp.read_text() == digest:
            return libs
        if shutil.which("mvn") is None:
            raise KafkaUnavailable(
                f"Maven (mvn) is not on PATH and Kafka's jars are not in {libs}: "
                "install Maven, or copy the folder from a machine where the tests ran"
            )
        shutil.rmtree(libs, ignore_errors=True)
        maven = ["mvn", "-q", "-B", "-f", str(_HERE / "pom.xml"), "dependency:copy-dependencies"]
        try:
            run = subprocess.run(maven, capture_output=True, text=True, timeout=600, check=False)
        except subprocess.TimeoutExpired:
            raise KafkaUnavailable(
                f"{' '.join(maven)} took over 600 s: is Maven Central reachable?"
            ) from None
        if run.returncode:
            errors = [line for line in run.stdout.splitlines() if line.startswith("[ERROR]")]
            raise KafkaUnavailable(
                f"Maven could not fetch Kafka's jars (exit {run.returncode}); run `{' '.join(maven)}`, "
                f"check that Maven Central is reachable. It said: {' '.join(errors[:2]) or run.stderr[-500:]}"
            )
        stamp.write_text(digest)
    return libs


def _check_java() -> None:
    if shutil.which("java") is None:
        raise KafkaUnavailable(f"Java is not on PATH: install a Java runtime, {JAVA} or newer")
    said = subprocess.run(
        ["java", "-version"], capture_output=True, text=True, timeout=60, check=False
    ).stderr
    version = re.search(r'version "(\d+)', said)
    if version is None or int(version[1]) < JAVA:
        raise KafkaUnavailable(f"Kafka 4 needs Java {JAVA} or newer; `java -version` says: {said.strip()}")
