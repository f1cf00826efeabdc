"""Rotating certificates and passwords on a real Kafka, as docs/operations.md says, with articles flowing."""

from __future__ import annotations

import asyncio
import dataclasses
import secrets
import signal
import socket
import ssl
import subprocess
import time
from pathlib import Path

import pytest

from tests.faults.rig import FUSED, Rig, running
from tests.kafka.certificates import write_certificates
from tests.kafka.cluster import KafkaCluster

pytestmark = [pytest.mark.kafka, pytest.mark.faults, pytest.mark.timeout(600)]


@pytest.mark.lasts(45)
async def test_certificates_and_passwords_are_rotated_while_articles_flow(
    kafka_secure_fresh: KafkaCluster, tmp_path: Path
) -> None:
    kafka = kafka_secure_fresh
    trusted = tmp_path / "trusted.pem"
    trusted.write_bytes(kafka.ca_file.read_bytes())
    login = {
        "security_protocol": "SASL_SSL",
        "sasl_username": kafka.username,
        "sasl_password": kafka.password,
        "tls_ca_file": str(trusted),
    }
    async with running(kafka.bootstrap, tmp_path / "one", topology=FUSED, processes=1, **login) as one:
        other = Rig(
            kafka.bootstrap,
            tmp_path / "other",
            topology=FUSED,
            processes=1,
            topic_prefix=one.settings.topic_prefix,
            **login,
        )
        try:
            await asyncio.to_thread(other.start)
            await other.ready()
            enough = asyncio.Event()
            feeding = asyncio.create_task(_feed(one, enough))

            # The file of authorities holds both; workers read it as they start.
            write_certificates(tmp_path / "tls")
            new = (tmp_path / "tls" / "ca.pem").read_bytes()
            trusted.write_bytes(kafka.ca_file.read_bytes() + new)
            for rig in (one, other):
                await _rolled(rig)
            # The broker takes its new certificate without a restart.
            await asyncio.to_thread(
                kafka.configs,
                *("--alter", "--entity-type", "brokers", "--entity-name", "0", "--add-config"),
                f"listener.name.client.ssl.keystore.location={tmp_path / 'tls' / 'server.pem'}",
            )
            await asyncio.to_thread(_shakes_hands, kafka, new)
            trusted.write_bytes(new)

            # A new password: sessions under way live on, and who starts from now on needs it.
            password = secrets.token_hex(12)
            await asyncio.to_thread(
                kafka.configs,
                *("--alter", "--entity-type", "users", "--entity-name", kafka.username, "--add-config"),
                f"SCRAM-SHA-512=[password={password}]",
            )
            await asyncio.to_thread(_refused, one)
            for rig in (one, other):
                assert await asyncio.to_thread(rig.stop) == 0
                rig.settings = dataclasses.replace(rig.settings, sasl_password=password)
                await asyncio.to_thread(rig.start)
                await rig.ready()

            enough.set()
            count = await feeding
            assert count > 60
            found = await one.settled(count, timeout=150)
            assert found.problems(count) == []
            await one.audited()
            done: subprocess.CompletedProcess[bytes] = await asyncio.to_thread(one.babelwire, "doctor")
            assert b"TLS, login as babelwire (SCRAM-SHA-512) fine" in done.stdout, done.stdout
        finally:
            await asyncio.to_thread(other.close)


async def _feed(rig: Rig, enough: asyncio.Event) -> int:
    """Sends ten articles a second, each time by a producer of its own, and returns how many."""
    count = 0
    while not enough.is_set():
        await rig.feed(range(count, count + 10))
        count += 10
        await asyncio.sleep(1)
    return count


async def _rolled(rig: Rig) -> None:
    """Restarts the rig's workers as SIGHUP does."""
    before = set(rig.pids())
    assert rig._command is not None
    rig._command.send_signal(signal.SIGHUP)
    for _ in range(900):
        workers = await asyncio.to_thread(rig.workers)
        if not {worker["pid"] for worker in workers} & before and all(worker["ready"] for worker in workers):
            return
        await asyncio.sleep(0.1)
    raise AssertionError(rig.log_end())


def _refused(rig: Rig) -> None:
    """Returns when the broker refuses the password that was changed; it knows a moment after it was told."""
    deadline = time.monotonic() + 60
    while (done := rig.babelwire("audit")).returncode != 3:
        assert time.monotonic() < deadline, done
        time.sleep(0.2)


def _shakes_hands(kafka: KafkaCluster, authority: bytes) -> None:
    """Returns when the broker shows a certificate of this authority; it takes one a moment after it was told."""
    context = ssl.create_default_context(cadata=authority.decode())
    address, _, port = kafka.bootstrap.partition(":")
    deadline = time.monotonic() + 30
    while True:
        try:
            with (
                socket.create_connection((address, int(port)), timeout=30) as plain,
                context.wrap_socket(plain, server_hostname=address),
            ):
                return
        except ssl.SSLCertVerificationError:
            assert time.monotonic() < deadline, "the broker still shows its old certificate"
            time.sleep(0.5)
