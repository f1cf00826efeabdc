"""Topics are planned and made as the table says; what an operator set himself is kept."""

from __future__ import annotations

import dataclasses

import orjson
import pytest
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.protocol.admin import DescribeConfigsRequest
from aiokafka.protocol.metadata import MetadataRequest

from schemas.topics import RAW
from streams.broker import kafka as clients
from streams.broker import provision
from streams.broker.provision import AddPartitions, Configure, Create
from streams.settings import Settings
from tests.kafka.cluster import KafkaCluster
from tests.streams.installation import Installation


async def test_a_new_installation_is_planned_created_and_then_complete(installation: Installation) -> None:
    settings = dataclasses.replace(
        installation.settings, topic_prefix=f"new-{installation.settings.topic_prefix}"
    )
    missing = await provision.missing_topics(settings)
    plan = await provision.plan(settings)
    assert [change.topic for change in plan.changes] == list(missing)
    assert len(missing) == 7
    raw = plan.changes[0]
    assert raw == Create(
        topic=settings.topic("babelwire.articles.raw.v1"),
        partitions=2,
        replication_factor=-1,
        config={"cleanup.policy": "delete", "retention.ms": "604800000", "max.message.bytes": "67108864"},
    )
    dead = plan.changes[-1]
    assert isinstance(dead, Create)
    assert dead.partitions == 3, "the setting is for article topics"
    assert all(item.applied for item in await provision.apply(settings, plan.changes))
    assert await provision.missing_topics(settings) == ()
    assert (await provision.plan(settings)).changes == ()
    assert all(item.applied for item in await provision.apply(settings, plan.changes)), "twice is once"


async def test_partitions_are_added_only_when_asked_for(installation: Installation) -> None:
    more = dataclasses.replace(installation.settings, partitions=5)
    plan = await provision.plan(more)
    assert [
        (type(change), change.found, change.wanted)
        for change in plan.changes
        if isinstance(change, AddPartitions)
    ] == [(AddPartitions, 2, 5)] * 5
    assert "keys move" in str(plan.changes[0])
    refused = await provision.apply(more, plan.changes)
    assert {(item.applied, item.detail) for item in refused} == {
        (False, "not asked for: pass --add-partitions")
    }


async def test_fewer_partitions_than_there_are_is_only_a_note(installation: Installation) -> None:
    plan = await provision.plan(dataclasses.replace(installation.settings, partitions=1))
    assert plan.changes == ()
    assert "more is fine" in plan.notes[0]


@pytest.mark.kafka
async def test_configuration_is_put_right_and_the_operators_own_is_kept(kafka: KafkaCluster) -> None:
    installation = await Installation.create(kafka.bootstrap)
    settings, raw = installation.settings, installation.topic("raw")
    changed = {"retention.ms": "1000", "segment.bytes": "1048576", "max.message.bytes": "67108864"}
    await alter(settings, raw, changed)
    (change,) = (await provision.plan(settings)).changes
    assert isinstance(change, Configure)
    assert (change.wanted, change.found) == ({"retention.ms": "604800000"}, {"retention.ms": "1000"})
    (done,) = await provision.apply(settings, [change])
    assert done.applied
    assert (await provision.plan(settings)).changes == ()
    assert await config(settings, raw, "segment.bytes") == "1048576"
    more = dataclasses.replace(settings, partitions=4)
    added = await provision.apply(more, (await provision.plan(more)).changes, add_partitions=True)
    assert all(item.applied for item in added)
    assert (await provision.plan(more)).changes == ()


@pytest.mark.embedded
async def test_the_embedded_broker_says_that_it_cannot_change_topics(embedded: object) -> None:
    installation = await Installation.create(embedded.bootstrap_servers)  # type: ignore[attr-defined]
    more = dataclasses.replace(installation.settings, partitions=4)
    done = await provision.apply(more, (await provision.plan(more)).changes, add_partitions=True)
    assert {item.applied for item in done} == {False}
    assert "cannot change an existing topic" in done[0].detail


@pytest.mark.kafka
async def test_a_user_who_may_not_create_topics_is_told(kafka_secure: KafkaCluster) -> None:
    settings = Settings(
        bootstrap_servers=kafka_secure.bootstrap,
        security_protocol="SASL_SSL",
        sasl_username=kafka_secure.restricted_username,
        sasl_password=kafka_secure.restricted_password,
        tls_ca_file=str(kafka_secure.ca_file),
        topic_prefix="refused-",
    )
    done = await provision.apply(settings, (await provision.plan(settings)).changes)
    assert [item.applied for item in done] == [False] * 7
    assert "grant CREATE" in done[0].detail


@pytest.mark.kafka
@pytest.mark.lasts(15)
async def test_every_broker_knows_what_was_done_before_apply_returns(kafka_three: KafkaCluster) -> None:
    for turn in range(6):  # a broker hears of it when it does: without waiting, two turns of five were late
        settings = Settings(
            bootstrap_servers=kafka_three.bootstrap,
            topic_prefix=f"known-{turn}-",
            replication_factor=3,
            partitions=1,
        )
        done = await provision.apply(settings, (await provision.plan(settings)).changes)
        assert [item.applied for item in done] == [True] * 7
        raw = settings.topic(RAW.name)
        assert [count for count, _ in await told_by_each(settings, raw)] == [1] * 3
        more = dataclasses.replace(settings, partitions=3)
        await provision.apply(more, (await provision.plan(more)).changes, add_partitions=True)
        assert [count for count, _ in await told_by_each(settings, raw)] == [3] * 3
        await alter(settings, raw, {"retention.ms": "1000"})
        done = await provision.apply(more, (await provision.plan(more)).changes)
        assert [item.applied for item in done] == [True]
        assert [kept for _, kept in await told_by_each(settings, raw)] == ["604800000"] * 3
        assert (await provision.plan(more)).changes == ()


@pytest.mark.kafka
async def test_a_broker_that_stands_still_keeps_nobody_from_making_topics(kafka_three: KafkaCluster) -> None:
    settings = Settings(bootstrap_servers=kafka_three.bootstrap, topic_prefix="still-", replication_factor=2)
    found = await provision.plan(settings)
    first = next(change for change in found.changes if isinstance(change, Create))
    async with clients.admin(settings) as client:
        client._client._request_timeout_ms = 3000  # of the connections that are made from now on
        await provision._apply(client, first)
        await provision._wait_until_known(client, [first])
        asked = [broker.nodeId for broker in client._client.cluster.brokers()]
        still = next(node for node in asked if node != client._client.cluster.controller.nodeId)
        kafka_three.pause(still)
        assert await provision._late(client, [first]) == set()
        kafka_three.resume(still)


async def told_by_each(settings: Settings, topic: str) -> list[tuple[int, str]]:
    """How many partitions with a leader a topic has, and how long it keeps records, as each of the brokers says."""
    found = []
    async with clients.admin(settings) as client:
        for broker in client._client.cluster.brokers():
            answer = (await client._send_request(MetadataRequest(None), broker.nodeId)).to_object()
            [parts] = [one["partitions"] for one in answer["topics"] if one["topic"] == topic] or [[]]
            request = DescribeConfigsRequest([(ConfigResourceType.TOPIC, topic, ["retention.ms"])])
            [(*_, entries)] = (await client._send_request(request, broker.nodeId)).resources
            found.append((sum(part["leader"] >= 0 for part in parts), str(entries[0][1]) if entries else ""))
    return found


async def test_the_commands_plan_check_and_apply(
    installation: Installation, capfd: pytest.CaptureFixture[str]
) -> None:
    other = f"cli-{installation.settings.topic_prefix}"
    assert await installation.cli("topics", "plan", topic_prefix=other) == 0
    assert f"create {other}babelwire.articles.raw.v1: 2 partitions" in capfd.readouterr().out
    assert await installation.cli("topics", "plan", "--check", topic_prefix=other) == 1
    assert await installation.cli("topics", "apply", topic_prefix=other) == 0
    assert capfd.readouterr().out.count("done: create") == 7
    assert await installation.cli("topics", "plan", "--check", "--json", topic_prefix=other) == 0
    assert orjson.loads(capfd.readouterr().out) == {"changes": [], "notes": []}
    assert await installation.cli("topics", "apply", topic_prefix=other, partitions=9) == 1
    assert "NOT DONE: add partitions" in capfd.readouterr().out


async def alter(settings: Settings, topic: str, values: dict[str, str]) -> None:
    """Configures a topic as an operator does, and waits until whichever broker is asked says so."""
    async with clients.admin(settings) as client:
        await client.alter_configs([ConfigResource(ConfigResourceType.TOPIC, topic, values)])
        changed = Configure(topic=topic, wanted=values, found={}, kept={})
        await provision._wait_until_known(client, [changed])


async def config(settings: Settings, topic: str, name: str) -> str:
    async with clients.admin(settings) as client:
        (answer,) = await client.describe_configs([ConfigResource(ConfigResourceType.TOPIC, topic)])
    return next(str(value) for found, value, *_ in answer.resources[0][4] if found == name)
