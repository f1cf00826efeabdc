"""Faust 0.15.3 commits past messages that are still in hand (its issue 606); our driver must not.

The first three cases commit 2590, 7 and 7 with Faust's own consumer: 2585 and 0 to 4 are then lost by a crash.
The fourth marks the message after a transaction marker as part of the gap and commits past it.
"""

from __future__ import annotations

from collections import defaultdict
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
