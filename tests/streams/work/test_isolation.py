"""A stage that crashes, hangs or raises costs its own article three tries, and no other article anything."""

from __future__ import annotations

import asyncio
import itertools
import subprocess
import sys
import threading
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from pathlib import Path

import orjson
import psutil
import pytest
from hypothesis import given
from hypothesis import strategies as st
from structlog.testing import capture_logs

from agents.stage import Stage
from schemas.errors import BabelwireError, RejectReason
from schemas.outcomes import Position
from streams.settings import Settings
from streams.work import inside
from streams.work.inside import Record
from streams.work.isolation import StageProcess, _portions
from tests.streams.pranks import BROKEN, PRANKS, garbage

NOW = 1_790_000_000_000


def record(name: str, content: str) -> Record:
    return orjson.dumps({"id": name, "content": content}), name.encode(), NOW


def positions(count: int) -> list[Position]:
    return [Position(topic="raw", partition=0, offset=offset) for offset in range(count)]


def process(
    folder: Path,
    stages: tuple[Stage, ...] = PRANKS,
    *,
    on_lost: Callable[[], None] = lambda: None,
    **more: object,
) -> StageProcess:
    settings = replace(Settings(), topology=stages[0].name, **more)  # type: ignore[arg-type]
    return StageProcess(settings, 0, folder, stages=stages, on_lost=on_lost)


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[StageProcess]:
    made = process(tmp_path)
    yield made
    await made.stop()


async def test_results_come_in_the_order_of_the_records(stage: StageProcess) -> None:
    records = [record(f"a{number}", f"Sentence number {number} is here.") for number in range(50)]
    results = await stage.treat(records, positions(50))
    assert [result.article for result in results] == [f"a{number}" for number in range(50)]
    assert {result.outcome for result in results} == {"published"}


async def test_a_crash_costs_only_the_article_that_crashes(stage: StageProcess) -> None:
    contents = ["Good one.", "Good two.", "PRANK:crash", "Good three.", "Good four."]
    records = [record(f"a{number}", content) for number, content in enumerate(contents)]
    with capture_logs() as lines:
        results = await stage.treat(records, positions(5))
    told = [(line["event"], line["reason"], line["article"], line["articles"]) for line in lines]
    assert told[-3:] == [("stage_process_lost", "stage_crashed", "a2", 1)] * 3
    assert {(line["topic"], line["partition"], line["offset"]) for line in lines[-3:]} == {("raw", 0, 2)}
    assert {line[2:] for line in told[:-3]} == {(None, 5)}, "of a batch, nobody knows yet who it was"
    assert [result.outcome for result in results] == [
        "published",
        "published",
        "rejected",
        "published",
        "published",
    ]
    assert results[2].reason == "stage_crashed"
    assert results[2].article == "a2"


async def test_an_article_that_takes_too_long_becomes_a_dead_letter(tmp_path: Path) -> None:
    made = process(tmp_path, stage_timeout=1.0)
    try:
        results = await made.treat([record("slow", "PRANK:hang"), record("fine", "Good.")], positions(2))
    finally:
        await made.stop()
    assert [(result.outcome, result.reason) for result in results] == [
        ("rejected", "stage_timeout"),
        ("published", ""),
    ]


async def test_slow_articles_have_their_whole_time_each_though_they_went_together(tmp_path: Path) -> None:
    lost: list[int] = []
    made = process(tmp_path, stage_timeout=3.0, on_lost=lambda: lost.append(1))
    try:
        results = await made.treat([record(f"a{at}", f"PRANK:slow {at}.") for at in range(16)], positions(16))
        assert [(result.article, result.outcome) for result in results] == [
            (f"a{at}", "published") for at in range(16)
        ]
        assert len(lost) == 1, "together they took too long, alone none does"
    finally:
        await made.stop()


@given(st.lists(st.sampled_from([0, 1, 3_000, 40_000, 70_000]), max_size=80))
def test_what_goes_to_the_process_at_once_is_no_more_than_one_large_article(sizes: list[int]) -> None:
    records = [(bytes(size), None, NOW) for size in sizes]
    portions = list(_portions(records, range(len(records))))
    assert [index for portion in portions for index in portion] == list(range(len(records)))
    for portion in portions:
        assert 1 <= len(portion) <= 16
        assert len(portion) == 1 or sum(sizes[index] for index in portion) <= 64 << 10
    for one, other in itertools.pairwise(portions):
        together = sum(sizes[index] for index in one) + sizes[other[0]]
        assert len(one) == 16 or together > 64 << 10, "as much as may go together does"


async def test_a_crash_that_does_not_come_again_loses_nothing(stage: StageProcess, tmp_path: Path) -> None:
    results = await stage.treat([record("a", f"PRANK:once {tmp_path / 'marker'}")], positions(1))
    assert results[0].outcome == "published"


async def test_a_bug_in_a_stage_is_a_dead_letter_that_names_it(stage: StageProcess) -> None:
    [result] = await stage.treat([record("a", "PRANK:raise")], positions(1))
    assert (result.outcome, result.reason) == ("rejected", "stage_failed")
    assert result.detail.startswith("ValueError: a bug at pranks.py:")


async def test_attempts_outlive_the_worker(tmp_path: Path) -> None:
    first = process(tmp_path)
    for _ in range(2):  # a worker that was killed after the second lone try
        first._attempts.add(positions(1)[0], RejectReason.STAGE_CRASHED)
    await first.stop()
    lost: list[int] = []
    second = process(tmp_path, on_lost=lambda: lost.append(1))
    try:
        [result] = await second.treat([record("a", "PRANK:crash")], positions(1))
        assert result.reason == "stage_crashed"
        assert len(lost) == 2, "one common try, and the third lone one"
        [other] = await second.treat([record("b", "Good.")], positions(1))
        assert other.outcome == "published", "another record at that position begins anew"
    finally:
        await second.stop()


def stage_process() -> psutil.Process:
    """Returns the one stage process that runs below this one."""
    [found] = [
        child
        for child in psutil.Process().children(recursive=True)
        if (parent := child.parent()) and "multiprocessing.forkserver" in " ".join(parent.cmdline())
    ]
    return found


def pool_threads() -> int:
    """Returns how many threads serve pools."""
    return sum(thread.name.endswith("_loop)") for thread in threading.enumerate())


@pytest.mark.parametrize("killed", ["the process", "the server that made it"])
async def test_a_death_with_nothing_to_do_is_told_and_leaves_nothing(tmp_path: Path, killed: str) -> None:
    lost: list[int] = []
    made = process(tmp_path, on_lost=lambda: lost.append(1))
    try:
        await made.start()
        assert not made.dead
        threads, before = pool_threads(), stage_process()
        assert threads
        (before if killed == "the process" else before.parent() or before).kill()
        async with asyncio.timeout(30):
            while not made.dead:
                await asyncio.sleep(0.05)
        with capture_logs() as lines:
            await made.start()
        assert lines == [
            {
                "event": "stage_process_lost", "log_level": "warning", "stage": "pranks", "reason": "stage_crashed",
                "articles": 0,
            }
        ]  # fmt: skip
        assert lost == [1]
        assert psutil.wait_procs([before], 30)[1] == [], "what nobody can reach any more has ended"
        assert pool_threads() == threads
        assert not made.dead
        assert stage_process() != before
        [result] = await made.treat([record("a", "Good.")], positions(1))
        assert result.outcome == "published"
    finally:
        await made.stop()


async def test_a_process_that_dies_with_an_article_is_not_told_as_one_with_nothing_to_do(
    tmp_path: Path,
) -> None:
    made = process(tmp_path)
    try:
        await made.start()
        treating = asyncio.create_task(made.treat([record("a", "PRANK:crash")], positions(1)))
        with capture_logs() as lines:
            while not treating.done():
                assert not made.dead
                await asyncio.sleep(0.02)
        assert [line["articles"] for line in lines] == [1] * 4, "one common try, three lone ones"
    finally:
        await made.stop()


async def test_the_garbage_collector_leaves_what_the_stages_hold_alone(stage: StageProcess) -> None:
    await stage.start()
    assert stage._pool is not None
    frozen, tracked = await asyncio.wrap_future(stage._pool.schedule(garbage))
    assert frozen > 20_000
    assert tracked < frozen / 20


async def test_a_stage_that_cannot_load_says_so(tmp_path: Path) -> None:
    broken = process(tmp_path, BROKEN)
    with pytest.raises(BabelwireError, match="the model file is missing"):
        await broken.start()
    await broken.stop()


LOST_WORKER = """
import multiprocessing, os, sys
from multiprocessing import forkserver
multiprocessing.get_context("forkserver").set_forkserver_preload(["streams.work.inside"])
told, left = forkserver._forkserver.connect_to_new_process([])
os.write(left, bytes.fromhex(sys.argv[1]))
os.close(left)
forkserver.read_signed(told)
os.read(told, 1)  # until the process has ended
"""


@pytest.mark.parametrize("said", [b"", b"\x80\x05\x95\x10"], ids=["nothing", "half a message"])
def test_a_worker_that_ends_while_its_stage_process_is_forked_prints_nothing(said: bytes) -> None:
    line = [sys.executable, "-c", LOST_WORKER, said.hex()]
    done = subprocess.run(line, capture_output=True, text=True, check=True, timeout=60)
    assert done.stderr == ""


def test_all_other_errors_of_a_stage_process_are_told(capsys: pytest.CaptureFixture[str]) -> None:
    try:
        raise EOFError("an article's own")
    except EOFError as error:
        inside._without_lost_workers(type(error), error, error.__traceback__)
    assert "EOFError: an article's own" in capsys.readouterr().err
