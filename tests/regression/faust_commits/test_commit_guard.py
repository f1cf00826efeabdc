"""Faust 0.15.3 commits past messages that are still in hand (its issue 606); our driver must not.

The first three cases commit 2590, 7 and 7 with Faust's own consumer: 2585 and 0 to 4 are then lost by a crash.
The fourth marks the message after a transaction marker as part of the gap and commits past it.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Iterable
from types import SimpleNamespace
from typing import Any

import pytest
from faust.transport.drivers import aiokafka as driver
from faust.types import TP
from intervaltree import IntervalTree

from streams.work.driver import Transport

PARTITION = TP("t", 0)


def consumer(kind: Any, committed: int | None, held: list[int], acked: list[int]) -> Any:
    """A consumer in the middle of its work, without a broker."""
    made = object.__new__(kind)
    made._gap = defaultdict(IntervalTree)
    made._acked = defaultdict(list, {PARTITION: list(acked)})
    made._acked_index = defaultdict(set, {PARTITION: set(acked)})
    made._committed_offset = defaultdict(lambda: None, {PARTITION: committed})
    made._unacked_messages = [SimpleNamespace(tp=PARTITION, offset=offset, acked=False) for offset in held]
    return made


CASES = [
    (2585, [2585], [2586, 2587, 2588, 2589]),
    (0, [0, 1, 2, 3, 4], [5, 6]),
    (None, [0, 1, 2, 3, 4], [5, 6]),
]


@pytest.mark.parametrize(("committed", "held", "acked"), CASES)
def test_nothing_in_hand_is_committed_past(committed: int | None, held: list[int], acked: list[int]) -> None:
    assert consumer(Transport.Consumer, committed, held, acked)._new_offset(PARTITION) is None


@pytest.mark.parametrize(("committed", "held", "acked"), CASES)
def test_faust_itself_still_needs_the_guard(committed: int | None, held: list[int], acked: list[int]) -> None:
    offset = consumer(driver.Consumer, committed, held, acked)._new_offset(PARTITION)
    assert offset is not None, "Faust has mended its issue 606: the guard in streams/work/driver.py can go"


async def test_the_message_after_a_gap_is_not_taken_for_part_of_it() -> None:
    made = consumer(Transport.Consumer, 90, [101], [])
    await made._add_gap(PARTITION, 100, 100)  # what our drain adds when 101 follows 99
    made._acked[PARTITION] = [*range(90, 100), 102]
    made._acked_index[PARTITION] = set(made._acked[PARTITION])
    assert made._new_offset(PARTITION) == 101


@pytest.mark.parametrize("acked", [[10], [10, 11, 12]])
def test_what_is_done_is_committed(acked: list[int]) -> None:
    assert consumer(Transport.Consumer, 10, [acked[-1] + 1], acked)._new_offset(PARTITION) == acked[-1] + 1


def test_an_old_copy_below_the_committed_offset_holds_nothing_up() -> None:
    assert consumer(Transport.Consumer, 50, [12], [50, 51])._new_offset(PARTITION) == 52


class Log:
    """A partition's records, with a position; what ``first`` holds was fetched before the position was set."""

    def __init__(
        self, made: Any, offsets: Iterable[int], *, position: int, first: Iterable[int] = ()
    ) -> None:
        self.made, self.offsets, self.position = made, list(offsets), position
        self.first = list(first)
        self.seeks: list[int] = []
        self.passed: list[int] = []

    async def getmany(self, timeout: float) -> AsyncIterator[tuple[TP, Any]]:
        fetched, self.first = self.first, []
        if not fetched:
            fetched = [offset for offset in self.offsets if offset >= self.position]
            self.position = max(fetched, default=self.position - 1) + 1
            if not fetched:
                self.made._stopped.set()
        for offset in fetched:
            yield PARTITION, SimpleNamespace(offset=offset, topic="t", value=b"")

    async def go_back(self, tp: TP, offset: int) -> None:
        self.seeks.append(offset)
        self.position = offset

    async def take(self, message: Any) -> None:
        self.passed.append(message.offset)


async def drained(
    offsets: Iterable[int], *, committed: int | None, first: Iterable[int] = ()
) -> tuple[Any, Log]:
    """A consumer that went back to ``committed`` and then drained the log."""
    made = consumer(Transport.Consumer, committed, [], [])
    log = Log(made, offsets, position=committed or 0, first=first)
    made._read_offset = defaultdict(lambda: None, {PARTITION: committed})
    made._passed, made._looked = {}, {}
    made._stopped, made.suspend_flow = asyncio.Event(), asyncio.Event()
    made._thread, made.getmany, made.callback = log, log.getmany, log.take
    made.transport = SimpleNamespace(app=SimpleNamespace(should_stop=False))
    made.app = SimpleNamespace(topics=SimpleNamespace(acks_enabled_for=lambda _: True))
    made.sleep = asyncio.sleep
    made._crashed = asyncio.Event()
    await made._drain_messages(SimpleNamespace(_stopped=asyncio.Event()))
    return made, log


@pytest.mark.parametrize("committed", [14, 1, None])
async def test_what_was_fetched_before_a_rebalance_makes_no_hole(committed: int | None) -> None:
    made, log = await drained(range(60), committed=committed, first=range(51, 55))
    assert log.passed == list(range(committed or 0, 60))
    assert log.seeks == [committed or 0]
    assert not made._gap[PARTITION]


async def test_the_very_next_record_of_an_old_fetch_is_no_exception() -> None:
    _, log = await drained(range(20), committed=14, first=[15, 16])
    assert log.passed == list(range(14, 20))


async def test_a_hole_is_believed_once_the_broker_has_nothing_there() -> None:
    made, log = await drained([90, 91, 95, 96], committed=90)
    assert log.passed == [90, 91, 95, 96]
    assert log.seeks == [92]
    assert [(gap.begin, gap.end) for gap in made._gap[PARTITION]] == [(92, 95)]


async def test_a_log_that_begins_late_is_read_from_its_beginning() -> None:
    made, log = await drained([1000, 1001], committed=None)
    assert log.passed == [1000, 1001]
    assert not made._gap[PARTITION]
