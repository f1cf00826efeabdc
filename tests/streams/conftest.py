"""Brokers for the tests of ``streams``: the embedded one, and both side by side."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from schemas.errors import BrokerError
from streams.broker import patience
from streams.broker.embedded import EmbeddedBroker, binary
from tests.streams.installation import Installation


@pytest.fixture(scope="session")
def embedded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedBroker]:
    """One embedded broker for the session."""
    try:
        binary()
    except BrokerError as missing:
        pytest.skip(str(missing))
    with EmbeddedBroker(tmp_path_factory.mktemp("embedded") / "broker.log") as broker:
        yield broker


@pytest.fixture(autouse=True)
def patient(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Lets no command of this process say that it waits for the broker: a machine that pauses is no silent broker."""
    if request.path.name != "test_patience.py":
        monkeypatch.setattr(patience, "TELL_SECONDS", 120.0)


@pytest.fixture(
    params=[
        pytest.param("embedded", marks=pytest.mark.embedded),
        pytest.param("kafka", marks=pytest.mark.kafka),
    ]
)
async def installation(request: pytest.FixtureRequest) -> Installation:
    """An installation with topics of its own, on each broker in turn."""
    if request.param == "embedded":
        bootstrap = request.getfixturevalue("embedded").bootstrap_servers
    else:
        bootstrap = request.getfixturevalue("kafka").bootstrap
    return await Installation.create(bootstrap)
