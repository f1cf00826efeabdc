"""Every command that looks at the stream works over TLS with a SCRAM login, and says what it may not do."""

from __future__ import annotations

import dataclasses

import orjson
import pytest

from streams.settings import Settings
from tests.kafka.cluster import KafkaCluster
from tests.streams.articles import enriched
from tests.streams.installation import Installation

pytestmark = pytest.mark.kafka


@pytest.fixture
async def secured(kafka_secure: KafkaCluster) -> Installation:
    return await Installation.create(
        kafka_secure.bootstrap,
        security_protocol="SASL_SSL",
        sasl_mechanism="SCRAM-SHA-512",
        sasl_username=kafka_secure.username,
        sasl_password=kafka_secure.password,
        tls_ca_file=str(kafka_secure.ca_file),
    )


async def test_the_whole_tour(secured: Installation, capfd: pytest.CaptureFixture[str]) -> None:
    good, bad = await secured.raw("good", "bad")
    headers = secured.event_headers("entities", "good", "e1", "de", received=secured.times[good])
    await secured.put("entities", "good", enriched("good"), [*headers, ("bw_input", str(good).encode())])
    letter = await secured.rejected(bad, "bad", b"{")
    await secured.commit_all("raw")
    assert await secured.cli("topics", "plan", "--check") == 0
    assert await secured.cli("audit", "--json", "--topology", "clean + language + entities") == 0
    assert await secured.cli("tail", "--no-follow", "--lang", "de") == 0
    assert await secured.cli("explain", "good") == 0
    assert await secured.cli("dlq", "ls") == 0
    assert await secured.cli("dlq", "show", f"{letter.partition}/{letter.offset}") == 0
    assert await secured.cli("dlq", "redrive", "--reason", "malformed_json") == 0
    assert await secured.cli("replay", "--from", "1h", "--json") == 0
    out = capfd.readouterr().out
    assert "Neue Brücke für Talheim" in out
    assert "1 redriven" in out
    assert orjson.loads(out.splitlines()[-1])["copied"] == 3
    assert len(await secured.read("raw")) == 6


@pytest.mark.parametrize("command", [["audit"], ["dlq", "ls"], ["tail", "--no-follow"], ["explain", "x"]])
async def test_a_user_who_may_not_look_is_told_and_exits_3(
    secured: Installation, kafka_secure: KafkaCluster, command: list[str], capfd: pytest.CaptureFixture[str]
) -> None:
    visitor = dataclasses.replace(
        secured.settings,
        sasl_username=kafka_secure.restricted_username,
        sasl_password=kafka_secure.restricted_password,
    )
    assert await Installation(visitor).cli(*command) == 3
    err = capfd.readouterr().err
    assert "`babelwire doctor` tells a missing topic from a missing permission" in " ".join(err.split())
    assert "Traceback" not in err


async def test_a_broker_that_is_away_exits_3_with_what_to_do(capfd: pytest.CaptureFixture[str]) -> None:
    away = Installation(Settings(bootstrap_servers="127.0.0.1:1"))
    assert await away.cli("audit") == 3
    err = capfd.readouterr().err
    assert err.startswith(
        "babelwire: Expected a Kafka broker at 127.0.0.1:1 (PLAINTEXT): KafkaConnectionError: no connection could be "
        "made, or it was closed at once. Start one"
    )
    assert "doctor" in err
