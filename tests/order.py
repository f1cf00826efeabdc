"""In which order two processes take the tests, so that neither waits long for the other at the end.

Tests on Kafka mostly wait (for a worker that starts, a broker that comes back, a window that passes), the others
compute. One process takes units from the front, the longest on Kafka first; the other takes them from the back, where
those are that compute. So what waits leaves the processor to what computes, and they meet at short tests. By itself
pytest-xdist begins with the files of most tests and ends with those of one, which are the longest.
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
    """Returns the units of tests on a broker, the longest first, then the others, the one of most tests last."""
    units: dict[str, list[pytest.Item]] = {}
    for item in items:
        units.setdefault(unit(item.nodeid), []).append(item)
    ordered = sorted(units.values(), key=lambda tests: (-sum(map(_seconds, tests)), len(tests)))
    return [item for tests in ordered for item in tests]


def unit(nodeid: str) -> str:
    """Returns what a test belongs to that one process runs as a whole: its file, or itself."""
    return nodeid if nodeid.startswith(_ALONE) else nodeid.split("::", 1)[0]


def _seconds(item: pytest.Item) -> float:
    told = item.get_closest_marker("lasts")
    if told is not None:
        return float(told.args[0])
    return next((seconds for name, seconds in _SECONDS.items() if item.get_closest_marker(name)), 0.0)


class FromBothEnds(LoadFileScheduling):
    """Gives the first process the next unit from the front, every other one the next from the back."""

    def __init__(self, config: pytest.Config, log: Producer | None = None) -> None:
        super().__init__(config, log)
        config.option.loadscopereorder = False

    def _split_scope(self, nodeid: str) -> str:
        return unit(nodeid)

    def _assign_work_unit(self, node: WorkerController) -> None:
        if node is not self.nodes[0]:
            self.workqueue.move_to_end(next(reversed(self.workqueue)), last=False)
        super()._assign_work_unit(node)
