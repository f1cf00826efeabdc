"""Lines come back sorted, whether they fit in memory or not."""

from __future__ import annotations

from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agents.entities.knowledge.spill import Spill


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50, deadline=None)
@given(lines=st.lists(st.binary(max_size=12).filter(lambda line: b"\n" not in line)))
def test_lines_come_back_sorted_from_many_runs_and_as_often_as_asked(
    tmp_path: Path, lines: list[bytes]
) -> None:
    spill = Spill(tmp_path, "few", memory=150)
    for line in lines:
        spill.add(line)
    assert list(spill) == sorted(lines)
    assert list(spill) == sorted(lines)


def test_what_is_held_is_bounded(tmp_path: Path) -> None:
    spill = Spill(tmp_path, "bounded", memory=10_000)
    for number in range(10_000):
        spill.add(b"%06d" % (number * 7 % 10_000))
    assert len(list(tmp_path.glob("bounded.*.run"))) >= 10_000 * 70 // 10_000 - 1
    assert list(spill)[4321] == b"004321"
