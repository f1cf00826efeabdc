"""Fixtures that every part of the suite may use, and the long forms of the fault tests."""

import pytest
from hypothesis import HealthCheck, settings

# A machine that pauses is no defect of what a property test judges; in CI the cases are the same every time.
settings.register_profile(
    "babelwire", settings.default, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("babelwire")

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
