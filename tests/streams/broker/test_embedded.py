"""The embedded broker listens on a port of its own, whoever else looks for one at the same time."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from schemas.errors import BrokerError
from streams.broker import embedded as module
from streams.broker.embedded import EmbeddedBroker

pytestmark = pytest.mark.embedded


@pytest.fixture
def taken(embedded: EmbeddedBroker) -> Iterator[int]:
    """A port that somebody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        yield other.getsockname()[1]


def test_a_port_that_is_taken_before_it_listens_is_left_for_another(
    tmp_path: Path, taken: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    ports = iter([taken, module.free_port()])
    monkeypatch.setattr(module, "free_port", lambda: next(ports))
    with EmbeddedBroker(tmp_path / "log") as broker:
        assert broker.bootstrap_servers != f"127.0.0.1:{taken}"
        assert broker.alive()


def test_a_port_that_clients_know_is_kept_and_told_when_it_is_taken(tmp_path: Path) -> None:
    with EmbeddedBroker(tmp_path / "log") as broker:
        address = broker.bootstrap_servers
        broker.stop()
        host, port = address.split(":")
        with (
            socket.create_server((host, int(port))),
            pytest.raises(BrokerError, match=f"listen on {address}; its last words"),
        ):
            broker.start()
        broker.start()
        assert broker.bootstrap_servers == address
