"""A user with just the permissions that the manual names can ingest and serve; with less it is told."""

from __future__ import annotations

import asyncio
import dataclasses
from pathlib import Path

import aiohttp
import pytest
from aiokafka.protocol.admin import CreateAclsRequest, DescribeAclsRequest

from schemas.errors import BrokerError
from streams.broker import kafka
from streams.settings import Settings
from streams.sources.ingest import Summary, ingest
from streams.sources.reading import inputs, read
from streams.sources.server import serve
from tests.kafka.cluster import KafkaCluster
from tests.streams.installation import Installation

pytestmark = pytest.mark.kafka


@pytest.fixture
async def installation(kafka_secure: KafkaCluster, tmp_path: Path) -> Installation:
    """Topics on the Kafka that wants TLS and a login."""
    return await Installation.create(
        kafka_secure.bootstrap,
        security_protocol="SASL_SSL",
        sasl_mechanism="PLAIN",
        sasl_username=kafka_secure.username,
        sasl_password=kafka_secure.password,
        tls_ca_file=str(kafka_secure.ca_file),
        data_dir=str(tmp_path / "data"),
    )


@pytest.fixture
def restricted(installation: Installation, kafka_secure: KafkaCluster) -> Settings:
    """The same installation for a user who has no permission yet."""
    return dataclasses.replace(
        installation.settings,
        http_port=0,
        sasl_username=kafka_secure.restricted_username,
        sasl_password=kafka_secure.restricted_password,
    )


TOPIC, GROUP = 2, 3
READ, WRITE, DESCRIBE = 3, 4, 8
_LITERAL, _ALLOW = 3, 3
"""The numbers of Kafka's ACL requests (KIP-140, KIP-290)."""


async def grant(installation: Installation, user: str, kind: int, name: str, operation: int) -> None:
    """Grants a user one operation on a topic or a group, and waits until the broker knows."""
    async with kafka.admin(installation.settings) as admin:
        request = CreateAclsRequest(kind, name, _LITERAL, f"User:{user}", "*", operation, _ALLOW)
        response = await admin._send_request(request)
        assert [code for code, _ in response.creation_responses] == [0]
        known = DescribeAclsRequest(kind, name, _LITERAL, f"User:{user}", "*", operation, _ALLOW)
        async with asyncio.timeout(30):  # the controller has answered, the broker hears of it
            while not (await admin._send_request(known)).resources:
                await asyncio.sleep(0.05)


async def test_ingest_needs_to_write_the_raw_topic_and_the_dead_letters(
    installation: Installation, restricted: Settings, kafka_secure: KafkaCluster, tmp_path: Path
) -> None:
    file = tmp_path / "a.jsonl"
    file.write_text('{"content":"one","id":"a"}\n{"content":2}\n')

    async def send() -> Summary:
        summary = Summary()
        await ingest(restricted, read(inputs([str(file)]), 1 << 20), summary)
        return summary

    with pytest.raises(BrokerError, match="missing permission"):
        await send()
    user = kafka_secure.restricted_username
    for name in ("raw", "dead"):
        await grant(installation, user, TOPIC, installation.topic(name), WRITE)
    summary = await send()
    assert (summary.sent, summary.dead_letters) == (1, 1)


async def test_serve_needs_the_groups_offsets_too_unless_there_is_no_limit(
    installation: Installation, restricted: Settings, kafka_secure: KafkaCluster
) -> None:
    async def post(settings: Settings) -> int:
        stop = asyncio.Event()
        address: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        task = asyncio.create_task(serve(settings, stop=stop, started=address.set_result))
        await asyncio.wait((task, address), return_when=asyncio.FIRST_COMPLETED)  # type: ignore[type-var]
        if task.done():
            await task
        async with (
            aiohttp.ClientSession() as session,
            session.post(f"{await address}/v1/articles", json={"content": "x"}) as answer,
        ):
            status = answer.status
        stop.set()
        await task
        return status

    user = kafka_secure.restricted_username
    await grant(installation, user, TOPIC, installation.topic("raw"), WRITE)
    assert await post(dataclasses.replace(restricted, max_lag=0)) == 202
    with pytest.raises(BrokerError, match=r"babelwire-articles.*BABELWIRE_MAX_LAG=0"):
        await post(restricted)
    await grant(installation, user, TOPIC, installation.topic("raw"), READ)
    group = installation.settings.group("articles")
    await grant(installation, user, GROUP, group, DESCRIBE)
    assert await post(restricted) == 202
