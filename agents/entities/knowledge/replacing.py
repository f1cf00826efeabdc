"""Makes a folder anew beside the old one and puts it in its place in one step, whatever becomes of the process.

All work is done in ``NAME.importing`` beside ``NAME``. The process that works there holds a lock on a file in it,
which the system lets go when the process ends, even killed. So the next one knows what is nobody's, and clears it up
before it begins; a second one at the same time is refused.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

SUFFIX = ".importing"
_LOCK = "lock"
_MADE = "made"
_OLD = "old"


@contextmanager
def replacing(folder: Path) -> Iterator[Path]:
    """Gives a folder to work in, whose ``made`` takes the place of ``folder`` when the block ends well.

    Raises:
        ValueError: another process is at it, or the folder to work in holds what is not ours.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    work = folder.with_name(folder.name + SUFFIX)
    with _locked(work, folder):
        try:
            _clear(work, folder)
            (work / _MADE).mkdir()
            yield work
            if folder.exists():
                folder.rename(work / _OLD)
            (work / _MADE).rename(folder)
        finally:
            _clear(work, folder)
            (work / _LOCK).unlink()
            with contextlib.suppress(OSError):  # the next one has just begun
                work.rmdir()


def made(work: Path) -> Path:
    """Returns the folder within ``work`` that is to be filled."""
    return work / _MADE


@contextmanager
def _locked(work: Path, folder: Path) -> Iterator[None]:
    """Holds ``work``, which is made if need be."""
    while True:
        lock = _opened(work)
        try:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                raise ValueError(
                    f"expected to write {folder} alone, but another import does: wait for its end, or give this one "
                    "another folder"
                ) from None
            if not _is(lock, work / _LOCK):  # whoever held it before has just removed it
                continue
            yield
            return
        finally:
            lock.close()


def _opened(work: Path) -> IO[bytes]:
    while True:
        try:
            work.mkdir(exist_ok=True)
            if not (work / _LOCK).exists() and any(work.iterdir()):
                raise ValueError(f"expected {work} to be free for the work, but it holds something else")
            return (work / _LOCK).open("ab")
        except FileNotFoundError:  # removed by its holder in between
            continue
        except FileExistsError:
            raise ValueError(f"expected {work} to be free for the work, but it is a file") from None


def _is(lock: IO[bytes], path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(lock.fileno()), path.stat())
    except FileNotFoundError:
        return False


def _restore(work: Path, folder: Path) -> None:
    """Puts back what was there, where the work ended between the two steps of the exchange."""
    if (work / _OLD).is_dir() and not folder.exists():
        (work / _OLD).rename(folder)


def _clear(work: Path, folder: Path) -> None:
    """Removes what was left of the work, by this process or by a killed one."""
    _restore(work, folder)
    for path in work.iterdir():
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        elif path.name != _LOCK:
            path.unlink()
