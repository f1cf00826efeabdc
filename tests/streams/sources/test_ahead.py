"""Reading ahead keeps order, bounds memory, and never holds back what is there."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Iterator

import pytest

from streams.sources.ahead import ReadAhead
from streams.sources.articles import Ready


def record(number: int, size: int = 10) -> Ready:
    return Ready(where=str(number), value=b"x" * size, id=str(number), revision=1, digest="")


async def test_all_records_come_in_order() -> None:
    seen = [
        int(item.where)
        async for batch in ReadAhead(iter([record(n) for n in range(5000)])).batches()
        for item in batch
    ]
    assert seen == list(range(5000))


async def test_a_batch_is_bounded_in_bytes_and_records() -> None:
    sizes = [
        (len(batch), sum(len(item.value) for item in batch if isinstance(item, Ready)))
        async for batch in ReadAhead(iter([record(n, 1_500_000) for n in range(9)])).batches()
    ]
    assert sum(count for count, _ in sizes) == 9
    assert all(size <= 4 << 20 for _, size in sizes)
    one = [len(batch) async for batch in ReadAhead(iter([record(0, 20 << 20)])).batches()]
    assert one == [1]


async def test_reading_waits_when_nobody_takes() -> None:
    drawn = 0

    def source() -> Iterator[Ready]:
        nonlocal drawn
        for number in range(1000):
            drawn += 1
            yield record(number, 1 << 20)

    batches = ReadAhead(source()).batches()
    await anext(batches)
    await asyncio.sleep(0.3)
    assert drawn < 40
    await batches.aclose()


async def test_a_slow_writer_does_not_hold_back_what_it_wrote() -> None:
    gate = threading.Event()

    def source() -> Iterator[Ready]:
        yield record(1)
        gate.wait(20)
        yield record(2)

    batches = ReadAhead(source()).batches()
    started = time.monotonic()
    first = await anext(batches)
    assert [item.where for item in first] == ["1"]
    assert time.monotonic() - started < 5
    gate.set()
    assert [item.where for item in await anext(batches)] == ["2"]
    with pytest.raises(StopAsyncIteration):
        await anext(batches)


async def test_an_error_of_the_source_comes_after_what_it_gave() -> None:
    def source() -> Iterator[Ready]:
        yield record(1)
        raise ValueError("boom")

    seen: list[str] = []

    async def take_all() -> None:
        async for batch in ReadAhead(source()).batches():
            seen.extend(item.where for item in batch)

    with pytest.raises(ValueError, match="boom"):
        await take_all()
    assert seen == ["1"]
