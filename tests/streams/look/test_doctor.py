"""The doctor names what is wrong, on a real Kafka that wants TLS, a login and permissions."""

from __future__ import annotations

import dataclasses
import socket
import time
from pathlib import Path

import orjson
import pytest

from schemas.additions import Addition
from schemas.errors import SettingsError
from schemas.topics import ENTITIES
from streams.broker import kafka as clients
from streams.broker import records
from streams.knowledge import curation
from streams.look import doctor, reach
from streams.look.doctor import Check, Diagnosis, examine
from streams.settings import Settings
from tests.kafka.cluster import KafkaCluster
from tests.streams.installation import Installation


def secure(cluster: KafkaCluster, **more: object) -> Settings:
    return dataclasses.replace(
        Settings(
            bootstrap_servers=cluster.bootstrap,
            security_protocol="SASL_SSL",
            sasl_username=cluster.username,
            sasl_password=cluster.password,
            tls_ca_file=str(cluster.ca_file),
        ),
        **more,  # type: ignore[arg-type]
    )


def check(found: Diagnosis, name: str) -> Check:
    checks = [item for item in found.checks if item.name == name]
    assert len(checks) == 1, found.checks
    return checks[0]


@pytest.mark.kafka
@pytest.mark.parametrize("mechanism", ["SCRAM-SHA-512", "PLAIN"])
async def test_a_healthy_installation_behind_tls_and_a_login_is_all_ok(
    kafka_secure: KafkaCluster, mechanism: str, tmp_path: Path
) -> None:
    installation = await Installation.create(
        kafka_secure.bootstrap,
        security_protocol="SASL_SSL",
        sasl_mechanism=mechanism,
        sasl_username=kafka_secure.username,
        sasl_password=kafka_secure.password,
        tls_ca_file=str(kafka_secure.ca_file),
        data_dir=str(tmp_path),
    )
    places = await installation.raw("a", "b")
    found = await examine(installation.settings, write=True)
    assert not found.failed
    assert f"login as babelwire ({mechanism})" in check(found, "broker").text
    assert check(found, "topics").text == "all there, as the table says"
    assert check(found, "permissions").level == "ok"
    assert check(found, "broker clock").level == "ok"
    assert (check(found, "clocks").level, check(found, "workers").level) == ("ok", "warn")
    assert "babelwire.articles.raw.v1 2" in check(found, "workers").text
    assert found.settings["sasl_password"] == "********"
    assert kafka_secure.password not in str(found)
    assert [
        record.position for record in sorted(await installation.read("raw"), key=lambda item: item.key or b"")
    ] == places
    for name in ("clean", "dropped", "dead"):
        assert await installation.read(name) == [], "asking for permission must not write"


@pytest.mark.kafka
async def test_a_wrong_password_is_told_at_the_login_and_exits_3(
    kafka_secure: KafkaCluster, capfd: pytest.CaptureFixture[str]
) -> None:
    settings = secure(kafka_secure, sasl_password="wrong")
    found = await examine(settings)
    assert (found.reached, check(found, "broker").level) == (False, "fail")
    assert "login failed" in check(found, "broker").text
    assert "sasl_password" in check(found, "broker").advice
    assert await Installation(settings).cli("doctor", "--json") == 3
    assert orjson.loads(capfd.readouterr().out)["reached"] is False


@pytest.mark.kafka
async def test_a_user_without_permissions_is_told_each_that_is_missing(kafka_secure: KafkaCluster) -> None:
    settings = secure(
        kafka_secure,
        sasl_username=kafka_secure.restricted_username,
        sasl_password=kafka_secure.restricted_password,
    )
    found = await examine(settings)
    assert found.reached
    assert found.failed
    permissions = check(found, "permissions")
    for wanted in (
        "WRITE on topic babelwire.articles.raw.v1",
        "READ on topic babelwire.articles.clean.v1",
        "WRITE on topic babelwire.dead-letters.v1",
        "READ on group babelwire-articles",
    ):
        assert wanted in permissions.text
    assert "--allow-principal User:visitor" in permissions.advice
    assert "not allowed to see babelwire.articles.clean.v1" in check(found, "topics").text


@pytest.mark.kafka
async def test_missing_and_differing_topics_are_told_apart(kafka_secure: KafkaCluster) -> None:
    found = await examine(secure(kafka_secure, topic_prefix="nothing-here-"))
    topics = check(found, "topics")
    assert topics.level == "fail"
    assert topics.text.startswith("missing: nothing-here-babelwire.articles.raw.v1, ")
    assert topics.advice == "Run `babelwire topics apply`."
    assert check(found, "clocks").level == "unknown"


@pytest.mark.kafka
async def test_an_untrusted_certificate_a_plain_client_and_a_plain_port_fail_at_their_step(
    kafka_secure: KafkaCluster, kafka: KafkaCluster
) -> None:
    (address,) = reach.addresses(secure(kafka_secure))
    untrusted = await reach.reach(secure(kafka_secure, tls_ca_file=None), address)
    plain = await reach.reach(Settings(bootstrap_servers=kafka_secure.bootstrap), address)
    tls_to_plain = secure(kafka_secure, bootstrap_servers=kafka.bootstrap)
    wrong_port = await reach.reach(tls_to_plain, reach.addresses(tls_to_plain)[0])
    login_to_plain = dataclasses.replace(tls_to_plain, security_protocol="SASL_PLAINTEXT")
    no_login = await reach.reach(login_to_plain, reach.addresses(login_to_plain)[0])
    steps = [failure.step if failure else "" for failure in (untrusted, plain, wrong_port, no_login)]
    assert steps == ["tls", "kafka", "tls", "login"]


async def test_a_closed_port_and_an_unknown_name_fail_at_their_step() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        settings = Settings(bootstrap_servers=f"127.0.0.1:{probe.getsockname()[1]},nowhere.invalid:9092")
        found = await examine(settings)
    texts = [item.text for item in found.checks if item.name == "broker"]
    assert "tcp failed" in texts[0]
    assert "dns failed" in texts[1]
    assert not found.reached


@pytest.mark.parametrize("server", ["kafka:x", "", "kafka:70000", "a:1,,b:2"])
def test_an_address_that_is_none_is_a_setting_to_correct(server: str) -> None:
    with pytest.raises(SettingsError, match="expected host:port joined by commas"):
        reach.addresses(Settings(bootstrap_servers=server))


async def test_records_stamped_ahead_of_our_clock_are_a_warning(installation: Installation) -> None:
    await installation.put("raw", "a", b"{}", timestamp=int(time.time() * 1000) + 600_000)
    found = await examine(installation.settings)
    assert check(found, "clocks").level == "warn"
    assert "s ahead" in check(found, "clocks").text


async def test_a_running_worker_and_its_lag_are_shown(installation: Installation) -> None:
    places = await installation.raw("a", "b", "c")
    await installation.commit_all("raw")
    await installation.commit({("raw", places[0].partition): places[0].offset})
    spans = await records.spans(installation.settings, [installation.topic("raw")])
    waiting = spans[places[0].topic, places[0].partition][1] - places[0].offset
    found = await examine(installation.settings)
    # Where it stands is a position that `babelwire explain` takes.
    told = f"0 members, waiting: babelwire.articles.raw.v1 {waiting} (most from {places[0]} on), "
    assert told in check(found, "workers").text
    assert check(found, "workers").text.endswith("babelwire.articles.tagged.v1 0")


@pytest.mark.embedded
async def test_additions_are_counted_and_records_that_are_none_are_a_warning(embedded: object) -> None:
    installation = await Installation.create(embedded.bootstrap_servers)  # type: ignore[attr-defined]
    one = Addition(id="cur:jane-bleekov", type="PER", name="Jane Bleekov")
    merged = Addition(id="nil:0123456789abcdef", type="PER", name="Jane Bleekov", merged_into=one.id)
    await curation.write(installation.settings, {one.id: one, merged.id: merged})
    found = check(await examine(installation.settings), "additions")
    assert (found.level, found.text) == ("ok", "2 entities, 1 of them merged into others")
    async with clients.producer(installation.settings) as producer:
        await producer.send_and_wait(installation.settings.topic(ENTITIES.name), b"{", key=b"cur:x")
    found = check(await examine(installation.settings), "additions")
    assert (found.level, "1 records on" in found.text) == ("warn", True)
    assert "`babelwire entities ls` names them" in found.advice


@pytest.mark.embedded
async def test_the_embedded_broker_is_named_as_what_it_is(embedded: object) -> None:
    installation = await Installation.create(embedded.bootstrap_servers)  # type: ignore[attr-defined]
    found = await examine(installation.settings)
    assert (check(found, "cluster").level, found.failed) == ("warn", False)
    assert "forgets everything" in check(found, "cluster").advice


def test_a_full_or_missing_disk_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = Settings(data_dir=str(tmp_path / "new" / "folder"))
    assert doctor.disk(settings).level == "ok"
    usage = doctor.shutil.disk_usage(tmp_path)
    monkeypatch.setattr(doctor.shutil, "disk_usage", lambda _: usage._replace(free=1 << 20))
    assert doctor.disk(settings).level == "fail"
    taken = tmp_path / "file"
    taken.touch()
    assert "not a folder" in doctor.disk(Settings(data_dir=str(taken / "x"))).text


@pytest.mark.embedded
async def test_what_the_embedded_broker_cannot_do_is_not_asked_for(embedded: object) -> None:
    installation = await Installation.create(embedded.bootstrap_servers)  # type: ignore[attr-defined]
    found = await examine(dataclasses.replace(installation.settings, partitions=12))
    assert check(found, "topics") == Check(name="topics", level="ok", text="all there, as the table says")
