"""The wire's time: whole milliseconds since 1970, as Kafka stamps records with."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MS = timedelta(milliseconds=1)


def instant(milliseconds: int) -> datetime:
    """Returns the moment in UTC, exact to the millisecond.

    Raises:
        OverflowError: it lies before the year 1 or after 9999.
    """
    return _EPOCH + milliseconds * _MS


def milliseconds(moment: datetime) -> int:
    """Returns a moment with a time zone in whole milliseconds; what is finer is cut off.

    Raises:
        TypeError: it has no time zone.
    """
    return (moment - _EPOCH) // _MS
