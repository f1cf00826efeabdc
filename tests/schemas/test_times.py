"""Times go to the wire and come back as they were."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas import times


@given(st.integers(-62_135_596_800_000, 253_402_300_799_999))
def test_a_time_of_the_wire_comes_back_as_it_was(given_: int) -> None:
    assert times.milliseconds(times.instant(given_)) == given_


def test_what_is_finer_than_a_millisecond_is_cut_off() -> None:
    assert times.milliseconds(datetime(2026, 11, 22, 8, 0, 0, 1999, tzinfo=UTC)) == 1795334400001


def test_the_time_zone_counts() -> None:
    there = timezone(timedelta(hours=2))
    assert times.milliseconds(datetime(1970, 1, 1, 2, tzinfo=there)) == 0
    assert times.instant(0).utcoffset() == timedelta(0)


def test_a_time_without_a_time_zone_is_refused() -> None:
    with pytest.raises(TypeError):
        times.milliseconds(datetime(2026, 11, 22))  # noqa: DTZ001


def test_a_time_past_the_calendar_is_refused() -> None:
    with pytest.raises(OverflowError):
        times.instant(253_402_300_800_000)
