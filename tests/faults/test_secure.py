"""Workers on a Kafka that wants TLS and a login, and what they say when they get in wrongly."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.faults.rig import FUSED, Rig, running
from tests.kafka.cluster import KafkaCluster

pytestmark = [pytest.mark.kafka, pytest.mark.faults, pytest.mark.timeout(300)]


def login(kafka: KafkaCluster, mechanism: str) -> dict[str, Any]:
    return {
        "security_protocol": "SASL_SSL",
        "sasl_mechanism": mechanism,
        "sasl_username": kafka.username,
        "sasl_password": kafka.password,
        "tls_ca_file": str(kafka.ca_file),
    }


@pytest.mark.parametrize("mechanism", ["SCRAM-SHA-512", "PLAIN"])
async def test_articles_go_through_over_tls_with_a_login(
    kafka_secure: KafkaCluster, tmp_path: Path, mechanism: str
) -> None:
    more = login(kafka_secure, mechanism)
    async with running(kafka_secure.bootstrap, tmp_path, topology=FUSED, processes=1, **more) as rig:
        await rig.feed(range(60))
        await rig.whole(60, 90)


def test_a_wrong_password_is_told_in_words(kafka_secure: KafkaCluster, tmp_path: Path) -> None:
    wrong = login(kafka_secure, "SCRAM-SHA-512") | {"sasl_password": "not-it"}
    rig = Rig(kafka_secure.bootstrap, tmp_path, topology=FUSED, **wrong)
    done: subprocess.CompletedProcess[bytes] = rig.babelwire("worker")
    said = done.stderr.decode()
    assert done.returncode == 3, said
    assert "not-it" not in said
    assert "Traceback" not in said
    assert "SaslAuthenticationFailed" in said or "Authentication" in said
