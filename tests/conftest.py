"""Fixtures that every part of the suite may use, and the long forms of the fault tests."""

import signal

import pytest
from hypothesis import HealthCheck, settings

# A machine that pauses is no defect of what a property test judges; in CI the cases are the same every time.
settings.register_profile(
    "babelwire", settings.default, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("babelwire")

# Who is started in the background ignores these, and so would what a test starts and then interrupts.
# A handler is not inherited by another program, unlike being deaf.
for _number in (signal.SIGINT, signal.SIGHUP):
    if signal.getsignal(_number) is signal.SIG_IGN:
        signal.signal(_number, lambda *_: None)

pytest_plugins = ["tests.kafka.fixtures", "tests.limits", "tests.order"]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--long",
        action="store_true",
        help="Run fault and memory tests in their long form (an hour) instead of the short.",
    )


@pytest.fixture(scope="session")
def long_form(request: pytest.FixtureRequest) -> bool:
    """Whether the long form was asked for."""
    return bool(request.config.getoption("--long"))
