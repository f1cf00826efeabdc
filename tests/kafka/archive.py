"""Kafka's classes as the JVM has read and checked them, kept in a file: a node starts in two thirds of the CPU."""

from __future__ import annotations

import fcntl
import shutil
from pathlib import Path

from tests.kafka import java
from tests.kafka.cluster import KafkaCluster
from tests.kafka.jars import ensure_jars


def ensure_archive(folder: Path) -> None:
    """Makes the archive where there is none, by a node that starts and stops once (some seconds).

    ``folder`` is one that does not exist, for the node. Where another process is at it, nodes start without.

    Raises KafkaUnavailable where Kafka cannot run here.
    """
    path = java.archive(ensure_jars())
    if path.exists():
        return
    with path.with_suffix(".lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return
        if path.exists():
            return
        unfinished = path.with_suffix(".unfinished")
        with KafkaCluster(folder, brief=True, options=[f"-XX:ArchiveClassesAtExit={unfinished}"]) as node:
            node.stop()
        unfinished.rename(path)
    shutil.rmtree(folder)
