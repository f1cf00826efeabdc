"""How long a test may hang before that is told: the limits of pytest-timeout, and one for clearing up after it."""

from __future__ import annotations

import faulthandler
import os
import sys
from collections.abc import Generator

import pytest

SHORT_SECONDS = 600.0
"""The longest test of the short form takes 190 s; the limits that fault tests set are those of the long form."""
CLEARING_UP_SECONDS = 150.0
"""Ending workers takes up to 40 s each where they hang. Once a test has failed, pytest-timeout's clock stands."""

_STDERR = pytest.StashKey[int]()
"""Standard error as it is before pytest captures it."""


def pytest_configure(config: pytest.Config) -> None:
    """Keeps the way out for what is told last."""
    assert sys.__stderr__ is not None
    config.stash[_STDERR] = os.dup(sys.__stderr__.fileno())


def pytest_unconfigure(config: pytest.Config) -> None:
    """Gives it back."""
    os.close(config.stash[_STDERR])


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Lets no test of the short form take longer than that."""
    if config.getoption("--long"):
        return
    for item in items:
        told = item.get_closest_marker("timeout")
        if told is not None and told.args[0] > SHORT_SECONDS:
            item.add_marker(pytest.mark.timeout(SHORT_SECONDS), append=False)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_teardown(item: pytest.Item) -> Generator[None, object, object]:
    """Ends the process, with all threads' stacks, where clearing up hangs; under pytest-xdist another goes on."""
    faulthandler.dump_traceback_later(CLEARING_UP_SECONDS, exit=True, file=item.config.stash[_STDERR])
    try:
        return (yield)
    finally:
        faulthandler.cancel_dump_traceback_later()
