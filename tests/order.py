"""In which order several processes take the tests, so that none waits long for the others at the end.

The tests of faults mostly wait (for a worker that starts, a broker that comes back, a window that passes), most
others compute. All processes but one take units from the front, the longest waits first; one takes them from the
back: what computes, then what uses a broker, the most first. So what waits leaves the processor to what computes, and
they meet at short units. Four processes on two cores: three that wait, one that computes. By itself pytest-xdist
begins with the files of most tests and ends with those of one, which are the longest.
"""

from __future__ import annotations

import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadFileScheduling
from xdist.workermanage import WorkerController

_SECONDS = {"faults": 20.0, "kafka": 3.0, "embedded": 2.0}
"""What a test with this mark usually takes (CI on two cores), where it has no mark ``lasts``."""
_ALONE = ("tests/faults/", "tests/ops/test_day_two.py")
"""A test here is a unit of its own: it shares nothing with the others of its file but Kafka, which all share."""


def pytest_configure(config: pytest.Config) -> None:
    """Makes the mark known."""
    config.addinivalue_line("markers", "lasts(seconds): about how long it takes, where that is much")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Sorts what several processes share; one alone keeps the order of the files."""
    if hasattr(config, "workerinput"):
        items[:] = in_order(items)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> LoadFileScheduling | None:
    """Says who gives out the tests with ``--dist loadfile``."""
    return FromBothEnds(config, log) if config.getvalue("dist") == "loadfile" else None


def in_order(items: list[pytest.Item]) -> list[pytest.Item]:
    """Returns the units that wait, the longest first, then what uses a broker, the longest last, then the others."""
    units: dict[str, list[pytest.Item]] = {}
    for item in items:
        units.setdefault(unit(item.nodeid), []).append(item)
    return [item for tests in sorted(units.values(), key=_place) for item in tests]


def _place(tests: list[pytest.Item]) -> tuple[bool, bool, float, int]:
    seconds = sum(map(_seconds, tests))
    if any(item.get_closest_marker(name) for item in tests for name in ("faults", "lasts")):
        return (False, False, -seconds, len(tests))
    return (True, seconds == 0, seconds, len(tests))


def unit(nodeid: str) -> str:
    """Returns what a test belongs to that one process runs as a whole: its file, or itself."""
    return nodeid if nodeid.startswith(_ALONE) else nodeid.split("::", 1)[0]


def _seconds(item: pytest.Item) -> float:
    told = item.get_closest_marker("lasts")
    if told is not None:
        return float(told.args[0])
    return next((seconds for name, seconds in _SECONDS.items() if item.get_closest_marker(name)), 0.0)


class FromBothEnds(LoadFileScheduling):
    """Gives the last process the next unit from the back, every other one the next from the front."""

    def __init__(self, config: pytest.Config, log: Producer | None = None) -> None:
        super().__init__(config, log)
        config.option.loadscopereorder = False

    def _split_scope(self, nodeid: str) -> str:
        return unit(nodeid)

    def _assign_work_unit(self, node: WorkerController) -> None:
        if node is self.nodes[-1]:
            self.workqueue.move_to_end(next(reversed(self.workqueue)), last=False)
        super()._assign_work_unit(node)
