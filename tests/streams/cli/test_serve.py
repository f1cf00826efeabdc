"""babelwire serve: starts, answers, and ends well when asked to."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import urllib.request

import pytest

from streams.broker.embedded import EmbeddedBroker
from streams.settings import Settings
from tests.kafka.cluster import KafkaCluster
from tests.streams.installation import Installation


def start(settings: Settings, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", "from streams.cli import main; main()", "serve", *arguments],
        env={**os.environ, **settings.environment()},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_it_takes_articles_until_it_is_asked_to_stop(
    embedded: EmbeddedBroker, number: signal.Signals
) -> None:
    target = await Installation.create(embedded.bootstrap_servers)
    process = start(target.settings, "--http-port", "0")
    assert process.stderr is not None
    line = process.stderr.readline()
    while "broker_does_not_answer" in line:  # where the machine pauses
        line = process.stderr.readline()
    assert line.startswith("Taking articles at http://127.0.0.1:")
    address = line.split()[3].removesuffix(";")
    request = urllib.request.Request(
        address, data=b'{"content":"x","id":"a"}', headers={"Content-Type": "application/json"}
    )
    with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: ASYNC210 - another process answers
        assert (answer.status, json.load(answer)) == (202, {"id": "a", "revision": 1})
    asked = time.monotonic()
    process.send_signal(number)
    out, err = process.communicate(timeout=30)
    assert (process.returncode, out) == (0, "")
    assert time.monotonic() - asked < 10
    assert "Traceback" not in err
    assert [record.key_text for record in await target.read("raw")] == ["a"]


@pytest.mark.kafka
async def test_on_a_new_cluster_it_says_nothing_else_of_a_group_that_nobody_coordinates_yet(
    kafka_fresh: KafkaCluster,
) -> None:
    target = await Installation.create(kafka_fresh.bootstrap)
    process = start(target.settings, "--http-port", "0")
    assert process.stderr is not None
    said = [process.stderr.readline()]
    while said[-1] and not said[-1].startswith("Taking articles at"):
        said.append(process.stderr.readline())
    process.terminate()
    _, rest = process.communicate(timeout=60)
    assert process.returncode == 0, said
    assert [line for line in (*said[:-1], *rest.splitlines()) if "Coordinator" in line] == []


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        ((), 3, "Expected a Kafka broker at 127.0.0.1:1 "),
        (("--http-host", "0.0.0.0"), 2, "api_tokens"),
        (("--max-lag", "-1"), 2, "--max-lag"),
    ],
)
def test_what_keeps_it_from_starting_is_told(arguments: tuple[str, ...], code: int, told: str) -> None:
    process = start(Settings(bootstrap_servers="127.0.0.1:1"), *arguments)
    _, err = process.communicate(timeout=60)
    assert (process.returncode, told in err, "Traceback" in err) == (code, True, False), err
