"""Fixtures that lend a real Kafka, for `tests/conftest.py` to import.

Where Java or Maven is missing the test is skipped with the reason, except when the variable CI is set:
there it fails. A cluster's folder (logs, data) is removed when the tests that used it passed; when one
failed it stays, and its path is printed.
"""

import gc
import os
import shutil
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.kafka.archive import ensure_archive
from tests.kafka.cluster import KafkaCluster
from tests.kafka.jars import KafkaUnavailable


@contextmanager
def _lent(
    request: pytest.FixtureRequest, folders: pytest.TempPathFactory, *, nodes: int = 1, tls_sasl: bool = False
) -> Iterator[KafkaCluster]:
    folder = folders.mktemp("kafka")
    # The long form runs what an operator would; in the short one most nodes live half a minute.
    cluster = KafkaCluster(
        folder, nodes=nodes, tls_sasl=tls_sasl, brief=not request.config.getoption("--long")
    )
    failed_before = request.session.testsfailed
    try:
        ensure_archive(folder.with_name(f"{folder.name}-archive"))
        cluster.open()
    except KafkaUnavailable as missing:
        if os.environ.get("CI"):
            pytest.fail(f"CI must run the Kafka tests: {missing}")
        pytest.skip(str(missing))
    try:
        yield cluster
    finally:
        cluster.close()
        if request.session.testsfailed == failed_before:
            shutil.rmtree(folder)
        else:
            reporter = request.config.pluginmanager.get_plugin("terminalreporter")
            if reporter is not None:
                reporter.write_line(f"\nKafka's logs are kept in {folder}")


@pytest.fixture(scope="session")
def kafka(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[KafkaCluster]:
    """One node for the whole session; leave it running, and use topics and groups of your own."""
    with _lent(request, tmp_path_factory) as cluster:
        yield cluster


@pytest.fixture
def kafka_fresh(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[KafkaCluster]:
    """One node for this test alone: kill it, pause it."""
    with _lent(request, tmp_path_factory) as cluster:
        yield cluster


@pytest.fixture
def kafka_three(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[KafkaCluster]:
    """Three nodes for this test alone, replication factor 3, two in sync to accept a write."""
    with _lent(request, tmp_path_factory, nodes=3) as cluster:
        yield cluster


@pytest.fixture(scope="session")
def kafka_secure(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[KafkaCluster]:
    """One node for the whole session that wants TLS, a login and permissions."""
    with _lent(request, tmp_path_factory, tls_sasl=True) as cluster:
        yield cluster


@pytest.fixture
def kafka_secure_fresh(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[KafkaCluster]:
    """One node for this test alone that wants TLS, a login and permissions: change its passwords and certificates."""
    with _lent(request, tmp_path_factory, tls_sasl=True) as cluster:
        yield cluster


@pytest.fixture(autouse=True)
def tls_connections_collected(request: pytest.FixtureRequest) -> Iterator[None]:
    """Collects the connections that aiokafka left half closed, so that no later test is blamed for them.

    ``AIOKafkaClient.bootstrap`` closes its first connection and does not wait for it; with TLS the closing takes
    a round trip, which a test that ends at once does not leave it (aiokafka 0.14.0, seen with Kafka 4.3.1).
    """
    yield
    if {"kafka_secure", "kafka_secure_fresh"} & set(request.fixturenames):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ResourceWarning)
            gc.collect()
