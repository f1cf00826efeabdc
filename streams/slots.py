"""Names for the processes of one installation on one machine, and the folder each may write to.

A slot (``w0``, ``w1`` ..., ``main``) is a place that one process at a time holds. Files and metrics belong to
the slot, so a restarted worker finds what its predecessor left and two workers never share a file.
"""

from __future__ import annotations

import os
from pathlib import Path

MULTIPROC_VARIABLE = "PROMETHEUS_MULTIPROC_DIR"
MAIN = "main"


def worker_slot(index: int) -> str:
    """Returns the name of the worker with this number."""
    return f"w{index}"


def folder(data_dir: str, slot: str) -> Path:
    """Returns the slot's own folder, made if need be."""
    path = Path(data_dir) / "workers" / slot
    path.mkdir(parents=True, exist_ok=True)
    return path


def metrics_folder(data_dir: str) -> Path:
    """Returns the folder of the shared metric files, made if need be."""
    path = Path(data_dir) / "metrics"
    path.mkdir(parents=True, exist_ok=True)
    return path


def share_metrics(data_dir: str, slot: str) -> None:
    """Makes this process keep its metrics in the shared folder under the slot's name.

    Must run before :mod:`streams.metrics` is imported: prometheus-client decides then.
    """
    os.environ[MULTIPROC_VARIABLE] = str(metrics_folder(data_dir).resolve())
    from prometheus_client import values

    values.ValueClass = values.MultiProcessValue(process_identifier=lambda: slot)
