"""The line of an event fits the terminal it is shown on."""

from __future__ import annotations

import pytest
from rich.cells import cell_len

from streams.cli.tail import _fitted

BEGIN = "12:00:00 zh-Hans "
NAMES = "[Beijing, Wang Yi, Sergey Lavrov, Ministry of Foreign Affairs of China +12]"


@pytest.mark.parametrize("columns", [60, 80, 81, 110, 300])
@pytest.mark.parametrize("headline", ["王毅会见拉夫罗夫" * 6, "Brücke", "a" * 200, ""])
def test_a_line_is_no_wider_than_the_terminal_and_its_columns_stand_under_each_other(
    columns: int, headline: str
) -> None:
    line = _fitted(BEGIN, "news.example.a-long-name", headline, NAMES, columns)
    assert cell_len(line) <= columns
    other = _fitted(BEGIN, "-", "Oslo", NAMES, columns)
    assert cell_len(line.partition("[Bei")[0]) == cell_len(other.partition("[Bei")[0])


def test_a_narrow_terminal_gets_the_whole_line() -> None:
    line = _fitted(BEGIN, "news.example", "王毅会见拉夫罗夫", NAMES, 40)
    assert line.endswith(NAMES)
    assert "王毅会见拉夫罗夫" in line


def test_an_event_without_entities_ends_with_its_headline() -> None:
    assert _fitted(BEGIN, "-", "Brücke", "", 80).endswith("Brücke")
