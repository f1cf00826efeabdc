"""An installation on the real Kafka only."""

from __future__ import annotations

import pytest

from tests.kafka.cluster import KafkaCluster
from tests.streams.installation import Installation


@pytest.fixture
async def kafka_installation(kafka: KafkaCluster) -> Installation:
    """Topics of its own on the real Kafka."""
    return await Installation.create(kafka.bootstrap)
