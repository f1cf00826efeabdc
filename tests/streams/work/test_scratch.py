"""Kills leave nothing in the temporary directory for ever: the next start removes what a killed process left."""

from __future__ import annotations

import asyncio
import os
import signal
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from streams.broker.embedded import EmbeddedBroker
from streams.work import slots
from tests.faults.rig import FUSED, Rig


@pytest.fixture
def temporary(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The temporary directory of the commands; not pytest's own, whose name is long for the name of a socket."""
    with tempfile.TemporaryDirectory() as folder:
        monkeypatch.setenv("TMPDIR", folder)
        yield Path(folder)


def left(temporary: Path) -> list[str]:
    return sorted(str(path.relative_to(temporary)) for path in temporary.rglob("*"))


@pytest.mark.embedded
@pytest.mark.lasts(30)
async def test_killed_workers_and_supervisors_leave_nothing_in_the_temporary_directory(
    embedded: EmbeddedBroker, tmp_path: Path, temporary: Path
) -> None:
    rig = Rig(
        embedded.bootstrap_servers, tmp_path, topology=FUSED, processes=1, session_timeout=3, fetch_wait=0.02,
        replication_factor=1,
    )  # fmt: skip
    await rig.provision()
    try:
        await asyncio.to_thread(rig.start)
        await rig.ready()
        first = left(temporary)
        assert len(first) == 3, first  # our folder, multiprocessing's in it, its socket in that
        [pid] = rig.pids()
        os.kill(pid, signal.SIGKILL)
        await rig.ready(other_than=[pid])
        second = left(temporary)
        assert len(second) == 3, second
        assert not set(first) & set(second)

        assert rig._command is not None
        [pid] = rig.pids()
        for process in (rig._command.pid, pid):
            os.kill(process, signal.SIGKILL)
        await asyncio.to_thread(rig._command.wait)
        await asyncio.to_thread(rig.start)
        await rig.ready()
        third = left(temporary)
        assert len(third) == 3, third
        assert not set(second) & set(third)
        worker = psutil.Process(rig.pids()[0])
        rig._command.kill()  # the supervisor alone: its worker drains, and nobody starts another
        await asyncio.to_thread(rig._command.wait)
        assert (await asyncio.to_thread(psutil.wait_procs, [worker], 90))[1] == []
    finally:
        await asyncio.to_thread(rig.close)
    assert left(temporary) == []


def test_only_a_folder_of_ours_is_removed(tmp_path: Path) -> None:
    slot, kept = tmp_path / "w0", tmp_path / "kept"
    slot.mkdir()
    kept.mkdir()
    made = Path(slots.fresh_scratch(slot))
    assert made.is_dir()
    slots.drop_scratch(slot)
    assert not made.exists()
    (slot / "scratch").symlink_to(kept)
    slots.drop_scratch(slot)
    assert kept.is_dir()
    assert list(slot.iterdir()) == []
