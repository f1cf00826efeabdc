"""Dates of publication that a text states: absolute ones only, on a line of their own kind.

``Published: 12 March 2026``, ``2026-03-12 14:05``, ``12.03.2026``, ``2026年3月12日``. Month names are CLDR's, in
every language it has. A date inside the story is no date of publication, so only short lines near the
beginning and the end are read; ``yesterday`` and ``3 hours ago`` say nothing without a clock and give nothing.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import cache
from importlib.resources import files

_LONGEST = 90
"""Characters of a line that may be a date line."""
_EARLIEST = 1995
_AHEAD = timedelta(days=1)
"""How far past its receipt an article may be dated: time zones."""
_NUMERIC = re.compile(
    r"(?<!\d)(?:(?P<y>20\d\d|199\d)[-./年년]\s?(?P<m>\d{1,2})[-./月월]\s?(?P<d>\d{1,2})[日일.]?"
    r"|(?P<d2>\d{1,2})(?P<s>[./-])(?P<m2>\d{1,2})(?P=s)(?P<y2>20\d\d|199\d))(?!\d)"
)
_YEAR = re.compile(r"(?<!\d)(?:20\d\d|199\d)(?!\d)")
_TOKEN = re.compile(r"\d+|[^\W\d_][\w’']*(?:\s?\.)?")


@cache
def months() -> dict[str, int]:
    """Returns every name of a month, case-folded and without a final stop, to its number.

    The file is made of CLDR by ``tests/quality/cleaning_months.py``.
    """
    numbers: dict[str, int] = json.loads(
        files("agents.clean.residue").joinpath("months.json").read_text(encoding="utf-8")
    )
    return numbers


def stated(lines: list[str], latest: datetime) -> datetime | None:
    """Returns the first publication date that ``lines`` state, at midnight UTC: a clock without its zone says little.

    ``latest`` is when the article was received: later dates are not believed.
    """
    for line in lines:
        if len(line) > _LONGEST or not _YEAR.search(line):
            continue
        for date in _dates(line):
            if date <= latest + _AHEAD:
                return date
    return None


def holds_date(line: str) -> bool:
    """Whether a line states a day with its year, be it one that may be read in two ways: ``03/04/2026``."""
    return _NUMERIC.search(line) is not None or (
        _YEAR.search(line) is not None and next(_dates(line), None) is not None
    )


def _dates(line: str) -> Iterator[datetime]:
    for found in _NUMERIC.finditer(line):
        if found["y"]:
            year, month, day = int(found["y"]), int(found["m"]), int(found["d"])
        else:
            year, month, day = int(found["y2"]), int(found["m2"]), int(found["d2"])
            if found["s"] != ".":
                if day <= 12 and month <= 12 and day != month:
                    continue  # 03/04/2026 is two dates
                if month > 12:
                    day, month = month, day
        date = _date(year, month, day)
        if date:
            yield date
    tokens = [token.rstrip(". ").casefold() for token in _TOKEN.findall(line)]
    names = months()
    for index, token in enumerate(tokens):
        number = names.get(token)
        if number is None:
            continue
        near = tokens[max(0, index - 2) : index] + tokens[index + 1 : index + 4]
        years = [int(other) for other in near if _YEAR.fullmatch(other)]
        days = [int(other) for other in near if other.isdigit() and 1 <= int(other) <= 31 and len(other) <= 2]
        if years and days:
            date = _date(years[0], number, days[0])
            if date:
                yield date


def _date(year: int, month: int, day: int) -> datetime | None:
    if year < _EARLIEST:
        return None
    try:
        return datetime(year, month, day, tzinfo=UTC)
    except ValueError:
        return None
