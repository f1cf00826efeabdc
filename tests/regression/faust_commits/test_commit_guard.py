"""What Faust 0.15.3 loses or leaves lying around a rebalance, our driver must not."""

from __future__ import annotations

import asyncio
from collections import defaultdict, deque
from collections.abc import AsyncIterator, Iterable
from types import SimpleNamespace
from typing import Any

import pytest
from faust.transport import consumer as stock
from faust.transport.drivers import aiokafka as driver
from faust.types import TP
from intervaltree import IntervalTree
from mode.utils.queues import FlowControlEvent

from streams.work.driver import Transport

PARTITION = TP("t", 0)


def message(offset: int, *, acked: bool = False, generation: int = 1) -> Any:
    return SimpleNamespace(
        tp=PARTITION, offset=offset, topic="t", value=b"", acked=acked, generation_id=generation
    )


def consumer(kind: Any, committed: int | None, held: list[int], acked: list[int]) -> Any:
    """A consumer in the middle of its work, without a broker; ``held`` and ``acked`` were handed to a stream."""
    made = object.__new__(kind)
    made._gap = defaultdict(IntervalTree)
    made._acked = defaultdict(list, {PARTITION: list(acked)})
    made._acked_index = defaultdict(set, {PARTITION: set(acked)})
    made._committed_offset = defaultdict(lambda: None, {PARTITION: committed})
    made._unacked_messages = [message(offset) for offset in held]
    handed = deque(message(offset, acked=offset in acked) for offset in sorted({*held, *acked}))
    made._handed = defaultdict(deque, {PARTITION: handed})
    made._passed = {PARTITION: handed[-1].offset} if handed else {}
    made._looked = {}
    made._gone_back = 0
    return made


# Faust's own consumer commits 2590, 7 and 7: 2585 and 0 to 4 are then lost by a crash (its issue 606).
CASES = [
    (2585, [2585], [2586, 2587, 2588, 2589]),
    (0, [0, 1, 2, 3, 4], [5, 6]),
    (None, [0, 1, 2, 3, 4], [5, 6]),
]


def committed_next(made: Any) -> int | None:
    """The offset a commit would write now, or none."""
    offset: int | None = made._filter_committable_offsets([PARTITION]).get(PARTITION)
    return offset


@pytest.mark.parametrize(("committed", "held", "acked"), CASES)
def test_nothing_in_hand_is_committed_past(committed: int | None, held: list[int], acked: list[int]) -> None:
    assert committed_next(consumer(Transport.Consumer, committed, held, acked)) in (None, held[0])


@pytest.mark.parametrize(("committed", "held", "acked"), CASES)
def test_faust_itself_still_commits_past_it(committed: int | None, held: list[int], acked: list[int]) -> None:
    offset = committed_next(consumer(driver.Consumer, committed, held, acked))
    assert offset, "Faust has mended its issue 606: see streams/work/driver.py"
    assert offset > held[0]


def test_what_is_in_hand_counts_though_nothing_else_refers_to_it() -> None:
    made = consumer(Transport.Consumer, 57, [58], [57, 59])
    made._unacked_messages = []  # Faust keeps weak references
    assert committed_next(made) == 58


def test_the_message_after_a_hole_is_committed_when_it_is_done_not_before() -> None:
    made = consumer(Transport.Consumer, 90, [101], [*range(90, 100), 102])
    assert committed_next(made) == 101
    made._handed[PARTITION][0].acked = True
    assert committed_next(made) == 103


@pytest.mark.parametrize("acked", [[10], [10, 11, 12]])
def test_what_is_done_is_committed(acked: list[int]) -> None:
    assert committed_next(consumer(Transport.Consumer, 10, [acked[-1] + 1], acked)) == acked[-1] + 1


async def test_an_old_copy_that_is_acknowledged_late_moves_nothing() -> None:
    made = consumer(Transport.Consumer, 50, [], [])
    made._handed[PARTITION].append(message(50))
    made._passed[PARTITION] = 50
    made._acked[PARTITION].append(50)  # by the copy of before the rebalance
    assert committed_next(made) is None


async def committing(*, succeeds: bool, goes_back: bool) -> Any:
    """A consumer that tried to commit 50, and perhaps went back to 45 before the answer came."""
    made = consumer(Transport.Consumer, 45, [], [45, 46, 47, 48, 49])
    made.assignment = lambda: {PARTITION}
    made.app = SimpleNamespace(monitor=SimpleNamespace(on_tp_commit=lambda _: None))

    async def commit(offsets: Any) -> bool:
        assert offsets == {PARTITION: 50}
        made._gone_back += goes_back
        return succeeds

    made._commit = commit
    await made._commit_offsets(made._filter_committable_offsets([PARTITION]))
    return made


async def test_what_was_committed_is_not_committed_again() -> None:
    made = await committing(succeeds=True, goes_back=False)
    assert made._committed_offset[PARTITION] == 50
    assert committed_next(made) is None


@pytest.mark.parametrize(("succeeds", "goes_back"), [(False, False), (False, True), (True, True)])
async def test_only_what_is_committed_for_certain_counts_as_committed(
    succeeds: bool, goes_back: bool
) -> None:
    made = await committing(succeeds=succeeds, goes_back=goes_back)
    assert made._committed_offset[PARTITION] == 45
    assert committed_next(made) == 50


async def test_nothing_flows_while_it_goes_back(monkeypatch: pytest.MonkeyPatch) -> None:
    made = consumer(Transport.Consumer, 57, [58, 59], [57])
    flow = FlowControlEvent(initially_suspended=False)
    made.app = SimpleNamespace(flow_control=flow)
    made.can_resume_flow, made.suspend_flow = asyncio.Event(), asyncio.Event()
    made.resume_flow()
    seen: list[tuple[bool, bool, bool]] = []

    async def seek(self: Any) -> None:
        seen.append((self.flow_active, flow.is_active(), bool(self._passed or self._handed)))

    monkeypatch.setattr(stock.Consumer, "perform_seek", seek)
    await made.perform_seek()
    assert seen == [(False, False, False)]


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
            yield PARTITION, message(offset)

    async def go_back(self, tp: TP, offset: int) -> None:
        self.seeks.append(offset)
        self.position = offset

    async def take(self, taken: Any) -> None:
        self.passed.append(taken.offset)


async def drained(
    offsets: Iterable[int],
    *,
    committed: int | None,
    first: Iterable[int] = (),
    lost: bool = False,
    generation: int = 1,
) -> tuple[Any, Log]:
    """A consumer that went back to ``committed`` and then drained the log; the log's messages are of generation 1."""
    made = consumer(Transport.Consumer, committed, [], [])
    log = Log(made, offsets, position=committed or 0, first=first)
    made._read_offset = defaultdict(lambda: None, {} if lost else {PARTITION: committed})
    made._stopped, made.suspend_flow = asyncio.Event(), asyncio.Event()
    made._thread, made.getmany, made.callback = log, log.getmany, log.take
    made.transport = SimpleNamespace(app=SimpleNamespace(should_stop=False))
    made.app = SimpleNamespace(consumer_generation_id=generation)
    made.sleep = asyncio.sleep
    made._crashed = asyncio.Event()
    made.highwater = lambda _: log.offsets[-1] + 1
    await made._drain_messages(SimpleNamespace(_stopped=asyncio.Event()))
    return made, log


@pytest.mark.parametrize("committed", [14, 1, None])
async def test_what_was_fetched_before_a_rebalance_makes_no_hole(committed: int | None) -> None:
    made, log = await drained(range(60), committed=committed, first=range(51, 55))
    assert log.passed == list(range(committed or 0, 60))
    assert log.seeks == [committed or 0]
    assert [held.offset for held in made._handed[PARTITION]] == log.passed


async def test_the_very_next_record_of_an_old_fetch_is_no_exception() -> None:
    _, log = await drained(range(20), committed=14, first=[15, 16])
    assert log.passed == list(range(14, 20))


async def test_a_hole_is_believed_once_the_broker_has_nothing_there() -> None:
    made, log = await drained([90, 91, 95, 96], committed=90)
    assert log.passed == [90, 91, 95, 96]
    assert log.seeks == [92]
    for held in made._handed[PARTITION]:
        held.acked = True
    assert committed_next(made) == 97


async def test_a_log_that_begins_late_is_read_from_its_beginning() -> None:
    _, log = await drained([1000, 1001], committed=None)
    assert log.passed == [1000, 1001]


async def test_a_log_that_ends_before_the_committed_offset_begins_anew() -> None:
    made, log = await drained(range(10), committed=40, first=range(3))
    assert log.passed == list(range(3))
    assert committed_next(made) == 0


async def test_an_old_copy_makes_no_log_begin_anew() -> None:
    _, log = await drained(range(60), committed=40, first=range(3))
    assert log.passed == list(range(40, 60))


async def test_a_partition_that_was_lost_is_left_alone_until_it_has_gone_back() -> None:
    _, log = await drained(range(60), committed=14, lost=True)
    assert log.passed == []
    assert log.seeks == []


async def test_what_an_earlier_generation_fetched_is_not_handed_on() -> None:
    _, log = await drained(range(60), committed=14, generation=2)
    assert log.passed == []
