"""What is read is sent once, what cannot be sent lies in the dead letters once."""

from __future__ import annotations

import asyncio
import dataclasses
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import orjson
import pytest
from aiokafka import AIOKafkaProducer

from schemas.article import RawArticle
from schemas.codec import decode
from schemas.errors import BrokerError
from schemas.outcomes import DeadLetterHeaders
from streams.broker import kafka as clients
from streams.broker import provision
from streams.broker.embedded import EmbeddedBroker
from streams.look.dead_letters import Choice, redrive
from streams.settings import Settings
from streams.sources import ahead
from streams.sources import ingest as ingest_module
from streams.sources.ingest import Summary, ingest
from streams.sources.reading import inputs, read
from tests.kafka.cluster import KafkaCluster
from tests.streams.installation import Installation


async def send(settings: Settings, *paths: Path, again: bool = False) -> Summary:
    summary = Summary()
    found = read(inputs([str(path) for path in paths]), settings.max_article_bytes)
    await ingest(settings, found, summary, again=again)
    return summary


def counts(summary: Summary) -> tuple[int, int, int, int, int]:
    return summary.read, summary.sent, summary.already_sent, summary.rejected_total, summary.dead_letters


def kept_in(installation: Installation, folder: Path, **more: object) -> Settings:
    return dataclasses.replace(installation.settings, data_dir=str(folder / "data"), **more)  # type: ignore[arg-type]


async def test_articles_are_sent_with_their_id_as_key(installation: Installation, tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text(
        '{"content":"one","id":"first"}\n{"content":"two","url":"https://x.example/2"}\n'
    )
    (tmp_path / "b.html").write_text("<p>three")
    before = int(time.time() * 1000)
    summary = await send(kept_in(installation, tmp_path), tmp_path / "a.jsonl", tmp_path / "b.html")
    assert counts(summary) == (3, 3, 0, 0, 0)
    records = await installation.read("raw")
    articles = {record.key_text: decode(record.value or b"", RawArticle) for record in records}
    assert {article.content for article in articles.values()} == {"one", "two", "<p>three"}
    assert articles["first"].content == "one"
    assert all(article.id == key for key, article in articles.items())
    assert all(before <= record.timestamp <= time.time() * 1000 for record in records)


async def test_sending_again_sends_nothing_unless_asked(installation: Installation, tmp_path: Path) -> None:
    file = tmp_path / "a.jsonl"
    file.write_text('{"content":"one"}\n{"content":"two"}\n{"content":"one"}\n{bad\n')
    settings = kept_in(installation, tmp_path)
    assert counts(await send(settings, file)) == (4, 2, 1, 1, 1)
    assert counts(await send(settings, file)) == (4, 0, 3, 1, 0)
    with file.open("a") as more:
        more.write('{"content":"three"}\n')
    assert counts(await send(settings, file)) == (5, 1, 3, 1, 0)
    assert counts(await send(settings, file, again=True)) == (5, 4, 0, 1, 1)
    assert len(await installation.read("raw")) == 7
    assert len(await installation.read("dead")) == 2


async def test_a_changed_article_is_sent_and_revisions_keep_their_order(
    installation: Installation, tmp_path: Path
) -> None:
    file = tmp_path / "a.jsonl"
    lines = [{"id": "a", "revision": number, "content": f"text {number}"} for number in range(1, 40)]
    file.write_bytes(b"\n".join(map(orjson.dumps, lines)))
    settings = kept_in(installation, tmp_path)
    assert (await send(settings, file)).sent == 39
    file.write_bytes(orjson.dumps({"id": "a", "revision": 39, "content": "corrected"}))
    assert (await send(settings, file)).sent == 1
    records = await installation.read("raw")
    assert [decode(record.value or b"", RawArticle).revision for record in records] == [*range(1, 40), 39]


async def test_what_cannot_be_sent_lies_in_the_dead_letters_with_its_bytes(
    installation: Installation, tmp_path: Path
) -> None:
    file = tmp_path / "a.jsonl"
    file.write_bytes(b'{"content":"ok"}\n{"content":\n{"content":3}\n{"content":"\xff"}\n')
    summary = await send(kept_in(installation, tmp_path), file)
    assert summary.rejected == {"malformed_json": 1, "invalid_field": 1, "bad_encoding": 1}
    letters = await installation.read("dead")
    found = {letter.value: DeadLetterHeaders.from_headers(letter.headers) for letter in letters}
    assert set(found) == {b'{"content":', b'{"content":3}', b'{"content":"\xff"}'}
    why = found[b'{"content":3}']
    assert (why.stage, why.reason, why.input) == ("ingest", "invalid_field", "ingest/-1/-1")
    assert why.detail == f"{file}:3: Expected `str`, got `int` - at `$.content`."
    assert abs(why.timestamp - time.time() * 1000) < 60_000


async def test_an_article_over_the_limit_is_sent_by_a_redrive_once_the_limit_is_raised(
    installation: Installation, tmp_path: Path
) -> None:
    (tmp_path / "a.jsonl").write_bytes(b'{"content":"' + b"x" * 3_000_000 + b'","id":"line"}\n')
    (tmp_path / "b.txt").write_bytes(b"y" * 3_000_000)
    settings = kept_in(installation, tmp_path, max_article_bytes=1 << 20)
    summary = await send(settings, tmp_path / "a.jsonl", tmp_path / "b.txt")
    assert summary.rejected == {"too_large": 2}
    raised = dataclasses.replace(settings, max_article_bytes=4 << 20)
    done = [item async for item in redrive(raised, Choice(reason="too_large"), dry_run=False)]
    assert [item.status for item in done] == ["redriven", "redriven"]
    contents = {
        decode(record.value or b"", RawArticle).content[0] for record in await installation.read("raw")
    }
    assert contents == {"x", "y"}


@pytest.mark.kafka
async def test_a_record_the_broker_refuses_for_its_size_does_not_stop_the_others(
    kafka: KafkaCluster, tmp_path: Path
) -> None:
    installation = Installation(
        Settings(bootstrap_servers=kafka.bootstrap, topic_prefix=f"small{time.time_ns()}-")
    )
    raw, *others = (await provision.plan(installation.settings)).changes
    assert isinstance(raw, provision.Create)
    assert raw.topic == installation.topic("raw")
    small = dataclasses.replace(raw, config={**raw.config, "max.message.bytes": "20000"})
    await provision.apply(installation.settings, [small, *others])
    file = tmp_path / "a.jsonl"
    noise = os.urandom(30_000).hex()
    lines = [{"content": "one"}, {"content": noise}, {"content": "three"}]
    file.write_bytes(b"\n".join(map(orjson.dumps, lines)))
    summary = await send(kept_in(installation, tmp_path), file)
    assert counts(summary) == (3, 2, 0, 1, 1)
    assert counts(await send(kept_in(installation, tmp_path), file)) == (3, 0, 2, 1, 0)
    assert "max.message.bytes" in summary.rejections[0].detail
    [letter] = await installation.read("dead")
    assert decode(letter.value or b"", RawArticle).content == noise


async def test_topics_that_are_missing_are_named(embedded: EmbeddedBroker, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("x")
    settings = Settings(
        bootstrap_servers=embedded.bootstrap_servers, topic_prefix="none-", data_dir=str(tmp_path)
    )
    with pytest.raises(BrokerError, match=r"none-babelwire\.articles\.raw\.v1.*topics apply"):
        await send(settings, tmp_path / "a.txt")


@pytest.mark.embedded
async def test_a_fresh_embedded_broker_gets_everything(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text('{"content":"one"}\n')
    for _ in range(2):
        with EmbeddedBroker(tmp_path / "broker.log") as broker:
            installation = await Installation.create(broker.bootstrap_servers, topic_prefix="")
            settings = kept_in(installation, tmp_path)
            assert counts(await send(settings, tmp_path / "a.jsonl")) == (1, 1, 0, 0, 0)


@pytest.mark.embedded
async def test_a_broker_that_goes_away_is_told_and_the_rest_is_sent_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[AIOKafkaProducer] = []
    new_producer = clients.new_producer

    def kept(settings: Settings) -> AIOKafkaProducer:
        made.append(new_producer(settings))
        return made[-1]

    monkeypatch.setattr(clients, "new_producer", kept)
    monkeypatch.setattr(ingest_module, "_WAIT_SECONDS", 0.2)
    with EmbeddedBroker(tmp_path / "broker.log") as broker:
        installation = await Installation.create(broker.bootstrap_servers)
        settings = kept_in(installation, tmp_path, publish_timeout=5.0)

        def source():  # type: ignore[no-untyped-def]
            yield from read(inputs([str(tmp_path / "a.jsonl")]), 1 << 20)
            while not summary.sent:
                time.sleep(0.05)
            broker.stop()
            made[-1]._message_accumulator._batch_ttl = 1.0  # seconds until what is not confirmed has failed
            yield from read(inputs([str(tmp_path / "b.jsonl")]), 1 << 20)

        (tmp_path / "a.jsonl").write_text('{"content":"one"}\n')
        (tmp_path / "b.jsonl").write_text('{"content":"two"}\n')
        summary = Summary()
        waits: list[bool] = []
        with pytest.raises(BrokerError, match=r"b\.jsonl:1 .*Run the command again"):
            await ingest(settings, source(), summary, on_wait=lambda: waits.append(True))
        assert (summary.sent, bool(waits)) == (1, True)


_INTERRUPTIBLE = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)"
"""A suite that a shell started in the background hands down an ignored SIGINT."""


def start(settings: Settings, *arguments: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [
            sys.executable,
            "-c",
            f"{_INTERRUPTIBLE}; from streams.cli import main; main()",
            "ingest",
            *arguments,
        ],
        env={**os.environ, **settings.environment()},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


async def ids_on(installation: Installation) -> Counter[str]:
    return Counter(record.key_text for record in await installation.read("raw"))


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT])
async def test_after_being_killed_in_the_middle_it_sends_the_rest(
    installation: Installation, tmp_path: Path, number: signal.Signals
) -> None:
    settings = kept_in(installation, tmp_path)
    lines = [orjson.dumps({"id": f"a{n}", "content": f"text {n} " * 50}) + b"\n" for n in range(6000)]
    process = start(settings, "-")
    assert process.stdin is not None
    process.stdin.write(b"".join(lines[:4000]))
    process.stdin.flush()
    # More than a batch: the first is written down by then, whenever the process is stopped.
    while (await ids_on(installation)).total() <= ahead._BATCH_RECORDS:
        assert process.poll() is None, process.communicate()
        await asyncio.sleep(0.02)
    process.send_signal(number)
    _, told = process.communicate()
    assert process.returncode == (-9 if number == signal.SIGKILL else 130), told
    assert b"Traceback" not in told
    file = tmp_path / "all.jsonl"
    file.write_bytes(b"".join(lines))
    second = await send(settings, file)
    assert second.sent + second.already_sent == 6000
    assert second.already_sent > 0
    found = await ids_on(installation)
    assert set(found) == {f"a{n}" for n in range(6000)}
    # Only what was under way when it died may be there twice: one batch.
    assert sum(count - 1 for count in found.values()) <= ahead._BATCH_RECORDS
    assert counts(await send(settings, file)) == (6000, 0, 6000, 0, 0)
