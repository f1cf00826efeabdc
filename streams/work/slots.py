"""Names for the processes of one installation on one machine, and the folder each may write to.

A slot (``w0``, ``w1`` ..., ``main``) is a place that one process at a time holds. Files and metrics belong to
the slot, so a restarted worker finds what its predecessor left and two workers never share a file.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from schemas.errors import UsageError

MULTIPROC_VARIABLE = "PROMETHEUS_MULTIPROC_DIR"
MAIN = "main"
STOP_SECONDS = 30.0
"""What a process may take to leave its slot from SIGTERM on, before it is killed."""

_SCRATCH_LINK = "scratch"
_SCRATCH_PREFIX = "babelwire-"


def worker_slot(index: int) -> str:
    """Returns the name of the worker with this number."""
    return f"w{index}"


def folder(data_dir: str, slot: str) -> Path:
    """Returns the slot's own folder, made if need be."""
    return _made(Path(data_dir) / "workers" / slot)


@contextmanager
def claim(data_dir: str) -> Iterator[None]:
    """Holds the data folder's worker slots until the block ends.

    Raises:
        UsageError: another supervisor holds them; two would write to the same files.
    """
    path = _made(Path(data_dir) / "workers") / "lock"
    with path.open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            lock.seek(0)
            raise UsageError(
                f"Expected the data folder {data_dir!r} to be free, but the workers of process {lock.read().strip()} "
                "use it. Give these workers another with --data-dir, or stop the others."
            ) from None
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        yield


@contextmanager
def hold(data_dir: str, slot: str) -> Iterator[None]:
    """Waits until no other process holds the slot (one that still drains), then holds it until the block ends."""
    with (folder(data_dir, slot) / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def fresh_scratch(folder: Path) -> str:
    """Makes a temporary folder for the process that starts in a slot, after removing that of the one before.

    multiprocessing makes a folder for its sockets at every start, which a killed process cannot remove. The way to a
    socket may be 107 bytes long, so it does not go below the data folder, which only remembers where it is.
    """
    drop_scratch(folder)
    made = tempfile.mkdtemp(prefix=_SCRATCH_PREFIX)
    with contextlib.suppress(OSError):  # a full disk; it is forgotten only where the supervisor is killed too
        (folder / _SCRATCH_LINK).symlink_to(made)
    return made


def drop_scratch(folder: Path) -> None:
    """Removes the slot's temporary folder, with what a killed process left in it."""
    link = folder / _SCRATCH_LINK
    if link.is_symlink():
        drop(link.readlink())
        link.unlink()


def drop(scratch: str | Path) -> None:
    """Removes a folder that :func:`fresh_scratch` made, and no other."""
    if Path(scratch).name.startswith(_SCRATCH_PREFIX):
        shutil.rmtree(scratch, ignore_errors=True)


def metrics_folder(data_dir: str) -> Path:
    """Returns the folder of the shared metric files, made if need be."""
    return _made(Path(data_dir) / "metrics")


def _made(path: Path) -> Path:
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(
            f"Expected a data folder we may write to: {error}. Name another with --data-dir, or mount one."
        ) from None
    return path


def share_metrics(data_dir: str, slot: str) -> None:
    """Makes this process keep its metrics in the shared folder under the slot's name.

    Must run before :mod:`streams.metrics` is imported: prometheus-client decides then.
    """
    os.environ[MULTIPROC_VARIABLE] = str(metrics_folder(data_dir).resolve())
    from prometheus_client import values

    from streams.work.reserve import Reserved

    values.MmapedDict = Reserved  # type: ignore[attr-defined]
    values.ValueClass = values.MultiProcessValue(process_identifier=lambda: slot)
